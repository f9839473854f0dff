"""Find questions: the list that somebody asks for, one with all that belongs to it; who may know of one."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _
from sqlalchemy import Select, and_, case, func, or_, select
from sqlalchemy.orm import Session

from contentserver.accounts import Account
from contentserver.consultations import rules, searching, words
from contentserver.consultations.models import Case, CaseAnswer, CaseFile, CaseOutcome, KnowledgeEntry
from contentserver.consultations.routing import as_expert, owner
from contentserver.consultations.rules import State, Urgency
from contentserver.courses import Course, Lesson, courses_seen_from
from contentserver.kernel.auth import Person, Right, Role
from contentserver.kernel.errors import Forbidden, NotFound
from contentserver.members import Member
from contentserver.regions import ancestors_and_self, path_of, subtree_filter
from contentserver.stations import Station

QUEUE, MINE, OVERDUE, ALL = "queue", "mine", "overdue", "all"
WHOSE = (QUEUE, MINE, OVERDUE, ALL)
EARLIER, SIMILAR = 6, 5
OPEN_STATES = (State.OPEN.value, State.TAKEN.value)


@dataclass(frozen=True, slots=True)
class Asked:
    """Which questions are looked for; empty for any."""

    whose: str = ALL
    topic: str = ""
    state: str = ""
    region: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer, by whom, with its lesson and files."""

    answer: CaseAnswer
    by: str
    lesson: Lesson | None
    files: Sequence[CaseFile]


@dataclass(frozen=True, slots=True)
class Whole:
    """A question with all that belongs to it, as somebody may see it."""

    case: Case
    station: Station
    path: Sequence[str]
    member: Member | None
    lesson: Lesson | None
    files: Sequence[CaseFile]
    answers: Sequence[Answered]
    outcomes: Sequence[CaseOutcome]
    entry: KnowledgeEntry | None
    earlier: Sequence[Case]
    similar: Sequence[Case]
    names: Mapping[UUID, str]


def found(session: Session, who: Person, asked: Asked, now: datetime) -> Select[Any]:
    """The questions that somebody looks for: the urgent and the late first in a queue, else the newest."""
    query = select(Case).where(subtree_filter(Case.region_code, who.region_code), *_seen_by(who))
    if asked.region:
        query = query.where(subtree_filter(Case.region_code, asked.region))
    if asked.topic:
        query = query.where(Case.topic == asked.topic)
    if asked.state:
        query = query.where(Case.state == asked.state)
    if asked.words:
        query = query.where(Case.id.in_(searching.matching(session, searching.CASES, asked.words)))
    late = and_(Case.state.in_(OPEN_STATES), Case.due_at <= now)
    match asked.whose:
        case "queue":
            query = query.where(_in_queue(session, who))
        case "mine":
            query = query.where(Case.claimed_by == owner(who))
        case "overdue":
            query = query.where(late)
        case _:
            return query.order_by(Case.asked_at.desc(), Case.id.desc())
    first = case((late, 0), (Case.urgency == Urgency.URGENT.value, 1), else_=2)
    return query.order_by(first, Case.due_at, Case.id)


def waiting(session: Session, who: Person) -> int:
    """How many questions wait: for an expert those that nobody has taken, for whoever directs those to look through."""
    if who.role is Role.EXPERT:
        waits = _in_queue(session, who) & (Case.state == State.OPEN.value)
    else:
        waits = Case.state == State.WAITING.value
    query = select(func.count(Case.id)).where(subtree_filter(Case.region_code, who.region_code), waits, *_seen_by(who))
    return session.scalar(query) or 0


def known_to(session: Session, case_id: UUID, who: Person) -> Case:
    """A question that somebody may know of.

    Raises:
        NotFound: there is none, or it was not looked through and they do not look through questions.
        Forbidden: it lies outside their region.
    """
    found = session.get(Case, case_id)
    if found is None:
        raise NotFound("case_unknown", _("There is no such question."))
    if not who.reaches(found.region_code):
        raise Forbidden("out_of_scope", _("This lies outside your region."))
    if found.state in rules.HIDDEN and not who.may(Right.DIRECT_CASES):
        raise NotFound("case_unknown", _("There is no such question."))
    return found


def file_known_to(session: Session, file_id: UUID, who: Person) -> CaseFile:
    """A file of a question that somebody may know of.

    Raises:
        NotFound, Forbidden: as of its question.
    """
    row = session.get(CaseFile, file_id)
    if row is None:
        raise NotFound("file_unknown", _("There is no such file."))
    known_to(session, row.case_id, who)
    return row


