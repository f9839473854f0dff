"""What everybody may know of branches: where they are, how many people, which roles are filled, what is on there.

Never who; figures are those of the programme, which everybody reads anyway.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contentserver.guide import monday_of, shown_between
from contentserver.members import Branch, Node, branch_tree, people_in, roles_filled
from contentserver.regions import Region, children_of, subtree_filter
from contentserver.stations import Station
from schedules.airings import Airing

TOWNSHIP: Final = 9
"""Digits of a township's code: its branches and those below it are one tree on one page."""
STATIONS_MOST: Final = 60


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page of branches stands: on the way down, or at a township's or a village's tree."""

    below: Sequence[tuple[Region, int]]
    nodes: Sequence[Node]


@dataclass(frozen=True, slots=True)
class Told:
    """What the page of one branch says.

    Attributes:
        week: what its station shows this week, where it has one station; `lessons` this month up to now.
    """

    people: int
    roles: Sequence[str]
    parent: Branch | None
    below: Sequence[Branch]
    stations: Sequence[Station]
    more_stations: int
    week: Sequence[Airing]
    lessons: int


def place_of(session: Session, code: str, *, dissolved: bool) -> Place:
    """What is found at a region; levels with a single way down and no branch of their own are passed over."""
    if len(code) >= TOWNSHIP:
        return Place((), branch_tree(session, code, dissolved=dissolved))
    counts = _counts(session, code, dissolved=dissolved)
    below = _below(session, code, counts)
    while len(below) == 1 and not counts.get(code) and len(below[0][0].code) < TOWNSHIP:
        code = below[0][0].code
        below = _below(session, code, counts)
    own = select(Branch).where(Branch.region_code == code).order_by(Branch.name, Branch.id)
    rows = session.scalars(own if dissolved else own.where(Branch.dissolved_on.is_(None))).all() if code else ()
    people = people_in(session, [row.id for row in rows])
    return Place(below, [Node(row, people.get(row.id, 0)) for row in rows])


def told_of(session: Session, row: Branch, now: datetime, today: date) -> Told:
    """What everybody reads of a branch."""
    below = select(Branch).where(Branch.parent_id == row.id, Branch.dissolved_on.is_(None))
    theirs = subtree_filter(Station.region_code, row.region_code)
    query = select(Station).where(theirs).order_by(Station.region_code, Station.name, Station.id)
    stations = session.scalars(query.limit(STATIONS_MOST)).all()
    count = session.scalar(select(func.count()).select_from(Station).where(theirs)) or 0
    week: Sequence[Airing] = ()
    lessons = 0
    if count == 1:
        monday, code = monday_of(today), stations[0].region_code
        week = shown_between(session, code, monday, monday + timedelta(days=7))
        month = shown_between(session, code, today.replace(day=1), today + timedelta(days=1))
        lessons = len({one.lesson.id for one in month if one.start <= now})
    return Told(
        people=people_in(session, [row.id]).get(row.id, 0),
        roles=roles_filled(session, row.id),
        parent=session.get(Branch, row.parent_id) if row.parent_id else None,
        below=session.scalars(below.order_by(Branch.region_code, Branch.name, Branch.id)).all(),
        stations=stations,
        more_stations=count - len(stations),
        week=week,
        lessons=lessons,
    )


def all_branches(session: Session) -> Sequence[Branch]:
    """Every branch that stands."""
    return session.scalars(select(Branch).where(Branch.dissolved_on.is_(None)).order_by(Branch.id)).all()


def _counts(session: Session, code: str, *, dissolved: bool) -> Mapping[str, int]:
    """How many branches lie in each region of a subtree itself."""
    query = select(Branch.region_code, func.count()).where(subtree_filter(Branch.region_code, code))
    if not dissolved:
        query = query.where(Branch.dissolved_on.is_(None))
    return dict(session.execute(query.group_by(Branch.region_code)).all())


def _below(session: Session, code: str, counts: Mapping[str, int]) -> list[tuple[Region, int]]:
    """The regions directly below in which there are branches, and how many."""
    top = select(Region).where(Region.parent_code.is_(None)).order_by(Region.code)
    regions = children_of(session, code) if code else session.scalars(top).all()
    found = defaultdict[str, int](int)
    for region, count in counts.items():
        for one in regions:
            if region.startswith(one.code):
                found[one.code] += count
    return [(one, found[one.code]) for one in regions if found[one.code]]
