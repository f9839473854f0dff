"""Questions by phone: what may be shown at once, what somebody looks through first, and what was asked already."""

import unicodedata
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from flask_babel import lazy_gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contentserver.audit import audit
from contentserver.consultations import answering, rules, taking_in
from contentserver.consultations.keeping import Brought
from contentserver.consultations.models import Case, CaseFile, CaseSaid
from contentserver.consultations.routing import experts, locked, refuse_unless
from contentserver.consultations.rules import Source, State, Urgency
from contentserver.joining import Near
from contentserver.kernel import clock, decency
from contentserver.kernel.errors import Conflict, Rejected
from contentserver.stations import Station
from schedules.asking import TOPICS

TEXT_CHARS = 500
A_DAY = timedelta(days=1)
MOST_A_DAY = 60
"""Questions by phone that one station may ask in a day; the limit by address is on the page."""
AGAIN = timedelta(hours=1)


def ask(
    session: Session,
    station: Station,
    member_id: str,
    topic: str,
    text: str,
    files: Sequence[Brought],
    near: Near | None,
    now: datetime,
) -> Case:
    """Ask by phone; the same words of the same member again are the question that is there.

    Args:
        near: the lesson that is on, or was just now.

    Raises:
        Rejected: no topic is chosen, or there is nothing to answer.
        Conflict: too much was asked here today.
    """
    text = unicodedata.normalize("NFC", "\n".join(line.strip() for line in text.strip().splitlines()))
    wrong = wrong_in(topic, text, bool(files))
    if wrong:
        raise Rejected("question_wrong", _("Please look at this again."), wrong)
    again = _again(session, station.id, member_id, topic, text, now) if text else None
    if again is not None:
        return again
    lately = select(func.count(Case.id)).where(
        Case.station_id == station.id, Case.source == Source.PHONE, Case.received_at > now - A_DAY
    )
    if (session.scalar(lately) or 0) >= MOST_A_DAY:
        raise Conflict("questions_many", _("A lot was asked here today. Please ask tomorrow, or with the remote."))
    case = _case(session, station, member_id, topic, text, near, now)
    answering.add_files(session, case, files, now)
    session.flush()
    taking_in.keep_case_words(session, case)
    audit(session, who=None, action="case.asked", subject=f"case {case.id}", now=now, after={"state": case.state})
    return case


def wrong_in(topic: str, text: str, files: bool) -> dict[str, object]:
    """What is wrong with a question, by field."""
    wrong: dict[str, object] = {}
    if topic not in TOPICS:
        wrong["topic"] = _("Choose what it is about.")
    if len(text) > TEXT_CHARS:
        wrong["text"] = _("Please use at most %(number)s characters.", number=TEXT_CHARS)
    elif not text and not files:
        wrong["text"] = _("Write your question, or add a photograph or a voice note.")
    return wrong


def _case(
    session: Session, station: Station, member_id: str, topic: str, text: str, near: Near | None, now: datetime
) -> Case:
    lesson = near.airing.lesson if near else None
    case = Case(
        station_id=station.id,
        region_code=station.region_code,
        number=taking_in.next_number(session, station.id),
        source=Source.PHONE.value,
        topic=topic,
        text=text,
        airing_id=near.airing.id if near else "",
        lesson_id=lesson.id if lesson else "",
        lesson_title=lesson.title[:100] if lesson else "",
        position_ms=_position(near, now),
        member_id=member_id,
        asked_at=now,
        received_at=now,
        season=rules.season(clock.local(now).month).value,
        urgency=Urgency.NORMAL.value,
        state=(State.WAITING if decency.doubtful(text) else State.OPEN).value,
        desk=rules.desk(station.region_code, topic, experts(session)),
        due_at=rules.due(Urgency.NORMAL, now),
    )
    session.add(case)
    session.flush()
    return case


def _position(near: Near | None, now: datetime) -> int | None:
    """Where the lesson stands that is on at this moment."""
    if near is None:
        return None
    gone = int((now - near.airing.start).total_seconds() * 1000)
    return gone if 0 <= gone < near.airing.duration_ms else None


def _again(session: Session, station_id: UUID, member_id: str, topic: str, text: str, now: datetime) -> Case | None:
    query = select(Case).where(
        Case.station_id == station_id,
        Case.source == Source.PHONE,
        Case.member_id == member_id,
        Case.topic == topic,
        Case.text == text,
        Case.asked_at > now - AGAIN,
        Case.state != State.WITHDRAWN,
    )
    return session.scalars(query).first()


def say_helped(session: Session, case_id: UUID, now: datetime, *, helped: bool) -> None:
    """The phone that asked says whether the answer helped; of its word and a television's the later one counts.

    Raises:
        Conflict: there is no answer.
    """
    case = locked(session, case_id)
    refuse_unless(rules.may_tell_outcome(case.state, case.answered_at is not None))
    if case.helped is helped:
        return
    said = session.get(CaseSaid, case_id)
    if said is None:
        session.add(CaseSaid(case_id=case_id, helped=helped, at=now))
    else:
        said.helped, said.at = helped, now
    session.flush()
    before = {"helped": case.helped}
    taking_in.note_helped(session, [case_id])
    audit(
        session,
        who=None,
        action="case.helped",
        subject=f"case {case_id}",
        now=now,
        before=before,
        after={"helped": helped},
    )


def asked_from(session: Session, station_id: UUID, cases: Sequence[UUID]) -> Sequence[Case]:
    """The questions of a station that one phone has asked, the newest first."""
    query = select(Case).where(Case.station_id == station_id, Case.id.in_(cases))
    return session.scalars(query.order_by(Case.asked_at.desc())).all()


def file_of_phone(session: Session, file_id: UUID, cases: Sequence[UUID]) -> CaseFile | None:
    """A file of one of the questions that a phone has asked, or of its answer."""
    row = session.get(CaseFile, file_id)
    return row if row is not None and row.case_id in cases else None