def whole(session: Session, case: Case, who: Person) -> Whole:
    """A question with all that belongs to it."""
    files = session.scalars(select(CaseFile).where(CaseFile.case_id == case.id).order_by(CaseFile.id)).all()
    outcomes = session.scalars(
        select(CaseOutcome).where(CaseOutcome.case_id == case.id).order_by(CaseOutcome.at.desc(), CaseOutcome.id.desc())
    ).all()
    answers = answers_of(session, case)
    by = [one.answer.by for one in answers] + [one.by for one in outcomes]
    return Whole(
        case=case,
        station=session.get_one(Station, case.station_id),
        path=[one.name for one in path_of(session, case.region_code)[-3:]],
        member=_by_id(session, Member, case.member_id),
        lesson=_by_id(session, Lesson, case.lesson_id),
        files=[one for one in files if one.answer_id is None],
        answers=answers,
        outcomes=outcomes,
        entry=session.scalars(select(KnowledgeEntry).where(KnowledgeEntry.case_id == case.id)).one_or_none(),
        earlier=earlier(session, case, who),
        similar=similar(session, case, who),
        names=names_of(session, [*by, case.claimed_by, case.closed_by]),
    )


def answers_of(session: Session, case: Case) -> list[Answered]:
    """The answers of a question, the newest first."""
    files = session.scalars(select(CaseFile).where(CaseFile.case_id == case.id).order_by(CaseFile.id)).all()
    query = (
        select(CaseAnswer, Account.display_name, Lesson)
        .join(Account, Account.id == CaseAnswer.by)
        .outerjoin(Lesson, Lesson.id == CaseAnswer.lesson_id)
        .where(CaseAnswer.case_id == case.id)
        .order_by(CaseAnswer.at.desc(), CaseAnswer.id.desc())
    )
    return [
        Answered(answer, name, lesson, [one for one in files if one.answer_id == answer.id])
        for answer, name, lesson in session.execute(query)
    ]


def earlier(session: Session, case: Case, who: Person) -> Sequence[Case]:
    """What the same station asked before, the newest first."""
    query = select(Case).where(Case.station_id == case.station_id, Case.id != case.id, *_seen_by(who))
    query = query.where(Case.asked_at <= case.asked_at, subtree_filter(Case.region_code, who.region_code))
    return session.scalars(query.order_by(Case.asked_at.desc()).limit(EARLIER)).all()


def similar(session: Session, case: Case, who: Person) -> list[Case]:
    """Answered questions of somebody's region that are the most like one."""
    among = select(Case.id).where(subtree_filter(Case.region_code, who.region_code), Case.answered_at.is_not(None))
    about = f"{words.question_in_chinese(case)} {words.topic_in_chinese(case.topic)}"
    among = among.where(Case.state.in_([State.ANSWERED.value, State.CLOSED.value]))
    ids = searching.similar(session, searching.CASES, about, case.id, among, SIMILAR)
    rows = {one.id: one for one in session.scalars(select(Case).where(Case.id.in_(ids)))}
    return [rows[one] for one in ids]


def lessons_to_point_at(session: Session, who: Person) -> list[tuple[Course, list[Lesson]]]:
    """The approved lessons that somebody sees, and their own recordings that wait for it, by course."""
    seen = courses_seen_from(session, who.region_code)
    by_course = [
        (one, [lesson for lesson in one.lessons if rules.may_point_at(lesson.state, own=lesson.uploader_id == who.id)])
        for one in seen
    ]
    return [(course, lessons) for course, lessons in by_course if lessons]


def names_of(session: Session, accounts: Iterable[UUID | None]) -> dict[UUID, str]:
    """Who did something, by account."""
    wanted = {one for one in accounts if one is not None}
    return dict(session.execute(select(Account.id, Account.display_name).where(Account.id.in_(wanted))).all())


def stations_of(session: Session, cases: Iterable[Case]) -> dict[UUID, Station]:
    """The stations of some questions."""
    query = select(Station).where(Station.id.in_({one.station_id for one in cases}))
    return {one.id: one for one in session.scalars(query)}


def _seen_by(who: Person) -> list[Any]:
    """Questions that were not passed on are for those alone who look through them."""
    hidden = [one.value for one in rules.HIDDEN]
    return [] if who.may(Right.DIRECT_CASES) else [Case.state.not_in(hidden)]


def _in_queue(session: Session, who: Person) -> Any:
    """For an expert: what waits at their desk or above, of their topics, and what they have taken; else what waits."""
    if who.role is not Role.EXPERT:
        states = (State.WAITING.value, *OPEN_STATES) if who.may(Right.DIRECT_CASES) else OPEN_STATES
        return Case.state.in_(states)
    me = as_expert(session, who)
    waits = [Case.state == State.OPEN.value]
    if me.topics:
        waits.append(Case.topic.in_(me.topics))
    if me.region:
        waits.append(Case.desk.in_(ancestors_and_self(me.region)))
    taken = and_(Case.state == State.TAKEN.value, Case.claimed_by == me.id)
    return or_(and_(*waits), taken)


def _by_id(session: Session, kind: type[Any], typed: str) -> Any:
    try:
        return session.get(kind, UUID(typed)) if typed else None
    except ValueError:
        return None
