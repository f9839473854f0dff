"""What televisions report becomes cases, and what stations say of answers becomes satisfaction.

An event is taken in once, under its own key; late ones and repeated ones come to the same. By phone: `asking.py`.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from contentserver.attendance import IS_EXCHANGE, EventRow
from contentserver.consultations import rules, searching, words
from contentserver.consultations.models import Case, CaseAnswer, CaseFact, CaseSaid
from contentserver.consultations.routing import experts
from contentserver.consultations.rules import Expert, Source, State
from contentserver.kernel import clock
from contentserver.stations import Station
from schedules.wire.codec import Unreadable, decode_body
from schedules.wire.messages import AnswerRead, EventBody, QuestionAsked

AT_ONCE = 500
_OWN_KEY = and_(
    CaseFact.box_id == EventRow.box_id, CaseFact.epoch == EventRow.epoch, CaseFact.sequence == EventRow.sequence
)


def take_questions(session: Session, now: datetime) -> int:
    """Take in the events that were not: questions become cases, words on answers are kept beside theirs.

    Returns:
        How many events were taken in.
    """
    taken = 0
    while rows := _not_taken(session):
        read = [(row, _read(row)) for row in rows]
        known = experts(session)
        for row, body in read:
            if not isinstance(body, AnswerRead):
                _take(session, row, body if isinstance(body, QuestionAsked) else None, known, now)
        session.flush()
        touched = {_hear(session, row, body) for row, body in read if isinstance(body, AnswerRead)}
        session.flush()
        note_helped(session, touched - {None})
        taken += len(rows)
        if len(rows) < AT_ONCE:
            break
    return taken


def follow_boxes(session: Session) -> int:
    """Bring cases to the stations at which their events are now known to have happened."""
    moved = session.execute(
        select(Case, EventRow.station_id)
        .join(CaseFact, and_(CaseFact.case_id == Case.id, CaseFact.asked))
        .join(EventRow, _OWN_KEY)
        .where(EventRow.station_id != Case.station_id)
    ).all()
    for case, station_id in moved:
        if case.station_id != station_id:
            station = session.get_one(Station, station_id)
            case.number = next_number(session, station_id)
            case.station_id, case.region_code = station_id, station.region_code
            session.flush()
    return len(moved)


def note_helped(session: Session, cases: Iterable[UUID | None]) -> None:
    """Count anew what stations and phones said of the newest answers of some cases; once each, by the last word."""
    for case_id in cases:
        case = session.get_one(Case, case_id)
        facts = session.scalars(select(CaseFact).where(CaseFact.case_id == case_id, ~CaseFact.asked)).all()
        said = [(one.at, one.helped) for one in facts if one.helped is not None]
        read = [one.at for one in facts]
        by_phone = session.get(CaseSaid, case_id)
        if by_phone is not None:
            said.append((by_phone.at, by_phone.helped))
            read.append(by_phone.at)
        case.helped = rules.helped(said, case.answered_at)
        case.read_at = min(read, default=None)


def next_number(session: Session, station_id: UUID) -> int:
    """The next number of a station's questions; whoever asks meanwhile waits."""
    session.execute(select(Station.id).where(Station.id == station_id).with_for_update())
    return (session.scalar(select(func.max(Case.number)).where(Case.station_id == station_id)) or 0) + 1


def keep_case_words(session: Session, case: Case) -> None:
    """Let a case be found by its question, its topic, its lesson and its answers."""
    answers = session.scalars(select(CaseAnswer.text).where(CaseAnswer.case_id == case.id)).all()
    said = (words.question_in_chinese(case), words.topic_in_chinese(case.topic), case.lesson_title, *answers)
    searching.keep_words(session, searching.CASES, case.id, *said)


def _not_taken(session: Session) -> Sequence[EventRow]:
    query = (
        select(EventRow)
        .outerjoin(CaseFact, _OWN_KEY)
        .where(IS_EXCHANGE, EventRow.kind.in_(("question_asked", "answer_read")), CaseFact.box_id.is_(None))
        .order_by(EventRow.at, EventRow.box_id, EventRow.epoch, EventRow.sequence)
    )
    return session.scalars(query.limit(AT_ONCE)).all()


def _read(row: EventRow) -> EventBody | None:
    try:
        return decode_body(row.body.encode())
    except Unreadable:
        return None


def _take(session: Session, row: EventRow, body: QuestionAsked | None, known: list[Expert], now: datetime) -> None:
    """A question becomes a case, or belongs to the one that it repeats; what cannot be read is noted as seen."""
    at = rules.asked_at(row.at, row.received_at)
    case = None
    if body is not None:
        case = _same(session, row.station_id, body, at) or _case(session, row, body, at, known, now)
    session.add(_fact(row, case.id if case else None, at, asked=True))


def _same(session: Session, station_id: UUID, body: QuestionAsked, at: datetime) -> Case | None:
    query = select(Case).where(
        Case.station_id == station_id,
        Case.source == Source.TV,
        Case.topic == body.topic[:20],
        Case.sentence == body.sentence[:40],
        Case.airing_id == (body.airing or "")[:36],
        Case.asked_at.between(at - rules.TWICE, at + rules.TWICE),
        Case.state.not_in([State.WITHDRAWN, State.CLOSED]),
    )
    return session.scalars(query.order_by(Case.asked_at)).first()


def _case(
    session: Session, row: EventRow, body: QuestionAsked, at: datetime, known: list[Expert], now: datetime
) -> Case:
    station = session.get_one(Station, row.station_id)
    urgency = rules.urgency(body.sentence)
    came = min(row.received_at, now)
    case = Case(
        station_id=station.id,
        region_code=station.region_code,
        number=next_number(session, station.id),
        source=Source.TV.value,
        topic=body.topic[:20],
        sentence=body.sentence[:40],
        airing_id=(body.airing or "")[:36],
        lesson_id=(body.lesson.id if body.lesson else "")[:36],
        lesson_title=(body.lesson.title if body.lesson else "")[:100],
        position_ms=_in_a_lesson(body.position_ms),
        member_id=body.member[:36],
        asked_at=at,
        received_at=came,
        season=rules.season(clock.local(at).month).value,
        urgency=urgency.value,
        state=State.OPEN.value,
        desk=rules.desk(station.region_code, body.topic, known),
        due_at=rules.due(urgency, came),
    )
    session.add(case)
    session.flush()
    keep_case_words(session, case)
    return case


def _in_a_lesson(position_ms: int | None) -> int | None:
    """A media time that some lesson can have."""
    return position_ms if position_ms is not None and 0 <= position_ms < 2**31 else None


def _hear(session: Session, row: EventRow, body: AnswerRead) -> UUID | None:
    """Keep what a station said of an answer, where the question is its own."""
    try:
        case = session.get(Case, UUID(body.case))
    except ValueError:
        case = None
    if case is not None and case.station_id != row.station_id:
        case = None
    fact = _fact(row, case.id if case else None, rules.asked_at(row.at, row.received_at), asked=False)
    fact.helped = body.helped
    session.add(fact)
    return fact.case_id


def _fact(row: EventRow, case_id: UUID | None, at: datetime, *, asked: bool) -> CaseFact:
    return CaseFact(
        box_id=row.box_id, epoch=row.epoch, sequence=row.sequence, case_id=case_id, asked=asked, at=at, helped=None
    )
