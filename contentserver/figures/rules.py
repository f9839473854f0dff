"""What may be added, and how a period falls into whole months and single days. Pure.

Sums add; people do not: somebody who came twice is one person. So each bucket carries who came, and joining two buckets
joins the sets.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, timedelta
from operator import attrgetter
from typing import Final, NamedTuple

from pyroaring import FrozenBitMap

DAY: Final = "day"
MONTH: Final = "month"
ALL_COURSES: Final = ""
ON_TIME_MS: Final = 5000
"""A session that begins at most this late began on time."""
WHOLE_PERCENT: Final = 95
"""A session of which this share was shown was shown whole."""

UNREPORTED: Final = "unreported"
NOTHING_SHOWN: Final = "nothing_shown"
"""Why an airing was not shown where no box said why: nothing came from the station at all, or no picture did."""

Piece = tuple[str, date]
"""A grain and the first day of it."""


@dataclass(frozen=True, slots=True)
class Sums:
    """What adds over sessions.

    Attributes:
        sessions: airings that a station reported, shown or not.
        held: those of which something was shown; `whole`, `on_time`: of them; `missed`: those that were not.
        expected, present, guests: attendances: members on the roll, those who signed in, others who were counted.
        planned_ms, shown_ms: lesson time of `sessions`; `credit_ms`: lesson time that counts, of all people together.
        planned: airings that the timetable asked for on days that are over, `timetable_ms` long together.
        kept: those of `planned` of which something was shown. `held` may be more: today, and what nobody had planned.
    """

    sessions: int = 0
    held: int = 0
    whole: int = 0
    on_time: int = 0
    missed: int = 0
    expected: int = 0
    present: int = 0
    guests: int = 0
    planned_ms: int = 0
    shown_ms: int = 0
    credit_ms: int = 0
    planned: int = 0
    kept: int = 0
    timetable_ms: int = 0

    def __add__(self, other: "Sums") -> "Sums":
        return Sums(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(self)))


NAMES: Final = tuple(one.name for one in fields(Sums))
_numbers = attrgetter(*NAMES)


@dataclass(frozen=True, slots=True)
class Figures:
    """Sums, and who stands behind them.

    Attributes:
        people, stations: ordinals of the people who came, and of the stations that showed something.
        reasons: why planned airings were not shown, how many by code; together `sums.planned - sums.kept`.
    """

    sums: Sums = Sums()
    people: FrozenBitMap = field(default_factory=FrozenBitMap)
    stations: FrozenBitMap = field(default_factory=FrozenBitMap)
    reasons: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SessionFacts:
    """What a bucket needs of one session."""

    course: str
    planned_ms: int
    shown_ms: int
    late_ms: int | None
    complete: bool
    missed: bool
    expected: int
    present: int
    guests: int
    credit_ms: int
    people: frozenset[int]
    airing: str = ""
    station: int | None = None
    reason: str = ""


class Attendance(NamedTuple):
    """What came to one day: sessions shown, attendances expected and had; a year of them is read in a moment."""

    held: int
    expected: int
    present: int


@dataclass(frozen=True, slots=True)
class Planned:
    """One airing that a station was to show."""

    airing: str
    course: str
    duration_ms: int


def figures_of_session(one: SessionFacts) -> Figures:
    """One session as figures."""
    whole = one.complete or (one.planned_ms > 0 and 100 * one.shown_ms >= WHOLE_PERCENT * one.planned_ms)
    sums = Sums(
        sessions=1,
        held=int(one.shown_ms > 0),
        whole=int(one.shown_ms > 0 and whole),
        on_time=int(one.late_ms is not None and one.late_ms <= ON_TIME_MS),
        missed=int(one.missed),
        expected=one.expected,
        present=one.present,
        guests=one.guests,
        planned_ms=one.planned_ms,
        shown_ms=one.shown_ms,
        credit_ms=one.credit_ms,
    )
    showing = () if one.station is None or not sums.held else (one.station,)
    return Figures(sums, FrozenBitMap(one.people), FrozenBitMap(showing))


def figures_of_plan(one: Planned, sessions: Mapping[str, SessionFacts]) -> Figures:
    """One planned airing as figures, held against what the station reported; `sessions` by their airings."""
    session = sessions.get(one.airing)
    kept = session is not None and session.shown_ms > 0
    reason = UNREPORTED if session is None else session.reason or NOTHING_SHOWN
    sums = Sums(planned=1, kept=int(kept), timetable_ms=one.duration_ms)
    return Figures(sums, reasons={} if kept else {reason: 1})


def joined(several: Iterable[Figures]) -> Figures:
    """All of them together, each person once."""
    parts = list(several)
    if len(parts) < 2:
        return parts[0] if parts else Figures()
    reasons = Counter[str]()
    for one in parts:
        reasons.update(one.reasons)
    return Figures(
        Sums(*map(sum, zip(*(_numbers(one.sums) for one in parts), strict=True))),
        FrozenBitMap.union(*(one.people for one in parts)),
        FrozenBitMap.union(*(one.stations for one in parts)),
        dict(reasons),
    )


def by_course(sessions: Sequence[SessionFacts], planned: Iterable[Planned] = ()) -> dict[str, Figures]:
    """The figures of each course, and of all together under `ALL_COURSES`; nothing where there is nothing."""
    found: dict[str, list[Figures]] = {}
    known = {one.airing: one for one in sessions}
    parts = [(one.course, figures_of_session(one)) for one in sessions]
    parts += [(one.course, figures_of_plan(one, known)) for one in planned]
    for course, figures in parts:
        for key in {ALL_COURSES, course}:
            found.setdefault(key, []).append(figures)
    return {course: joined(several) for course, several in found.items()}


def month_of(day: date) -> date:
    """The first day of its month."""
    return day.replace(day=1)


def pieces(first: date, last: date) -> list[Piece]:
    """A period, both days included, as whole months where they lie within it, else as days; in order."""
    found: list[Piece] = []
    day = first
    while day <= last:
        after = next_month(day)
        if day.day == 1 and after <= last + timedelta(days=1):
            found.append((MONTH, day))
            day = after
        else:
            found.append((DAY, day))
            day += timedelta(days=1)
    return found


def month_end(day: date) -> date:
    """The last day of its month."""
    return next_month(day) - timedelta(days=1)


def days_of_month(first: date) -> list[date]:
    """Every day of the month that begins then."""
    return [first + timedelta(days=after) for after in range((next_month(first) - first).days)]


def next_month(day: date) -> date:
    """The first day of the month after."""
    return (month_of(day) + timedelta(days=32)).replace(day=1)
