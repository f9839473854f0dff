"""Who has an account: found, invited, changed, closed. Nobody decides above their own rights, region, or themselves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import Session, aliased

from contentserver.accounts import factors, inviting, rules
from contentserver.accounts.models import Account, Invitation, SecondFactor
from contentserver.audit import AuditEntry, audit
from contentserver.kernel.auth import Person, Role
from contentserver.kernel.errors import Conflict, Forbidden, NotFound, Rejected
from contentserver.kernel.ids import new_id
from contentserver.regions import Region, parents_named, region_named, regions_in, subtree_filter

STATES = ("in_use", "invited", "closed")
ENTRIES_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Facts:
    """What is decided about somebody."""

    username: str
    display_name: str
    role: Role
    region_code: str
    mail: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """Which people are looked for."""

    words: str = ""
    role: str = ""
    region: str = ""
    state: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of the audit trail, with names."""

    row: AuditEntry
    by: str
    for_whom: str


def people_query(who: Person, found: Found) -> Select[Any]:
    """The people of somebody's region that are looked for, by name."""
    query = select(Account).where(subtree_filter(Account.region_code, who.region_code))
    if found.words:
        like = [column.icontains(found.words, autoescape=True) for column in (Account.display_name, Account.username)]
        query = query.where(or_(*like))
    if found.role:
        query = query.where(Account.role == found.role)
    if found.region:
        query = query.where(subtree_filter(Account.region_code, found.region))
    if found.state in STATES:
        query = query.where(_in_state(found.state))
    return query.order_by(Account.region_code, Account.display_name, Account.id)


def _in_state(state: str) -> ColumnElement[bool]:
    if state == "closed":
        return Account.active.is_(False)
    return and_(Account.active, Account.password_hash == "" if state == "invited" else Account.password_hash != "")


def with_factor(session: Session, accounts: Sequence[Account]) -> set[UUID]:
    """Who of them has a second factor."""
    query = select(SecondFactor.account_id).where(
        SecondFactor.account_id.in_([one.id for one in accounts]), SecondFactor.secret != ""
    )
    return set(session.scalars(query))


def person_asked(session: Session, account_id: UUID, who: Person) -> Account:
    """An account of somebody's region.

    Raises:
        NotFound: there is none there.
    """
    account = session.get(Account, account_id)
    if account is None or not who.reaches(account.region_code):
        raise NotFound("account_unknown", _("There is no such account."))
    return account


def may_decide(account: Account, who: Person) -> bool:
    """Whether somebody decides about an account: not about their own, nor about one with more rights."""
    return account.id != who.id and rules.may_grant(who, Role(account.role), account.region_code)


def require_decide(account: Account, who: Person) -> None:
    """Raise Forbidden unless they may."""
    if account.id == who.id:
        raise Forbidden("own_account", _("Nobody decides about their own account. Ask another administrator."))
    if not may_decide(account, who):
        raise Forbidden("beyond_own_rights", _("This account has rights that yours has not."))


def grantable(who: Person) -> tuple[Role, ...]:
    """The roles that somebody may give within their region."""
    return tuple(role for role in Role if rules.may_grant(who, role, who.region_code))


def add(session: Session, facts: Facts, who: Person, now: datetime) -> tuple[Account, str]:
    """Invite somebody; gives the account and the secret of the invitation's link.

    Raises:
        Rejected, Conflict, Forbidden, NotFound: the facts are wrong, or beyond one's own rights.
    """
    _require_facts(session, facts, who)
    if session.scalar(select(Account.id).where(Account.username == facts.username)) is not None:
        raise Conflict("username_taken", _("This account name is taken."))
    account = add_row(session, facts, now)
    session.flush()
    audit(session, who=who, action="person.invited", subject=f"account {account.id}", now=now, after=_told(account))
    return account, inviting.invite(session, account, who, now)


