"""What members ask to have set right: "I was there on that evening". Written down, decided once, by somebody else.

Accepting makes a correction of the session's roll by the front door of `attendance`; pages: `desk.py`.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from flask_babel import lazy_gettext as _
from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from contentserver.accounts import Account
from contentserver.attendance import SessionRow, SignInRow, put_on_roll
from contentserver.audit import audit
from contentserver.kernel.auth import Person
from contentserver.kernel.errors import Conflict, Forbidden, NotFound, Rejected
from contentserver.kernel.pagination import Page, paginate
from contentserver.members import Member
from contentserver.regions import subtree_filter
from contentserver.stations import Station, where_station
from contentserver.transcripts.models import CorrectionRequest

TEXT_CHARS = 300
BACK = timedelta(days=400)
"""So far back somebody may ask: into the last year, which is what stars are given for."""
OFFERED = 200
"""Sessions to choose from on the page."""
LATELY = timedelta(days=30)
"""So far back somebody may ask by phone."""
PHONE_OPEN = 3
"""So many requests of one member may wait when one more comes by phone."""


class State(StrEnum):
    """How a request stands."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, whose it is, of which session and where; `by` and `decided_by` are names.

    `session` is None where it is not there any more; `by` is empty where the member asked by phone.
    """

    row: CorrectionRequest
    member: Member
    station: Station
    session: SessionRow | None
    by: str
    decided_by: str


def sessions_missed(session: Session, member: Member, now: datetime) -> Sequence[SessionRow]:
    """The sessions of a member's station that do not have them and are not asked about, the newest first."""
    there = select(SignInRow.airing_id).where(
        SignInRow.station_id == member.station_id, SignInRow.member_id == str(member.id)
    )
    waiting = select(CorrectionRequest.airing_id).where(
        CorrectionRequest.member_id == member.id, CorrectionRequest.state == State.OPEN
    )
    query = select(SessionRow).where(
        SessionRow.station_id == member.station_id,
        SessionRow.planned_start.between(now - BACK, now),
        SessionRow.airing_id.not_in(there),
        SessionRow.airing_id.not_in(waiting),
    )
    return session.scalars(query.order_by(SessionRow.planned_start.desc()).limit(OFFERED)).all()


def sessions_lately(session: Session, station_id: UUID, now: datetime) -> Sequence[SessionRow]:
    """The sessions of a station in the last weeks, whoever came, the newest first."""
    lately = SessionRow.planned_start.between(now - LATELY, now)
    query = select(SessionRow).where(SessionRow.station_id == station_id, lately)
    return session.scalars(query.order_by(SessionRow.planned_start.desc()).limit(OFFERED)).all()


def ask_by_phone(session: Session, member: Member, airing_id: str, text: str, now: datetime) -> None:
    """As `ask`, by whoever typed the member's number on a phone; says nothing of whether they are on the roll.

    Raises:
        Rejected: no session of the last weeks is chosen, nothing is said, or too much waits already.
    """
    if airing_id not in {row.airing_id for row in sessions_lately(session, member.station_id, now)}:
        raise Rejected("session_missing", _("Choose which lesson."))
    if not _written(text):
        raise Rejected("text_missing", _("Write who saw you there."))
    waits = select(func.count()).where(CorrectionRequest.member_id == member.id, CorrectionRequest.state == State.OPEN)
    if (session.scalar(waits) or 0) >= PHONE_OPEN:
        raise Rejected("too_much_waits", _("Some of what you asked waits already. Ask at the station."))
    with suppress(Conflict):  # on the roll, or asked already: nobody learns it here
        ask(session, member, airing_id, text, None, now)


def ask(
    session: Session, member: Member, airing_id: str, text: str, who: Person | None, now: datetime
) -> CorrectionRequest:
    """Write down that a member says they were at a session of their station.

    Raises:
        Rejected: no session is chosen, or nothing is said.
        NotFound: their station had no such session.
        Conflict: they left the roll, are on the session's already, or have asked already.
    """
    text = _written(text)
    if not airing_id:
        raise Rejected("session_missing", _("Choose the session."))
    if not text:
        raise Rejected("text_missing", _("Write down what the member says. It is kept."))
    session.get_one(Station, member.station_id, with_for_update=True)  # one at a time: nobody asks twice
    if session.get(SessionRow, (airing_id, member.station_id)) is None:
        raise NotFound("session_unknown", _("There is no such session, or it has not been reported yet."))
    if not member.active:
        raise Conflict("member_left", _("They are no longer on the roll of the station."))
    if session.get(SignInRow, (airing_id, member.station_id, str(member.id))) is not None:
        raise Conflict("on_roll", _("They are on the roll of this session already."))
    of_it = (CorrectionRequest.member_id == member.id, CorrectionRequest.airing_id == airing_id)
    if session.scalar(select(CorrectionRequest.id).where(*of_it, CorrectionRequest.state == State.OPEN)):
        raise Conflict("asked_already", _("This is asked already and waits for an answer."))
    row = CorrectionRequest(
        member_id=member.id,
        airing_id=airing_id,
        station_id=member.station_id,
        text=text,
        state=State.OPEN.value,
        at=now,
        by=who.id if who else None,
    )
    session.add(row)
    session.flush()
    _note(session, row, "request.made", {"member": str(member.id), "airing": airing_id, "text": text}, who, now)
    return row


