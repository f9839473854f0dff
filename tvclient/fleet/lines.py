"""Imagined lines: how long bytes take, and when there is no line at all. Seeded, so that a fleet can be run again.

As TCP over a weak line feels to who sits at its end: nothing is lost, everything is late. A lost packet costs its
repetition, an outage everything until its end. What is carried: `wire.py` and `slow_http.py`.
"""

import random
import time
from bisect import bisect_right
from collections.abc import Callable
from enum import IntEnum
from threading import Lock

import msgspec

DAY_S = 86_400.0
PACKET_BYTES = 1400
REPEATED_AFTER_S = (0.2, 1.2)
"""A lost packet is sent again after so long, and what follows waits for it."""


class Quality(msgspec.Struct, frozen=True):
    """What a line is like.

    Attributes:
        kbps: kilobits per second each way; 0 for as fast as the machine.
        latency_ms: one way.
        loss: share of packets that must be repeated.
        outages_per_day, outage_s: how often there is no line, and how long on average.
    """

    kbps: float = 0.0
    latency_ms: float = 0.0
    loss: float = 0.0
    outages_per_day: float = 0.0
    outage_s: float = 0.0

    @property
    def flawless(self) -> bool:
        """Whether nothing is imagined."""
        return self == Quality(outage_s=self.outage_s)


QUALITIES = {
    "none": Quality(),
    "good": Quality(kbps=20_000, latency_ms=15, loss=0.0001, outages_per_day=0.2, outage_s=120),
    "village": Quality(kbps=1_000, latency_ms=60, loss=0.01, outages_per_day=2, outage_s=300),
    "bad": Quality(kbps=200, latency_ms=250, loss=0.05, outages_per_day=12, outage_s=600),
}


class Direction(IntEnum):
    """Which way bytes go."""

    UP = 0
    DOWN = 1


class Way:
    """One box's line, for everything that it says and hears. Safe to use from any thread."""

    def __init__(self, quality: Quality, dice: random.Random, now: Callable[[], float] = time.monotonic) -> None:
        """A line that begins now; `dice` decides about losses and outages."""
        self.quality, self.now = quality, now
        self._losses, self._breaks = random.Random(dice.random()), random.Random(dice.random())  # noqa: S311
        self._lock = Lock()
        self._free = [0.0, 0.0]
        self._arrived = [0.0, 0.0]
        self._began = self._known_until = now()
        self._starts: list[float] = []
        self._ends: list[float] = []

    def down_until(self, at: float) -> float | None:
        """The end of the outage in which this moment lies; None where there is a line."""
        with self._lock:
            return self._down_until(at)

    def arrival(self, direction: Direction, size: int) -> float:
        """When bytes that set out now arrive, behind all that set out before them."""
        with self._lock:
            begin = max(self.now(), self._free[direction])
            begin = self._down_until(begin) or begin
            end = begin + (size * 8 / (self.quality.kbps * 1000) if self.quality.kbps else 0.0)
            after = self._down_until(end)
            if after is not None:
                end = after + self._losses.uniform(*REPEATED_AFTER_S)
            self._free[direction] = end
            at = end + self.quality.latency_ms / 1000
            if self.quality.loss and self._losses.random() >= (1 - self.quality.loss) ** (1 + size // PACKET_BYTES):
                at += self._losses.uniform(*REPEATED_AFTER_S)
            self._arrived[direction] = max(at, self._arrived[direction])
            return self._arrived[direction]

    def outages(self) -> tuple[int, float]:
        """How many began so far, and how many seconds of them have passed."""
        now = self.now()
        with self._lock:
            self._foresee(now)
            begun = bisect_right(self._starts, now)
            return begun, sum(
                min(now, end) - start for start, end in zip(self._starts[:begun], self._ends, strict=False)
            )

    def _down_until(self, at: float) -> float | None:
        self._foresee(at)
        place = bisect_right(self._starts, at) - 1
        return self._ends[place] if place >= 0 and at < self._ends[place] else None

    def _foresee(self, until: float) -> None:
        """Outages up to a moment and one beyond it."""
        if not self.quality.outages_per_day or not self.quality.outage_s:
            return
        while self._known_until <= until:
            start = self._known_until + self._breaks.expovariate(self.quality.outages_per_day / DAY_S)
            self._starts.append(start)
            self._known_until = start + self._breaks.uniform(0.5, 1.5) * self.quality.outage_s
            self._ends.append(self._known_until)
