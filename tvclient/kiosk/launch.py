"""Starts the television's program in the right release; installed once, never updated, and therefore simple.

Standard library alone: it must run whatever a release has done to itself. A release on trial is started at most
`TRIALS` times; one that has not called itself healthy by then is given up, and the one before it starts again. What
cannot be read counts as absent, and the release that came with the installation always starts.
Whoever writes `chosen.json` besides: `releases.py`.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

TRIALS = 3
BASE = Path(__file__).resolve().parent / "base"
CHOSEN = "chosen.json"


def read(releases: Path) -> dict[str, Any]:
    """Which release runs (`current`), which is on trial (`trial`), how often it was tried, which were given up."""
    try:
        chosen = json.loads((releases / CHOSEN).read_text())
    except (OSError, ValueError):
        chosen = {}
    given = chosen if isinstance(chosen, dict) else {}
    failed = given.get("failed")
    return {
        "current": str(given.get("current") or ""),
        "trial": str(given.get("trial") or ""),
        "tried": given["tried"] if isinstance(given.get("tried"), int) else 0,
        "failed": [str(name) for name in failed] if isinstance(failed, list) else [],
    }


def write(releases: Path, chosen: dict[str, Any]) -> None:
    """Replace the choice, whole or not at all."""
    draft = releases / f".{CHOSEN}.new"
    with draft.open("w") as file:
        json.dump(chosen, file)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(releases / CHOSEN)
    handle = os.open(releases, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def choose(releases: Path) -> str:
    """The name of the release to start now; empty for the one that came with the installation. Counts a trial."""
    chosen = read(releases)
    if chosen["trial"]:
        if chosen["tried"] < TRIALS and _whole(releases / chosen["trial"]):
            chosen["tried"] += 1
        else:
            chosen["failed"] = [*chosen["failed"], chosen["trial"]][-20:]
            chosen["trial"], chosen["tried"] = "", 0
        try:
            write(releases, chosen)
        except OSError as error:  # a trial that cannot be counted is not begun
            print(f"The choice of a release cannot be written: {error}", file=sys.stderr)
            chosen["trial"] = ""
    name = chosen["trial"] or chosen["current"]
    return str(name) if name and _whole(releases / name) else ""


def _whole(release: Path) -> bool:
    return release.parent.is_dir() and (release / "tvclient" / "__main__.py").is_file() and ".." not in release.name


def main() -> None:
    """Become the program."""
    releases = Path(os.environ.get("YJ_TV_DATA", "/var/lib/yuanjiao")) / "releases"
    name = choose(releases)
    code = releases / name if name else BASE
    print(f"Starting release {name or 'of the installation'}", file=sys.stderr)
    environment = {**os.environ, "PYTHONPATH": str(code), "YJ_TV_RELEASE": name, "PYTHONDONTWRITEBYTECODE": "1"}
    os.chdir(code)
    os.execve(sys.executable, [sys.executable, "-m", "tvclient", *sys.argv[1:]], environment)  # noqa: S606


if __name__ == "__main__":
    main()
