"""New releases of the program: fetched whole, verified, laid beside the old ones, tried, and kept only when healthy.

The archive's hash stands in the signed `Desired`; nothing of it is read before it fits. What is on trial and what was
given up stands in the launcher's file (`launch.py`), so that a release which cannot even start is given up all the
same. When the program may begin anew is not decided here (`core/step.py`).
"""

import hashlib
import os
import re
import shutil
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path, PurePosixPath
from stat import S_ISLNK

import structlog

from schedules.wire.messages import Release
from tvclient.adapters.api import Opened
from tvclient.adapters.durable import sync_folder
from tvclient.adapters.errors import AdapterError
from tvclient.kiosk import launch

PROGRAMS = ("tvclient", "schedules", "media_pipeline")
"""The folders of a release; it may hold nothing else."""
MAX_FILES = 4000
MAX_BYTES = 128 * 1024**2
_VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+_-]{0,39}")
_HASH = re.compile(r"[0-9a-f]{64}")

log = structlog.get_logger(__name__)


class BadRelease(AdapterError):
    """The archive is not what `Desired` says, or holds what a release must not hold."""


def name_of(release: Release) -> str:
    """The release's folder, and how the box reports it.

    Raises:
        BadRelease: version or hash are none.
    """
    if not _VERSION.fullmatch(release.version) or not _HASH.fullmatch(release.sha256):
        raise BadRelease(f"{release.version!r} is no version, or its hash is none")
    return f"{release.version}-{release.sha256[:12]}"


def needs_of(requirements: bytes) -> str:
    """SHA-256 of a list of libraries, hex; comments, empty lines and order do not count."""
    lines = {line.split("#")[0].strip() for line in requirements.decode().splitlines()}
    return hashlib.sha256("\n".join(sorted(filter(None, lines))).encode()).hexdigest()


class Releases:
    """The releases on one box's disk. Used by one thread."""

    def __init__(self, folder: Path, running: str, needs: str) -> None:
        """Look at `folder`.

        Args:
            running: the release that runs; empty for the one that came with the installation.
            needs: `needs_of` the libraries that are installed.
        """
        self._folder, self.running, self._needs = folder, running, needs
        folder.mkdir(parents=True, exist_ok=True)

    def due(self, wanted: Release | None) -> bool:
        """Whether this release should be fetched and tried."""
        if wanted is None or wanted.needs != self._needs:
            return False
        chosen = launch.read(self._folder)
        try:
            name = name_of(wanted)
        except BadRelease as error:
            log.warning("release.refused", reason=str(error))
            return False
        return name not in {self.running, chosen["current"], chosen["trial"], *chosen["failed"]}

    def given_up(self, wanted: Release | None) -> str:
        """The wanted release's name, where it was tried and given up; else empty."""
        try:
            name = name_of(wanted) if wanted else ""
        except BadRelease:
            return ""
        return name if name in launch.read(self._folder)["failed"] else ""

    def take(self, release: Release, opened: Callable[[int], Opened]) -> None:
        """Fetch a release from where it was left, verify it, lay it down, and put it on trial for the next start.

        Args:
            opened: opens the archive from a byte on; gives the byte from which it really comes, and the pieces.

        Raises:
            BadRelease: it is altered or holds what it must not; nothing of it is kept.
            AdapterError: it could not be fetched now; what came is kept.
            OSError: the disk.
        """
        name = name_of(release)
        archive = self._folder / f".{name}.zip"
        self._gather(archive, release, opened)
        with archive.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != release.sha256:
                archive.unlink()
                raise BadRelease(f"{name} is not what the server signed")
        draft = self._folder / f".{name}.new"
        shutil.rmtree(draft, ignore_errors=True)
        try:
            _unpack(archive, draft)
        except (BadRelease, OSError) as error:
            shutil.rmtree(draft, ignore_errors=True)
            if isinstance(error, BadRelease):
                archive.unlink()
            raise
        shutil.rmtree(self._folder / name, ignore_errors=True)
        draft.replace(self._folder / name)
        sync_folder(self._folder)
        archive.unlink()
        chosen = launch.read(self._folder)
        launch.write(self._folder, {**chosen, "trial": name, "tried": 0})
        log.info("release.on_trial", release=name)

    def healthy(self) -> None:
        """The running release has proved itself: from now on it is the one that starts; all but the last two go."""
        chosen = launch.read(self._folder)
        if not self.running or chosen["trial"] != self.running:
            return
        before = chosen["current"]
        launch.write(self._folder, {**chosen, "current": self.running, "trial": "", "tried": 0})
        log.info("release.healthy", release=self.running)
        for place in self._folder.iterdir():
            if place.is_dir() and place.name not in {self.running, before}:
                shutil.rmtree(place, ignore_errors=True)

    @staticmethod
    def _gather(archive: Path, release: Release, opened: Callable[[int], Opened]) -> None:
        have = archive.stat().st_size if archive.exists() else 0
        if have > release.bytes:
            archive.unlink()
            have = 0
        if have == release.bytes and have:
            return
        archive.touch()
        with opened(have) as (offset, pieces), archive.open("r+b") as target:
            target.seek(offset)
            target.truncate()
            for piece in pieces:
                if target.tell() + len(piece) > release.bytes:
                    break
                target.write(piece)
            target.flush()
            os.fsync(target.fileno())
        if archive.stat().st_size < release.bytes:
            raise AdapterError(f"{archive.name} was cut off")


def _unpack(archive: Path, target: Path) -> None:
    try:
        with zipfile.ZipFile(archive) as files:
            members = [one for one in files.infolist() if not one.is_dir()]
            _check(members)
            for one in members:
                _unpack_one(files, one, target / one.filename)
    except (zipfile.BadZipFile, UnicodeError, RuntimeError, NotImplementedError, EOFError) as error:
        raise BadRelease(f"the archive cannot be read: {error}") from error
    for folder in (target, *(place for place in target.rglob("*") if place.is_dir())):
        sync_folder(folder)


def _check(members: Sequence[zipfile.ZipInfo]) -> None:
    if len(members) > MAX_FILES or sum(one.file_size for one in members) > MAX_BYTES:
        raise BadRelease("the archive is too large")
    for one in members:
        path = PurePosixPath(one.filename)
        odd = path.is_absolute() or ".." in path.parts or "\\" in one.filename or path.parts[0] not in PROGRAMS
        if odd or S_ISLNK(one.external_attr >> 16):
            raise BadRelease(f"the archive holds {one.filename!r}")
    if "tvclient/__main__.py" not in {one.filename for one in members}:
        raise BadRelease("the archive holds no television")


def _unpack_one(files: zipfile.ZipFile, one: zipfile.ZipInfo, place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    with files.open(one) as source, place.open("wb") as file:
        shutil.copyfileobj(source, file)
        file.flush()
        os.fsync(file.fileno())
