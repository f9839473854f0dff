"""Tokens for programs: made by a person for themselves, shown once, kept as hashes, ended by a day or by hand."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from flask_babel import lazy_gettext as _
from sqlalchemy import case, select
from sqlalchemy.orm import Session

from contentserver.accounts import Account, person_of
from contentserver.audit import audit
from contentserver.kernel.aging import OldRows
from contentserver.kernel.auth import Person, Right
from contentserver.kernel.errors import Conflict, NotFound, Rejected, Unauthenticated
from contentserver.kernel.ids import new_token, token_hash
from contentserver.reports.models import ApiToken

MOST = 20
"""Tokens of one person that hold at the same time."""
LONGEST_DAYS = 366
LONGEST_NAME = 60
PREFIX = "yj_"
"""By which a token is known where somebody left one lying about."""
ENDED_TOKENS = OldRows(
    ApiToken,
    case((ApiToken.revoked_at < ApiToken.expires_at, ApiToken.revoked_at), else_=ApiToken.expires_at),
)
"""Tokens that opened something once; one that still does lies ahead of every instant that has passed."""


def make_token(session: Session, who: Person, name: str, days: int, now: datetime) -> tuple[ApiToken, str]:
    """A new token, and the secret, which nobody sees again.

    Raises:
        Rejected: it has no name, or holds too long.
        Conflict: the person has too many.
    """
    name = name.strip()
    if not 0 < len(name) <= LONGEST_NAME:
        raise Rejected("name_wrong", _("Give it a name of at most 60 characters."))
    if not 1 <= days <= LONGEST_DAYS:
        raise Rejected("days_wrong", _("A token holds for 1 to 366 days."))
    if sum(holds(one, now) for one in tokens_of(session, who)) >= MOST:
        raise Conflict("too_many_tokens", _("You have 20 tokens. End one of them first."))
    secret = PREFIX + new_token()
    row = ApiToken(
        account_id=who.id,
        name=name,
        region_code=who.region_code,
        token_hash=token_hash(secret),
        made_at=now,
        expires_at=now + timedelta(days=days),
    )
    session.add(row)
    session.flush()
    audit(session, who=who, action="token.made", subject=f"token {row.id}", now=now, after={"name": name, "days": days})
    return row, secret


def tokens_of(session: Session, who: Person) -> Sequence[ApiToken]:
    """A person's tokens, the newest first."""
    query = select(ApiToken).where(ApiToken.account_id == who.id)
    return session.scalars(query.order_by(ApiToken.made_at.desc(), ApiToken.id.desc())).all()


def token_named(session: Session, who: Person, token_id: UUID) -> ApiToken:
    """One of a person's tokens, also one that has ended.

    Raises:
        NotFound: the person has none such.
    """
    row = session.get(ApiToken, token_id)
    if row is None or row.account_id != who.id:
        raise NotFound("token_unknown", _("You have no such token."))
    return row


def revoke(session: Session, who: Person, token_id: UUID, now: datetime) -> ApiToken:
    """End a token; one that has ended stays so.

    Raises:
        NotFound: the person has no such token.
    """
    row = token_named(session, who, token_id)
    if row.revoked_at is None:
        row.revoked_at = now
        audit(session, who=who, action="token.revoked", subject=f"token {row.id}", now=now)
    return row


def holds(row: ApiToken, now: datetime) -> bool:
    """Whether a token still opens anything."""
    return row.revoked_at is None and row.expires_at > now


def person_with(session: Session, secret: str, now: datetime) -> tuple[ApiToken, Person]:
    """Whoever a secret stands for, within the region of the token and of the person today, whichever is smaller.

    Raises:
        Unauthenticated: unknown, ended, or its owner may not see reports any more.
    """
    row = session.scalar(select(ApiToken).where(ApiToken.token_hash == token_hash(secret)))
    account = session.get(Account, row.account_id) if row is not None else None
    if row is None or account is None or not holds(row, now) or not account.active:
        raise Unauthenticated("token_unknown", _("This token is unknown or has ended."))
    person = person_of(account)
    region = max(row.region_code, person.region_code, key=len)
    if not person.may(Right.SEE_REPORTS) or not (person.reaches(region) and region.startswith(row.region_code)):
        raise Unauthenticated("token_unknown", _("This token is unknown or has ended."))
    return row, Person(person.id, person.username, person.display_name, person.role, region)
