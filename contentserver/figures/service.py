"""Keep the buckets true and read them. What changed is marked where sessions are derived (`attendance.StaleDay`).

A station's day is computed from its sessions and its timetable (`planning.py`), a region's day from the days of what
lies below it, a month from its days; each from scratch.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import groupby
from typing import Any, cast
from uuid import UUID

import msgspec
from pyroaring import BitMap, FrozenBitMap
from sqlalchemy import Select, Table, bindparam, delete, insert, or_, select
from sqlalchemy.orm import Session

from contentserver.attendance import SessionRow, SignInRow, StaleDay
from contentserver.figures import planning, rules
from contentserver.figures.models import Bucket, PersonOrdinal, StationOrdinal
from contentserver.figures.rules import ALL_COURSES, DAY, MONTH, NAMES, Attendance, Figures, Planned, Sums
from contentserver.kernel import clock
from contentserver.regions import Region
from contentserver.stations import Station

AT_ONCE = 200
"""Marks taken up by one unit of work."""
DAYS_TOGETHER = 100
"""Days of a region whose parts are held at once."""
Days = set[tuple[str, date]]
"""Nodes and days."""
ByDay = Mapping[date, Mapping[str, Figures]]
"""Figures of days or months by their first day, and by course."""


def refresh(session: Session) -> int:
    """Compute anew what was marked as changed, and everything above it.

    Returns:
        How many marks there were; `AT_ONCE` means that there may be more.
    """
    marks = session.execute(
        select(StaleDay.id, StaleDay.station_id, StaleDay.day).order_by(StaleDay.id).limit(AT_ONCE)
    ).all()
    if not marks:
        return 0
    compute(session, {(station, day) for _id, station, day in marks})
    session.execute(delete(StaleDay).where(StaleDay.id <= marks[-1][0]))
    return len(marks)


def compute(session: Session, changed: Iterable[tuple[UUID, date]]) -> None:
    """Compute the buckets of some stations' days and of everything above them."""
    days = set(changed)
    homes = dict(session.execute(select(Station.id, Station.region_code)).all())
    planned = {
        day: planning.planned_on(session, day, {one: homes[one] for one in stations if one in homes})
        for day, stations in _grouped((day, station) for station, day in days)
    }
    for station, its in _grouped(days):
        for some in _parts(its):
            _keep(session, str(station), DAY, some, _of_sessions(session, station, some, planned))
    months: Days = {(str(station), rules.month_of(day)) for station, day in days}
    level: Days = {(homes[station], day) for station, day in days if station in homes}
    parents = dict(session.execute(select(Region.code, Region.parent_code)).all())
    while level:
        deepest = max(len(code) for code, _day in level)
        here = {one for one in level if len(one[0]) == deepest}
        for code, its in _grouped(here):
            below = _below(session, code)
            for some in _parts(its):
                _keep(session, code, DAY, some, _joined(session, below, some))
        months |= {(code, rules.month_of(day)) for code, day in here}
        level = (level - here) | {(up, day) for code, day in here if (up := parents.get(code)) is not None}
    for node, its in _grouped(months):
        _keep(session, node, MONTH, its, {first: _days(session, node, first) for first in its})


def _grouped(pairs: Iterable[tuple[Any, Any]]) -> Iterator[tuple[Any, list[Any]]]:
    """What belongs to each first of some pairs, in order."""
    ordered = sorted(pairs, key=lambda one: (str(one[0]), str(one[1])))
    for key, several in groupby(ordered, key=lambda one: one[0]):
        yield key, [one for _key, one in several]


def _parts(days: Sequence[date]) -> Iterator[Sequence[date]]:
    """Days that are read and written together."""
    for first in range(0, len(days), DAYS_TOGETHER):
        yield days[first : first + DAYS_TOGETHER]


def figures_of(
    session: Session, nodes: Sequence[str], first: date, last: date, course: str = ALL_COURSES
) -> dict[str, Figures]:
    """The figures of some stations or regions in a period, both days included; each node has an entry."""
    found: dict[str, list[Any]] = {node: [] for node in nodes}
    for row in _buckets(session, _OF_NODES, nodes, first, last, {"course": course}):
        found[row[0]].append(row)
    return {node: _together(several) for node, several in found.items()}


def figures_by_course(session: Session, node: str, first: date, last: date) -> dict[str, Figures]:
    """The figures of each course that was reported in a period, by its title."""
    rows = _buckets(session, _OF_COURSES, [node], first, last, {"course": ALL_COURSES})
    return dict(sorted(_by_first_column(rows).items()))


def figures_and_courses(
    session: Session, nodes: Sequence[str], first: date, last: date, course: str = ALL_COURSES
) -> tuple[dict[str, Figures], dict[str, Figures]]:
    """What `figures_of` gives for some nodes, and `figures_by_course` for the first of them, by one reading."""
    by_node: dict[str, list[Any]] = {node: [] for node in nodes}
    by_course: dict[str, list[Any]] = defaultdict(list)
    for title, *row in _buckets(session, _WITH_COURSES, nodes, first, last, {"course": course, "node": nodes[0]}):
        if title == course:
            by_node[row[0]].append(row)
        if title != ALL_COURSES and row[0] == nodes[0]:
            by_course[title].append(row)
    return (
        {node: _together(several) for node, several in by_node.items()},
        {title: _together(several) for title, several in sorted(by_course.items())},
    )


