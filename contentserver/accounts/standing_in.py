"""Who acts in whose place while that one is away.

Whoever stands in chooses it for one session at a time and has then exactly the other's role and region, not both, so
that a right of one never meets the region of the other. It is looked at anew with every request.
"""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from flask_babel import lazy_gettext as _
from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session

from contentserver.accounts import rules
from contentserver.accounts.models import Account, Delegation, WebSession
from contentserver.kernel import clock
from contentserver.kernel.aging import OldRows
from contentserver.kernel.auth import Role
from contentserver.kernel.errors import NotFound, Rejected

OVER = OldRows(
    Delegation,
    func.coalesce(Delegation.ended_at, Delegation.ends_at),
    (~exists().where(WebSession.delegation_id == Delegation.id),),
)
"""What has ended, once no session that was used under it is kept any more."""


def giver_of(session: Session, delegation_id: UUID, taker: Account, now: datetime) -> Account | None:
    """Whose place somebody takes at the moment; None once it has ended."""
    row = session.get(Delegation, delegation_id)
    if row is None or row.taker_id != taker.id or row.ended_at is not None or not row.starts_at <= now < row.ends_at:
        return None
    giver = session.get_one(Account, row.giver_id)
    return giver if giver.active and _may(giver, taker) else None


def offered_to(session: Session, account: Account, now: datetime) -> Sequence[tuple[Delegation, Account]]:
    """Whose place somebody may take now."""
    rows = session.execute(
        select(Delegation, Account)
        .join(Account, Account.id == Delegation.giver_id)
        .where(
            Delegation.taker_id == account.id,
            Delegation.ended_at.is_(None),
            Delegation.starts_at <= now,
            Delegation.ends_at > now,
            Account.active,
        )
        .order_by(Delegation.ends_at, Delegation.id)
    )
    return [(row, giver) for row, giver in rows if _may(giver, account)]


def of_account(session: Session, account_id: UUID, now: datetime) -> Sequence[Delegation]:
    """What somebody has given and taken that is not over yet, the earliest first."""
    query = select(Delegation).where(
        or_(Delegation.giver_id == account_id, Delegation.taker_id == account_id),
        Delegation.ended_at.is_(None),
        Delegation.ends_at > now,
    )
    return session.scalars(query.order_by(Delegation.starts_at, Delegation.id)).all()


def give(session: Session, giver: Account, taker_name: str, days: tuple[date, date], now: datetime) -> Delegation:
    """Let somebody stand in for some days, both included.

    Raises:
        Rejected: nobody bears the name, they may not, or the days are wrong.
    """
    taker = session.scalar(select(Account).where(Account.username == taker_name, Account.active))
    if taker is None or taker.id == giver.id or not taker.password_hash or not _may(giver, taker):
        raise Rejected(
            "taker_wrong", _("Name the account of somebody who works for your region or a wider one, and not yourself.")
        )
    if not all(clock.EARLIEST <= day <= clock.LATEST for day in days):
        raise Rejected("days_wrong", _("Choose the first and the last day, at most 30 days, not over yet."))
    starts_at, ends_at = clock.instants_of(*days)
    if not rules.days_away_good(starts_at, ends_at, now):
        raise Rejected("days_wrong", _("Choose the first and the last day, at most 30 days, not over yet."))
    row = Delegation(giver_id=giver.id, taker_id=taker.id, starts_at=starts_at, ends_at=ends_at, made_at=now)
    session.add(row)
    session.flush()
    return row


def end(session: Session, delegation_id: UUID, account_id: UUID, now: datetime) -> Delegation:
    """Take back what one has given, or give back what one has taken.

    Raises:
        NotFound: there is no such thing, or it is over.
    """
    row = session.get(Delegation, delegation_id)
    if row is None or account_id not in (row.giver_id, row.taker_id) or row.ended_at is not None:
        raise NotFound("delegation_unknown", _("Nobody stands in here any more."))
    row.ended_at = now
    return row


def _may(giver: Account, taker: Account) -> bool:
    return rules.may_stand_in(giver.region_code, Role(taker.role), taker.region_code)
