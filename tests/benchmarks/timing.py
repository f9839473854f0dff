"""Fifty boxes start one lesson: how far apart, by the box's clock and by Jellyfin SyncPlay's rule, on the same traces.

SyncPlay's rule as published (jellyfin-web, `syncPlay/core`): of the last eight exchanges the one with the least delay,
three at one second's distance and then one a minute; no drift; a picture less than 60 ms off is left alone. Both
rules are fed the very same exchanges. The oscillators, wandering with the day's warmth, the lines and the losses are
imagined and seeded; the clock is the real one.
"""

import random
import statistics
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import cos, pi

from schedules.wire.messages import TimeAnswer
from tests.benchmarks.measure import Result
from tvclient.adapters.clock import Clock

BOXES, EVENINGS = 50, 20
HOUR_S = 3600.0
ONLINE_S = 12 * HOUR_S
OFFLINE_S = 8 * HOUR_S
START_EVERY_S = 900.0
WARM_S = 2 * HOUR_S
DAY_S = 24 * HOUR_S
LOSS = 0.02
WANDER_PPM = 2.0
SYNCPLAY_LEFT_ALONE_MS = 60.0
TRACKED = 8
EPOCH = 1_795_000_000.0


@dataclass
class Box:
    """One box: a wall clock up to five minutes off, an oscillator up to 100 ppm wrong, a line of its own."""

    dice: random.Random
    mono: float = 0.0
    ours: Clock = field(init=False)
    theirs: deque[tuple[float, float]] = field(default_factory=lambda: deque(maxlen=TRACKED))

    def __post_init__(self) -> None:
        self.ppm = self.dice.uniform(-100, 100)
        self.warmest = self.dice.uniform(0, 2 * pi)
        self.wall_off_s = self.dice.uniform(-300, 300)
        self.way_s = self.dice.uniform(0.02, 0.08)
        self.lopsided_s = self.dice.uniform(-0.005, 0.005)
        self.jitter_s = self.dice.uniform(0.005, 0.04)
        self.ours = Clock(None, lambda: EPOCH + self.mono + self.wall_off_s, lambda: self.mono)

    def reading(self, true_s: float) -> float:
        """The box's oscillator at a true instant."""
        wandered = WANDER_PPM * DAY_S / (2 * pi) * (cos(self.warmest) - cos(2 * pi * true_s / DAY_S + self.warmest))
        return true_s + (true_s * self.ppm + wandered) / 1e6

    def exchange(self, true_s: float) -> None:
        """Ask at a true instant; both rules see the same four timestamps, or nothing where a packet is lost."""
        there = self.way_s + self.lopsided_s + self.dice.expovariate(1 / self.jitter_s)
        back = self.way_s - self.lopsided_s + self.dice.expovariate(1 / self.jitter_s)
        if self.dice.random() < 2 * LOSS:
            return
        asked, answered = self.reading(true_s), self.reading(true_s + there + back)
        received = EPOCH + true_s + there
        at = datetime.fromtimestamp(received, UTC)
        self.mono = answered
        self.ours.observe(asked, TimeAnswer(token="", received_at=at, sent_at=at), answered)
        self.theirs.append((answered - asked, received - (asked + answered) / 2))

    def off_ms(self, true_s: float) -> tuple[float, float]:
        """How much too late a start planned for a true instant would be: by our clock, and by theirs."""
        self.mono = self.reading(true_s)
        ours = self.ours.now().timestamp() - (EPOCH + true_s)
        theirs = self.mono + min(self.theirs)[1] - (EPOCH + true_s)
        return -1000 * ours, -1000 * theirs


def run(evenings: int = EVENINGS) -> list[Result]:
    """The spread of fifty starts, on line and after eight hours without one."""
    on_line: list[tuple[float, float]] = []
    off_line: list[tuple[float, float]] = []
    left_alone = [0, 0]
    for evening in range(evenings):
        boxes = [Box(random.Random(f"{evening}/{number}")) for number in range(BOXES)]
        starts = iter(_every(WARM_S, ONLINE_S, START_EVERY_S))
        start = next(starts)
        for asked in (1.0, 2.0, 3.0, *_every(60.0, ONLINE_S, 60.0)):
            for box in boxes:
                box.exchange(asked)
            if asked >= start:
                errors = [box.off_ms(asked + 30) for box in boxes]
                on_line.append(_spread(errors))
                for rule in (0, 1):
                    left_alone[rule] += sum(abs(error[rule]) < SYNCPLAY_LEFT_ALONE_MS for error in errors)
                start = next(starts, ONLINE_S + 1)
        errors = [box.off_ms(ONLINE_S + OFFLINE_S) for box in boxes]
        off_line.append(_spread(errors))
    starts_ms, silent_ms = [ours for ours, _ in on_line], [ours for ours, _ in off_line]
    print(
        f"{BOXES} clocks, {len(on_line)} starts: spread p99 {_p99(starts_ms):.1f} ms, SyncPlay's rule "
        f"{_p99([theirs for _, theirs in on_line]):.1f} ms; within its 60 ms: {left_alone[0]} and {left_alone[1]} of "
        f"{len(on_line) * BOXES}; after 8 h of silence {_p99(silent_ms):.0f} ms and "
        f"{_p99([theirs for _, theirs in off_line]):.0f} ms"
    )
    return [
        _line("50 clocks: p99 of the spread of starts, ms", starts_ms, 40.0, "one frame at 25 per second"),
        _ratio("the same, ratio", on_line),
        _line("50 clocks after 8 h without a line: p99, ms", silent_ms, 250.0, "SyncPlay's rule: see the ratio"),
        _ratio("the same, ratio", off_line),
    ]


def _every(first: float, last: float, step: float) -> list[float]:
    return [first + number * step for number in range(int((last - first) / step) + 1)]


def _spread(errors: list[tuple[float, float]]) -> tuple[float, float]:
    ours, theirs = zip(*errors, strict=True)
    return max(ours) - min(ours), max(theirs) - min(theirs)


def _p99(values: list[float]) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[98]


def _line(name: str, values: list[float], goal: float, against: str) -> Result:
    return Result(name=name, value=_p99(values), goal=goal, better="lower", against=against, samples=tuple(values))


def _ratio(name: str, spreads: list[tuple[float, float]]) -> Result:
    value = _p99([ours for ours, _ in spreads]) / _p99([theirs for _, theirs in spreads])
    samples = tuple(ours / theirs for ours, theirs in spreads)
    return Result(name=name, value=value, goal=1.0, better="lower", against="SyncPlay's rule", samples=samples)
