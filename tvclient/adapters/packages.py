"""The packages on the disk: a folder named by its content for each, never a half file under a real name.

A package plays only when its manifest's hash is its name, the server's approval of just this name verifies, and every
file of the rendition has the hash that the manifest gives. Fetching is `prefetch.py`'s business.
"""

import hashlib
import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from threading import RLock

import structlog

from media_pipeline.errors import ManifestInvalid
from media_pipeline.manifest import MANIFEST_FILE, Manifest, PackageFile, Rendition, decode_manifest, package_name
from schedules.airings import PackageName
from schedules.wire.messages import Approval, PackageReport, PackageState
from schedules.wire.signing import BadSignature, Verifier
from tvclient.adapters.durable import sync_folder, write_durably
from tvclient.adapters.errors import NotPlayable

_APPROVAL_FILE = ".approval.jws"
_PARTS = ".parts"
RESERVE = 256 * 1024**2
"""Bytes of the disk that packages leave free, for the journal above all."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Playable:
    """What the player opens."""

    playlist: Path
    captions: Path | None


@dataclass(slots=True)
class _Held:
    """A package whose manifest is here and trusted."""

    manifest: Manifest
    present: set[str]
    verified: dict[str, tuple[int, int, int, int]]


class PackageStore:
    """All packages of a box. Safe to use from any thread."""

    def __init__(self, folder: Path, verifier: Verifier, budget: int) -> None:
        """Look at what is in `folder`.

        Args:
            budget: bytes that packages may fill; a better rendition is fetched only within it.
        """
        self._folder, self._verifier, self._budget = folder, verifier, budget
        self._lock = RLock()
        self._held: dict[PackageName, _Held] = {}
        self._refused: set[PackageName] = set()
        folder.mkdir(parents=True, exist_ok=True)
        for place in folder.iterdir():
            self._load(PackageName(place.name))

    def manifest(self, name: PackageName) -> Manifest | None:
        """The trusted manifest of a package; None while it is not here."""
        held = self._held.get(name)
        return held.manifest if held else None

    def take_manifest(self, name: PackageName, data: bytes, approval: str) -> Manifest | None:
        """Store a package's manifest and approval.

        Returns:
            The manifest, or None when it is altered or not approved: the package is refused.
        """
        manifest = self._trusted(name, data, approval.encode())
        if manifest is None:
            self.refuse(name)
            return None
        place = self._folder / name
        write_durably(place / _APPROVAL_FILE, approval.encode(), 0o644)
        write_durably(place / MANIFEST_FILE, data, 0o644)
        with self._lock:
            self._refused.discard(name)
            self._held[name] = _Held(manifest, _present(place, manifest), {})
        return manifest

    def refuse(self, name: PackageName) -> None:
        """Remember that this package must not play."""
        log.warning("package.refused", package=name)
        with self._lock:
            self._refused.add(name)
            self._held.pop(name, None)

    def missing(self, name: PackageName, *, best: bool) -> tuple[PackageFile, ...]:
        """Files still to be fetched: of the lowest video rendition; with `best`, of what the budget allows too."""
        with self._lock:
            held = self._held.get(name)
            if held is None:
                return ()
            wanted = _files(held.manifest, _lowest(held.manifest))
            if best:
                wanted = [*wanted, *_files(held.manifest, self._best(held.manifest))]
            files = {file.path: file for file in held.manifest.files}
            return tuple(files[path] for path in dict.fromkeys(wanted) if path not in held.present)

    def part(self, name: PackageName, file: PackageFile) -> Path:
        """Where the bytes of a file gather until they are whole; named by the hash they should have."""
        parts = self._folder / name / _PARTS
        parts.mkdir(parents=True, exist_ok=True)
        return parts / file.sha256

    def accept(self, name: PackageName, file: PackageFile) -> bool:
        """Move a gathered file to its place if it is what the manifest says; otherwise throw it away."""
        part, target = self.part(name, file), self._folder / name / file.path
        if part.stat().st_size != file.bytes or _sha256(part) != file.sha256:
            part.unlink(missing_ok=True)
            log.warning("package.file_altered", package=name, path=file.path)
            return False
        target.parent.mkdir(parents=True, exist_ok=True)
        with part.open("rb") as whole:
            os.fsync(whole.fileno())
        part.replace(target)
        sync_folder(target.parent)
        with self._lock:
            held = self._held.get(name)
            if held:
                held.present.add(file.path)
                held.verified[file.path] = _stamp(target)
        return True

    def playable(self, name: PackageName) -> Playable:
        """The best rendition that is whole, every byte verified. May take seconds for files not yet read since start.

        Raises:
            NotPlayable: `refused` or `not_stored`.
        """
        with self._lock:
            if name in self._refused:
                raise NotPlayable("refused")
            held = self._held.get(name)
        if held is None:
            raise NotPlayable("not_stored")
        place = self._folder / name
        if self._read_trusted(name) is None:
            self.refuse(name)
            raise NotPlayable("refused")
        for rendition in sorted(_videos(held.manifest), key=lambda one: (one.height, one.average_bps), reverse=True):
            if all(self._sound(name, held, path) for path in _files(held.manifest, rendition)):
                captions = next((place / track.path for track in held.manifest.captions), None)
                return Playable(place / rendition.playlist, captions)
        raise NotPlayable("not_stored")

    def poster(self, name: PackageName) -> Path | None:
        """The package's poster, once it is stored."""
        held = self._held.get(name)
        path = held.manifest.poster if held else None
        return self._folder / name / path if held and path and path in held.present else None

    def report(self, name: PackageName) -> PackageReport:
        """How far a package has come."""
        with self._lock:
            if name in self._refused:
                return PackageReport(state=PackageState.REFUSED)
            held = self._held.get(name)
            if held is None:
                return PackageReport(state=PackageState.WAITING)
            lowest, best = _lowest(held.manifest), self._best(held.manifest)
            wanted = set(_files(held.manifest, lowest)) | set(_files(held.manifest, best))
            sizes = {file.path: file.bytes for file in held.manifest.files}
            whole = any(
                held.present.issuperset(_files(held.manifest, rendition)) for rendition in _videos(held.manifest)
            )
            return PackageReport(
                state=PackageState.STORED if whole else PackageState.FETCHING,
                stored_bytes=sum(sizes[path] for path in wanted & held.present),
                wanted_bytes=sum(sizes[path] for path in wanted),
            )

    def make_room(self, wanted: Iterable[PackageName]) -> None:
        """Drop packages that nothing plans to show, oldest first, while the budget is exceeded."""
        kept = set(wanted)
        places = sorted((place for place in self._folder.iterdir() if place.is_dir()), key=lambda p: p.stat().st_mtime)
        filled = sum(_bytes_in(place) for place in places)
        budget = min(self._budget, filled + shutil.disk_usage(self._folder).free - RESERVE)
        for place in places:
            name = PackageName(place.name)
            if filled <= budget:
                return
            if name not in kept:
                filled -= _bytes_in(place)
                with self._lock:
                    self._held.pop(name, None)
                shutil.rmtree(place, ignore_errors=True)
                log.info("package.dropped", package=name)

    def _load(self, name: PackageName) -> None:
        place = self._folder / name
        if not (place / MANIFEST_FILE).exists():
            return
        manifest = self._read_trusted(name)
        if manifest is None:
            self.refuse(name)
        else:
            self._held[name] = _Held(manifest, _present(place, manifest), {})

    def _read_trusted(self, name: PackageName) -> Manifest | None:
        place = self._folder / name
        try:
            return self._trusted(name, (place / MANIFEST_FILE).read_bytes(), (place / _APPROVAL_FILE).read_bytes())
        except OSError:
            return None

    def _trusted(self, name: PackageName, data: bytes, approval: bytes) -> Manifest | None:
        if package_name(data) != name:
            return None
        try:
            if self._verifier.read(approval, Approval).package != name:
                return None
            return decode_manifest(data)
        except (BadSignature, ManifestInvalid) as error:
            log.warning("package.untrusted", package=name, reason=str(error))
            return None

    def _sound(self, name: PackageName, held: _Held, path: str) -> bool:
        """Whether a file is here and unaltered; an altered one is removed, to be fetched again."""
        with self._lock:
            if path not in held.present:
                return False
            seen = held.verified.get(path)
        place = self._folder / name / path
        try:
            stamp = _stamp(place)
            if seen == stamp:
                return True
            whole = _sha256(place) == next(file.sha256 for file in held.manifest.files if file.path == path)
        except OSError:
            whole, stamp = False, (0, 0, 0, 0)
        with self._lock:
            if whole:
                held.verified[path] = stamp
            else:
                held.present.discard(path)
                held.verified.pop(path, None)
        if not whole:
            place.unlink(missing_ok=True)
            log.warning("package.file_altered", package=name, path=path)
        return whole

    def _best(self, manifest: Manifest) -> Rendition | None:
        lowest = _lowest(manifest)
        room = self._budget - (lowest.bytes if lowest else 0)
        fitting = [one for one in _videos(manifest) if one is lowest or one.bytes <= room // 4]
        return max(fitting, key=lambda one: (one.height, one.average_bps), default=None)


def _videos(manifest: Manifest) -> list[Rendition]:
    return [rendition for rendition in manifest.renditions if rendition.kind == "video"]


def _lowest(manifest: Manifest) -> Rendition | None:
    return min(_videos(manifest), key=lambda one: one.average_bps, default=None)


def _files(manifest: Manifest, rendition: Rendition | None) -> list[str]:
    """What a showing of this rendition reads, in the order in which it should come."""
    if rendition is None:
        return []
    captions = [path for track in manifest.captions for path in (track.path, track.playlist)]
    poster = [manifest.poster] if manifest.poster else []
    init = [rendition.init] if rendition.init else []
    return [*poster, *captions, manifest.master, rendition.playlist, *init, *rendition.segments]


def _present(place: Path, manifest: Manifest) -> set[str]:
    present = set()
    for file in manifest.files:
        at = place / file.path
        if at.is_file() and not at.is_symlink() and at.stat().st_size == file.bytes:
            present.add(file.path)
    return present


def _stamp(path: Path) -> tuple[int, int, int, int]:
    seen = path.stat()
    return seen.st_ino, seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _bytes_in(place: Path) -> int:
    return sum(path.stat().st_size for path in place.rglob("*") if path.is_file())
