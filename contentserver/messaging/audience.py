"""Who a message is for: the rule of a group, asked now."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from contentserver.accounts import Account
from contentserver.attendance import stayed_away
from contentserver.kernel.auth import Person
from contentserver.kernel.sealing import Seal
from contentserver.members import Branch, Member
from contentserver.messaging import rules
from contentserver.messaging.models import OptOut
from contentserver.messaging.rules import Audience, Channel
from contentserver.regions import subtree_filter
from contentserver.stations import Station, stations_of_groups

MEMBER, ACCOUNT = "member", "account"


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody whom the rule chooses; `sealed` and `mark` are of their address, empty where none is known."""

    kind: str
    id: UUID
    name: str
    station: str
    sealed: str
    mark: str


@dataclass(frozen=True, slots=True)
class Counted:
    """Whom a message reaches.

    Attributes:
        reached: each address once.
        shared: people whose address somebody before them has.
        without: people of whom no address is known.
        opted_out: people who want no messages.
        parts: short messages in all.
    """

    reached: Sequence[Recipient]
    shared: int
    without: int
    opted_out: int
    parts: int


def recipients(session: Session, audience: Audience, channel: Channel, seal: Seal, now: datetime) -> list[Recipient]:
    """Everybody whom the rule chooses, those without an address too, in order of region and name."""
    if audience.staff:
        return list(_staff(session, audience, channel, seal))
    if channel is Channel.MAIL:
        return []
    query = _members(audience)
    if audience.groups:
        query = query.where(Station.id.in_(stations_of_groups(session, [UUID(one) for one in audience.groups])))
    if audience.branches:
        query = query.where(Member.branch_id.in_(_with_below([UUID(one) for one in audience.branches])))
    rows = list(session.execute(query))
    if audience.missed:
        away = stayed_away(session, audience.region, audience.missed, now)
        rows = [row for row in rows if row[0].id in away]
    return [
        Recipient(MEMBER, member.id, member.name, station, member.phone_sealed, member.phone_mark)
        for member, station in rows
    ]


def counted(
    session: Session, audience: Audience, channel: Channel, text: str, *, urgent: bool, seal: Seal, now: datetime
) -> Counted:
    """Whom a message would reach now, and in how many short messages."""
    chosen = recipients(session, audience, channel, seal, now)
    refused = set() if urgent and audience.staff else set(session.scalars(select(OptOut.address_mark)))
    reached: dict[str, Recipient] = {}
    shared = without = opted_out = 0
    for one in chosen:
        if not one.mark:
            without += 1
        elif one.mark in refused:
            opted_out += 1
        elif one.mark in reached:
            shared += 1
        else:
            reached[one.mark] = one
    parts = 0
    if channel is Channel.SMS:
        parts = sum(rules.length_of(rules.filled(text, one.name, one.station)).parts for one in reached.values())
    return Counted(list(reached.values()), shared, without, opted_out, parts)


def read(json: str) -> Audience:
    """A rule as the database keeps it."""
    return msgspec.json.decode(json, type=Audience)


def written(audience: Audience) -> str:
    """The other way."""
    return msgspec.json.encode(audience).decode()


def within(audience: Audience, who: Person) -> bool:
    """Whether a person may write to this audience: all of it lies in their region."""
    return who.reaches(audience.region)


def _members(audience: Audience) -> Select[Member, str]:
    return (
        select(Member, Station.name)
        .join(Station, Station.id == Member.station_id)
        .where(Member.active, subtree_filter(Station.region_code, audience.region))
        .order_by(Station.region_code, Member.number, Member.id)
    )


def _with_below(ids: Sequence[UUID]) -> Select[UUID]:
    """The ids of some branches and of every branch below one of them."""
    found = select(Branch.id).where(Branch.id.in_(ids)).cte("found", recursive=True)
    found = found.union(select(Branch.id).join(found, Branch.parent_id == found.c.id))
    return select(found.c.id)


def _staff(session: Session, audience: Audience, channel: Channel, seal: Seal) -> Iterator[Recipient]:
    query = select(Account).where(Account.active, subtree_filter(Account.region_code, audience.region))
    if audience.roles:
        query = query.where(Account.role.in_(audience.roles))
    for one in session.scalars(query.order_by(Account.region_code, Account.display_name, Account.id)):
        yield of_account(one, channel, seal)


def of_account(account: Account, channel: Channel, seal: Seal) -> Recipient:
    """Somebody with an account, at their mail address or their mobile number."""
    if channel is Channel.MAIL:
        mail = account.mail.strip().lower()
        return Recipient(ACCOUNT, account.id, account.display_name, "", seal.seal(mail), seal.mark(mail))
    return Recipient(ACCOUNT, account.id, account.display_name, "", account.phone_sealed, account.phone_mark)
