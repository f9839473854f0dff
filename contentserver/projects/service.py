"""Begin projects and change them; who takes part; what is noted. What it adds up to: `reckoning.py`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from uuid import UUID

from flask_babel import lazy_gettext as _
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from contentserver.audit import audit
from contentserver.courses import Lesson
from contentserver.kernel import clock
from contentserver.kernel.auth import Person
from contentserver.kernel.errors import Conflict, NotFound, Rejected
from contentserver.kernel.pagination import Page, paginate
from contentserver.members import Member, member_numbered
from contentserver.processes import owner
from contentserver.projects import rules
from contentserver.projects.models import (
    AIM_CHARS,
    NAME_CHARS,
    REASON_CHARS,
    TEXT_CHARS,
    Household,
    Project,
    ProjectLesson,
    ProjectNote,
    ProjectPhoto,
)
from contentserver.projects.rules import Fault, Model, Written
from contentserver.regions import region_asked, subtree_filter
from contentserver.stars import keep_photograph
from contentserver.stations import Station, station_named

PHOTOS = 4
MOST_HOUSEHOLDS = 2000


@dataclass(frozen=True, slots=True)
class Facts:
    """What somebody writes of a project."""

    region: str
    model: Model
    name: str
    begun_on: date | None
    aim: str = ""
    base: str = ""
    association: str = ""
    crop: str = ""
    baseline_dkg: int = 0


class NoteRefused(Rejected):
    """A note may not stand as it is; `faults` says why, field by field."""

    def __init__(self, faults: dict[str, Fault]) -> None:
        super().__init__("note_refused", _("Please look at this again."))
        self.faults = faults


class ChangedMeanwhile(Conflict):
    """Somebody else has saved the project since it was opened; `row` is how it stands now."""

    def __init__(self, row: Project) -> None:
        super().__init__("changed_meanwhile", _("Somebody else has changed this meanwhile."))
        self.row = row


def begin(session: Session, facts: Facts, who: Person, now: datetime) -> Project:
    """A new project.

    Raises:
        Rejected: something is missing or too long.
        Forbidden: the region lies outside the person's.
    """
    region_asked(session, facts.region, who)
    day = _checked(facts)
    row = Project(region_code=facts.region, begun_on=day, made_by=owner(who), made_at=now)
    _write(row, facts, day)
    session.add(row)
    session.flush()
    audit(session, who=who, action="project.begun", subject=subject_of(row), now=now, after=_told(row))
    return row


def change(session: Session, row: Project, facts: Facts, version: int, who: Person, now: datetime) -> None:
    """Other words for a project.

    Raises:
        ChangedMeanwhile: somebody else saved it first.
        Rejected: something is missing or too long.
    """
    session.refresh(row, with_for_update=True)
    if row.version != version:
        raise ChangedMeanwhile(row)
    region_asked(session, facts.region, who)
    day, before = _checked(facts), _told(row)
    _write(row, facts, day)
    row.region_code, row.version = facts.region, row.version + 1
    session.flush()
    audit(session, who=who, action="project.changed", subject=subject_of(row), now=now, before=before, after=_told(row))


def end(session: Session, row: Project, learnt: str, who: Person, now: datetime) -> None:
    """The project is over; what was learnt stands in its report. Ending it once more changes the words alone.

    Raises:
        Rejected: nobody said what came of it.
    """
    learnt = learnt.strip()
    if not learnt or len(learnt) > TEXT_CHARS:
        raise Rejected("learnt_missing", _("Say what came of it, for whoever begins the next one."))
    row.ended_on = row.ended_on or clock.local(now).date()
    row.lessons_learnt = learnt
    audit(session, who=who, action="project.ended", subject=subject_of(row), now=now, after={"learnt": learnt})


def go_on(session: Session, row: Project, who: Person, now: datetime) -> None:
    """It is under way again."""
    if row.ended_on is not None:
        row.ended_on = None
        audit(session, who=who, action="project.goes_on", subject=subject_of(row), now=now)


def teach(session: Session, row: Project, lesson_id: UUID, who: Person, now: datetime) -> None:
    """One more lesson belongs to it; twice changes nothing.

    Raises:
        NotFound: there is no such lesson where the person looks.
    """
    lesson = session.get(Lesson, lesson_id)
    if lesson is None or not _near(lesson.course.region_code, who.region_code):
        raise NotFound("lesson_unknown", _("There is no such lesson."))
    taught = lessons_of(session, row)
    if any(one.lesson_id == str(lesson_id) for one in taught):
        return
    session.add(ProjectLesson(project_id=row.id, lesson_id=str(lesson_id), title=lesson.title, place=len(taught)))
    session.flush()
    told = {"lesson": lesson.title}
    audit(session, who=who, action="project.lesson_added", subject=subject_of(row), now=now, after=told)


def drop_lesson(session: Session, row: Project, lesson_id: UUID, who: Person, now: datetime) -> None:
    """A lesson does not belong to it any more; what was noted of it stays."""
    found = session.get(ProjectLesson, (row.id, str(lesson_id)))
    if found is not None:
        session.delete(found)
        told = {"lesson": found.title}
        audit(session, who=who, action="project.lesson_dropped", subject=subject_of(row), now=now, before=told)


def take_part(
    session: Session, row: Project, station_id: UUID, number: str, land_cmu: int | None, who: Person, now: datetime
) -> Household:
    """A household takes part, known by the number of one of its members.

    Raises:
        Rejected: nobody at the station has the number, or the land is none; with the field.
        Conflict: it takes part already, or they are too many.
        Forbidden: the station lies outside the project's region.
    """
    station = station_named(session, station_id)
    if not station.region_code.startswith(row.region_code):
        sentence = _("This station lies outside the project's region.")
        raise Rejected("station_elsewhere", sentence, {"station": sentence})
    member = member_numbered(session, station_id, number.strip())
    if member is None:
        sentence = _("Nobody at this station has this number.")
        raise Rejected("number_unknown", sentence, {"number": sentence})
    if land_cmu is None or not 0 < land_cmu <= rules.LAND_MAX_CMU:
        sentence = _("How many mu of land, more than none?")
        raise Rejected("land_wrong", sentence, {"land": sentence})
    there = households_of(session, row)
    again = next((one for one in there if one.member_id == member.id), None)
    if again is not None and again.left_on is None:
        raise Conflict("takes_part", _("This household takes part already."))
    if len(there) >= MOST_HOUSEHOLDS:
        raise Conflict("too_many", _("A project has at most %(count)s households.", count=MOST_HOUSEHOLDS))
    today = clock.local(now).date()
    made = again or Household(project_id=row.id, station_id=station_id, member_id=member.id, joined_on=today)
    made.land_cmu, made.left_on = land_cmu, None
    session.add(made)
    session.flush()
    told = {"household": str(made.id), "land": land_cmu}
    audit(session, who=who, action="project.household_joined", subject=subject_of(row), now=now, after=told)
    return made


def leave(
    session: Session, row: Project, household_id: UUID, who: Person, now: datetime, *, back: bool = False
) -> None:
    """A household takes part no longer; with `back` it does again, as if it had never left."""
    found = _household(session, row, household_id)
    found.left_on = None if back else clock.local(now).date()
    action = "project.household_back" if back else "project.household_left"
    audit(session, who=who, action=action, subject=subject_of(row), now=now, after={"household": str(found.id)})


def note(
    session: Session,
    row: Project,
    written: Written,
    photographs: Sequence[bytes],
    folder: Path,
    who: Person,
    now: datetime,
) -> ProjectNote:
    """Note something.

    Raises:
        NoteRefused: a field is wrong.
        Rejected: a photograph is none, or they are too many.
        NotFound: the household is not of this project.
    """
    household = _household(session, row, written.household) if written.household else None
    wrong = rules.faults(
        written,
        begun_on=row.begun_on,
        today=clock.local(now).date(),
        household_land=household.land_cmu if household else None,
    )
    if wrong or written.day is None:
        raise NoteRefused(wrong)
    if len(photographs) > PHOTOS:
        raise Rejected("photographs_many", _("Choose at most %(number)s photographs at once.", number=PHOTOS))
    kept = [keep_photograph(folder, data) for data in photographs]
    figures = written.figures
    made = ProjectNote(
        project_id=row.id,
        household_id=written.household,
        kind=written.kind.value,
        day=written.day,
        text=written.text.strip()[:TEXT_CHARS],
        lesson_id=written.lesson if any(one.lesson_id == written.lesson for one in lessons_of(session, row)) else "",
        **{
            f"{name}_{unit}": figures.get(name) if name in rules.FIGURES[written.kind] else None
            for name, unit in _UNITS
        },
        by=owner(who),
        at=now,
    )
    session.add(made)
    session.flush()
    session.add_all(
        ProjectPhoto(note_id=made.id, digest=one.digest, width=one.width, height=one.height)
        for one in {found.digest: found for found in kept}.values()
    )
    told = {"note": str(made.id), "kind": made.kind, "day": made.day, "text": made.text}
    audit(session, who=who, action="project.noted", subject=subject_of(row), now=now, after=told)
    return made


def withdraw(session: Session, row: Project, note_id: UUID, why: str, who: Person, now: datetime) -> None:
    """A note does not count any more; it stays, with the reason.

    Raises:
        NotFound: it is not of this project.
        Rejected: nobody said why.
    """
    found = session.get(ProjectNote, note_id)
    if found is None or found.project_id != row.id:
        raise NotFound("note_unknown", _("There is no such note."))
    why = why.strip()[:REASON_CHARS]
    if not why:
        raise Rejected("reason_missing", _("Say why it does not count."))
    if found.withdrawn_at is None:
        found.withdrawn_at, found.withdrawn_by, found.why = now, owner(who), why
        told = {"note": str(found.id), "why": why}
        audit(session, who=who, action="project.note_withdrawn", subject=subject_of(row), now=now, after=told)


def project_with(session: Session, project_id: UUID) -> Project:
    """The project with this id.

    Raises:
        NotFound: there is none.
    """
    row = session.get(Project, project_id)
    if row is None:
        raise NotFound("project_unknown", _("There is no such project."))
    return row


def where_project(session: Session, project_id: UUID) -> str:
    """The code of the region in which a project lies."""
    return project_with(session, project_id).region_code


def page_of_projects(session: Session, query: Select[Project], number: int) -> Page[Project]:
    """One page of some projects, those under way first, the latest begun first."""
    order = (Project.ended_on.is_not(None), Project.begun_on.desc(), Project.id)
    return paginate(session, query.order_by(*order), number)


def projects_of(root: str, words: str = "", *, over: bool | None = None) -> Select[Project]:
    """The projects of a subtree."""
    query = select(Project).where(subtree_filter(Project.region_code, root))
    if words:
        query = query.where(Project.name.contains(words, autoescape=True))
    if over is not None:
        query = query.where(Project.ended_on.is_not(None) if over else Project.ended_on.is_(None))
    return query


def lessons_of(session: Session, row: Project) -> Sequence[ProjectLesson]:
    """Its lessons, in their order."""
    query = select(ProjectLesson).where(ProjectLesson.project_id == row.id)
    return session.scalars(query.order_by(ProjectLesson.place, ProjectLesson.lesson_id)).all()


def households_of(session: Session, row: Project) -> Sequence[Household]:
    """Everybody who takes part or took part, by station and number."""
    query = (
        select(Household)
        .join(Station, Station.id == Household.station_id)
        .join(Member, Member.id == Household.member_id)
    )
    query = query.where(Household.project_id == row.id)
    return session.scalars(query.order_by(Station.region_code, Member.number, Household.id)).all()


def notes_of(session: Session, *rows: Project) -> Sequence[ProjectNote]:
    """The notes of projects, the latest first."""
    query = select(ProjectNote).where(ProjectNote.project_id.in_([row.id for row in rows]))
    return session.scalars(query.order_by(ProjectNote.day.desc(), ProjectNote.at.desc(), ProjectNote.id.desc())).all()


def subject_of(row: Project) -> str:
    """As the audit trail names it."""
    return f"project {row.id}"


_UNITS = (("land", "cmu"), ("yield", "dkg"), ("income", "fen"), ("cost", "fen"))


def _near(code: str, root: str) -> bool:
    return code.startswith(root) or root.startswith(code)


def _household(session: Session, row: Project, household_id: UUID) -> Household:
    found = session.get(Household, household_id)
    if found is None or found.project_id != row.id:
        raise NotFound("household_unknown", _("There is no such household in this project."))
    return found


def _checked(facts: Facts) -> date:
    wrong: dict[str, object] = {}
    if not 0 < len(facts.name.strip()) <= NAME_CHARS:
        wrong["name"] = _("Give it a name of at most %(count)s characters.", count=NAME_CHARS)
    for name, value, most in (
        ("aim", facts.aim, AIM_CHARS),
        ("base", facts.base, NAME_CHARS),
        ("association", facts.association, NAME_CHARS),
        ("crop", facts.crop, 20),
    ):
        if len(value.strip()) > most:
            wrong[name] = _("At most %(count)s characters.", count=most)
    if facts.begun_on is None or not clock.EARLIEST <= facts.begun_on <= clock.LATEST:
        wrong["begun_on"] = _("Write the day like this: 2026-11-23.")
    if not 0 <= facts.baseline_dkg <= rules.YIELD_MAX_DKG:
        wrong["baseline"] = _("This is more than any field gives.")
    if wrong or facts.begun_on is None:
        raise Rejected("project_wrong", _("Please look at this again."), wrong)
    return facts.begun_on


def _write(row: Project, facts: Facts, day: date) -> None:
    row.model, row.name, row.aim = facts.model.value, facts.name.strip(), facts.aim.strip()
    row.base, row.association, row.crop = facts.base.strip(), facts.association.strip(), facts.crop.strip()
    row.baseline_dkg, row.begun_on = facts.baseline_dkg, day


def _told(row: Project) -> dict[str, object]:
    names = ("region_code", "model", "name", "aim", "base", "association", "crop", "baseline_dkg", "begun_on")
    return {name: getattr(row, name) for name in names}
