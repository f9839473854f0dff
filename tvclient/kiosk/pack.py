"""Makes a release of the program out of a source tree: `python -m tvclient.kiosk.pack 0.3.1 OUT.zip`.

The same tree always gives the same bytes. Which libraries it was made for stands in the archive's comment, for
`contentserver admin add-release`; what a box does with it: `releases.py`.
"""

import argparse
import zipfile
from pathlib import Path

from tvclient.kiosk.releases import PROGRAMS, needs_of

ROOT = Path(__file__).resolve().parents[2]
REQUIREMENTS = "requirements-box.txt"
KINDS = {".py", ".kv", ".mo", ".json", ".csv", ".png", ".svg", ".wav"}
_WHEN = (2026, 1, 1, 0, 0, 0)


def pack(version: str, out: Path, root: Path = ROOT) -> None:
    """Write the archive of a tree's programs.

    Raises:
        FileNotFoundError: the tree has no list of libraries, or its catalogues are not compiled.
    """
    requirements = (root / REQUIREMENTS).read_bytes()
    if not list((root / "tvclient" / "translations").rglob("*.mo")):
        raise FileNotFoundError("the catalogues are not compiled: make setup")
    files = sorted(
        file
        for program in PROGRAMS
        for file in (root / program).rglob("*")
        if file.is_file() and file.suffix in KINDS and "__pycache__" not in file.parts
    )
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for file in files:
            entry = zipfile.ZipInfo(str(file.relative_to(root)), _WHEN)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(entry, file.read_bytes())
        archive.comment = f"{version} {needs_of(requirements)}".encode()


def main() -> None:
    """Pack this tree."""
    parser = argparse.ArgumentParser(prog="python -m tvclient.kiosk.pack", description="Make a release.")
    parser.add_argument("version")
    parser.add_argument("out", type=Path)
    given = parser.parse_args()
    pack(given.version, given.out)
    print(f"{given.out}: {given.out.stat().st_size} bytes")


if __name__ == "__main__":
    main()
