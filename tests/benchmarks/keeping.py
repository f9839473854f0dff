"""A backup of ten gigabytes of packages while people look at pages, beside a plain copy of the same files.

Hard data: random bytes, read from the disk and not from memory. Real gunicorn and nginx, on the machine and the disk
that the backup works on; four people ask for a page every fifth of a second all the time.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from contentserver.app import Services
from contentserver.kernel import clock
from contentserver.kernel.auth import Role
from contentserver.settings import Settings
from tests.benchmarks.measure import Result
from tests.benchmarks.working import _token as token_of
from tests.demo.stack import ROOT, free_port
from tests.fronted import fronted
from tests.serving import PASSWORD, SECRET, hire, import_regions, services_in

GB = 1_000_000_000
BYTES, LEAST_BYTES = 10 * GB, 4 * GB
FILE_BYTES = 8_000_000
ROOM = 3.5
"""So often the bytes must fit on the disk: the packages, a backup, a copy, and what others write."""
PEOPLE, PAUSE_S = 4, 0.2
PAGES = ("/courses", "/stations", "/readiness", "/reports")
GOAL_SLOWEST_S = 1.0
GOAL_PACE = 0.9
QUIET_S = 20.0
COUNTY = "640221"


class _Reader(threading.Thread):
    """Somebody who looks at one page after another; `took` has the seconds of each."""

    def __init__(self, address: str, stopped: threading.Event) -> None:
        super().__init__(daemon=True)
        self._address, self._stopped = address, stopped
        self.took: list[tuple[float, str]] = []
        self.failed: list[str] = []

    def run(self) -> None:
        with httpx.Client(base_url=self._address, timeout=60, follow_redirects=True) as client:
            form = {"username": "reader", "password": PASSWORD}
            client.post("/sign-in", data={**form, "csrf_token": token_of(client.get("/sign-in").text)})
            number = 0
            while not self._stopped.wait(PAUSE_S):
                page = PAGES[number % len(PAGES)]
                begun = time.perf_counter()
                status = client.get(page).status_code
                self.took.append((time.perf_counter() - begun, page))
                number += 1
                if status != 200:
                    self.failed.append(f"{page}: {status}")


def run(size: int = BYTES) -> list[Result]:
    """Throughput of the backup over that of the copy, and the slowest page meanwhile."""
    with tempfile.TemporaryDirectory(prefix="keeping-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        size = _fitting(folder, size)
        services, port = services_in(folder), free_port()
        with services.database.unit_of_work() as session:
            import_regions(session)
            hire(session, {"reader": ("王芳", Role.COUNTY_STAFF, COUNTY)}, clock.now())
        _fill(services.settings.packages_dir, size)
        with fronted(folder, services, port):
            address = f"http://127.0.0.1:{port}"
            with _read(address) as quiet:
                time.sleep(QUIET_S)
            with _read(address) as during:
                ours = _seconds(services, lambda: _backup(services.settings, folder / "kept"))
            with _read(address) as beside:
                theirs = _seconds(services, lambda: _copy(services.settings.packages_dir, folder / "copied"))
        services.database.engine.dispose()
    print(f"{size / GB:g} GB: backup {ours:.1f} s, cp and sync {theirs:.1f} s")
    return _lines(size, theirs / ours, quiet, during, beside)


def _lines(size: int, pace: float, quiet: list[float], during: list[float], beside: list[float]) -> list[Result]:
    what = f"{size / GB:g} GB of packages"
    plain = f"before it: {max(quiet):.2f} s; beside cp: {max(beside):.2f} s; seconds, not a ratio"
    return [
        Result(
            name=f"backup of {what}, speed",
            value=pace,
            goal=GOAL_PACE,
            better="higher",
            against="cp -r and sync of the same files",
            samples=(pace,),
        ),
        Result(
            name=f"slowest of {len(during)} pages meanwhile",
            value=max(during),
            goal=GOAL_SLOWEST_S,
            better="lower",
            against=plain,
            samples=tuple(during),
        ),
    ]


@contextmanager
def _read(address: str) -> Iterator[list[float]]:
    """People read pages while the block runs; the list is theirs when it has ended."""
    stopped = threading.Event()
    readers = [_Reader(address, stopped) for _one in range(PEOPLE)]
    took: list[float] = []
    for one in readers:
        one.start()
    try:
        yield took
    finally:
        stopped.set()
        for one in readers:
            one.join(90)
    if failed := [fault for one in readers for fault in one.failed]:
        raise RuntimeError(f"{len(failed)} pages failed: {failed[:3]}")
    took.extend(seconds for one in readers for seconds, _page in one.took)


def _fitting(folder: Path, size: int) -> int:
    free = shutil.disk_usage(folder).free
    if free < size * ROOM:
        print(f"{free / GB:.0f} GB are free: {LEAST_BYTES / GB:g} GB instead of {size / GB:g}")
        return LEAST_BYTES
    return size


def _fill(packages: Path, size: int) -> None:
    """Files as large as a minute of a lesson."""
    for number in range(size // FILE_BYTES):
        file = packages / f"sha256-{number // 40:064x}" / f"{number:06d}.m4s"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(os.urandom(FILE_BYTES))
    os.sync()


def _seconds(services: Services, work: Callable[[], None]) -> float:
    """Of work that reads the packages from the disk."""
    for file in services.settings.packages_dir.rglob("*.m4s"):
        with file.open("rb") as opened:
            os.posix_fadvise(opened.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    begun = time.perf_counter()
    work()
    os.sync()
    return time.perf_counter() - begun


def _backup(settings: Settings, target: Path) -> None:
    environment = {
        "YUANJIAO_SECRET_KEY": SECRET,
        "YUANJIAO_DATABASE_URL": settings.database_url,
        "YUANJIAO_DATA_DIR": str(settings.data_dir),
        "YUANJIAO_BROKER_PASSWORD": settings.broker_password,
        "YUANJIAO_SIGNING_KEY_FILE": str(settings.signing_key_file),
    }
    phrase = target.with_name("passphrase")
    phrase.touch(0o600)
    phrase.write_text("a lamp in every window\n")
    argv = [sys.executable, "-m", "contentserver", "admin", "backup", str(target), "--passphrase-file", str(phrase)]
    subprocess.run(argv, cwd=ROOT, env={**os.environ, **environment}, check=True)


def _copy(source: Path, target: Path) -> None:
    subprocess.run(["cp", "-r", str(source), str(target)], check=True)
