"""Feeds: secrets by which programs bring prices, made on a page, shown once, kept as hashes, ended by a day or by hand.

A feed acts for whoever made it, within its region: when that account is closed, moved or may not keep prices any more,
the feed brings nothing either.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver.accounts import Account, person_of
from contentserver.audit import audit
from contentserver.kernel.auth import Person, Right
from contentserver.kernel.errors import Conflict, NotFound, Rejected, Unauthenticated
from contentserver.kernel.ids import new_token, token_hash
from contentserver.market.models import Feed
from contentserver.regions import region_asked, subtree_filter

MOST = 20
"""Feeds of one region that hold at the same time."""
LONGEST_DAYS = 366
LONGEST_NAME = 60
PREFIX = "yjm_"
"""By which the secret is known where somebody left one lying about."""


def make(session: Session, region_code: str, name: str, days: int, who: Person, now: datetime) -> tuple[Feed, str]:
    """A new feed for a region, and its secret, which nobody sees again.

    Raises:
        Forbidden: the region lies outside the person's.
        Rejected: it has no name, or holds too long.
        Conflict: the region has too many.
    """
    region_asked(session, region_code, who)
    name = " ".join(name.split())
    if not 0 < len(name) <= LONGEST_NAME:
        raise Rejected("name_wrong", _("Give it a name of at most 60 characters."))
    if not 1 <= days <= LONGEST_DAYS:
        raise Rejected("days_wrong", _("A feed holds for 1 to 366 days."))
    if sum(holds(one, now) for one in feeds_of(session, region_code)) >= MOST:
        raise Conflict("too_many_feeds", _("The region has 20 feeds. End one of them first."))
    secret = PREFIX + new_token()
    row = Feed(
        region_code=region_code,
        name=name,
        token_hash=token_hash(secret),
        made_by=who.id,
        made_at=now,
        expires_at=now + timedelta(days=days),
    )
    session.add(row)
    session.flush()
    told = {"name": name, "days": days, "region": region_code}
    audit(session, who=who, action="market.feed_made", subject=f"feed {row.id}", now=now, after=told)
    return row, secret


def feeds_of(session: Session, root: str) -> Sequence[Feed]:
    """The feeds of a region and below it, the newest first."""
    query = select(Feed).where(subtree_filter(Feed.region_code, root))
    return session.scalars(query.order_by(Feed.made_at.desc(), Feed.id.desc())).all()


def where_feed(session: Session, feed_id: UUID) -> str:
    """The region of a feed.

    Raises:
        NotFound: there is none.
    """
    return feed_with(session, feed_id).region_code


def feed_with(session: Session, feed_id: UUID) -> Feed:
    """The feed with this id.

    Raises:
        NotFound: there is none.
    """
    row = session.get(Feed, feed_id)
    if row is None:
        raise NotFound("feed_unknown", _("There is no such feed."))
    return row


def end(session: Session, row: Feed, who: Person, now: datetime) -> None:
    """End a feed; one that has ended stays so."""
    if row.revoked_at is None:
        row.revoked_at = now
        audit(session, who=who, action="market.feed_ended", subject=f"feed {row.id}", now=now)


def holds(row: Feed, now: datetime) -> bool:
    """Whether a feed still brings anything."""
    return row.revoked_at is None and row.expires_at > now


def person_with(session: Session, secret: str, now: datetime) -> tuple[Feed, Person]:
    """Whoever a secret stands for, within the feed's region.

    Raises:
        Unauthenticated: unknown, ended, or its maker does not keep prices there any more.
    """
    row = session.scalar(select(Feed).where(Feed.token_hash == token_hash(secret)))
    account = session.get(Account, row.made_by) if row is not None else None
    if row is not None and account is not None and holds(row, now) and account.active:
        person = person_of(account)
        if person.may(Right.KEEP_MARKET) and person.reaches(row.region_code):
            return row, Person(person.id, person.username, person.display_name, person.role, row.region_code)
    raise Unauthenticated("feed_unknown", _("This feed is unknown or has ended."))
