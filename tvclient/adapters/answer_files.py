"""Photographs and voice notes of answers on the box's disk: whole and verified, or not there; gone with their question.

Named by their content, so that none is fetched twice and none can be exchanged. One at a time, inside the server's
rules for the line, and only while no lesson is being fetched. Which are wanted: `core/answer_files.py`.
"""

import hashlib
import time
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import Final

import structlog

from schedules.wire.messages import AnswerFile
from tvclient.adapters.api import Api
from tvclient.adapters.clock import Clock
from tvclient.adapters.durable import write_durably
from tvclient.adapters.errors import AdapterError, Refused
from tvclient.adapters.ration import Ration
from tvclient.adapters.turning import OwnThread, Turn, Turning
from tvclient.core.events import Event, FilesChanged

BEHIND_LESSONS_S: Final = 5.0
"""So soon it is looked again whether lessons still come."""
RETRY_S: Final = 30.0
REFUSED_S: Final = 900.0
_DIGITS: Final = frozenset("0123456789abcdef")

log = structlog.get_logger(__name__)


class AnswerFiles:
    """One box's files of answers. Safe to use from any thread."""

    def __init__(
        self,
        folder: Path,
        api: Api,
        clock: Clock,
        ration: Ration,
        lessons_come: Callable[[], bool],
        post: Callable[[Event], None],
        run: Callable[[str, Turn], Turning] = OwnThread,
    ) -> None:
        """Nothing is touched before `keep` has said what is wanted.

        Args:
            lessons_come: whether lessons are being fetched just now.
        """
        self._folder, self._api, self._clock, self._ration, self._post = folder, api, clock, ration, post
        self._lessons_come = lessons_come
        self._lock = Lock()
        self._wanted: tuple[AnswerFile, ...] | None = None
        self._stored: dict[str, Path] = {}
        self._told: frozenset[str] | None = None
        self._again_at: dict[str, float] = {}
        self._closed = False
        self._running = run("answer_files", self.turn)

    def start(self) -> None:
        """Begin."""
        self._running.start()

    def close(self) -> None:
        """Stop; a file that was coming is not there."""
        self._closed = True
        self._running.close(5)

    def keep(self, files: tuple[AnswerFile, ...]) -> None:
        """Have these on the disk, the first ones first, and no others."""
        with self._lock:
            self._wanted = tuple(one for one in files if len(one.sha256) == 64 and _DIGITS.issuperset(one.sha256))
            self._again_at.clear()
        self._running.wake()

    def path(self, sha256: str) -> Path | None:
        """Where a file lies; None while it is not here."""
        return self._stored.get(sha256)

    def turn(self) -> float | None:
        """Drop what is wanted no more, and fetch what is missing; seconds until there may be more to do."""
        with self._lock:
            wanted = self._wanted
        if wanted is None or self._closed:
            return None
        try:
            self._look(wanted)
            for one in wanted:
                with self._lock:
                    if self._closed or wanted is not self._wanted:
                        return 0.0
                if one.sha256 in self._stored or self._again_at.get(one.sha256, 0) > time.monotonic():
                    continue
                if self._lessons_come():
                    return BEHIND_LESSONS_S
                self._fetch(one)
                self._tell()
        except OSError as error:
            log.warning("answer_files.disk", reason=str(error))
            return RETRY_S
        soonest = min((at for name, at in self._again_at.items() if name not in self._stored), default=None)
        return None if soonest is None else max(0.2, soonest - time.monotonic())

    def _look(self, wanted: tuple[AnswerFile, ...]) -> None:
        """What lies there and is whole stays; all else goes."""
        names = {one.sha256: one for one in wanted}
        for file in self._folder.iterdir() if self._folder.is_dir() else ():
            if file.name in self._stored and file.name in names:
                continue
            if file.name not in names or not _is(file, names[file.name]):
                file.unlink(missing_ok=True)
                self._stored.pop(file.name, None)
            else:
                self._stored[file.name] = file
        self._stored = {name: file for name, file in self._stored.items() if name in names}
        self._tell()

    def _fetch(self, one: AnswerFile) -> None:
        try:
            with self._ration.share(one.bytes, self._clock.now(), urgent=False):
                data = self._bytes_of(one)
        except AdapterError as error:
            log.info("answer_files.put_off", file=one.sha256, reason=str(error))
            self._put_off(one, REFUSED_S if isinstance(error, Refused) else RETRY_S)
            return
        if hashlib.sha256(data).hexdigest() != one.sha256:
            log.warning("answer_files.altered", file=one.sha256)
            self._put_off(one, REFUSED_S)
            return
        path = self._folder / one.sha256
        write_durably(path, data)
        self._stored[one.sha256] = path

    def _bytes_of(self, one: AnswerFile) -> bytes:
        data = bytearray()
        with self._api.answer_file(one.sha256) as (_, pieces):
            for piece in pieces:
                self._ration.spend(len(piece), self._clock.now())
                data += piece
                if len(data) > one.bytes or self._closed:
                    break
        return bytes(data)

    def _put_off(self, one: AnswerFile, seconds: float) -> None:
        self._again_at[one.sha256] = time.monotonic() + seconds

    def _tell(self) -> None:
        stored = frozenset(self._stored)
        if stored != self._told:
            self._told = stored
            self._post(FilesChanged(stored))


def _is(file: Path, wanted: AnswerFile) -> bool:
    """Whether a file is what its name says."""
    if not file.is_file() or file.stat().st_size != wanted.bytes:
        return False
    return hashlib.sha256(file.read_bytes()).hexdigest() == wanted.sha256
