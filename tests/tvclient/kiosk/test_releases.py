"""A release is taken whole and true or not at all, tried, kept when healthy, given up when not."""

import os
import random
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from schedules.wire.messages import Release
from tests.tvclient.kiosk.archives import GOOD, NEEDS, Server, archive, release_of
from tvclient.adapters.errors import AdapterError
from tvclient.kiosk import launch
from tvclient.kiosk.releases import BadRelease, Releases, name_of, needs_of

LAUNCH = Path(launch.__file__)
ROOT = Path(__file__).parents[3]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data" / "releases"


def _take(folder: Path, data: bytes, version: str = "0.3.1") -> Release:
    release = release_of(data, version)
    Releases(folder, "", NEEDS).take(release, Server(data).opened)
    return release


def _start(folder: Path, base: Path) -> str:
    """Start as systemd would, with a launcher that lies where the installer puts it; what the program prints."""
    base.mkdir(exist_ok=True)
    (base / "launch.py").write_bytes(LAUNCH.read_bytes())
    main = base / "base" / "tvclient" / "__main__.py"
    main.parent.mkdir(parents=True, exist_ok=True)
    main.write_text("print('runs the installed one')\n")
    environment = {**os.environ, "YJ_TV_DATA": str(folder.parent)}
    command = [sys.executable, str(base / "launch.py"), "--fullscreen"]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False).stdout.strip()


def test_what_was_taken_is_tried_and_stays_once_it_is_healthy(folder: Path, tmp_path: Path) -> None:
    assert _start(folder, tmp_path / "lib") == "runs the installed one"
    name = name_of(_take(folder, archive(GOOD)))
    assert _start(folder, tmp_path / "lib") == f"runs {name} --fullscreen"
    Releases(folder, name, NEEDS).healthy()
    for _ in range(launch.TRIALS + 1):
        assert _start(folder, tmp_path / "lib") == f"runs {name} --fullscreen"


def test_one_that_never_becomes_healthy_gives_way_to_the_one_before(folder: Path, tmp_path: Path) -> None:
    good = name_of(_take(folder, archive(GOOD), "0.3.0"))
    _start(folder, tmp_path / "lib")
    Releases(folder, good, NEEDS).healthy()
    crashing = archive({**GOOD, "tvclient/__main__.py": b"raise SystemExit(3)\n"})
    bad = _take(folder, crashing, "0.3.1")
    assert [_start(folder, tmp_path / "lib") for _ in range(launch.TRIALS)] == [""] * launch.TRIALS
    assert _start(folder, tmp_path / "lib") == f"runs {good} --fullscreen"
    box = Releases(folder, good, NEEDS)
    assert not box.due(bad)
    assert box.given_up(bad) == name_of(bad)
    assert box.given_up(release_of(archive(GOOD), "0.3.0")) == ""


def test_a_release_cut_off_goes_on_where_it_stopped(folder: Path) -> None:
    data = archive({**GOOD, "tvclient/data.py": os.urandom(5000)})
    release, box = release_of(data), Releases(folder, "", NEEDS)
    server = Server(data, cut=2000)
    for _ in range(2):
        with pytest.raises(AdapterError):
            box.take(release, server.opened)
    server.cut = None
    box.take(release, server.opened)
    assert server.asked == [0, 2000, 4000]
    assert (folder / name_of(release) / "tvclient" / "data.py").is_file()


def test_altered_bytes_are_no_release(folder: Path) -> None:
    data = archive(GOOD)
    release, box = release_of(data), Releases(folder, "", NEEDS)
    with pytest.raises(BadRelease):
        box.take(release, Server(data[:-1] + b"x").opened)
    assert list(folder.iterdir()) == []
    box.take(release, Server(data).opened)
    assert launch.read(folder)["trial"] == name_of(release)


@pytest.mark.parametrize(
    "files",
    [
        {**GOOD, "../evil.py": b"x"},
        {**GOOD, "/etc/evil": b"x"},
        {**GOOD, "tvclient/../../evil.py": b"x"},
        {**GOOD, "tvclient\\evil.py": b"x"},
        {**GOOD, "elsewhere/evil.py": b"x"},
        {"schedules/__init__.py": b""},
        {},
    ],
)
def test_an_archive_that_reaches_elsewhere_is_refused(folder: Path, files: dict[str, bytes]) -> None:
    data = archive(files)
    with pytest.raises(BadRelease):
        Releases(folder, "", NEEDS).take(release_of(data), Server(data).opened)
    assert list(folder.iterdir()) == []
    assert not (folder.parent / "evil.py").exists()


