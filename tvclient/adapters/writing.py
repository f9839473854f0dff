"""Facts on their way into the journal, in their order, whatever the disk is like.

On a full disk lessons go first, then the reserve is used; what still finds no room waits in memory, and the lesson
goes on. The journal itself: `journal.py`.
"""

import sqlite3
from collections import deque
from collections.abc import Callable
from datetime import datetime

import structlog

from schedules.wire.messages import EventBody
from tvclient.adapters.journal import Journal
from tvclient.adapters.reserve import PIECE

AGAIN_S = 2.0
GROW_EVERY_S = 60.0

log = structlog.get_logger(__name__)


class Writing:
    """One box's facts; used in one thread."""

    def __init__(self, journal: Journal, make_room: Callable[[int], int]) -> None:
        """Write into `journal`.

        Args:
            make_room: drops stored lessons until so many bytes are free; gives back how many became free.
        """
        self._journal, self._make_room = journal, make_room
        self._facts: deque[tuple[EventBody, datetime, int]] = deque()
        self._again_at = self._grow_at = 0.0

    def __len__(self) -> int:
        """Facts that are not on the disk."""
        return len(self._facts)

    def take(self, body: EventBody, at: datetime, uncertainty_ms: int) -> None:
        """A fact, after all that came before it; `write` puts it down."""
        self._facts.append((body, at, uncertainty_ms))

    def write(self, ticks: float) -> int:
        """Write what waits; what the disk refuses waits for the next try.

        Args:
            ticks: seconds of a monotonic clock.

        Returns:
            How many facts were written.
        """
        written = 0
        while self._facts and ticks >= self._again_at:
            if not self._append(*self._facts[0]):
                log.error("journal.write_failed", waiting=len(self._facts))
                self._again_at = ticks + AGAIN_S
                break
            self._facts.popleft()
            written += 1
        if not self._facts and ticks >= self._grow_at:
            self._grow_at = ticks + GROW_EVERY_S
            self._journal.reserve.grow()
        return written

    def _append(self, body: EventBody, at: datetime, uncertainty_ms: int) -> bool:
        for made_room in (self._nothing, self._log, self._lessons, self._reserve):
            if made_room():
                try:
                    self._journal.append(body, at, uncertainty_ms)
                except sqlite3.Error as error:
                    log.warning("journal.refused", reason=str(error))
                else:
                    return True
        return False

    @staticmethod
    def _nothing() -> bool:
        return True

    def _log(self) -> bool:
        return self._journal.reserve.needed() and self._journal.fold()

    def _lessons(self) -> bool:
        return self._journal.reserve.needed() and self._make_room(PIECE) > 0

    def _reserve(self) -> bool:
        if not self._journal.reserve.needed() or not self._journal.reserve.give():
            return False
        self._journal.fold()
        return True