def add_row(session: Session, facts: Facts, now: datetime) -> Account:
    """The row of somebody who has no password yet."""
    account = Account(
        id=new_id(),
        username=facts.username,
        display_name=facts.display_name,
        password_hash="",
        role=facts.role.value,
        region_code=facts.region_code,
        mail=facts.mail,
        created_at=now,
    )
    session.add(account)
    return account


def change(session: Session, account: Account, facts: Facts, who: Person, now: datetime) -> None:
    """Another name, role, region or address. With another role or region they sign in anew.

    Raises:
        Rejected, Conflict, Forbidden, NotFound: as `add`; nothing was changed.
    """
    require_decide(account, who)
    _require_facts(session, facts, who, known=True)
    other = (facts.role.value, facts.region_code) != (account.role, account.region_code)
    if other:
        keep_one_administrator(session, account)
    before = _told(account)
    account.display_name, account.mail = facts.display_name, facts.mail
    account.role, account.region_code = facts.role.value, facts.region_code
    if other:
        inviting.end_sessions(session, account.id)
    subject = f"account {account.id}"
    audit(session, who=who, action="person.changed", subject=subject, now=now, before=before, after=_told(account))


def close(session: Session, account: Account, who: Person, now: datetime) -> None:
    """Nobody signs in with the account any more, and whoever is, is signed out.

    Raises:
        Forbidden: beyond one's own rights.
        Conflict: nobody would administer everything.
    """
    require_decide(account, who)
    keep_one_administrator(session, account)
    account.active = False
    inviting.end_sessions(session, account.id)
    audit(session, who=who, action="person.closed", subject=f"account {account.id}", now=now)


def reopen(session: Session, account: Account, who: Person, now: datetime) -> None:
    """Open a closed account again."""
    require_decide(account, who)
    account.active = True
    audit(session, who=who, action="person.opened", subject=f"account {account.id}", now=now)


def invite_again(session: Session, account: Account, who: Person, now: datetime) -> str:
    """A new link to choose a password; the old password holds until it is used.

    Raises:
        Conflict: the account is closed.
    """
    require_decide(account, who)
    if not account.active:
        raise Conflict("account_closed", _("The account is closed. Open it first."))
    subject = f"account {account.id}"
    audit(session, who=who, action="person.invited_again", subject=subject, now=now)
    return inviting.invite(session, account, who, now)


def take_factor_away(session: Session, account: Account, who: Person, now: datetime) -> None:
    """Forget a lost second factor; whoever needs one sets it up anew at the next sign-in.

    Raises:
        Conflict: there is none.
    """
    require_decide(account, who)
    if not factors.take_away(session, account):
        raise Conflict("no_factor", _("There is no second factor."))
    inviting.end_sessions(session, account.id)
    audit(session, who=who, action="factor.taken_away", subject=f"account {account.id}", now=now)


def sign_out(session: Session, account: Account, who: Person, now: datetime) -> int:
    """Sign somebody out everywhere; gives how many sessions that were."""
    require_decide(account, who)
    ended = inviting.end_sessions(session, account.id)
    subject = f"account {account.id}"
    audit(session, who=who, action="person.signed_out", subject=subject, now=now, after={"sessions": ended})
    return ended


def history(session: Session, account: Account) -> Sequence[Entry]:
    """What was done about an account and by its owner, the newest first."""
    by, whom = aliased(Account), aliased(Account)
    rows = session.execute(
        select(AuditEntry, by.display_name, whom.display_name)
        .outerjoin(by, by.id == AuditEntry.account_id)
        .outerjoin(whom, whom.id == AuditEntry.for_account_id)
        .where(or_(AuditEntry.account_id == account.id, AuditEntry.subject == f"account {account.id}"))
        .order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
        .limit(ENTRIES_SHOWN)
    )
    return [Entry(row, name or "", for_whom or "") for row, name, for_whom in rows]


