"""The packages on the disk: a folder named by its content for each, never a half file under a real name.

A package plays only when its manifest's hash is its name, the server's approval of just this name verifies, and every
file that is opened has the hash that the manifest gives. The picture must be whole; of sound tracks and captions those
that are whole are opened, and where the lesson has sound, one track at least. Fetching is `prefetch.py`'s business;
which files a showing reads, `renditions.py`'s; what there is room for, `room.py`'s.
"""

import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from threading import RLock
from typing import BinaryIO

import structlog

from media_pipeline.manifest import MANIFEST_FILE, Manifest, PackageFile
from schedules.airings import PackageName
from schedules.wire.messages import DiskReport, PackageReport, PackageState
from schedules.wire.signing import Verifier
from tvclient.adapters.approvals import APPROVAL_FILE, Approvals, in_the_library
from tvclient.adapters.durable import sync_folder, write_durably
from tvclient.adapters.errors import NotPlayable
from tvclient.adapters.held import AIRED_FILE, Held, clear_unknown, look, note_whole, sha256_of, stamp_of, written
from tvclient.adapters.renditions import H264, first_files, heard, left, media, quality, shown, whole
from tvclient.adapters.room import Drop, Stock, allot, overflow, release
from tvclient.core.ports import Playable, Track
from tvclient.core.state import StoredLesson

_PARTS = ".parts"
RESERVE = 256 * 1024**2
"""Bytes of the disk that packages leave free, for the journal above all."""

log = structlog.get_logger(__name__)


