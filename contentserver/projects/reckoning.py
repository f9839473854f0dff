"""From lesson to income, with the evidence: sessions and sign-ins of televisions, adoptions and results of notes."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from contentserver.attendance import SessionRow, SignInRow
from contentserver.kernel import clock
from contentserver.projects import rules, service
from contentserver.projects.models import Household, Project, ProjectLesson, ProjectNote
from contentserver.projects.rules import Kind, Sum, Taken
from contentserver.regions import region_names
from contentserver.stations import Station

AT_ONCE = 400
TOWNSHIP_DIGITS = 9
_OF_HOUSEHOLD = (Household.project_id, Household.id, Household.land_cmu)


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
    notes = _standing(service.notes_of(session, row))
    total = rules.total({one.id: one.land_cmu for one in here}, notes)
    adopted = rules.last_of(notes, Kind.ADOPTION)
    lessons, came = _lessons(session, row, here, now)
    return Report(
        total=total,
        lessons=lessons,
        came=came,
        tiles=_tiles(session, row, here, adopted),
        stalled=row.id in stalled(session, [row.id], now),
        adopted=adopted,
        results=rules.last_of(notes, Kind.RESULT),
    )


def totals_of(session: Session, rows: Sequence[Project]) -> dict[UUID, Sum]:
    """What came of each project of a list, by its id."""
    land: dict[UUID, dict[UUID, int]] = {row.id: {} for row in rows}
    notes: dict[UUID, list[ProjectNote]] = {row.id: [] for row in rows}
    for project, household, cmu in session.execute(_here(land).with_only_columns(*_OF_HOUSEHOLD)):
        land[project][household] = cmu
    for note in service.notes_of(session, *rows):
        notes[note.project_id].append(note)
    return {row.id: rules.total(land[row.id], _standing(notes[row.id])) for row in rows}


def count_stalled(session: Session, root: str, now: datetime) -> int:
    """How many projects of a subtree have a lesson that should be shown once more."""
    return len(stalled(session, session.scalars(under_way(root)).all(), now))


def under_way(root: str) -> Select[UUID]:
    """The projects of a subtree that go on."""
    return service.projects_of(root, over=False).with_only_columns(Project.id)


def stalled(session: Session, projects: Collection[UUID], now: datetime) -> set[UUID]:
    """Those of some projects whose lesson should be shown once more; counted by the database, for every page asks."""
    going = (Project.id == Household.project_id) & Project.ended_on.is_(None)
    counted = _here(projects).join(Project, going).group_by(Household.project_id)
    households = dict(session.execute(counted.with_only_columns(Household.project_id, func.count())).all())
    adopting = (
        (ProjectNote.household_id == Household.id)
        & (ProjectNote.kind == Kind.ADOPTION)
        & ProjectNote.withdrawn_at.is_(None)
    )
    tried = _here(households).join(ProjectNote, adopting).group_by(Household.project_id)
    adoptions = {
        project: (adopters, last)
        for project, adopters, last in session.execute(
            tried.with_only_columns(
                Household.project_id, func.count(Household.id.distinct()), func.max(ProjectNote.day)
            )
        )
    }
    today, found = clock.local(now).date(), set()
    for project, last_lesson in _last_shown(session, households, now).items():
        adopters, last_adoption = adoptions.get(project, (0, None))
        if rules.stalled(households[project], adopters, last_lesson, last_adoption, today):
            found.add(project)
    return found


def _here(projects: Collection[UUID]) -> Select[Any]:
    """The households that take part in some projects."""
    return select(Household).where(Household.project_id.in_(projects), Household.left_on.is_(None))


def _last_shown(session: Session, projects: Collection[UUID], now: datetime) -> dict[UUID, date]:
    """When a lesson of each project was last shown at a station of its households; without those that never were."""
    where = _here(projects).with_only_columns(Household.project_id, Household.station_id).distinct().subquery()
    query = (
        select(where.c.project_id, Project.begun_on, func.max(SessionRow.planned_start))
        .join(Project, Project.id == where.c.project_id)
        .join(ProjectLesson, ProjectLesson.project_id == where.c.project_id)
        .join(
            SessionRow,
            (SessionRow.lesson_id == ProjectLesson.lesson_id) & (SessionRow.station_id == where.c.station_id),
        )
        .where(SessionRow.shown_ms > 0, SessionRow.planned_start <= now)
        .group_by(where.c.project_id, Project.begun_on)
    )
    days = ((project, begun, clock.local(last).date()) for project, begun, last in session.execute(query))
    return {project: last for project, begun, last in days if last >= begun}


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
    names = region_names(session, counts)
    return [Tile(code, names.get(code, code), *counts[code]) for code in sorted(counts)]


def _standing(notes: Sequence[ProjectNote]) -> list[Taken]:
    """Those that count, from the latest first to the earliest first."""
    return [_taken(one) for one in reversed(notes) if one.withdrawn_at is None]


def _taken(note: ProjectNote) -> Taken:
    return Taken(
        Kind(note.kind), note.day, note.household_id, note.land_cmu, note.yield_dkg, note.income_fen, note.cost_fen
    )
