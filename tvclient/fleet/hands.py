"""A few hands that give turns to thousands: whoever is due first comes first, nobody is in two hands at once.

Fulfils `adapters/turning.py` for a fleet. A hand that waits for a weak line is busy; so those who wait and those who
must be on time have hands of their own (`fleet_means.py`).
"""

import heapq
import itertools
import time
from threading import Condition, Lock, Thread

import structlog

from tvclient.adapters.turning import Turn

AFTER_FAILURE_S = 5.0
_LATER = float("inf")

log = structlog.get_logger(__name__)


class Taken:
    """One part of one box that is given turns."""

    def __init__(self, hands: "Hands", turn: Turn) -> None:
        self.turn = turn
        self.due = _LATER
        self.started = self.busy = self.woken = self.closed = False
        self._hands = hands

    def start(self) -> None:
        """See `Turning`."""
        self.started = True
        self.wake()

    def wake(self) -> None:
        """See `Turning`."""
        self._hands.hasten(self)

    def close(self, within_s: float) -> None:
        """See `Turning`."""
        self._hands.drop(self, within_s)


class Hands:
    """So many threads, and who is due next."""

    def __init__(self, name: str, count: int) -> None:
        """Begin to wait for work."""
        lock = Lock()
        self._idle, self._first, self._ended = Condition(lock), Condition(lock), Condition(lock)
        self._lock = lock
        self._queue: list[tuple[float, int, Taken]] = []
        self._number = itertools.count()
        self._first_until: float | None = None
        self._closed = False
        self._threads = [Thread(target=self._work, name=f"{name}-{one}", daemon=True) for one in range(count)]
        for thread in self._threads:
            thread.start()

    def take(self, turn: Turn) -> Taken:
        """Somebody to be given turns, from its `start` on."""
        return Taken(self, turn)

    def hasten(self, one: Taken) -> None:
        """Its next turn comes at once."""
        with self._lock:
            if one.busy:
                one.woken = True
            elif one.started and not one.closed:
                self._plan(one, time.monotonic())

    def drop(self, one: Taken, within_s: float) -> None:
        """It gets no more turns; wait for the one under way."""
        with self._lock:
            one.closed, one.due = True, _LATER
            self._ended.wait_for(lambda: not one.busy, within_s)

    def close(self) -> None:
        """Let the hands rest; turns under way end."""
        with self._lock:
            self._closed = True
            self._idle.notify_all()
            self._first.notify_all()
        for thread in self._threads:
            thread.join(15)

    def _plan(self, one: Taken, at: float) -> None:
        if at >= one.due:
            return
        one.due = at
        heapq.heappush(self._queue, (at, next(self._number), one))
        if self._first_until is None:
            self._idle.notify()
        elif at < self._first_until:
            self._first.notify()

    def _work(self) -> None:
        while (one := self._next()) is not None:
            try:
                pause_s = one.turn()
            except Exception:  # a box that fails is no reason to leave the others alone
                log.exception("fleet.turn_failed")
                pause_s = AFTER_FAILURE_S
            with self._lock:
                one.busy = False
                if one.closed:
                    self._ended.notify_all()
                elif one.woken:
                    self._plan(one, time.monotonic())
                elif pause_s is not None:
                    self._plan(one, time.monotonic() + pause_s)

    def _next(self) -> Taken | None:
        """Who is due; one hand waits for the earliest, the others wait for work."""
        with self._lock:
            while not self._closed:
                while self._queue and self._queue[0][2].due != self._queue[0][0]:
                    heapq.heappop(self._queue)
                now = time.monotonic()
                if self._queue and self._queue[0][0] <= now:
                    one = heapq.heappop(self._queue)[2]
                    one.due, one.busy, one.woken = _LATER, True, False
                    if self._queue and self._first_until is None:
                        self._idle.notify()
                    return one
                if not self._queue or self._first_until is not None:
                    self._idle.wait()
                    continue
                self._first_until = self._queue[0][0]
                self._first.wait(self._first_until - now)
                self._first_until = None
        return None