class PackageStore:
    """All packages of a box. Safe to use from any thread."""

    def __init__(
        self, folder: Path, verifier: Verifier, budget: int, codecs: frozenset[str] = frozenset({H264})
    ) -> None:
        """Look at what is in `folder`, and clear away what a power cut left half done.

        Args:
            budget: bytes that packages may fill.
            codecs: pictures that the box can show, by RFC 6381's first four letters; others are left alone.
        """
        self._folder, self._budget, self._codecs = folder, budget, codecs
        self._lock = RLock()
        self._held: dict[PackageName, Held] = {}
        self._refused: set[PackageName] = set()
        self._approvals = Approvals(folder, verifier)
        self._unproved: set[PackageName] = set()
        self._limits: dict[PackageName, str] = {}
        self._planned: tuple[PackageName, ...] | None = None
        self._chosen: dict[PackageName, int] = {}
        self._open: PackageName | None = None
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
        manifest = self.trusted(name, data, approval.encode())
        if manifest is None:
            self.refuse(name)
            return None
        place = self._folder / name
        write_durably(place / APPROVAL_FILE, approval.encode(), 0o644)
        write_durably(place / MANIFEST_FILE, data, 0o644)
        with self._lock:
            self._refused.discard(name)
            self._unproved.discard(name)
            self._held[name] = look(place, manifest, self._codecs)
            self._choose()
        return manifest

    def trusted(self, name: PackageName, data: bytes, approval: bytes) -> Manifest | None:
        """The manifest in `data` if its hash is the name and the server approved this name; None otherwise."""
        return self._approvals.trusted(name, data, approval)

    def verify_again(self) -> None:
        """Other keys are trusted now: what only an older one approved is not shown before there is a new approval.

        Its files stay. What plays at this moment is open, and plays on.
        """
        with self._lock:
            self._approvals.forget()
            for name in list(self._held):
                if self._approvals.on_disk(name) is None:
                    self._distrust(name)

    def unproved(self) -> tuple[PackageName, ...]:
        """Packages that are here and want a new approval, those that will be shown first in front."""
        with self._lock:
            places = {name: place for place, name in enumerate(self._planned or ())}
            return tuple(sorted(self._unproved, key=lambda name: (places.get(name, len(places)), name)))

    def approve_again(self, name: PackageName, approval: str) -> bool:
        """Take a new approval for what is here; whether it is good."""
        papers = self._approvals.papers(name)
        if papers is None or self.trusted(name, papers[0], approval.encode()) is None:
            return False
        return self.take_manifest(name, papers[0], approval) is not None

    def refuse(self, name: PackageName) -> None:
        """Remember that this package must not play."""
        log.warning("package.refused", package=name)
        with self._lock:
            self._refused.add(name)
            self._unproved.discard(name)
            self._held.pop(name, None)

    def limit(self, renditions: Mapping[PackageName, str]) -> bool:
        """Fetch nothing better than the rendition named for a package; what is stored already stays.

        Returns:
            Whether that differs from what held before.
        """
        with self._lock:
            changed = self._limits != dict(renditions)
            self._limits = dict(renditions)
            self._choose()
            return changed

    def plan(self, wanted: Sequence[PackageName]) -> None:
        """What will be shown, earliest deadline first; these stay, and others make room for them."""
        with self._lock:
            self._planned = tuple(wanted)
            for place in self._folder.glob("sha256-*"):
                if place.name not in self._unproved.union(self._planned, self._held):
                    shutil.rmtree(place, ignore_errors=True)
                    self._refused.discard(PackageName(place.name))
            self._choose()

    def missing(self, name: PackageName, *, best: bool) -> tuple[PackageFile, ...]:
        """Files still to be fetched: of the smallest rendition; with `best`, of what room and limit allow too.

        Nothing of a planned package for which the disk has no room at all.
        """
        with self._lock:
            held = self._held.get(name)
            level = self._level(name)
            if held is None or level is None:
                return ()
            wanted = held.ladder[level if best else 0].paths
            return tuple(held.files[path] for path in wanted if path not in held.present)

    def part(self, name: PackageName, file: PackageFile) -> Path:
        """Where the bytes of a file gather until they are whole; named by the hash they should have."""
        parts = self._folder / name / _PARTS
        parts.mkdir(parents=True, exist_ok=True)
        return parts / file.sha256

    def accept(self, name: PackageName, file: PackageFile, gathered: Path | None = None) -> bool:
        """Move a gathered file to its place if it is what the manifest says; otherwise throw it away.

        Args:
            gathered: where its bytes are, on the same disk; None for `part`.
        """
        part, target = gathered or self.part(name, file), self._folder / name / file.path
        if part.stat().st_size != file.bytes or sha256_of(part) != file.sha256:
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
                held.gain(file.path)
                held.verified[file.path] = stamp_of(target)
        return True

    def playable(self, name: PackageName) -> Playable:
        """The best that can be shown, every byte verified. May take seconds for files not yet read since start.

        It counts as playing from then on, until another one does.

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
        if self._approvals.on_disk(name) is None:
            with self._lock:
                self._distrust(name)
            raise NotPlayable("not_stored" if name in self._unproved else "refused")

        def good(path: str) -> bool:
            return self._good(name, held, path)

        best = whole(held.manifest, self._codecs, good) or left(held.manifest, held.once, self._codecs, good)
        if best is None:
            raise NotPlayable("not_stored")
        rendition, tracks = best
        clear_unknown(place, held, [*media(rendition), *(path for one in tracks for path in media(one))])
        self._note_airing(name, held)
        return Playable(
            place / rendition.playlist,
            tuple(Track(place / sound.playlist, sound.language, sound.label) for sound in tracks),
            tuple(
                Track(place / track.path, track.language, track.label)
                for track in held.manifest.captions
                if good(track.path)
            ),
        )

    def poster(self, name: PackageName) -> Path | None:
        """The package's poster, once it is stored, verified."""
        held = self._held.get(name)
        path = held.manifest.poster if held else None
        return self._folder / name / path if held and path and self._good(name, held, path) else None

    def papers(self, name: PackageName) -> tuple[bytes, bytes] | None:
        """Manifest and approval of a trusted package, as they came."""
        return self._approvals.papers(name) if name in self._held else None

    def open(self, name: PackageName, path: str) -> BinaryIO | None:
        """A stored file of a trusted package, verified; None for anything else."""
        held = self._held.get(name)
        if held is None or not self._good(name, held, path):
            return None
        try:
            return (self._folder / name / path).open("rb")
        except OSError:
            return None

    def stored(self) -> dict[PackageName, int]:
        """Bytes here of each trusted package."""
        with self._lock:
            return {name: held.stored for name, held in self._held.items()}

    def lessons(self) -> tuple[StoredLesson, ...]:
        """Lessons that can be shown now, by subject, course and place in it."""
        with self._lock:
            whole = [name for name in self._held if self.report(name).state is PackageState.STORED]
            found = [one for name in whole if (one := self._approvals.lesson(name))]
        return tuple(sorted(found, key=in_the_library))

    def runs_out(self, name: PackageName, at: datetime) -> bool:
        """Whether the approval of a package does not reach so far; the server may have given a newer one."""
        return self._approvals.runs_out(name, at)

    def report(self, name: PackageName) -> PackageReport:
        """How far a package has come."""
        with self._lock:
            if name in self._refused:
                return PackageReport(state=PackageState.REFUSED)
            held = self._held.get(name)
            if held is None:
                return PackageReport(state=PackageState.WAITING)
            wanted = set(held.ladder[self._level(name) or 0].paths) if held.ladder else set()
            stored = [
                rendition
                for rendition in shown(held.manifest, self._codecs)
                if heard(held.manifest, rendition, held.present.__contains__) is not None
            ]
            note_whole(self._folder / name, held, held.once | {one.name for one in stored})
            first = set(first_files(held.manifest, held.ladder[0].rendition)) if held.ladder else set()
            return PackageReport(
                state=PackageState.STORED if stored else PackageState.FETCHING,
                stored_bytes=held.bytes_of(wanted & held.present),
                wanted_bytes=held.bytes_of(wanted),
                playable=bool(stored),
                missing_bytes=held.bytes_of(set() if stored else first - held.present) if held.ladder else None,
                rendition=max(stored, key=quality).name if stored else "",
            )

    def scarred(self, name: PackageName) -> bool:
        """Whether a package that was whole has damaged pieces now, and something to be seen is left of it."""
        if self.report(name).state is not PackageState.FETCHING:
            return False
        with self._lock:
            held = self._held[name]
            return left(held.manifest, held.once, self._codecs, held.present.__contains__) is not None

    def room(self, planned: Iterable[PackageName]) -> DiskReport:
        """What may still be stored, where all packages that are not planned can make room."""
        kept = set(planned)
        filled = self.stored()
        staying = sum(filled[name] for name in kept & filled.keys())
        on_disk = shutil.disk_usage(self._folder).free - RESERVE + sum(filled.values()) - staying
        return DiskReport(free_bytes=max(0, min(self._budget - staying, on_disk)), budget_bytes=self._budget)

    def make_room(self, coming: int = 0) -> None:
        """Before so many bytes come: while the disk is too full, drop what `plan` does not need (`room.py`)."""
        with self._lock:
            self._choose()
            self._carry_out(overflow(self._stocks(), self._chosen, self._capacity(), coming))

    def release(self, needed: int) -> int:
        """Give bytes to what matters more, the journal: even planned packages go, never the one that plays.

        Returns:
            Bytes that were freed; fewer than needed where there is nothing more to give.
        """
        with self._lock:
            before = sum(self.stored().values())
            self._carry_out(release(self._stocks(), needed))
            return before - sum(self.stored().values())

    def _capacity(self) -> int:
        """Bytes that packages may fill, as much of them as the disk really has."""
        return max(0, min(self._budget, sum(self.stored().values()) + shutil.disk_usage(self._folder).free - RESERVE))

    def _choose(self) -> None:
        if self._planned is not None:
            self._chosen = allot(self._stocks(), self._capacity())

    def _level(self, name: PackageName) -> int | None:
        """Which step of its ladder a package may have; None where it does not fit."""
        if self._planned is not None and name in self._planned:
            return self._chosen.get(name)
        held = self._held.get(name)
        return len(held.steps(self._limits.get(name))) - 1 if held and held.ladder else None

    def _stocks(self) -> list[Stock]:
        places = {name: place for place, name in enumerate(self._planned or ())}
        return [
            Stock(
                name=name,
                place=places.get(name),
                aired=held.aired,
                stored=held.stored,
                choices=held.choices(self._limits.get(name)),
                playing=name == self._open,
            )
            for name, held in self._held.items()
        ]

    def _carry_out(self, drops: Iterable[Drop]) -> None:
        for drop in drops:
            log.info("package.dropped", package=drop.name, whole=drop.keep is None)
            held, place = self._held[drop.name], self._folder / drop.name
            if drop.keep is None:
                self._held.pop(drop.name)
                shutil.rmtree(place, ignore_errors=True)
                continue
            for path in held.present - held.ladder[drop.keep].paths.keys():
                (place / path).unlink(missing_ok=True)
                held.lose(path)
            note_whole(place, held, held.once & {one.rendition.name for one in held.ladder[: drop.keep + 1]})

    def _load(self, name: PackageName) -> None:
        place = self._folder / name
        if not (place / MANIFEST_FILE).exists():
            return
        for draft in place.glob(".*.tmp"):
            draft.unlink(missing_ok=True)
        manifest = self._approvals.on_disk(name)
        if manifest is None:
            self._distrust(name)
            return
        held = self._held[name] = look(place, manifest, self._codecs)
        awaited = {file.sha256 for file in manifest.files if file.path not in held.present}
        for part in (place / _PARTS).glob("*"):
            if part.name not in awaited:
                part.unlink(missing_ok=True)

    def _distrust(self, name: PackageName) -> None:
        """Do not show it: it wants a new approval, or is altered."""
        if not self._approvals.outdated(name):
            self.refuse(name)
            return
        log.warning("package.unproved", package=name)
        self._held.pop(name, None)
        self._unproved.add(name)

    def _note_airing(self, name: PackageName, held: Held) -> None:
        self._open = name
        try:
            (self._folder / name / AIRED_FILE).touch()
            held.aired = written(self._folder / name / AIRED_FILE)
        except OSError as error:
            log.info("package.airing_not_noted", package=name, reason=str(error))

    def _good(self, name: PackageName, held: Held, path: str) -> bool:
        """Whether a file is here and unaltered; an altered one is removed, to be fetched again."""
        with self._lock:
            if path not in held.present:
                return False
            seen = held.verified.get(path)
        place = self._folder / name / path
        try:
            stamp = stamp_of(place)
            if seen == stamp:
                return True
            whole = sha256_of(place) == held.files[path].sha256
        except OSError:
            whole, stamp = False, (0, 0, 0, 0)
        with self._lock:
            if whole:
                held.verified[path] = stamp
            else:
                held.lose(path)
        if not whole:
            place.unlink(missing_ok=True)
            log.warning("package.file_altered", package=name, path=path)
        return whole
