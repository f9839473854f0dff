"""Where the marks of a chart stand: bars by month, a year of days. Pure; `reports/charts.html` draws them.

Heights and places are numbers in the units of the chart's own box; colours and words are the template's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

LEVELS: Final = 5
"""Shades of a number, beside none for nothing."""
CELL: Final = 14
"""One day of a year, its gap included."""
WEEK: Final = 7


@dataclass(frozen=True, slots=True)
class Bars:
    """Two bars beside each other for each place: height 0 to 1 of the highest line.

    Attributes:
        top: what the highest line stands for.
        ticks: what each line stands for, from 0 up.
        pairs: heights of the earlier and of the later one.
    """

    top: int
    ticks: tuple[int, ...]
    pairs: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Day:
    """One square of a year: its column and row, and how dark it is (0 to `LEVELS`)."""

    day: date
    number: int
    column: int
    row: int
    level: int


@dataclass(frozen=True, slots=True)
class Year:
    """Squares by week (columns) and weekday (rows from Monday), and where each month begins.

    Attributes:
        bounds: the smallest number of each level from 1 up; empty where there is nothing.
    """

    days: tuple[Day, ...]
    months: tuple[tuple[int, date], ...]
    columns: int
    bounds: tuple[int, ...]


def bars(pairs: Sequence[tuple[int, int]]) -> Bars:
    """Bars of pairs of numbers, none below 0; the lines stand at round numbers."""
    highest = max((max(pair) for pair in pairs), default=0)
    step = round_step(highest)
    top = step * max(1, -(-highest // step))
    ticks = tuple(range(0, top + 1, step))
    return Bars(top, ticks, tuple((earlier / top, later / top) for earlier, later in pairs))


def round_step(highest: int, lines: int = 4) -> int:
    """A round distance (1, 2 or 5 times a power of ten) of which at most so many make the highest number."""
    power = 1
    while True:
        for step in (power, 2 * power, 5 * power):
            if step * lines >= highest:
                return step
        power *= 10


def bounds_of(numbers: Sequence[int]) -> tuple[int, ...]:
    """Where shades begin: five equal parts of the highest number, each a whole number and no two the same."""
    highest = max(numbers, default=0)
    return tuple(dict.fromkeys(max(1, -(-highest * place // LEVELS)) for place in range(LEVELS))) if highest else ()


def level_of(number: int, bounds: Sequence[int]) -> int:
    """0 for nothing, else the number of the shade, from 1; the highest number always has the darkest."""
    passed = sum(number >= bound for bound in bounds)
    return passed + LEVELS - len(bounds) if passed else 0


def year(numbers: Mapping[date, int], last: date) -> Year:
    """The 53 weeks until a day, in whole weeks from Monday."""
    monday = last - timedelta(days=last.weekday() + 52 * WEEK)
    bounds = bounds_of([number for day, number in numbers.items() if monday <= day <= last])
    days = []
    for place in range((last - monday).days + 1):
        day = monday + timedelta(days=place)
        number = numbers.get(day, 0)
        days.append(Day(day, number, place // WEEK, place % WEEK, level_of(number, bounds)))
    months = tuple((one.column, one.day) for one in days if one.day.day == 1)
    return Year(tuple(days), months, 53, bounds)


def part_level(part: int, whole: int) -> int:
    """The shade of a share: 0 for none, else 1 to `LEVELS` in equal steps."""
    return min(LEVELS, max(1, -(-part * LEVELS // whole))) if part and whole else 0