def figures_by_day(session: Session, node: str, first: date, last: date) -> dict[date, Figures]:
    """The figures of each day that has any, in order."""
    rows = _between(session, _OF_DAYS, node, DAY, first, last)
    return {row[0]: _together([row]) for row in rows}


def attendance_by_day(
    session: Session, node: str, first: date, last: date, course: str = ALL_COURSES
) -> dict[date, Attendance]:
    """What came to each day that has anything, in order."""
    rows = _between(session, _ATTENDANCE, node, DAY, first, last, course)
    return {day: Attendance(*numbers) for day, *numbers in rows}


def sums_by_month(session: Session, node: str, first: date, last: date, course: str = ALL_COURSES) -> dict[date, Sums]:
    """The sums of each month that has any, by its first day, in order; months that begin in the period."""
    rows = _between(session, _SUMS, node, MONTH, first, last, course)
    return {month: Sums(*numbers) for month, *numbers in rows}


_C: Any = cast(Table, Bucket.__table__).c
"""Buckets are read by the hundred: as rows, without an object for each, by questions that are made once."""
_NUMBERS = [_C[name] for name in NAMES]
_VALUES = (_C.people, _C.stations, _C.reasons, *_NUMBERS)

_OF_PIECES = (
    _C.node.in_(bindparam("nodes", expanding=True)),
    _C.grain == bindparam("grain"),
    _C.first.in_(bindparam("firsts", expanding=True)),
)
_OF_NODES = select(_C.node, *_VALUES).where(*_OF_PIECES, _C.course == bindparam("course"))
_OF_COURSES = select(_C.course, *_VALUES).where(*_OF_PIECES, _C.course != bindparam("course"))
_WITH_COURSES = select(_C.course, _C.node, *_VALUES).where(
    *_OF_PIECES, or_(_C.course == bindparam("course"), _C.node == bindparam("node"))
)
_ALL = select(_C.course, *_VALUES).where(*_OF_PIECES)
_ALL_BY_DAY = select(_C.first, _C.course, *_VALUES).where(*_OF_PIECES)
_AFTER = (
    select(_C.node)
    .where(
        _C.node.in_(bindparam("nodes", expanding=True)),
        _C.grain == DAY,
        _C.first.between(bindparam("after"), bindparam("end")),
    )
    .limit(1)
)


def _of_stretch(*columns: Any) -> Select[Any]:
    """Columns of one node's days or months, by their first day and in order."""
    of_stretch = (
        _C.node == bindparam("node"),
        _C.grain == bindparam("grain"),
        _C.first.between(bindparam("begin"), bindparam("end")),
        _C.course == bindparam("course"),
    )
    return select(_C.first, *columns).where(*of_stretch).order_by(_C.first)


_OF_DAYS = _of_stretch(*_VALUES)
_ATTENDANCE = _of_stretch(*(_C[name] for name in Attendance._fields))
_SUMS = _of_stretch(*_NUMBERS)


def _between(
    session: Session, query: Select[Any], node: str, grain: str, first: date, last: date, course: str = ALL_COURSES
) -> Iterable[Any]:
    asked = {"node": node, "grain": grain, "begin": first, "end": last, "course": course}
    return session.execute(query, asked).all()


def _buckets(
    session: Session,
    query: Select[Any],
    nodes: Sequence[str],
    first: date,
    last: date,
    others: Mapping[str, str],
) -> Iterator[Any]:
    """The buckets of a period, the fewest that make it up; one question for each grain, so that the key answers it."""
    pieces = rules.pieces(first, _widened(session, nodes, first, last))
    for grain in (MONTH, DAY):
        if firsts := [begin for one, begin in pieces if one == grain]:
            yield from session.execute(query, {"nodes": nodes, "grain": grain, "firsts": firsts, **others}).all()


def _widened(session: Session, nodes: Sequence[str], first: date, last: date) -> date:
    """The end of the month where nothing has come after the last day yet: this month so far is then one bucket."""
    end = rules.month_end(last)
    if first > rules.month_of(last) or last == end:
        return last
    after = {"nodes": nodes, "after": last + timedelta(days=1), "end": end}
    return last if session.execute(_AFTER, after).first() else end


def _by_first_column(rows: Iterable[Any]) -> dict[Any, Figures]:
    found: dict[Any, list[Any]] = defaultdict(list)
    for row in rows:
        found[row[0]].append(row)
    return {key: _together(several) for key, several in found.items()}


def _together(rows: Sequence[Any]) -> Figures:
    """Buckets (a key, then `_VALUES`) joined as `rules.joined` joins figures; what several hold alike is read once."""
    if not rows:
        return Figures()
    _keys, people, stations, reasons, *numbers = zip(*rows, strict=True)
    return Figures(Sums(*map(sum, numbers)), _union(people), _union(stations), _added(reasons))


