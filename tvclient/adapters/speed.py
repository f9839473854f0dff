"""How fast the line is, from what was really fetched: a recent estimate that a single stall or burst does not move.

Knows neither files nor packages; `prefetch.py` tells it of each handful of transfers. What it says goes into the
report, and the server forecasts from it when a lesson will be ready.
"""

from collections import deque
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from threading import Lock

from schedules.wire.messages import LineReport
from tvclient.core.screens import LOCAL_ZONE

RECENT = timedelta(hours=2)
"""Samples older than the newest by more than this no longer count."""
MOST_SAMPLES = 120
SMALLEST_BYTES = 65_536
"""Less than this tells how long a question takes, not how fast the line is."""
LONGEST_S = 60.0
"""No sample weighs more: a box that slept in the middle of a transfer says nothing of its line."""


@dataclass(frozen=True, slots=True)
class _Sample:
    kbps: float
    seconds: float
    at: datetime


class Speed:
    """The estimate. Safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._samples: deque[_Sample] = deque(maxlen=MOST_SAMPLES)
        self._day: date | None = None
        self._today = 0

    def took(self, fetched_bytes: int, seconds: float, at: datetime) -> None:
        """Some transfers side by side brought so many bytes in so many seconds; the last ended at `at` (aware)."""
        with self._lock:
            day = at.astimezone(LOCAL_ZONE).date()
            self._today = fetched_bytes + (self._today if day == self._day else 0)
            self._day = day
            if fetched_bytes >= SMALLEST_BYTES and seconds > 0:
                self._samples.append(_Sample(fetched_bytes * 8 / 1000 / seconds, min(seconds, LONGEST_S), at))

    def report(self, now: datetime) -> LineReport | None:
        """The estimate at an instant (aware); None while too little was fetched."""
        with self._lock:
            if not self._samples:
                return None
            newest = self._samples[-1].at
            late = [one for one in self._samples if abs(newest - one.at) <= RECENT]
            today = self._today if now.astimezone(LOCAL_ZONE).date() == self._day else 0
            return LineReport(kbps=max(1, _rounded(_typical(late))), measured_at=newest, bytes_today=today)


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