def invitations_of(session: Session, accounts: Sequence[Account], now: datetime) -> Mapping[UUID, datetime]:
    """Until when each of them may use their invitation."""
    query = select(Invitation.account_id, Invitation.ends_at).where(
        Invitation.account_id.in_([one.id for one in accounts]), Invitation.used_at.is_(None), Invitation.ends_at > now
    )
    return {row.account_id: row.ends_at for row in session.execute(query)}


def place_names(session: Session, codes: Sequence[str]) -> dict[str, str]:
    """For each region's code, its name with the county and township before it; for the empty one, everywhere."""
    known = {code for code in codes if code}
    above = parents_named(session, known)
    names = {row.code: row.name for row in session.scalars(select(Region).where(Region.code.in_(known)))}
    named = {code: f"{above[code]} {names[code]}".strip() for code in names}
    return {**named, "": str(_("everywhere"))}


class Places:
    """The regions that somebody reaches, by code and by the names on the way down to them."""

    def __init__(self, session: Session, root: str) -> None:
        self._root = root
        rows = regions_in(session, root)
        self.paths: dict[str, str] = {}
        names = {row.code: row.name for row in rows}
        for row in rows:
            above = self.paths.get(row.parent_code or "", "") if row.parent_code in names else ""
            self.paths[row.code] = f"{above} {row.name}".strip()
        self._ends: dict[str, list[str]] = {}
        for code, path in self.paths.items():
            words = path.split(" ")
            for start in range(len(words)):
                self._ends.setdefault(" ".join(words[start:]), []).append(code)

    def find(self, text: str) -> str:
        """The code of the region that is meant.

        Raises:
            Rejected: there is none, or several are called so.
        """
        named = " ".join(text.replace("/", " ").split())
        if not named and not self._root:
            return ""
        if named in self.paths:
            return named
        found = self._ends.get(named, [])
        if len(found) == 1:
            return found[0]
        if found:
            raise Rejected("region_unclear", _("Several regions are called that; write the township before it."))
        raise Rejected("region_unknown", _("This is no region of yours: %(name)s", name=named[:60] or "—"))


def _require_facts(session: Session, facts: Facts, who: Person, *, known: bool = False) -> None:
    """Refuse facts that are wrong, or a role and a region that are not theirs to give."""
    if fault := fault_of(facts, known=known):
        raise fault
    if facts.region_code:
        region_named(session, facts.region_code)
    if not rules.may_grant(who, facts.role, facts.region_code):
        raise Forbidden("beyond_own_rights", _("You can give only rights that you have, in your own region."))


def fault_of(facts: Facts, *, known: bool = False) -> Rejected | None:
    """What is wrong with a name or an address; `known`: the account is there already, whatever it is called."""
    if not known and not rules.account_name_good(facts.username):
        return Rejected(
            "username_wrong", _("An account name has 2 to 32 small letters, figures, dots or dashes, such as li.min")
        )
    if not facts.display_name or len(facts.display_name) > 64 or facts.display_name[0] in "=+-@":
        return Rejected("name_wrong", _("Write the person's name, at most 64 characters."))
    if facts.mail and ("@" not in facts.mail[1:-1] or len(facts.mail) > 200 or not facts.mail.isprintable()):
        return Rejected("mail_wrong", _("This is no mail address."))
    return None


def keep_one_administrator(session: Session, account: Account) -> None:
    """Raise Conflict if nobody else, with a password, would administer everything. Holds until the end of the work."""
    query = select(Account).where(Account.role == Role.SYSTEM_ADMIN.value, Account.region_code == "", Account.active)
    those = session.scalars(query.order_by(Account.id).with_for_update()).all()
    if account.id in {one.id for one in those} and not any(one.password_hash and one.id != account.id for one in those):
        raise Conflict("last_administrator", _("This is the last account that administers everything."))


def _told(account: Account) -> dict[str, str]:
    return {
        "username": account.username,
        "name": account.display_name,
        "role": account.role,
        "region": account.region_code,
        "mail": account.mail,
    }
