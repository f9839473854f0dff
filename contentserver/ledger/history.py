"""What an entry said before each change, and whether its month was closed by then: nothing changes silently."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from uuid import UUID

import msgspec
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contentserver.accounts import Account
from contentserver.kernel import clock
from contentserver.kernel.auth import Person
from contentserver.ledger import rules
from contentserver.ledger.models import LedgerChange, LedgerEntry, LedgerPhotograph
from contentserver.ledger.rules import Said
from contentserver.processes import due_on
from schedules.holidays import HolidayTable


def closes_on(month: date, calendar: HolidayTable) -> date:
    """The last day on which a month is open: the fifth working day after its end."""
    return due_on(rules.last_of(month), rules.CLOSES_AFTER, calendar)


def is_late(day: date, now: datetime, calendar: HolidayTable) -> bool:
    """Whether what is written now of a day comes after that day's month was closed."""
    return rules.is_closed(closes_on(rules.month_of(day), calendar), clock.local(now).date())


def keep(
    session: Session,
    row: LedgerEntry,
    what: str,
    *,
    who: Person | None,
    why: str,
    now: datetime,
    calendar: HolidayTable,
    other_day: date | None = None,
) -> LedgerChange:
    """Keep what an entry says before it is changed; call it first.

    Args:
        other_day: the day that it gets, which may lie in a closed month too.
    """
    late = any(is_late(day, now, calendar) for day in {row.day, other_day or row.day})
    session.flush()
    newest = session.scalar(select(func.max(LedgerChange.number)).where(LedgerChange.entry_id == row.id))
    made = LedgerChange(
        entry_id=row.id,
        number=(newest or 0) + 1,
        what=what,
        before=msgspec.json.encode(said(session, row)).decode(),
        why=why,
        late=late,
        at=now,
        by=who.id if who else None,
    )
    session.add(made)
    row.saved += 1
    row.changed_at = now
    row.late = row.late or late
    return made


def said(session: Session, row: LedgerEntry) -> Said:
    """What an entry says."""
    pictures = photographs_of(session, [row.id])
    return Said(
        day=row.day,
        fields=values_of(row),
        signers=row.signers,
        note=row.note,
        pictures=tuple(f"{'!' if one.signature else ''}{one.digest}" for one in pictures),
        removed=row.removed_at is not None,
    )


def values_of(row: LedgerEntry) -> dict[str, str]:
    """The values of an entry."""
    return msgspec.json.decode(row.fields, type=dict[str, str])


def changes_of(session: Session, entry_id: UUID) -> Sequence[tuple[LedgerChange, Said]]:
    """The history of an entry, the newest change first."""
    query = select(LedgerChange).where(LedgerChange.entry_id == entry_id).order_by(LedgerChange.number.desc())
    return [(row, msgspec.json.decode(row.before, type=Said)) for row in session.scalars(query)]


def photographs_of(session: Session, entries: Iterable[UUID]) -> Sequence[LedgerPhotograph]:
    """The photographs that belong to some entries, those that were taken away left out."""
    query = select(LedgerPhotograph).where(
        LedgerPhotograph.entry_id.in_(list(entries)), LedgerPhotograph.removed_at.is_(None)
    )
    return session.scalars(query.order_by(LedgerPhotograph.at, LedgerPhotograph.id)).all()


def names_of(session: Session, accounts: Iterable[UUID | None]) -> dict[UUID, str]:
    """Who did something, by account."""
    wanted = {one for one in accounts if one is not None}
    found = session.execute(select(Account.id, Account.display_name).where(Account.id.in_(wanted)))
    return dict(found.all())
