"""Invitations: a link by which somebody chooses a password. Good for seven days and once; a new one ends the old."""

from datetime import datetime
from uuid import UUID

from flask_babel import lazy_gettext as _
from sqlalchemy import CursorResult, delete, func, select, update
from sqlalchemy.orm import Session

from contentserver.accounts import rules, service
from contentserver.accounts.models import Account, Invitation, WebSession
from contentserver.audit import audit
from contentserver.kernel.aging import OldRows
from contentserver.kernel.auth import Person
from contentserver.kernel.errors import Gone, NotFound
from contentserver.kernel.ids import new_token, token_hash

OLD_INVITATIONS = OldRows(Invitation, func.coalesce(Invitation.used_at, Invitation.ends_at))
"""Links that were used or have lapsed."""


def invite(session: Session, account: Account, who: Person, now: datetime) -> str:
    """A new invitation to an account.

    Returns:
        The secret of its link, which nobody can show again.
    """
    session.execute(
        delete(Invitation).where(Invitation.account_id == account.id, Invitation.used_at.is_(None)),
        execution_options={"synchronize_session": False},
    )
    token = new_token()
    session.add(
        Invitation(
            token_hash=token_hash(token),
            account_id=account.id,
            made_by=who.id,
            made_at=now,
            ends_at=now + rules.INVITED_FOR,
        )
    )
    return token


def waiting_for(session: Session, account_id: UUID, now: datetime) -> Invitation | None:
    """The invitation that somebody has not used yet."""
    query = select(Invitation).where(
        Invitation.account_id == account_id, Invitation.used_at.is_(None), Invitation.ends_at > now
    )
    return session.scalars(query.limit(1)).first()


def invited_by(session: Session, token: str, now: datetime) -> Account:
    """Whose password a link lets somebody choose.

    Raises:
        Gone: it was used, is too old, or a newer one was made.
    """
    row = session.get(Invitation, token_hash(token))
    account = session.get(Account, row.account_id) if row is not None else None
    if row is None or account is None or row.used_at is not None or now >= row.ends_at or not account.active:
        raise Gone("invitation_over", _("This link is good no more. Ask whoever sent it for a new one."))
    return account


def accept(session: Session, token: str, password: str, now: datetime) -> Account:
    """Choose the password. Whoever was signed in with the old one is so no more.

    Raises:
        Gone: the link is good no more.
        Rejected: the password cannot be taken; the link stays good.
    """
    account = invited_by(session, token, now)
    service.set_password(account, password)
    used = session.execute(
        update(Invitation)
        .where(Invitation.token_hash == token_hash(token), Invitation.used_at.is_(None))
        .values(used_at=now)
    )
    if not isinstance(used, CursorResult) or used.rowcount != 1:
        raise Gone("invitation_over", _("This link is good no more. Ask whoever sent it for a new one."))
    end_sessions(session, account.id)
    account.failed_sign_ins, account.locked_until = 0, None
    audit(session, who=service.person_of(account), action="person.joined", subject=f"account {account.id}", now=now)
    return account


def end_sessions(session: Session, account_id: UUID, but: str = "") -> int:
    """Sign somebody out everywhere, but for one session (its hash); gives how many there were."""
    gone = session.execute(
        delete(WebSession).where(WebSession.account_id == account_id, WebSession.token_hash != but),
        execution_options={"synchronize_session": "fetch"},
    )
    return gone.rowcount if isinstance(gone, CursorResult) else 0


def account_named(session: Session, account_id: UUID) -> Account:
    """An account.

    Raises:
        NotFound: there is none.
    """
    account = session.get(Account, account_id)
    if account is None:
        raise NotFound("account_unknown", _("There is no such account."))
    return account
