"""Create accounts, check passwords, keep server-side sessions, write the audit trail."""

from datetime import datetime
from uuid import UUID

import msgspec
from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from flask_babel import lazy_gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contentserver.accounts import rules
from contentserver.accounts.models import Account, AuditEntry, WebSession
from contentserver.kernel.auth import Person, Role
from contentserver.kernel.errors import Conflict, Unauthenticated
from contentserver.kernel.ids import new_token, token_hash

_hasher = PasswordHasher()
_UNKNOWN = _hasher.hash("nobody has this password")


class WrongPassword(Unauthenticated):
    """Account or password is wrong, or the account is locked; the failure is to be committed."""


def create_account(
    session: Session, *, username: str, display_name: str, password: str, role: Role, region_code: str, now: datetime
) -> Account:
    """A new account.

    Raises:
        Conflict: the name is taken.
    """
    if session.scalar(select(Account.id).where(Account.username == username)) is not None:
        raise Conflict("username_taken", _("This account name is taken."))
    account = Account(
        username=username,
        display_name=display_name,
        password_hash=_hasher.hash(password),
        role=role.value,
        region_code=region_code,
        created_at=now,
    )
    session.add(account)
    session.flush()
    return account


def open_session(session: Session, username: str, password: str, now: datetime) -> str:
    """Check the password and open a session.

    Returns:
        The secret for the cookie.

    Raises:
        WrongPassword: with the same sentence whether the account exists or not. Commit all the same.
    """
    account = session.scalar(select(Account).where(Account.username == username))
    if account is not None and rules.locked(account.locked_until, now):
        raise WrongPassword("locked", _("Too many wrong passwords. Try again in five minutes."))
    try:
        _hasher.verify(account.password_hash if account else _UNKNOWN, password)
    except VerificationError as error:
        if account is not None:
            account.failed_sign_ins += 1
            account.locked_until = rules.lock_after_failure(account.failed_sign_ins, now)
        raise WrongPassword("wrong_password", _("Account or password is wrong.")) from error
    if account is None or not account.active:
        raise WrongPassword("wrong_password", _("Account or password is wrong."))
    account.failed_sign_ins = 0
    account.locked_until = None
    token = new_token()
    session.add(WebSession(token_hash=token_hash(token), account_id=account.id, created_at=now, seen_at=now))
    return token


def close_session(session: Session, token: str) -> None:
    """Forget a session; unknown ones are ignored."""
    row = session.get(WebSession, token_hash(token))
    if row is not None:
        session.delete(row)


def load_person(session: Session, token: str, now: datetime, idle_minutes: int) -> Person | None:
    """The person behind a cookie's secret; None for an unknown or idle session and for a closed account."""
    row = session.get(WebSession, token_hash(token))
    if row is None or not row.account.active or rules.idle_too_long(row.seen_at, now, idle_minutes):
        return None
    account = row.account
    return Person(
        id=account.id,
        username=account.username,
        display_name=account.display_name,
        role=Role(account.role),
        region_code=account.region_code,
    )


def touch_session(session: Session, token: str, now: datetime) -> None:
    """Remember that the session is in use."""
    row = session.get(WebSession, token_hash(token))
    if row is not None:
        row.seen_at = now


def audit(
    session: Session,
    *,
    who: Person | None,
    action: str,
    subject: str,
    now: datetime,
    before: object = None,
    after: object = None,
) -> None:
    """Add a row to the audit trail; `before` and `after` are anything msgspec can encode."""
    session.add(
        AuditEntry(
            at=now,
            account_id=who.id if who else None,
            action=action,
            subject=subject,
            before="" if before is None else msgspec.json.encode(before).decode(),
            after="" if after is None else msgspec.json.encode(after).decode(),
        )
    )


def audited_since(session: Session, account_id: UUID, action: str, since: datetime) -> int:
    """How often somebody did `action` since an instant."""
    query = select(func.count()).where(
        AuditEntry.account_id == account_id, AuditEntry.action == action, AuditEntry.at > since
    )
    return session.scalar(query) or 0
