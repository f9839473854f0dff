"""Load members and what they attended, print a statement of it, check one that somebody holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask_babel import lazy_gettext as _
from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from contentserver.attendance import SessionRow, SignInRow
from contentserver.audit import audit
from contentserver.kernel.auth import Person
from contentserver.kernel.errors import Rejected
from contentserver.kernel.pagination import Page, paginate
from contentserver.members import Attendance, Member, look_up, masked, members_by_id, members_found
from contentserver.regions import subtree_filter
from contentserver.school import sums_of as online_sums
from contentserver.school import watched_by
from contentserver.stations import Station
from contentserver.transcripts import rules, statements
from contentserver.transcripts.rules import Attended, Period, Statement, Sum

REASON_CHARS = 300


@dataclass(frozen=True, slots=True)
class Verdict:
    """A statement that somebody holds, and what the server says of the same period today."""

    statement: Statement
    today: Sum

    @property
    def holds(self) -> bool:
        """Whether it says the same."""
        return rules.holds(self.statement, self.today)


def page_of_members(session: Session, root: str, words: str, number: int) -> tuple[Page[Member], bool]:
    """One page of the members of a subtree; of those whom somebody means who types `words`, the first ones alone.

    The second value says whether there are more of them.
    """
    if words:
        rows, more = look_up(session, root, words)
        return Page(rows=rows, number=1, total=len(rows)), more
    stations = select(Station.id).where(subtree_filter(Station.region_code, root))
    return paginate(session, members_found(stations, ""), number), False


def stations_of(session: Session, members: Sequence[Member]) -> dict[UUID, Station]:
    """The stations of some members."""
    wanted = select(Station).where(Station.id.in_({member.station_id for member in members}))
    return {station.id: station for station in session.scalars(wanted)}


def hours_of(session: Session, members: Sequence[Member]) -> dict[UUID, Attendance]:
    """The same, as the slice of members asks it."""
    parts = (members[first : first + 500] for first in range(0, len(members), 500))
    sums = (one for some in parts for one in sums_of(session, some).items())
    return {member: Attendance(found.sessions, found.credit_ms) for member, found in sums}


def sums_of(session: Session, members: Sequence[Member]) -> dict[UUID, Sum]:
    """What each of some members has attended in all, also online; those who never came have no entry."""
    ids = {str(member.id): member.id for member in members}
    rows = session.execute(
        select(SignInRow.member_id, func.count(), func.sum(SignInRow.credit_ms))
        .where(SignInRow.member_id.in_(ids))
        .group_by(SignInRow.member_id)
    )
    found = {ids[key]: Sum(sessions=sessions, credit_ms=int(credit)) for key, sessions, credit in rows}
    for member, (lines, credit) in online_sums(session, members).items():
        before = found.get(member, Sum())
        found[member] = Sum(sessions=before.sessions + lines, credit_ms=before.credit_ms + credit)
    return found


def attended_by(session: Session, member_id: UUID) -> list[Attended]:
    """The sessions that somebody came to, at whichever station, and what counts of the online school; newest first."""
    same = and_(SignInRow.airing_id == SessionRow.airing_id, SignInRow.station_id == SessionRow.station_id)
    rows = session.execute(
        select(SessionRow, SignInRow, Station.name)
        .join(SignInRow, same)
        .join(Station, Station.id == SessionRow.station_id)
        .where(SignInRow.member_id == str(member_id))
        .order_by(SessionRow.planned_start.desc(), SessionRow.airing_id, SessionRow.station_id)
    )
    found = [
        Attended(
            airing_id=row.airing_id,
            station_id=row.station_id,
            station=name,
            region_code=row.region_code,
            start=row.planned_start,
            lesson=row.lesson_title,
            course=row.course_title or row.lesson_title,
            present_ms=sign_in.present_ms,
            credit_ms=sign_in.credit_ms,
            corrected=bool(sign_in.correction),
        )
        for row, sign_in, name in rows
    ] + [
        Attended(
            airing_id=str(one.lesson_id),
            station_id=None,
            station="",
            region_code="",
            start=one.at,
            lesson=one.lesson,
            course=one.course,
            present_ms=one.credit_ms,
            credit_ms=one.credit_ms,
            online=True,
        )
        for one in watched_by(session, member_id)
    ]
    return sorted(found, key=lambda one: one.start, reverse=True)


def statement_of(member: Member, attended: Sequence[Attended], period: Period, now: datetime) -> Statement:
    """What is stated of a member's attendances in a period."""
    found = rules.total(rules.within(attended, period))
    return Statement(
        member=member.id,
        name=masked(member.name),
        period=period,
        sessions=found.sessions,
        credit_ms=found.credit_ms,
        issued=now.replace(microsecond=0),
    )


def note_printed(session: Session, statement: Statement, reason: str, who: Person, now: datetime) -> None:
    """A transcript was printed; with a reason where the whole name stands on it."""
    audit(
        session,
        who=who,
        action="transcript.printed",
        subject=f"member {statement.member}",
        now=now,
        after={
            "first": statement.period.first.isoformat(),
            "last": statement.period.last.isoformat(),
            "sessions": statement.sessions,
            "credit_ms": statement.credit_ms,
            "whole_name": bool(reason),
        },
    )
    if reason:
        note_unmasked(session, statement.member, reason, who, now)


def note_unmasked(session: Session, member_id: UUID, reason: str, who: Person, now: datetime) -> None:
    """Somebody reads a member's whole name, and says why.

    Raises:
        Rejected: the reason is missing.
    """
    if not reason:
        raise Rejected("reason_missing", _("Please write why the whole name is needed. It is kept."))
    audit(
        session,
        who=who,
        action="names.unmasked",
        subject=f"member {member_id}",
        now=now,
        after={"reason": reason[:REASON_CHARS]},
    )


def verified(session: Session, token: str, secret: str) -> Verdict | None:
    """What a token states and what holds today; None where this server did not state it."""
    statement = statements.read(token, secret)
    if statement is None or str(statement.member) not in members_by_id(session, [str(statement.member)]):
        return None
    attended = rules.within(attended_by(session, statement.member), statement.period)
    return Verdict(statement, rules.total(attended))