def _union(kept: Iterable[bytes]) -> FrozenBitMap:
    return FrozenBitMap.union(*(FrozenBitMap.deserialize(one) for one in {*kept} if one), FrozenBitMap())


def _added(kept: Iterable[str]) -> dict[str, int]:
    found = Counter[str]()
    for text, times in Counter(kept).items():
        if text:
            found.update({code: times * n for code, n in msgspec.json.decode(text, type=dict[str, int]).items()})
    return dict(found)


def _of_sessions(
    session: Session, station: UUID, days: Sequence[date], planned: Mapping[date, Mapping[UUID, Sequence[Planned]]]
) -> ByDay:
    return {day: rules.by_course(_sessions(session, station, day), planned[day].get(station, ())) for day in days}


def _sessions(session: Session, station: UUID, day: date) -> list[rules.SessionFacts]:
    start, end = clock.instants_of(day, day)
    row = SessionRow
    rows = session.scalars(
        select(row).where(row.station_id == station, row.planned_start >= start, row.planned_start < end)
    ).all()
    people = _people(session, station, [one.airing_id for one in rows])
    number = _station_ordinal(session, station) if rows else None
    return [
        rules.SessionFacts(
            course=one.course_title or one.lesson_title,
            planned_ms=one.planned_ms,
            shown_ms=one.shown_ms,
            late_ms=one.late_ms,
            complete=one.complete,
            missed=bool(one.missed_reason),
            expected=one.expected,
            present=one.present,
            guests=one.guests,
            credit_ms=one.credit_ms,
            people=people[one.airing_id],
            airing=one.airing_id,
            station=number,
            reason=one.missed_reason,
        )
        for one in rows
    ]


def _people(session: Session, station: UUID, airings: Sequence[str]) -> Mapping[str, frozenset[int]]:
    """Who came to some sessions, by ordinals; those who have none yet get one."""
    rows = session.execute(
        select(SignInRow.airing_id, SignInRow.member_id).where(
            SignInRow.station_id == station, SignInRow.airing_id.in_(airings)
        )
    ).all()
    ordinals = _ordinals(session, {member for _airing, member in rows})
    found: dict[str, set[int]] = defaultdict(set)
    for airing, member in rows:
        found[airing].add(ordinals[member])
    return defaultdict(frozenset, {airing: frozenset(several) for airing, several in found.items()})


def _ordinals(session: Session, members: set[str]) -> dict[str, int]:
    known = select(PersonOrdinal.member_id, PersonOrdinal.id).where(PersonOrdinal.member_id.in_(members))
    found = dict(session.execute(known).all())
    if missing := members - found.keys():
        session.execute(insert(PersonOrdinal), [{"member_id": member} for member in sorted(missing)])
        found = dict(session.execute(known).all())
    return found


def _station_ordinal(session: Session, station: UUID) -> int:
    known = select(StationOrdinal.id).where(StationOrdinal.station_id == station)
    if session.scalar(known) is None:
        session.execute(insert(StationOrdinal), [{"station_id": station}])
    return session.scalars(known).one()


def _below(session: Session, code: str) -> list[str]:
    """The stations of a region and the regions in it, as nodes."""
    stations = session.scalars(select(Station.id).where(Station.region_code == code))
    regions = session.scalars(select(Region.code).where(Region.parent_code == code))
    return [*map(str, stations), *regions]


def _days(session: Session, node: str, first: date) -> dict[str, Figures]:
    """A month from its days."""
    asked = {"nodes": [node], "grain": DAY, "firsts": rules.days_of_month(first)}
    return _by_first_column(session.execute(_ALL, asked).all())


def _joined(session: Session, nodes: Collection[str], days: Sequence[date]) -> ByDay:
    """Days of some nodes together, by their courses and of all courses together."""
    found: dict[date, list[Any]] = defaultdict(list)
    for day, *row in session.execute(_ALL_BY_DAY, {"nodes": nodes, "grain": DAY, "firsts": days}).all():
        found[day].append(row)
    return {day: _by_first_column(rows) for day, rows in found.items()}


def _keep(session: Session, node: str, grain: str, firsts: Sequence[date], found: ByDay) -> None:
    """Put some days or months of a node in place of those that stood there."""
    stood = (Bucket.node == node, Bucket.grain == grain, Bucket.first.in_(firsts))
    session.execute(delete(Bucket).where(*stood))
    rows = [_row(node, grain, first, *one) for first in firsts for one in found.get(first, {}).items()]
    if rows:
        session.execute(insert(Bucket), rows)


def _row(node: str, grain: str, first: date, course: str, figures: Figures) -> dict[str, object]:
    sums = {name: getattr(figures.sums, name) for name in NAMES}
    people, stations = BitMap(figures.people), BitMap(figures.stations)
    people.run_optimize()
    stations.run_optimize()
    return {
        "node": node,
        "grain": grain,
        "first": first,
        "course": course,
        "people": people.serialize(),
        "stations": stations.serialize() if stations else b"",
        "reasons": msgspec.json.encode(dict(sorted(figures.reasons.items()))).decode() if figures.reasons else "",
        **sums,
    }
