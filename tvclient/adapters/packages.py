"""The packages on the disk: a folder named by its content for each, never a half file under a real name.

A package plays only when its manifest's hash is its name, the server's approval of just this name verifies, and every
file that is opened has the hash that the manifest gives. The picture must be whole; of sound tracks and captions those
that are whole are opened, and where the lesson has sound, one track at least. Fetching is `prefetch.py`'s business.
"""

import hashlib
import os
import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import RLock

import structlog

from media_pipeline.errors import ManifestInvalid
from media_pipeline.manifest import (
    MANIFEST_FILE,
    Manifest,
    PackageFile,
    Rendition,
    Sounding,
    decode_manifest,
    package_name,
)
from schedules.airings import PackageName
from schedules.wire.messages import Approval, DiskReport, PackageReport, PackageState
from schedules.wire.signing import BadSignature, Verifier
from tvclient.adapters.durable import sync_folder, write_durably
from tvclient.adapters.errors import NotPlayable
from tvclient.core.ports import Playable, Track

_APPROVAL_FILE = ".approval.jws"
_PARTS = ".parts"
_H264 = "avc1"
RESERVE = 256 * 1024**2
"""Bytes of the disk that packages leave free, for the journal above all."""

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Held:
    """A package whose manifest is here and trusted."""

    manifest: Manifest
    files: dict[str, PackageFile]
    present: set[str]
    verified: dict[str, tuple[int, int, int, int]]


