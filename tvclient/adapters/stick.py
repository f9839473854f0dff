"""A USB stick is in the box: lessons and timetable are taken from it, the journal is written onto it. A thread.

What comes is trusted no more than what comes over the line: the same signatures, the same hashes, the same store. A
stick that is pulled out in the middle breaks nothing; put in again, it goes on where it was. Nothing on it is ever
executed. How it is read: `stick_folder.py`; what lies where: `schedules/wire/on_stick.py`.
"""

import re
from collections.abc import Callable
from pathlib import Path
from threading import Condition, Thread

import structlog
from msgspec.structs import replace

from media_pipeline.manifest import MANIFEST_FILE, PackageFile
from schedules.airings import PackageName
from schedules.wire import on_stick, sealing
from schedules.wire.codec import MAX_BYTES, Unreadable, decode
from schedules.wire.messages import EventBatch, StickIndex
from schedules.wire.signing import Signer
from schedules.wire.topics import BoxId
from tvclient.adapters.clock import Clock
from tvclient.adapters.documents import Documents
from tvclient.adapters.journal import Journal
from tvclient.adapters.packages import PackageStore
from tvclient.adapters.stick_folder import StickFolder, places
from tvclient.core import events
from tvclient.core.state import Stick, StickPhase

LOOK_EVERY_S = 3.0
PULLED_FOR_S = 20.0
"""So long it is said that a stick was pulled out too early, or the next one is put in."""
MAX_MANIFEST_BYTES = 8_000_000
MAX_APPROVAL_BYTES = 64_000
_PIECE = 1024 * 1024
_JOURNAL_FILE = re.compile(r"box-(\d+)-([0-9a-f]+)-(\d+)-(\d+)\.yjj")

log = structlog.get_logger(__name__)


class Closing(OSError):
    """The program ends in the middle of a stick."""


