"""Measure two ways of doing one thing in turn, A B A B, and keep the ratios pair by pair.

These machines are shared: single times say little, the median of paired ratios says much.
"""

import gc
import resource
import statistics
import time
from collections.abc import Callable

import msgspec


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the table.

    Attributes:
        value: the median of the ratios, or the ratio of sums where the name says of what.
        goal: what it should be at most (or at least, see `better`); None where the figure only stands beside another.
        against: what it is compared with.
        samples: every pair's ratio.
    """

    name: str
    value: float
    goal: float | None
    better: str
    against: str
    samples: tuple[float, ...]

    @property
    def met(self) -> bool:
        """Whether the goal is reached."""
        if self.goal is None:
            return True
        return self.value <= self.goal if self.better == "lower" else self.value >= self.goal


class Cost(msgspec.Struct, frozen=True):
    """What a piece of work took: seconds on the wall, and seconds of processors in the programs that it started."""

    wall_s: float
    processor_s: float


def cost(work: Callable[[], None]) -> Cost:
    """Do work that other programs do for us, and say what it took."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    wall_s = _seconds(work)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return Cost(wall_s, after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime)


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


def seconds(name: str, work: Callable[[], object], rounds: int, *, goal: float, share: float = 0.95) -> Result:
    """A line of the table from single times: so many of a hundred took at most that long, after a first one.

    What was there before is out of the garbage collector's sight, as in the web program (`serving.py`).
    """
    work()
    gc.collect()
    gc.freeze()
    samples = []
    for _round in range(rounds):
        begun = time.perf_counter()
        work()
        samples.append(time.perf_counter() - begun)
    rank = "median" if share == 0.5 else f"p{share * 100:.0f}"
    return Result(
        name=f"{name}, {rank}",
        value=sorted(samples)[min(int(len(samples) * share), len(samples) - 1)],
        goal=goal,
        better="lower",
        against="seconds, not a ratio",
        samples=tuple(samples),
    )


def _seconds(work: Callable[[], None]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
