"""How fast the line is, from what was really fetched: a recent estimate that a single stall or burst does not move.

Knows neither files nor packages; `origin.py` tells it of its transfers. What it says goes into the report, and the
server forecasts from it when a lesson will be ready.
"""

import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from threading import Lock

import msgspec

from schedules.wire.messages import LineReport

RECENT = timedelta(hours=2)
"""Samples older than the newest by more than this no longer count."""
MOST_SAMPLES = 120
SMALLEST_BYTES = 65_536
"""Less than this tells how long a question takes, not how fast the line is."""
LONGEST_S = 60.0
"""No sample weighs more: a box that slept in the middle of a transfer says nothing of its line."""
SAMPLE_BYTES = 1_000_000
"""While transfers go on side by side, so many bytes make a sample."""


class _Sample(msgspec.Struct, frozen=True):
    kbps: float
    seconds: float
    at: datetime


class Speed:
    """The estimate. Safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._samples: deque[_Sample] = deque(maxlen=MOST_SAMPLES)

    def took(self, fetched_bytes: int, seconds: float, at: datetime) -> None:
        """Some transfers side by side brought so many bytes in so many seconds; the last ended at `at` (aware)."""
        with self._lock:
            if fetched_bytes >= SMALLEST_BYTES and seconds > 0:
                self._samples.append(_Sample(fetched_bytes * 8 / 1000 / seconds, min(seconds, LONGEST_S), at))

    def report(self, bytes_today: int = 0) -> LineReport | None:
        """The estimate, with what the server gave today; None while too little was fetched."""
        with self._lock:
            if not self._samples:
                return None
            newest = self._samples[-1].at
            late = [one for one in self._samples if abs(newest - one.at) <= RECENT]
            return LineReport(kbps=max(1, _rounded(_typical(late))), measured_at=newest, bytes_today=bytes_today)


class Meter:
    """Makes samples of transfers that overlap: what came while at least one ran. Safe to use from any thread."""

    def __init__(self, speed: Speed, now: Callable[[], datetime], ticks: Callable[[], float] = time.monotonic) -> None:
        """Tell `speed`; `now` is the instant (aware), `ticks` seconds of a clock that only goes forward."""
        self._speed, self._now, self._ticks = speed, now, ticks
        self._lock = Lock()
        self.running = self._bytes = 0
        self._busy = self._since = 0.0

    @contextmanager
    def transfer(self) -> Iterator[Callable[[int], None]]:
        """One transfer runs; it says how many bytes have come."""
        with self._lock:
            if not self.running:
                self._since = self._ticks()
            self.running += 1
        try:
            yield self._came
        finally:
            with self._lock:
                self.running -= 1
                if not self.running:
                    self._count(SMALLEST_BYTES)

    def _came(self, fetched_bytes: int) -> None:
        with self._lock:
            self._bytes += fetched_bytes
            if self._bytes >= SAMPLE_BYTES:
                self._count(SAMPLE_BYTES)

    def _count(self, enough: int) -> None:
        """Time spent so far; with enough bytes it makes a sample."""
        ticks = self._ticks()
        self._busy, self._since = self._busy + ticks - self._since, ticks
        if self._bytes >= enough:
            self._speed.took(self._bytes, self._busy, self._now())
            self._bytes, self._busy = 0, 0.0


def _typical(samples: list[_Sample]) -> float:
    """The median by time: half of the time spent fetching, the line was at least this fast."""
    half = sum(one.seconds for one in samples) / 2
    spent = 0.0
    for one in sorted(samples, key=lambda one: one.kbps):
        spent += one.seconds
        if spent >= half:
            return one.kbps
    return samples[-1].kbps


def _rounded(kbps: float) -> int:
    """Two digits say enough: a third would only make reports differ."""
    step: int = 10 ** max(0, len(str(int(kbps))) - 2)
    return round(kbps / step) * step