class Sticks:
    """Looks for sticks and deals with each of them once, until it is pulled out."""

    def __init__(
        self,
        roots: tuple[Path, ...],
        documents: Documents,
        store: PackageStore,
        journal: Journal,
        clock: Clock,
        box: BoxId,
        journal_key: str,
        signer: Callable[[], Signer],
        layer_came: Callable[[bytes], None],
        packages_changed: Callable[[], None],
        post: Callable[[events.Event], None],
    ) -> None:
        """Nothing happens before `start`.

        Args:
            roots: folders below which sticks are mounted; none: `start` does nothing.
            journal_key: the server's, to which the journal is sealed; empty: it stays where it is.
            signer: gives the box's own key.
            layer_came: takes the signed bytes of a layer.
        """
        self._roots, self._documents, self._store, self._journal = roots, documents, store, journal
        self._clock, self._box, self._journal_key, self._signer = clock, box, journal_key, signer
        self._layer_came, self._packages_changed, self._post = layer_came, packages_changed, post
        self._dealt_with: set[Path] = set()
        self._stick: Stick | None = None
        self._quiet_at = 0.0
        self._closed = False
        self._news = Condition()
        self._thread = Thread(target=self._run, name="sticks", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        if self._roots:
            self._thread.start()

    def close(self) -> None:
        """Stop; a file that is being copied is left unfinished, and taken up again with the stick."""
        with self._news:
            self._closed = True
            self._news.notify_all()
        if self._thread.is_alive():
            self._thread.join(timeout=15)

    def turn(self) -> None:
        """One look: deal with a stick that has come, forget one that has gone."""
        here = places(self._roots)
        self._dealt_with &= set(here)
        if not here and self._stick is not None and self._clock.ticks() >= self._quiet_at:
            self._say(None)
        for place in here:
            if place not in self._dealt_with:
                self._dealt_with.add(place)
                self._deal_with(place)

    def _run(self) -> None:
        while not self._closed:
            try:
                self.turn()
            except OSError as error:
                log.warning("stick.failed", reason=str(error))
            with self._news:
                self._news.wait_for(lambda: self._closed, timeout=LOOK_EVERY_S)

    def _deal_with(self, place: Path) -> None:
        try:
            folder = StickFolder(place)
        except OSError as error:
            log.info("stick.gone", reason=str(error))
            return
        log.info("stick.found", place=str(place))
        self._say(Stick(StickPhase.READING))
        try:
            self._say(self._carry(folder))
        except OSError as error:
            log.warning("stick.broken_off", reason=str(error))
            phase = StickPhase.DAMAGED if folder.present() else StickPhase.PULLED
            if not self._closed:
                self._quiet_at = self._clock.ticks() + PULLED_FOR_S
                self._say(replace(self._stick or Stick(phase), phase=phase))
        finally:
            folder.close()

    def _carry(self, folder: StickFolder) -> Stick:
        """Take everything in, then write the journal; gives what to say at last."""
        phase = StickPhase.DONE
        index = self._index(folder)
        if index is not None:
            self._take_layers(folder)
            phase = self._take_packages(folder, index)
        said = self._stick or Stick(phase)
        if self._journal_key and self._journal.waiting():
            self._say(replace(said, phase=StickPhase.WRITING))
            try:
                self._write_journal(folder)
            except OSError as error:
                log.warning("stick.not_writable", reason=str(error))
                _still_in(folder)
                phase = StickPhase.UNWRITABLE
        return replace(said, phase=phase)

    def _index(self, folder: StickFolder) -> StickIndex | None:
        try:
            index = decode(folder.read(on_stick.INDEX, MAX_BYTES), StickIndex)
        except FileNotFoundError:
            return None
        except Unreadable as error:
            raise OSError(str(error)) from error
        if max(len(index.packages), len(index.layers)) > on_stick.MOST:
            raise OSError("the index is too long")
        return index

    def _take_layers(self, folder: StickFolder) -> None:
        for layer in self._documents.followed():
            try:
                self._layer_came(folder.read(on_stick.layer_path(layer), 2 * MAX_BYTES))
            except FileNotFoundError:
                continue

    # --- packages ---

    def _take_packages(self, folder: StickFolder, index: StickIndex) -> StickPhase:
        """Copy what the box lacks, what airs first in front; gives how that ended."""
        ahead = self._ahead()
        named = list(dict.fromkeys(one.name for one in index.packages))
        order = [name for name in ahead if name in named] + [name for name in named if name not in ahead]
        phase, done = StickPhase.DONE, 0
        for name in order:
            self._say(Stick(StickPhase.COPYING, done, len(order)))
            if not self._trust(folder, name):
                phase = StickPhase.DAMAGED
                continue
            ended = self._take_package(folder, name, planned=name in ahead)
            done += ended is StickPhase.DONE
            phase = phase if ended is StickPhase.DONE else ended
            self._packages_changed()
        self._say(Stick(StickPhase.COPYING, done, len(order)))
        return phase

    def _ahead(self) -> list[PackageName]:
        airings, _revisions = self._documents.timetable()
        coming = sorted((one for one in airings if one.end > self._clock.now()), key=lambda one: one.start)
        return list(dict.fromkeys(one.package for one in coming))

    def _trust(self, folder: StickFolder, name: PackageName) -> bool:
        """Whether the package may be taken; one that the box has already is judged by what the box has."""
        if self._store.manifest(name) is not None:
            return True
        try:
            data = folder.read(on_stick.package_path(name, MANIFEST_FILE), MAX_MANIFEST_BYTES)
            approval = folder.read(on_stick.package_path(name, on_stick.APPROVAL), MAX_APPROVAL_BYTES)
            approved = approval.decode("ascii")
        except (FileNotFoundError, ValueError) as error:
            log.warning("stick.package_unreadable", package=name, reason=str(error))
            _still_in(folder)
            return False
        if self._store.trusted(name, data, approval) is None:
            return False
        return self._store.take_manifest(name, data, approved) is not None

    def _take_package(self, folder: StickFolder, name: PackageName, *, planned: bool) -> StickPhase:
        """Copy the files that the box wants and the stick has."""
        for best in (False, True):
            if best and not planned:
                break
            for file in self._store.missing(name, best=best):
                if not planned and self._store.room(self._ahead()).free_bytes < file.bytes:
                    return StickPhase.FULL
                self._store.make_room(file.bytes)
                try:
                    if not self._copy(folder, name, file):
                        return StickPhase.DAMAGED
                except FileNotFoundError:
                    _still_in(folder)
        report = self._store.report(name)
        if report.playable:
            return StickPhase.DONE
        return StickPhase.FULL if not self._store.missing(name, best=False) else StickPhase.DAMAGED

    def _copy(self, folder: StickFolder, name: PackageName, file: PackageFile) -> bool:
        """One file, verified; nothing of it stays where it is not what the manifest says."""
        part = self._store.part(name, file)
        gathered = part.with_name(f"{part.name}.stick")
        try:
            with folder.open(on_stick.package_path(name, file.path)) as (source, length), gathered.open("wb") as target:
                if length != file.bytes:
                    return False
                while piece := source.read(_PIECE):
                    if self._closed:
                        raise Closing
                    target.write(piece)
            return self._store.accept(name, file, gathered)
        finally:
            gathered.unlink(missing_ok=True)

    # --- the journal ---

    def _write_journal(self, folder: StickFolder) -> None:
        """Everything that the server has not acknowledged, sealed; it stays in the journal until it is acknowledged."""
        signer, epoch, after = self._signer(), self._journal.epoch, 0
        while rows := self._journal.unacknowledged(sealing.ROWS, after):
            first, after = rows[0].sequence, rows[-1].sequence
            name = sealing.file_name(self._box, epoch, first, after)
            there = folder.names(on_stick.JOURNALS)
            if name in there:
                continue
            signed = signer.sign(EventBatch(box=self._box, epoch=epoch, events=rows))
            folder.write(f"{on_stick.JOURNALS}/{name}", sealing.seal(signed, self._journal_key))
            for older in there:
                if _is_part_of(older, name):
                    folder.remove(f"{on_stick.JOURNALS}/{older}")
            log.info("stick.journal_written", first=first, last=after)

    def _say(self, stick: Stick | None) -> None:
        if stick != self._stick:
            self._stick = stick
            self._post(events.StickChanged(stick))


def _still_in(folder: StickFolder) -> None:
    """What is not there may be because the stick is not there."""
    if not folder.present():
        raise OSError("pulled out")


def _is_part_of(older: str, name: str) -> bool:
    """Whether a file of this journal holds only rows that another one holds too."""
    was, now = _JOURNAL_FILE.fullmatch(older), _JOURNAL_FILE.fullmatch(name)
    if was is None or now is None or older == name or was.groups()[:2] != now.groups()[:2]:
        return False
    return int(now[3]) <= int(was[3]) and int(was[4]) <= int(now[4])
