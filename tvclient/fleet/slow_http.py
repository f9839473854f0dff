"""HTTP over an imagined line (`lines.py`): the real transport, late by what the line costs, broken when it breaks."""

import time
from collections.abc import Callable, Iterator
from threading import Lock

import httpx

from tvclient.fleet.lines import Direction, Way

PATIENCE_S = 10.0
HANDSHAKE_TRIPS = 2
_PIECE = 16_384
_HEADERS = 600


class SlowTransport(httpx.BaseTransport):
    """One box's connections to its server. Safe to use from any thread."""

    def __init__(self, make: Callable[[], httpx.BaseTransport], way: Way | None) -> None:
        """`make` makes the real transport when one is needed; without a `way` nothing is late."""
        self._make, self._way = make, way
        self._lock = Lock()
        self._real: httpx.BaseTransport | None = None
        self._used = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request on its way, and wait for the answer's."""
        way = self._way
        if way is not None and way.down_until(way.now()) is not None:
            raise httpx.ConnectError("there is no line", request=request)
        real, fresh = self._take()
        try:
            if way is not None:
                trips = 1 + (HANDSHAKE_TRIPS * 2 if fresh else 0)
                size = _HEADERS + int(request.headers.get("Content-Length", 0))
                _wait(way, way.arrival(Direction.UP, size) + (trips - 1) * way.quality.latency_ms / 1000)
            answer = real.handle_request(request)
            if way is not None:
                _wait(way, way.arrival(Direction.DOWN, _HEADERS))
        except BaseException:
            self._give_back()
            raise
        answer.stream = _Stream(answer.stream, way, self._give_back)
        return answer

    def rest(self) -> None:
        """Close what nobody uses at this moment."""
        with self._lock:
            if self._real is None or self._used:
                return
            real, self._real = self._real, None
        real.close()

    def close(self) -> None:
        """Close all connections."""
        with self._lock:
            real, self._real = self._real, None
        if real is not None:
            real.close()

    def _take(self) -> tuple[httpx.BaseTransport, bool]:
        with self._lock:
            fresh = self._real is None
            if self._real is None:
                self._real = self._make()
            self._used += 1
            return self._real, fresh

    def _give_back(self) -> None:
        with self._lock:
            self._used -= 1


class _Stream(httpx.SyncByteStream):
    """An answer's bytes, as the line lets them through."""

    def __init__(
        self, real: httpx.SyncByteStream | httpx.AsyncByteStream, way: Way | None, done: Callable[[], None]
    ) -> None:
        if not isinstance(real, httpx.SyncByteStream):
            raise TypeError("a transport that waits gives a stream that waits")
        self._real, self._way, self._done = real, way, done

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._real:
            if self._way is None:
                yield piece
                continue
            for start in range(0, len(piece), _PIECE):
                part = piece[start : start + _PIECE]
                _wait(self._way, self._way.arrival(Direction.DOWN, len(part)))
                yield part

    def close(self) -> None:
        self._real.close()
        self._done()


def _wait(way: Way, until: float) -> None:
    wait_s = until - way.now()
    if wait_s > PATIENCE_S:
        raise httpx.ReadTimeout("the line broke")
    if wait_s > 0:
        time.sleep(wait_s)
