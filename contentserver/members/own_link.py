"""The secret address of somebody's own record: handed out by the administrator, shown once, ended at any time."""

import secrets
from datetime import datetime

from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver.audit import audit
from contentserver.kernel.auth import Person
from contentserver.kernel.errors import Conflict, NotFound
from contentserver.kernel.ids import token_hash
from contentserver.members.models import Member


def give(session: Session, member: Member, who: Person, now: datetime) -> str:
    """A new secret; the one before leads nowhere from now on.

    Raises:
        Conflict: they are no longer on the roll.
    """
    if not member.active or member.merged_into is not None:
        raise Conflict("member_left", _("They are no longer on the roll of the station."))
    secret = secrets.token_urlsafe(16)
    member.own_link_hash = token_hash(secret)
    audit(session, who=who, action="own_link.given", subject=f"member {member.id}", now=now)
    return secret


def end(session: Session, member: Member, who: Person, now: datetime) -> None:
    """It leads nowhere any more."""
    member.own_link_hash = ""
    audit(session, who=who, action="own_link.ended", subject=f"member {member.id}", now=now)


def member_holding(session: Session, secret: str) -> Member:
    """Whose address it is.

    Raises:
        NotFound: nobody's, or nobody's any more.
    """
    query = select(Member).where(Member.own_link_hash == token_hash(secret), Member.merged_into.is_(None))
    found = session.scalars(query).first() if secret else None
    if found is None or not found.active:
        raise NotFound("link_unknown", _("This address leads nowhere any more. Ask at the station for a new one."))
    return found