def where_request(session: Session, request_id: UUID) -> str:
    """The code of the region in which the station lies at whose session a member says they were.

    Raises:
        NotFound: there is no such request.
    """
    row = session.get(CorrectionRequest, request_id)
    if row is None:
        raise NotFound("request_unknown", _("There is no such request."))
    return where_station(session, row.station_id)


def accept(session: Session, request_id: UUID, answer: str, who: Person, now: datetime) -> CorrectionRequest:
    """The member was there: they come onto the roll by a correction whose reason is what they said.

    Raises:
        Conflict: it is decided already, or they are on the roll by now.
        Forbidden: whoever wrote it down does not decide it.
    """
    row, answer = _open(session, request_id, who), _written(answer)
    member = session.get_one(Member, row.member_id)
    reason = f"{row.text} / {answer}" if answer else row.text
    put_on_roll(session, (row.airing_id, row.station_id), member.number, reason, who, now)
    _decide(session, row, State.ACCEPTED, answer, who, now)
    return row


def decline(session: Session, request_id: UUID, answer: str, who: Person, now: datetime) -> CorrectionRequest:
    """The roll stays as it is, and the answer says why.

    Raises:
        Rejected: the answer is missing.
        Conflict, Forbidden: as `accept`.
    """
    row, answer = _open(session, request_id, who), _written(answer)
    if not answer:
        raise Rejected("answer_missing", _("Write why. The member is told."))
    _decide(session, row, State.DECLINED, answer, who, now)
    return row


def withdraw(session: Session, request_id: UUID, who: Person, now: datetime) -> CorrectionRequest:
    """Whoever wrote a request down takes it back before it is decided.

    Raises:
        Conflict: it is decided already.
        Forbidden: somebody else wrote it down.
    """
    row = _waiting(session, request_id, who)
    if row.by != who.id:
        raise Forbidden("not_yours", _("Only who wrote it down takes it back."))
    _decide(session, row, State.WITHDRAWN, "", who, now)
    return row


def page_of_requests(session: Session, root: str, number: int, *, decided: bool) -> Page[Asked]:
    """Requests of a subtree: those that wait, the oldest first; or those that are decided, the newest first."""
    query = select(CorrectionRequest).join(Station).where(subtree_filter(Station.region_code, root))
    if decided:
        query = query.where(CorrectionRequest.state != State.OPEN).order_by(CorrectionRequest.decided_at.desc())
    else:
        query = query.where(CorrectionRequest.state == State.OPEN).order_by(CorrectionRequest.at)
    page = paginate(session, query, number)
    return Page(rows=_with_names(session, page.rows), number=page.number, total=page.total)


def waiting(session: Session, root: str) -> int:
    """How many requests of a subtree wait."""
    query = select(func.count(CorrectionRequest.id)).join(Station).where(subtree_filter(Station.region_code, root))
    return session.scalar(query.where(CorrectionRequest.state == State.OPEN)) or 0


def requests_of(session: Session, member: Member) -> Sequence[Asked]:
    """What a member has asked, the newest first."""
    query = select(CorrectionRequest).where(CorrectionRequest.member_id == member.id)
    return _with_names(session, session.scalars(query.order_by(CorrectionRequest.at.desc())).all())


def _with_names(session: Session, rows: Sequence[CorrectionRequest]) -> list[Asked]:
    wanted = {row.by for row in rows} | {row.decided_by for row in rows}
    named = session.execute(select(Account.id, Account.display_name).where(Account.id.in_(wanted - {None})))
    names: dict[UUID | None, str] = dict(named.all())
    same = and_(
        SessionRow.airing_id == CorrectionRequest.airing_id, SessionRow.station_id == CorrectionRequest.station_id
    )
    query = (
        select(CorrectionRequest, Member, Station, SessionRow)
        .join(Member, Member.id == CorrectionRequest.member_id)
        .join(Station, Station.id == CorrectionRequest.station_id)
        .outerjoin(SessionRow, same)
        .where(CorrectionRequest.id.in_([row.id for row in rows]))
    )
    found = {
        row.id: Asked(row, member, station, held, names.get(row.by, ""), names.get(row.decided_by, ""))
        for row, member, station, held in session.execute(query)
    }
    return [found[row.id] for row in rows]


def _open(session: Session, request_id: UUID, who: Person) -> CorrectionRequest:
    row = _waiting(session, request_id, who)
    if row.by == who.id:
        raise Forbidden("own_request", _("You wrote this down yourself; somebody else decides it."))
    return row


def _waiting(session: Session, request_id: UUID, who: Person) -> CorrectionRequest:
    row = session.get(CorrectionRequest, request_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound("request_unknown", _("There is no such request."))
    if not who.reaches(session.get_one(Station, row.station_id).region_code):
        raise Forbidden("out_of_scope", _("This lies outside your region."))
    if row.state != State.OPEN:
        raise Conflict("decided_already", _("This was decided already. Load the page again."))
    return row


def _decide(session: Session, row: CorrectionRequest, state: State, answer: str, who: Person, now: datetime) -> None:
    row.state, row.answer, row.decided_at, row.decided_by = state.value, answer, now, who.id
    _note(session, row, f"request.{state}", {"answer": answer}, who, now)


def _note(
    session: Session, row: CorrectionRequest, action: str, after: dict[str, str], who: Person | None, now: datetime
) -> None:
    audit(session, who=who, action=action, subject=f"request {row.id}", now=now, after=after)


def _written(text: str) -> str:
    return "".join(filter(str.isprintable, text)).strip()[:TEXT_CHARS]
