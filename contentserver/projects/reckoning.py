"""From lesson to income, with the evidence: sessions and sign-ins of televisions, adoptions and results of notes."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver.attendance import SessionRow, SignInRow
from contentserver.kernel import clock
from contentserver.projects import rules, service
from contentserver.projects.models import Household, Project, ProjectNote
from contentserver.projects.rules import Kind, Sum, Taken
from contentserver.regions import Region
from contentserver.stations import Station

AT_ONCE = 400
TOWNSHIP_DIGITS = 9


@dataclass(frozen=True, slots=True)
class LessonLine:
    """One lesson: how often its stations showed it, and how many of the households came to it at least once."""

    lesson_id: str
    title: str
    sessions: int
    came: int
    last_on: date | None


@dataclass(frozen=True, slots=True)
class Tile:
    """A township, or a village of a township's project, on the map: how many of its households have adopted."""

    code: str
    name: str
    households: int
    adopters: int

    @property
    def shade(self) -> int:
        """0 to 4."""
        return rules.shade(self.adopters, self.households)


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that a project's page and its report say, all from one look."""

    total: Sum
    lessons: Sequence[LessonLine]
    came: int
    """Households of which somebody came to a lesson."""
    tiles: Sequence[Tile]
    stalled: bool
    adopted: dict[UUID, Taken]
    results: dict[UUID, Taken]


def report_of(session: Session, row: Project, now: datetime) -> Report:
    """What came of a project so far."""
    here = [one for one in service.households_of(session, row) if one.left_on is None]
    notes = [_taken(one) for one in reversed(service.notes_of(session, row)) if one.withdrawn_at is None]
    total = rules.total({one.id: one.land_cmu for one in here}, notes)
    adopted = rules.last_of(notes, Kind.ADOPTION)
    lessons, came = _lessons(session, row, here, now)
    last = max((one.last_on for one in lessons if one.last_on), default=None)
    last_adoption = max((one.day for one in adopted.values()), default=None)
    today = clock.local(now).date()
    return Report(
        total=total,
        lessons=lessons,
        came=came,
        tiles=_tiles(session, row, here, adopted),
        stalled=row.ended_on is None and rules.stalled(total, last, last_adoption, today),
        adopted=adopted,
        results=rules.last_of(notes, Kind.RESULT),
    )


def stalled_projects(session: Session, root: str, now: datetime) -> list[Project]:
    """The projects under way of a subtree whose lesson should be shown once more."""
    rows = session.scalars(service.projects_of(root, over=False)).all()
    return [row for row in rows if report_of(session, row, now).stalled]


def _lessons(session: Session, row: Project, here: Sequence[Household], now: datetime) -> tuple[list[LessonLine], int]:
    """Its lessons at the stations of its households, since it began."""
    taught = service.lessons_of(session, row)
    stations = {one.station_id for one in here}
    members = {str(one.member_id) for one in here}
    since, _end = clock.instants_of(row.begun_on, row.begun_on)
    shown = session.scalars(
        select(SessionRow).where(
            SessionRow.lesson_id.in_([one.lesson_id for one in taught]),
            SessionRow.station_id.in_(stations),
            SessionRow.planned_start >= since,
            SessionRow.planned_start <= now,
            SessionRow.shown_ms > 0,
        )
    ).all()
    came: dict[str, set[str]] = defaultdict(set)
    lesson_of = {one.airing_id: one.lesson_id for one in shown}
    airings = sorted(lesson_of)
    for first in range(0, len(airings), AT_ONCE):
        some = airings[first : first + AT_ONCE]
        query = select(SignInRow.airing_id, SignInRow.member_id).where(SignInRow.airing_id.in_(some))
        for airing, member in session.execute(query):
            if member in members:
                came[lesson_of[airing]].add(member)
    lines = []
    for one in taught:
        its = [found for found in shown if found.lesson_id == one.lesson_id]
        last = max((clock.local(found.planned_start).date() for found in its), default=None)
        lines.append(LessonLine(one.lesson_id, one.title, len(its), len(came[one.lesson_id]), last))
    return lines, len(set().union(*came.values())) if came else 0


def _tiles(session: Session, row: Project, here: Sequence[Household], adopted: dict[UUID, Taken]) -> list[Tile]:
    """Townships below a county's project, villages below a township's."""
    digits = TOWNSHIP_DIGITS if len(row.region_code) < TOWNSHIP_DIGITS else TOWNSHIP_DIGITS + 3
    query = select(Station.id, Station.region_code).where(Station.id.in_({one.station_id for one in here}))
    where = {station: code[:digits] for station, code in session.execute(query)}
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for one in here:
        counts[where[one.station_id]][0] += 1
        counts[where[one.station_id]][1] += one.id in adopted
    names = dict(session.execute(select(Region.code, Region.name).where(Region.code.in_(counts))).all())
    return [Tile(code, names.get(code, code), *counts[code]) for code in sorted(counts)]


def _taken(note: ProjectNote) -> Taken:
    return Taken(
        Kind(note.kind), note.day, note.household_id, note.land_cmu, note.yield_dkg, note.income_fen, note.cost_fen
    )
