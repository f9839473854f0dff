"""What whoever stands at the server does about accounts when nobody else can: everybody locked out, a factor lost.

They can read every secret of the installation, so nothing is asked of them; the audit trail says it was done there.
"""

from collections.abc import Sequence
from datetime import datetime

from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver.accounts import factors, inviting, people, service
from contentserver.accounts.models import Account
from contentserver.audit import audit
from contentserver.kernel.errors import Conflict, NotFound

SUBJECT = "account {}"


def every_account(session: Session) -> Sequence[tuple[Account, bool]]:
    """All accounts by name, and whether each has a second factor."""
    rows = session.scalars(select(Account).order_by(Account.region_code, Account.username)).all()
    having = people.with_factor(session, rows)
    return [(row, row.id in having) for row in rows]


def new_password(session: Session, username: str, password: str, now: datetime) -> None:
    """A password in the place of a lost one; a lock by wrong ones ends, and whoever is signed in is signed out.

    Raises:
        NotFound: there is no such account.
        Rejected: it is too short, too common, or the account's name.
    """
    account = _named(session, username)
    service.set_password(account, password)
    account.failed_sign_ins, account.locked_until = 0, None
    inviting.end_sessions(session, account.id)
    audit(session, who=None, action="person.password_at_machine", subject=SUBJECT.format(account.id), now=now)


def without_factor(session: Session, username: str, now: datetime) -> None:
    """Forget a second factor that was lost; whoever needs one sets it up at the next sign-in.

    Raises:
        NotFound: there is no such account.
        Conflict: it has none.
    """
    account = _named(session, username)
    if not factors.take_away(session, account):
        raise Conflict("no_factor", _("There is no second factor."))
    inviting.end_sessions(session, account.id)
    audit(session, who=None, action="factor.taken_at_machine", subject=SUBJECT.format(account.id), now=now)


def set_open(session: Session, username: str, now: datetime, *, is_open: bool) -> None:
    """Close an account, so that nobody signs in with it any more, or open it again.

    Raises:
        NotFound: there is no such account.
        Conflict: nobody would administer everything.
    """
    account = _named(session, username)
    if not is_open:
        people.keep_one_administrator(session, account)
        inviting.end_sessions(session, account.id)
    account.active = is_open
    action = "person.opened" if is_open else "person.closed"
    audit(session, who=None, action=action, subject=SUBJECT.format(account.id), now=now)


def _named(session: Session, username: str) -> Account:
    account = session.scalars(select(Account).where(Account.username == username)).one_or_none()
    if account is None:
        raise NotFound("account_unknown", _("There is no such account; contentserver admin add-account makes one."))
    return account
