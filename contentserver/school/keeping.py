"""Keep what a browser says that it played: each span once, and nothing that cannot be true.

The server's clock bounds everything. A page is given out with a ticket that says when that was; a span cannot end later
than it came, however long it lay in the browser, and lies on the clock where the ticket and the browser's own steady
clock put it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, cast
from uuid import UUID

from flask_babel import lazy_gettext as _
from sqlalchemy import Executable, Table, func, select
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite
from sqlalchemy.orm import Session

from contentserver.kernel.errors import Conflict, Forbidden
from contentserver.members import Member, resolved
from contentserver.school import deriving, rules
from contentserver.school.models import Viewing, ViewingSpan
from contentserver.school.rules import Fault, Told
from contentserver.school.tickets import Ticket

MOST_A_DAY: Final = 500
"""Viewings of one member."""
_TABLES = {Viewing: cast(Table, Viewing.__table__), ViewingSpan: cast(Table, ViewingSpan.__table__)}


@dataclass(frozen=True, slots=True)
class Taken:
    """Which spans are kept, also from before, and what speaks against the others; each by its number."""

    kept: tuple[int, ...]
    refused: Mapping[int, Fault]


def take_in(
    session: Session, member: Member, ticket: Ticket, viewing_id: UUID, told: Sequence[Told], now: datetime
) -> Taken:
    """Keep spans of a viewing and derive what they come to.

    Raises:
        Forbidden: the page was given out to somebody else, or too many were opened in a day; later it may be taken.
        Conflict: the viewing is another page's.
    """
    given_to = str(ticket.member)
    if resolved(session, {given_to}).get(given_to, given_to) != str(member.id):
        raise Forbidden("other_seat", _("Somebody else sits at this device now. Open your own record again."))
    elapsed = (now - ticket.opened_at) // timedelta(milliseconds=1)
    refused: dict[int, Fault] = {}
    good: dict[int, Told] = {}
    for one in told:
        fault = rules.fault_of(one, ticket.length_ms, elapsed)
        if fault is None and good.setdefault(one.sequence, one) != one:
            fault = Fault.OTHER_BODY
        if fault is not None:
            refused[one.sequence] = fault
    if not good:
        return Taken((), refused)
    deriving.hold(session, [member.id])
    viewing = _viewing(session, member, ticket, viewing_id, now)
    _insert(session, ViewingSpan, [_row(viewing.id, one, now) for one in good.values()])
    kept = {row.sequence: row for row in _standing(session, viewing.id, sorted(good))}
    for sequence, one in good.items():
        if kept[sequence] != one:
            refused[sequence] = Fault.OTHER_BODY
    ends = max(one.at_ms + one.clock_ms for one in kept.values())
    viewing.until_at = max(viewing.until_at, ticket.opened_at + timedelta(milliseconds=ends))
    session.flush()
    theirs = session.scalars(select(Viewing).where(Viewing.person_id == viewing.person_id)).all()
    deriving.derive(session, viewing.person_id, {one.lesson_id for one in deriving.overlapping(theirs, [viewing])})
    return Taken(tuple(sorted(good.keys() - refused.keys())), refused)


def _viewing(session: Session, member: Member, ticket: Ticket, viewing_id: UUID, now: datetime) -> Viewing:
    found = session.get(Viewing, viewing_id)
    if found is None:
        lately = select(func.count()).where(Viewing.member_id == member.id, Viewing.opened_at > now - timedelta(days=1))
        if (session.scalar(lately) or 0) >= MOST_A_DAY:
            raise Forbidden("too_many", _("Too many pages were opened today. Go on tomorrow."))
        row = {
            "id": viewing_id,
            "member_id": ticket.member,
            "person_id": member.id,
            "lesson_id": ticket.lesson,
            "package_name": ticket.package,
            "length_ms": ticket.length_ms,
            "opened_at": ticket.opened_at,
            "until_at": ticket.opened_at,
        }
        _insert(session, Viewing, [row])
        found = session.get_one(Viewing, viewing_id)
    same = (member.id, ticket.lesson, ticket.package, ticket.opened_at)
    if (found.person_id, found.lesson_id, found.package_name, found.opened_at) != same:
        raise Conflict("viewing_taken", _("This page was opened twice. Load it again."))
    return found


def _standing(session: Session, viewing: UUID, sequences: Sequence[int]) -> list[Told]:
    row = ViewingSpan
    rows = session.execute(
        select(row.sequence, row.from_ms, row.to_ms, row.at_ms, row.clock_ms).where(
            row.viewing_id == viewing, row.sequence.in_(sequences)
        )
    )
    return [Told(*one) for one in rows]


def _insert(session: Session, kind: type[Viewing] | type[ViewingSpan], rows: Sequence[Mapping[str, Any]]) -> None:
    """What is there already stays as it is."""
    postgresql = session.get_bind().dialect.name == "postgresql"
    table = _TABLES[kind]
    statement: Executable = (
        insert_postgresql(table).on_conflict_do_nothing()
        if postgresql
        else insert_sqlite(table).on_conflict_do_nothing()
    )
    session.execute(statement, [dict(row) for row in rows])


def _row(viewing: UUID, one: Told, now: datetime) -> dict[str, Any]:
    return {
        "viewing_id": viewing,
        "sequence": one.sequence,
        "from_ms": one.from_ms,
        "to_ms": one.to_ms,
        "at_ms": one.at_ms,
        "clock_ms": one.clock_ms,
        "arrived_at": now,
    }