def test_links_and_rubbish_are_refused(folder: Path) -> None:
    linked = archive({**GOOD, "tvclient/link.py": b"/etc/passwd"}, symlink="tvclient/link.py")
    for data in (linked, b"no archive at all"):
        with pytest.raises(BadRelease):
            Releases(folder, "", NEEDS).take(release_of(data), Server(data).opened)
    assert launch.read(folder)["trial"] == ""


@pytest.mark.parametrize("version", ["", "..", "a/b", "x" * 41, ".hidden"])
def test_a_version_that_is_none_is_left_alone(folder: Path, version: str) -> None:
    data = archive(GOOD)
    box = Releases(folder, "", NEEDS)
    assert not box.due(release_of(data, version))
    assert box.given_up(release_of(data, version)) == ""


def test_a_release_for_other_libraries_is_left_alone(folder: Path) -> None:
    box = Releases(folder, "", NEEDS)
    assert not box.due(None)
    assert not box.due(release_of(archive(GOOD), needs="ee" * 32))
    assert box.due(release_of(archive(GOOD)))


def test_libraries_are_the_same_whatever_their_order() -> None:
    assert needs_of(b"# one\nb==1\na==2\n") == needs_of(b"a==2  # why\n\nb==1")
    assert needs_of(b"a==2\n") != needs_of(b"a==3\n")


@pytest.mark.parametrize("text", ["", "[]", "{", '{"current": 7, "tried": "x", "failed": 3}', "\x00"])
def test_a_damaged_choice_starts_the_installed_one(folder: Path, tmp_path: Path, text: str) -> None:
    folder.mkdir(parents=True)
    (folder / launch.CHOSEN).write_text(text)
    assert _start(folder, tmp_path / "lib") == "runs the installed one"


def test_a_release_whose_files_are_gone_is_passed_over(folder: Path, tmp_path: Path) -> None:
    name = name_of(_take(folder, archive(GOOD)))
    Releases(folder, name, NEEDS).healthy()
    (folder / name / "tvclient" / "__main__.py").unlink()
    assert _start(folder, tmp_path / "lib") == "runs the installed one"


def test_old_releases_go_the_last_two_stay(folder: Path) -> None:
    names = []
    for number in range(4):
        names.append(name_of(_take(folder, archive(GOOD), f"0.{number}.0")))
        Releases(folder, names[-1], NEEDS).healthy()
    kept = {place.name for place in folder.iterdir() if place.is_dir()}
    assert kept == set(names[-2:])


TAKE = """
import sys, time
from pathlib import Path
from tests.tvclient.kiosk.archives import NEEDS, Server, release_of
from tvclient.kiosk.releases import Releases
data = Path(sys.argv[2]).read_bytes()
print("begins", flush=True)
Releases(Path(sys.argv[1]), "", NEEDS).take(release_of(data), Server(data).opened)
"""


def test_the_power_may_go_at_any_moment_of_an_update(folder: Path, tmp_path: Path) -> None:
    data = archive({**GOOD, **{f"tvclient/part{number}.py": os.urandom(2000) for number in range(120)}})
    (tmp_path / "archive").write_bytes(data)
    name = name_of(release_of(data))
    dice = random.Random(7)
    seen = set()
    for _ in range(25):
        command = [sys.executable, "-c", TAKE, str(folder), str(tmp_path / "archive")]
        with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT) as child:
            assert child.stdout is not None
            child.stdout.readline()
            with suppress(subprocess.TimeoutExpired):
                child.wait(dice.uniform(0.0, 0.3))
            child.kill()
        shown = _start(folder, tmp_path / "lib")
        assert shown in {"runs the installed one", f"runs {name} --fullscreen"}
        if shown != "runs the installed one":
            missing = [one for one in range(120) if not (folder / name / "tvclient" / f"part{one}.py").is_file()]
            assert not missing
        seen.add(shown)
        (folder / launch.CHOSEN).unlink(missing_ok=True)
    Releases(folder, "", NEEDS).take(release_of(data), Server(data).opened)
    assert _start(folder, tmp_path / "lib") == f"runs {name} --fullscreen"
    assert "runs the installed one" in seen