class PackageStore:
    """All packages of a box. Safe to use from any thread."""

    def __init__(
        self, folder: Path, verifier: Verifier, budget: int, codecs: frozenset[str] = frozenset({_H264})
    ) -> None:
        """Look at what is in `folder`.

        Args:
            budget: bytes that packages may fill; a better rendition is fetched only within it.
            codecs: pictures that the box can show, by RFC 6381's first four letters; others are left alone.
        """
        self._folder, self._verifier, self._budget, self._codecs = folder, verifier, budget, codecs
        self._lock = RLock()
        self._held: dict[PackageName, _Held] = {}
        self._refused: set[PackageName] = set()
        self._limits: dict[PackageName, str] = {}
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
            self._held[name] = _held(place, manifest)
        return manifest

    def refuse(self, name: PackageName) -> None:
        """Remember that this package must not play."""
        log.warning("package.refused", package=name)
        with self._lock:
            self._refused.add(name)
            self._held.pop(name, None)

    def limit(self, renditions: Mapping[PackageName, str]) -> bool:
        """Fetch nothing better than the rendition named for a package; what is stored already stays.

        Returns:
            Whether that differs from what held before.
        """
        with self._lock:
            changed = self._limits != dict(renditions)
            self._limits = dict(renditions)
            return changed

    def missing(self, name: PackageName, *, best: bool) -> tuple[PackageFile, ...]:
        """Files still to be fetched: of the lowest rendition; with `best`, of what budget and limit allow too."""
        with self._lock:
            held = self._held.get(name)
            if held is None:
                return ()
            wanted = _files(held.manifest, self._lowest(held.manifest))
            if best:
                wanted = [*wanted, *_files(held.manifest, self._best(name, held.manifest))]
            return tuple(held.files[path] for path in dict.fromkeys(wanted) if path not in held.present)

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
        """The best that can be shown, every byte verified. May take seconds for files not yet read since start.

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

        def good(path: str) -> bool:
            return self._good(name, held, path)

        for rendition in sorted(self._shown(held.manifest), key=_quality, reverse=True):
            heard = _heard(held.manifest, rendition, good)
            if heard is not None:
                captions = [track for track in held.manifest.captions if good(track.path)]
                return Playable(
                    place / rendition.playlist,
                    tuple(Track(place / sound.playlist, sound.language, sound.label) for sound in heard),
                    tuple(Track(place / track.path, track.language, track.label) for track in captions),
                )
        raise NotPlayable("not_stored")

    def poster(self, name: PackageName) -> Path | None:
        """The package's poster, once it is stored, verified."""
        held = self._held.get(name)
        path = held.manifest.poster if held else None
        return self._folder / name / path if held and path and self._good(name, held, path) else None

    def report(self, name: PackageName) -> PackageReport:
        """How far a package has come."""
        with self._lock:
            if name in self._refused:
                return PackageReport(state=PackageState.REFUSED)
            held = self._held.get(name)
            if held is None:
                return PackageReport(state=PackageState.WAITING)
            lowest, best = self._lowest(held.manifest), self._best(name, held.manifest)
            wanted = set(_files(held.manifest, lowest)) | set(_files(held.manifest, best))
            whole = [
                rendition
                for rendition in self._shown(held.manifest)
                if _heard(held.manifest, rendition, held.present.__contains__) is not None
            ]
            lacking = set() if whole else set(_first_files(held.manifest, lowest)) - held.present
            return PackageReport(
                state=PackageState.STORED if whole else PackageState.FETCHING,
                stored_bytes=sum(held.files[path].bytes for path in wanted & held.present),
                wanted_bytes=sum(held.files[path].bytes for path in wanted),
                playable=bool(whole),
                missing_bytes=sum(held.files[path].bytes for path in lacking) if lowest else None,
                rendition=max(whole, key=_quality).name if whole else "",
            )

    def room(self, planned: Iterable[PackageName]) -> DiskReport:
        """What may still be stored, where all packages that are not planned can make room."""
        kept = set(planned)
        with self._lock:
            filled = {name: sum(held.files[path].bytes for path in held.present) for name, held in self._held.items()}
        staying = sum(filled[name] for name in kept & filled.keys())
        leaving = sum(filled.values()) - staying
        on_disk = shutil.disk_usage(self._folder).free - RESERVE + leaving
        return DiskReport(free_bytes=max(0, min(self._budget - staying, on_disk)), budget_bytes=self._budget)

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
            self._held[name] = _held(place, manifest)

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

    def _good(self, name: PackageName, held: _Held, path: str) -> bool:
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
            whole = _sha256(place) == held.files[path].sha256
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

    def _shown(self, manifest: Manifest) -> list[Rendition]:
        """Renditions that this box can show."""
        return [one for one in manifest.renditions if one.kind == "video" and one.codecs[:4] in self._codecs]

    def _lowest(self, manifest: Manifest) -> Rendition | None:
        return min(self._shown(manifest), key=lambda one: one.average_bps, default=None)

    def _best(self, name: PackageName, manifest: Manifest) -> Rendition | None:
        lowest = self._lowest(manifest)
        room = self._budget - (_bytes_of(manifest, lowest) if lowest else 0)
        fitting = [one for one in self._shown(manifest) if one is lowest or _bytes_of(manifest, one) <= room // 4]
        limits = [_quality(one) for one in manifest.renditions if one.name == self._limits.get(name)]
        within = [one for one in fitting if not limits or _quality(one) <= max(limits)]
        return max(within, key=_quality, default=lowest)


def _quality(rendition: Rendition) -> tuple[int, bool, int]:
    """By this the best is chosen: of two that are equally large, a newer codec's, then the one that spends more."""
    return rendition.height, rendition.codecs[:4] != _H264, rendition.average_bps


def _sounds(manifest: Manifest, rendition: Rendition) -> list[Sounding]:
    """Sound tracks of a rendition, the default first; none in silence, or where the picture's segments hold it."""
    tracks = [sound for sound in manifest.sounds if rendition.sound and sound.group == rendition.sound]
    return sorted(tracks, key=lambda sound: not sound.default)


def _bytes_of(manifest: Manifest, rendition: Rendition) -> int:
    return rendition.bytes + sum(sound.bytes for sound in _sounds(manifest, rendition))


def _heard(manifest: Manifest, rendition: Rendition, good: Callable[[str], bool]) -> list[Sounding] | None:
    """The good sound tracks of a rendition; None where it cannot be shown: its picture is not whole, or no track is."""
    if not all(map(good, _media(rendition))):
        return None
    tracks = _sounds(manifest, rendition)
    heard = [sound for sound in tracks if all(map(good, _media(sound)))]
    return heard if heard or not tracks else None


def _files(manifest: Manifest, rendition: Rendition | None) -> list[str]:
    """What a showing of this rendition reads, in the order in which it should come."""
    if rendition is None:
        return []
    tracks: list[Rendition | Sounding] = [rendition, *_sounds(manifest, rendition)]
    poster = [manifest.poster] if manifest.poster else []
    return [*poster, *(track.path for track in manifest.captions), *(path for one in tracks for path in _media(one))]


def _first_files(manifest: Manifest, rendition: Rendition | None) -> list[str]:
    """Of those, what must have come before the first showing: one sound track is enough."""
    later = {path for sound in _sounds(manifest, rendition)[1:] for path in _media(sound)} if rendition else set()
    return [path for path in _files(manifest, rendition) if path not in later]


def _media(track: Rendition | Sounding) -> list[str]:
    return [track.playlist, *filter(None, [track.init]), *track.segments]


def _held(place: Path, manifest: Manifest) -> _Held:
    """A trusted package with those of its files that are here."""
    present = set()
    for file in manifest.files:
        at = place / file.path
        if at.is_file() and not at.is_symlink() and at.stat().st_size == file.bytes:
            present.add(file.path)
    return _Held(manifest, {file.path: file for file in manifest.files}, present, {})


def _stamp(path: Path) -> tuple[int, int, int, int]:
    seen = path.stat()
    return seen.st_ino, seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _bytes_in(place: Path) -> int:
    return sum(path.stat().st_size for path in place.rglob("*") if path.is_file())
