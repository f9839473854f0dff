"""Attendance in numbers: cells of sessions become totals, rows by region, and days. Pure.

A rate is never stored or averaged: it is always the quotient of the two sums shown beside it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

ON_TIME_MS = 5000
"""A session that begins at most this late began on time."""
WHOLE_SHARE = 0.95
"""A session of which this share was shown was shown whole."""
LONGEST = timedelta(days=366)
EARLIEST, LATEST = date(2000, 1, 1), date(2999, 12, 31)
"""What lies outside was mistyped."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """Sums over sessions; `expected` and `present` count attendances, the others sessions."""

    sessions: int = 0
    expected: int = 0
    present: int = 0
    on_time: int = 0
    whole: int = 0

    def __add__(self, other: "Numbers") -> "Numbers":
        return Numbers(*(getattr(self, field.name) + getattr(other, field.name) for field in fields(self)))


@dataclass(frozen=True, slots=True)
class Cell:
    """The sessions of one region that were planned for one instant (aware UTC)."""

    region_code: str
    planned_start: datetime
    numbers: Numbers


@dataclass(frozen=True, slots=True)
class Period:
    """Local days, both included."""

    first: date
    last: date

    def instants(self, zone: str) -> tuple[datetime, datetime]:
        """Start (included) and end (not included), aware."""
        start = datetime.combine(self.first, datetime.min.time(), ZoneInfo(zone))
        end = datetime.combine(self.last + timedelta(days=1), datetime.min.time(), ZoneInfo(zone))
        return start, end


def period_asked(first: str, last: str, today: date) -> Period:
    """The period of an address; the month so far where it says nothing, at most a year, never back to front."""
    end = _date(last) or today
    start = _date(first) or (end.replace(day=1) if not last else end - timedelta(days=30))
    if start > end:
        start, end = end, start
    return Period(first=max(start, end - LONGEST), last=end)


def total(cells: Iterable[Cell]) -> Numbers:
    """The sums of all cells."""
    return sum((cell.numbers for cell in cells), start=Numbers())


def by_region(cells: Iterable[Cell], codes: Sequence[str]) -> dict[str, Numbers]:
    """Sums for each of some regions, those without sessions included; a cell belongs to the region it lies in."""
    sums = dict.fromkeys(codes, Numbers())
    for cell in cells:
        for code in codes:
            if cell.region_code.startswith(code):
                sums[code] += cell.numbers
    return sums


def by_day(cells: Iterable[Cell], zone: str) -> dict[date, Numbers]:
    """Sums for each local day that had sessions, in order."""
    sums: dict[date, Numbers] = {}
    for cell in cells:
        day = cell.planned_start.astimezone(ZoneInfo(zone)).date()
        sums[day] = sums.get(day, Numbers()) + cell.numbers
    return dict(sorted(sums.items()))


def _date(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if EARLIEST <= found <= LATEST else None
