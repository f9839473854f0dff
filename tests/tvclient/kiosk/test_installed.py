"""The installer in a clean Debian: what it puts where, and a television that starts as its own user."""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.tvclient.kiosk.archives import GOOD, Server, archive, release_of
from tvclient.kiosk.releases import Releases, name_of, needs_of

pytestmark = [
    pytest.mark.long,
    pytest.mark.timeout(900),
    pytest.mark.xdist_group("clean-debian"),
    pytest.mark.skipif(os.getuid() != 0, reason="only root may enter another root folder"),
]
ROOT = Path(__file__).parents[3]
PACKAGES = (
    "ca-certificates,espeak-ng,fonts-noto-cjk,libasound2,libegl1,libgl1,libgl1-mesa-dri,libgles2,libmpv2,libmtdev1,"
    "python3-venv,systemd,xinit"
)
HOME = "usr/lib/yuanjiao"
DATA = "var/lib/yuanjiao"
ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "HOME": f"/{DATA}",
    "YJ_TV_DATA": f"/{DATA}",
    "SDL_VIDEODRIVER": "offscreen",
    "SDL_AUDIODRIVER": "dummy",
    "NOTIFY_SOCKET": "/run/notify.sock",
    "WATCHDOG_USEC": "1500000",
}


@dataclass
class Computer:
    """A clean Debian in a folder, with the source tree and the libraries on a stick."""

    root: Path

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """As root of that computer: nothing of this one's environment comes along."""
        words = ["chroot", str(self.root), "env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", *command]
        return subprocess.run(words, capture_output=True, text=True, check=False)

    def install(self, *more: str) -> subprocess.CompletedProcess[str]:
        return self.run(
            "sh", "/srv/yuanjiao/tvclient/kiosk/install.sh", "--wheels", "/srv/wheels", "--no-packages", *more
        )

    @contextmanager
    def television(self) -> Iterator[tuple[socket.socket, subprocess.Popen[bytes]]]:
        """The program as the unit starts it, without a screen; and what systemd would hear."""
        address = self.root / "run" / "notify.sock"
        address.unlink(missing_ok=True)
        settings = dict(
            line.split("=", 1) for line in (self.root / "etc" / "yuanjiao" / "tv.env").read_text().splitlines()
        )
        words = [f"{name}={value}" for name, value in {**ENVIRONMENT, **settings}.items()]
        launch = [f"/{HOME}/venv/bin/python", f"/{HOME}/launch.py", "--fullscreen"]
        said = self.root / "tmp" / "said"
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd, said.open("wb") as log:
            systemd.bind(str(address))
            address.chmod(0o777)
            systemd.settimeout(240)
            with subprocess.Popen(
                ["chroot", "--userspec=yuanjiao:yuanjiao", str(self.root), "env", "-i", *words, *launch],
                stdout=log,
                stderr=log,
            ) as process:
                try:
                    yield systemd, process
                except TimeoutError as error:
                    error.add_note(f"ended with {process.poll()}, after these words: {said.read_text()[-4000:]}")
                    raise
                finally:
                    process.terminate()
                    with suppress(subprocess.TimeoutExpired):
                        process.wait(20)
                    process.kill()

    def written(self, since: Path) -> list[str]:
        """Files newer than another, outside of what is no disk."""
        found = self.run(
            "find", "/", "-xdev", "-newer", f"/{since.relative_to(self.root)}", "-not", "-type", "d",
            "-not", "-path", "/proc/*", "-not", "-path", "/run/*", "-not", "-path", "/dev/*", "-not", "-path", "/tmp/*",  # noqa: S108
        )  # fmt: skip
        return found.stdout.split()


@pytest.fixture(scope="module")
def computer() -> Iterator[Computer]:
    """Installed once: making a Debian takes a minute."""
    with tempfile.TemporaryDirectory(prefix="kiosk-") as folder, ExitStack() as mounts:
        root = Path(folder) / "root"
        _must(["mmdebstrap", "--quiet", "--variant=minbase", f"--include={PACKAGES}", "bookworm", str(root)])
        for name, options in (("proc", ["-t", "proc", "proc"]), ("dev", ["--bind", "/dev"])):
            _must(["mount", *options, str(root / name)])
            mounts.callback(_must, ["umount", str(root / name)])
        source = root / "srv" / "yuanjiao"
        for program in ("tvclient", "schedules", "media_pipeline"):
            shutil.copytree(ROOT / program, source / program)
        shutil.copy(ROOT / "requirements-box.txt", source)
        wheels = root / "srv" / "wheels"
        _must([sys.executable, "-m", "pip", "download", "-q", "-r", "requirements-box.txt", "-d", str(wheels)])
        found = Computer(root)
        refused = found.install("--server", "http://county.example")
        assert refused.returncode == 2
        assert "https" in refused.stderr
        assert not (root / HOME).exists()
        done = found.install("--server", "https://127.0.0.1:9", "--serial", "SN-0042")
        assert done.returncode == 0, done.stderr
        os.sync()  # else the television's first durable write waits for the gigabytes of a whole Debian
        yield found


def _must(command: list[str]) -> None:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)}: {done.stderr[-2000:]}"


def test_systemd_takes_the_unit_as_it_is_and_starts_it_with_the_machine(computer: Computer) -> None:
    unit = computer.run("systemd-analyze", "verify", "/etc/systemd/system/yuanjiao-tv.service")
    assert (unit.returncode, unit.stderr) == (0, "")
    assert (computer.root / "etc/systemd/system/multi-user.target.wants/yuanjiao-tv.service").is_symlink()


def test_the_television_gives_signs_of_life_and_writes_into_its_one_folder(computer: Computer) -> None:
    stamp = computer.root / "tmp" / "before"
    stamp.touch()
    with computer.television() as (systemd, process):
        assert systemd.recv(100) == b"READY=1"
        assert [systemd.recv(100) for _ in range(3)] == [b"WATCHDOG=1"] * 3
        assert process.poll() is None
    outside = [name for name in computer.written(stamp) if not name.startswith(f"/{DATA}/")]
    assert outside == []
    owner = (computer.root / DATA / "journal.db").stat().st_uid
    assert owner == (computer.root / DATA).stat().st_uid != 0


def test_installing_again_keeps_settings_and_data(computer: Computer) -> None:
    kept = computer.root / DATA / "kept"
    kept.write_text("evidence")
    settings = (computer.root / "etc/yuanjiao/tv.env").read_text()
    done = computer.install()
    os.sync()
    assert done.returncode == 0, done.stderr
    assert (computer.root / "etc/yuanjiao/tv.env").read_text() == settings
    assert kept.read_text() == "evidence"


def test_a_release_is_started_on_trial_and_given_up_when_it_crashes(computer: Computer) -> None:
    needs = needs_of((computer.root / HOME / "requirements-box.txt").read_bytes())
    assert needs == needs_of((ROOT / "requirements-box.txt").read_bytes())
    data = archive({**GOOD, "tvclient/__main__.py": b"raise SystemExit(7)\n"})
    release = release_of(data, needs=needs)
    folder = computer.root / DATA / "releases"
    Releases(folder, "", needs).take(release, Server(data).opened)
    owner = (computer.root / DATA).stat()
    for place in (folder, *folder.rglob("*")):
        os.chown(place, owner.st_uid, owner.st_gid)
    for _ in range(3):
        with computer.television() as (_systemd, process):
            assert process.wait(240) == 7
    with computer.television() as (systemd, _process):
        assert systemd.recv(100) == b"READY=1"
    assert json.loads((folder / "chosen.json").read_text())["failed"] == [name_of(release)]
