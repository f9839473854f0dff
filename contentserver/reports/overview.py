"""Put the overview of a region together: tiles, months, a year of days, what lies below, courses, subjects.

Everything comes from figures; nothing here looks at sessions or events.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver.courses import Course
from contentserver.figures import (
    ALL_COURSES,
    Attendance,
    Figures,
    Sums,
    attendance_by_day,
    figures_and_courses,
    joined,
    sums_by_month,
)
from contentserver.regions import Region, children_of
from contentserver.reports import rules
from contentserver.reports.rules import Against, Period
from contentserver.reports.service import stations_count


@dataclass(frozen=True, slots=True)
class Asked:
    """What an overview is asked for.

    Attributes:
        course: the title of the only course that counts; empty for all of them.
        other: the period to compare with.
    """

    period: Period
    course: str = ALL_COURSES
    against: Against = Against.NOTHING
    other: Period | None = None


@dataclass(frozen=True, slots=True)
class Measured:
    """The figures of one thing, and what they were in the other period; `stations` there are now."""

    name: str
    code: str
    stations: int
    now: Figures
    then: Figures | None

    @property
    def showing(self) -> int:
        """Stations that showed something, never more than there are."""
        return min(len(self.now.stations), self.stations)

    @property
    def showing_then(self) -> int:
        """The same in the other period."""
        return min(len(self.then.stations), self.stations) if self.then else 0


@dataclass(frozen=True, slots=True)
class Month:
    """One month by its first day, beside the same month a year earlier."""

    first: date
    now: Sums
    year_ago: Sums


@dataclass(frozen=True, slots=True)
class Overview:
    """A region in a period. `titles` are all courses, also where only one of them was asked for."""

    region: Region
    asked: Asked
    whole: Measured
    rows: list[Measured]
    courses: list[Measured]
    subjects: list[Measured]
    months: list[Month]
    days: dict[date, Attendance]
    titles: list[str]

    @property
    def empty(self) -> bool:
        """Nothing was planned or reported in the period."""
        return not (self.whole.now.sums.sessions or self.whole.now.sums.planned)

    @property
    def reasons(self) -> list[tuple[str, int]]:
        """Why planned airings were not shown, the most frequent first."""
        return sorted(self.whole.now.reasons.items(), key=lambda one: (-one[1], one[0]))


def asked_by(arguments: Mapping[str, str], today: date) -> Asked:
    """What the arguments of an address ask for."""
    named = rules.span_asked(arguments.get("span", ""), today)
    period = named or rules.period_asked(arguments.get("from", ""), arguments.get("to", ""), today)
    against, other = rules.against_asked(
        arguments.get("against", ""), arguments.get("against_from", ""), arguments.get("against_to", ""), period
    )
    return Asked(period, arguments.get("course", ""), against, other)


def overview(session: Session, region: Region, asked: Asked) -> Overview:
    """The overview of a region."""
    children = children_of(session, region.code)
    nodes = [region.code, *(child.code for child in children)]
    period, other = asked.period, asked.other
    now, courses_now = figures_and_courses(session, nodes, period.first, period.last, asked.course)
    then: Mapping[str, Figures] = {}
    courses_then: Mapping[str, Figures] | None = None
    if other:
        then, courses_then = figures_and_courses(session, nodes, other.first, other.last, asked.course)
    below = _stations_below(session, region.code, nodes)
    rows = [
        Measured(
            one.name,
            one.code,
            below[one.code],
            now[one.code],
            then.get(one.code),
        )
        for one in (region, *children)
    ]
    every = _courses(courses_now, courses_then, rows[0].stations)
    courses = [one for one in every if asked.course in (ALL_COURSES, one.name)]
    return Overview(
        region=region,
        asked=asked,
        whole=rows[0],
        rows=rows[1:],
        courses=courses,
        subjects=_subjects(session, courses),
        months=_months(session, region.code, asked),
        titles=[one.name for one in every],
        days=attendance_by_day(session, region.code, period.last - timedelta(days=371), period.last, asked.course),
    )


def _stations_below(session: Session, root: str, nodes: Sequence[str]) -> Counter[str]:
    """How many stations stand in each of some regions, or below it."""
    lengths, found = {len(one) for one in nodes}, Counter[str]()
    for code, number in stations_count(session, root, max(lengths)).items():
        for length in lengths:
            if len(code) >= length:
                found[code[:length]] += number
    return found


def _courses(now: Mapping[str, Figures], then: Mapping[str, Figures] | None, stations: int) -> list[Measured]:
    titles = sorted(now.keys() | (then or {}).keys())
    return [
        Measured(title, "", stations, now.get(title, Figures()), None if then is None else then.get(title, Figures()))
        for title in titles
    ]


def _subjects(session: Session, courses: Sequence[Measured]) -> list[Measured]:
    """The courses together by their subject; under an empty name those that have none."""
    subjects = _subjects_of(session)
    found: dict[str, list[Measured]] = {}
    for one in courses:
        found.setdefault(subjects.get(one.name, ""), []).append(one)
    return [
        Measured(
            name,
            "",
            several[0].stations,
            joined(one.now for one in several),
            None if several[0].then is None else joined(one.then for one in several if one.then is not None),
        )
        for name, several in sorted(found.items(), key=lambda one: (not one[0], one[0]))
    ]


def _subjects_of(session: Session) -> Mapping[str, str]:
    query = select(Course.title, Course.subject).where(Course.subject != "").order_by(Course.created_at.desc())
    return dict(session.execute(query).all())


def _months(session: Session, code: str, asked: Asked) -> list[Month]:
    firsts = rules.months_until(asked.period.last)
    earlier = rules.a_year_earlier(firsts[0])
    sums = sums_by_month(session, code, earlier, firsts[-1], asked.course)
    return [Month(one, sums.get(one, Sums()), sums.get(rules.a_year_earlier(one), Sums())) for one in firsts]
