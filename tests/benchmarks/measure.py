"""Measure two ways of doing one thing in turn, A B A B, and keep the ratios pair by pair.

These machines are shared: single times say little, the median of paired ratios says much.
"""

import statistics
import time
from collections.abc import Callable

import msgspec


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the table.

    Attributes:
        value: the median of the ratios.
        goal: what it should be at most (or at least, see `better`).
        against: what it is compared with.
        samples: every pair's ratio.
    """

    name: str
    value: float
    goal: float
    better: str
    against: str
    samples: tuple[float, ...]

    @property
    def met(self) -> bool:
        """Whether the goal is reached."""
        return self.value <= self.goal if self.better == "lower" else self.value >= self.goal


def ratio(ours: Callable[[], None], theirs: Callable[[], None], pairs: int) -> tuple[float, ...]:
    """Wall time of `ours` over wall time of `theirs`, for each of `pairs` runs in turn."""
    ours()
    theirs()
    return tuple(_seconds(ours) / _seconds(theirs) for _ in range(pairs))


def result(name: str, samples: tuple[float, ...], *, goal: float, better: str, against: str) -> Result:
    """A line of the table from paired ratios."""
    return Result(
        name=name, value=statistics.median(samples), goal=goal, better=better, against=against, samples=samples
    )


def _seconds(work: Callable[[], None]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
