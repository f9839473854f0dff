"""The paper of the green channel: what a station's televisions show of its questions. Nothing in it says who asked."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contentserver import papers
from contentserver.accounts import Account
from contentserver.consultations import rules, words
from contentserver.consultations.keeping import FileKind
from contentserver.consultations.models import Case, CaseAnswer, CaseFile
from contentserver.consultations.rules import State
from contentserver.courses import Lesson, approved
from contentserver.stations import Station
from schedules.airings import LessonId, PackageName
from schedules.wire.codec import decode
from schedules.wire.messages import AnswerFile, AnswerFileKind, CaseCard, CaseState, GreenChannel, PaperKind

SHOWN_AS = {
    State.OPEN: CaseState.OPEN,
    State.TAKEN: CaseState.TAKEN,
    State.ANSWERED: CaseState.ANSWERED,
    State.CLOSED: CaseState.CLOSED,
    State.WITHDRAWN: CaseState.CLOSED,
}


def lay_out(session: Session, _now: datetime) -> int:
    """Lay the paper out for every station.

    Returns:
        How many stations have another one now than before.
    """
    cards = cards_of(session)
    stations = session.execute(select(Station.id, Station.join_address))
    laid = {
        one: GreenChannel(version="", cases=tuple(cards.get(one, ())), ask=f"{join}/ask" if join else "")
        for one, join in stations
    }
    return papers.lay_out(session, PaperKind.GREEN_CHANNEL, laid)


def cards_of(session: Session, station_id: UUID | None = None) -> dict[UUID, list[CaseCard]]:
    """The newest questions of each station, or of one, as everybody there may read them."""
    place = func.row_number().over(partition_by=Case.station_id, order_by=(Case.asked_at.desc(), Case.number.desc()))
    shown = select(Case.id, place.label("place")).where(Case.state.in_([one.value for one in SHOWN_AS]))
    if station_id is not None:
        shown = shown.where(Case.station_id == station_id)
    newest = shown.subquery()
    query = select(Case).join(newest, newest.c.id == Case.id).where(newest.c.place <= rules.SHOWN)
    cases = session.scalars(query.order_by(Case.station_id, Case.asked_at.desc(), Case.number.desc())).all()
    answers, instead = _answers(session, cases), _files(session, cases)
    files = _files_of_answers(session, [answer for answer, _name, _lesson in answers.values()])
    found: dict[UUID, list[CaseCard]] = {}
    for case in cases:
        card = _card(case, answers.get(case.id), instead.get(case.id, ""), files.get(case.id, ()))
        found.setdefault(case.station_id, []).append(card)
    return found


def released(session: Session, station_id: UUID, digest: str) -> AnswerFile | None:
    """A file of an answer, where the station's paper names it: what is not shown to its people is not given out."""
    found = papers.of_kind(session, station_id, PaperKind.GREEN_CHANNEL)
    if found is None:
        return None
    cases = decode(found[1], GreenChannel).cases
    return next((one for case in cases for one in case.files if one.sha256 == digest), None)


_Answered = tuple[CaseAnswer, str, Lesson | None]


def _answers(session: Session, cases: Sequence[Case]) -> dict[UUID, _Answered]:
    """The newest answer of each, who gave it, and its lesson."""
    query = (
        select(CaseAnswer, Account.display_name, Lesson)
        .join(Account, Account.id == CaseAnswer.by)
        .outerjoin(Lesson, Lesson.id == CaseAnswer.lesson_id)
        .where(CaseAnswer.case_id.in_([case.id for case in cases if case.answered_at is not None]))
        .order_by(CaseAnswer.at, CaseAnswer.id)
    )
    return {answer.case_id: (answer, name, lesson) for answer, name, lesson in session.execute(query)}


def _files(session: Session, cases: Sequence[Case]) -> dict[UUID, str]:
    """What stands for the words of those that have a file alone."""
    mute = [case.id for case in cases if not case.text and not case.sentence]
    query = select(CaseFile.case_id, CaseFile.kind).where(CaseFile.case_id.in_(mute), CaseFile.answer_id.is_(None))
    return {
        case_id: words.in_chinese(words.SPOKEN if kind == FileKind.VOICE else words.SEEN)
        for case_id, kind in session.execute(query.order_by(CaseFile.id.desc()))
    }


def _files_of_answers(session: Session, answers: Sequence[CaseAnswer]) -> dict[UUID, tuple[AnswerFile, ...]]:
    """The photographs and voice notes of answers, by case, in the order in which they were brought."""
    query = select(CaseFile).where(CaseFile.answer_id.in_([one.id for one in answers])).order_by(CaseFile.id)
    found: dict[UUID, tuple[AnswerFile, ...]] = {}
    for row in session.scalars(query):
        one = AnswerFile(kind=AnswerFileKind(row.kind), sha256=row.digest, bytes=row.bytes)
        found[row.case_id] = (*found.get(row.case_id, ()), one)
    return found


def _card(case: Case, answered: _Answered | None, instead: str, files: tuple[AnswerFile, ...]) -> CaseCard:
    state = SHOWN_AS[State(case.state)]
    answer, name, lesson = answered or (None, "", None)
    shows = lesson is not None and approved(lesson.state)
    said = answer.text if answer else ""
    if state is CaseState.CLOSED and case.closing_note:
        said = f"{said}\n{case.closing_note}" if said else case.closing_note
    return CaseCard(
        id=str(case.id),
        number=case.number,
        topic=case.topic,
        question=words.question_in_chinese(case) or instead,
        asked_at=case.asked_at,
        state=state,
        answer=said,
        answered_by=name,
        answered_at=answer.at if answer else None,
        lesson=LessonId(str(lesson.id)) if lesson is not None and shows else LessonId(""),
        lesson_title=lesson.title if lesson is not None and shows else "",
        clip=PackageName(lesson.package_name or "") if lesson is not None and shows else PackageName(""),
        clip_ms=lesson.duration_ms if lesson is not None and shows else 0,
        asks_outcome=rules.asks_outcome(case.state, case.helped),
        files=files,
    )
