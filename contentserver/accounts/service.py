"""Create accounts, check passwords, keep server-side sessions.

What is asked for beside a password: `factors.py`. Standing in for somebody: `standing_in.py`.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from flask_babel import lazy_gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contentserver.accounts import passwords, rules, standing_in
from contentserver.accounts.models import Account, WebSession
from contentserver.accounts.passwords import Fault
from contentserver.accounts.rules import Device, Step
from contentserver.audit import AuditEntry
from contentserver.kernel.aging import OldRows
from contentserver.kernel.auth import Person, Role
from contentserver.kernel.errors import Conflict, NotFound, Rejected, Unauthenticated
from contentserver.kernel.ids import new_token, token_hash

_hasher = PasswordHasher()
NOWHERE = Device()
OLD_SESSIONS = OldRows(WebSession, WebSession.seen_at)
"""Sign-ins that nobody uses any more."""
OLD_LOCKS = OldRows(Account, Account.locked_until, instead={"failed_sign_ins": 0, "locked_until": None})
"""Wrong passwords of long ago."""


class WrongPassword(Unauthenticated):
    """Account, password or code is wrong, or the account is locked; the failure is to be committed."""


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


def account_with(session: Session, username: str, password: str, now: datetime) -> Account:
    """The account that a name and a password open.

    Raises:
        WrongPassword: with the same sentence whether the account exists or not. Commit all the same.
    """
    account = session.scalar(select(Account).where(Account.username == username).with_for_update())
    check_password(account, password, now)
    if account is None or not account.active:
        raise WrongPassword("wrong_password", _("Account or password is wrong."))
    return account


def check_password(account: Account | None, password: str, now: datetime) -> None:
    """Refuse a wrong password, and any while the account is locked; it takes as long where there is no account.

    Raises:
        WrongPassword: commit all the same.
    """
    if account is not None:
        refuse_locked(account, now)
    try:
        _hasher.verify(account.password_hash if account and account.password_hash else _unknown(), password)
    except VerificationError as error:
        if account is not None:
            count_failure(account, now)
        raise WrongPassword("wrong_password", _("Account or password is wrong.")) from error


def refuse_locked(account: Account, now: datetime) -> None:
    """Raise WrongPassword while the account is locked."""
    if account.locked_until is not None and rules.locked(account.locked_until, now):
        minutes = rules.minutes_left(account.locked_until, now)
        raise WrongPassword("locked", _("Too many wrong attempts. Try again in %(minutes)s minutes.", minutes=minutes))


def count_failure(account: Account, now: datetime) -> None:
    """One more wrong password or code in a row; some lock the account, for longer each time."""
    account.failed_sign_ins += 1
    account.locked_until = rules.lock_after_failure(account.failed_sign_ins, now)


def set_password(account: Account, password: str) -> None:
    """A new password.

    Raises:
        Rejected: it is too short, too common, or the account's name.
    """
    fault = passwords.fault_of(password, (account.username, account.display_name))
    if fault is not None:
        raise Rejected(f"password_{fault}", _FAULTS[fault])
    account.password_hash = _hasher.hash(password)


def open_session(
    session: Session, account: Account, now: datetime, device: Device = NOWHERE, step: Step = Step.NOTHING
) -> str:
    """A session for somebody who gave their password; whole, or one that waits for a step.

    Returns:
        The secret for the cookie.
    """
    if step is Step.NOTHING:
        account.failed_sign_ins, account.locked_until = 0, None
    token = new_token()
    session.add(
        WebSession(
            token_hash=token_hash(token),
            account_id=account.id,
            created_at=now,
            seen_at=now,
            address=device.address[:45],
            agent=rules.agent_in_short(device.agent),
            step=step.value,
            confirmed_at=now,
        )
    )
    return token


def close_session(session: Session, token: str) -> None:
    """Forget a session; unknown ones are ignored."""
    row = session.get(WebSession, token_hash(token))
    if row is not None:
        session.delete(row)


def session_of(session: Session, token: str, now: datetime, idle_minutes: int, step: Step) -> WebSession | None:
    """The session behind a cookie's secret, as far as it has come; None once it is over or the account closed."""
    row = session.get(WebSession, token_hash(token))
    if row is None or row.step != step or not row.account.active:
        return None
    ended = rules.over(row.created_at, now, step) or rules.idle_too_long(row.seen_at, now, idle_minutes)
    return None if ended else row


def load_person(session: Session, token: str, now: datetime, idle_minutes: int) -> Person | None:
    """The person behind a cookie's secret; None for an unknown, idle or ended session and for a closed account."""
    row = session_of(session, token, now, idle_minutes, Step.NOTHING)
    if row is None:
        return None
    giver = None if row.delegation_id is None else standing_in.giver_of(session, row.delegation_id, row.account, now)
    own = replace(person_of(row.account), confirmed_at=row.confirmed_at)
    if giver is None:
        return own
    return replace(
        own,
        role=Role(giver.role),
        region_code=giver.region_code,
        acts_for=giver.id,
        acts_for_name=giver.display_name,
    )


def person_of(account: Account) -> Person:
    """The account's owner, as one who acts."""
    return Person(
        id=account.id,
        username=account.username,
        display_name=account.display_name,
        role=Role(account.role),
        region_code=account.region_code,
    )


def named_or_administrator(session: Session, username: str = "") -> Person:
    """The owner of an account, for whoever works at the server's command line.

    Args:
        username: empty for the first account that administers everything.

    Raises:
        NotFound: there is no such account, or it is closed.
    """
    query = select(Account).where(Account.active).order_by(Account.created_at)
    if username:
        query = query.where(Account.username == username)
    else:
        query = query.where(Account.role == Role.SYSTEM_ADMIN.value, Account.region_code == "")
    account = session.scalars(query.limit(1)).first()
    if account is None:
        raise NotFound("account_unknown", _("There is no such account; contentserver admin add-account makes one."))
    return person_of(account)


def touch_session(session: Session, token: str, now: datetime) -> None:
    """Remember that the session is in use."""
    row = session.get(WebSession, token_hash(token))
    if row is not None:
        row.seen_at = now


def audited_about(session: Session, subject: str) -> Sequence[tuple[AuditEntry, str]]:
    """What stands in the audit trail about a subject, the oldest first, and the name of who did it."""
    query = (
        select(AuditEntry, func.coalesce(Account.display_name, ""))
        .outerjoin(Account, Account.id == AuditEntry.account_id)
        .where(AuditEntry.subject == subject)
        .order_by(AuditEntry.at, AuditEntry.id)
    )
    return [(entry, name) for entry, name in session.execute(query)]


_FAULTS = {
    Fault.SHORT: _("A password has ten characters or more. Four words that do not belong together are good."),
    Fault.LONG: _("A password has at most 200 characters."),
    Fault.NAME: _("The password must not be the name. Choose another one."),
    Fault.COMMON: _("This password is easy to guess. Choose a longer one, such as four words."),
}


@cache
def _unknown() -> str:
    """What an account that is not there is held against, so that it takes as long as one that is."""
    return _hasher.hash(new_token())
