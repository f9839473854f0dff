"""One thread that carries the MQTT of thousands of boxes: their links are real (`adapters/link.py`), paho is not.

A `WireClient` does what the link asks of paho's client, and no more: keeps what the broker has not confirmed, says it
again at the next connection, reconnects with a growing pause. Its bytes travel over an imagined line (`lines.py`). What
the packets are: `adapters/mqtt_packets.py`.
"""

import heapq
import itertools
import os
import random
import selectors
import time
from collections import deque
from collections.abc import Callable
from threading import Lock, Thread

import structlog

AT_ONCE = 200
"""So many connections are opened side by side."""

log = structlog.get_logger(__name__)


class Wire:
    """The selector, its timers, and the thread that turns them."""

    def __init__(self) -> None:
        """Begin to turn."""
        self.selector = selectors.DefaultSelector()
        self._lock = Lock()
        self._todo: deque[Callable[[], None]] = deque()
        self._timers: list[tuple[float, int, Callable[[], None]]] = []
        self._number = itertools.count()
        self._closed = False
        self._opening: set[object] = set()
        self._bell, self._ring = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self.selector.register(self._bell, selectors.EVENT_READ, None)
        self._thread = Thread(target=self._run, name="wire", daemon=True)
        self._thread.start()

    def call(self, work: Callable[[], None]) -> None:
        """Do it in the wire's thread, soon. From any thread."""
        with self._lock:
            first = not self._todo
            self._todo.append(work)
        if first:
            os.write(self._ring, b"!")

    def at(self, when: float, work: Callable[[], None]) -> None:
        """Do it at a reading of the monotonic clock. In the wire's thread alone."""
        heapq.heappush(self._timers, (when, next(self._number), work))

    def may_open(self, who: object) -> bool:
        """Whether one more connection may be opened now; `opened` gives the place back."""
        if len(self._opening) >= AT_ONCE:
            return False
        self._opening.add(who)
        return True

    def opened(self, who: object) -> None:
        """It stands, or was given up."""
        self._opening.discard(who)

    def close(self) -> None:
        """Stop turning; what is still open is cut."""
        self._closed = True
        self.call(lambda: None)
        self._thread.join(15)
        self.selector.close()
        os.close(self._bell)
        os.close(self._ring)

    def _run(self) -> None:
        while not self._closed:
            wait_s = max(0.0, self._timers[0][0] - time.monotonic()) if self._timers else None
            for key, mask in self.selector.select(wait_s):
                if key.data is None:
                    os.read(self._bell, 4096)
                else:
                    self._do(lambda key=key, mask=mask: key.data(mask))  # type: ignore[misc]
            self._do_all()
            now = time.monotonic()
            while self._timers and self._timers[0][0] <= now:
                self._do(heapq.heappop(self._timers)[2])

        self._do_all()

    def _do_all(self) -> None:
        with self._lock:
            todo, self._todo = self._todo, deque()
        for work in todo:
            self._do(work)

    @staticmethod
    def _do(work: Callable[[], None]) -> None:
        try:
            work()
        except Exception:  # one box's misfortune is not the others'
            log.exception("fleet.wire_failed")


def jittered(seconds: float) -> float:
    """About so long, so that not all come at once."""
    return seconds * random.uniform(0.7, 1.3)  # noqa: S311 - jitter, no secret
