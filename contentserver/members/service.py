"""Keep the roll of a station."""

import hashlib
from collections.abc import Collection, Iterator
from itertools import groupby
from operator import itemgetter
from uuid import UUID

import msgspec
from flask_babel import lazy_gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contentserver.kernel.errors import Conflict, Rejected
from contentserver.kernel.phones import mobile_number
from contentserver.kernel.sealing import Seal
from contentserver.members import rules
from contentserver.members.models import Member
from schedules.wire.messages import Roster, RosterMember


def add_member(session: Session, station_id: UUID, name: str, number: str, card: str = "") -> Member:
    """A new member of a station.

    Raises:
        Rejected: the number is not three to six digits, or the card not four to twenty.
        Conflict: somebody at the station has the number, or the card.
    """
    if not rules.number_valid(number):
        raise Rejected("number_wrong", _("A number has three to six digits."))
    if card and not rules.card_valid(card):
        raise Rejected("card_wrong", _("A card's code has four to twenty digits."))
    taken = select(Member.id).where(Member.station_id == station_id, Member.number == number)
    if session.scalar(taken) is not None:
        raise Conflict("number_taken", _("Somebody at this station has this number."))
    same_card = select(Member.id).where(Member.station_id == station_id, Member.card == card)
    if card and session.scalar(same_card) is not None:
        raise Conflict("card_taken", _("Somebody at this station has this card."))
    member = Member(station_id=station_id, name=name, number=number, card=card)
    session.add(member)
    session.flush()
    return member


def roster_of(session: Session, station_id: UUID) -> Roster:
    """Who may sign in at a station, as its television lists them; the version is a hash of the content.

    Names are whole: a village looks for them on its own screen. Everywhere else: `masked_roster_of`.
    """
    return dict(_rosters(session, [station_id]))[station_id]


def roster_versions(session: Session, station_ids: Collection[UUID]) -> dict[UUID, str]:
    """The version of the roster of each of some stations."""
    return {station: roster.version for station, roster in _rosters(session, station_ids)}


def _rosters(session: Session, station_ids: Collection[UUID]) -> Iterator[tuple[UUID, Roster]]:
    """The roster of each station, one after the other: a county's members are many."""
    query = (
        select(Member.station_id, Member.id, Member.name, Member.number, Member.card)
        .where(Member.station_id.in_(station_ids), Member.active)
        .order_by(Member.station_id, Member.number)
    )
    empty = set(station_ids)
    for station, found in groupby(session.execute(query), key=itemgetter(0)):
        empty.discard(station)
        members = (
            RosterMember(id=str(id_), name=name, number=number, card=card) for _s, id_, name, number, card in found
        )
        yield station, _roster(tuple(members))
    for station in empty:
        yield station, _roster(())


def _roster(members: tuple[RosterMember, ...]) -> Roster:
    return Roster(version=hashlib.sha256(msgspec.json.encode(members)).hexdigest()[:16], members=members)


def masked_roster_of(session: Session, station_id: UUID) -> Roster:
    """The same with masked names, for pages that others read."""
    whole = roster_of(session, station_id)
    masked = (msgspec.structs.replace(one, name=rules.masked(one.name)) for one in whole.members)
    return Roster(version=whole.version, members=tuple(masked))


def member_numbered(session: Session, station_id: UUID, number: str) -> Member | None:
    """The active member of a station with exactly this number; whatever else was typed finds nobody."""
    if not rules.number_valid(number):
        return None
    known = select(Member).where(Member.station_id == station_id, Member.number == number, Member.active)
    return session.scalar(known)


def members_by_id(session: Session, ids: Collection[str]) -> dict[str, Member]:
    """Members by the ids that evidence knows them by, whatever their station and whether they are still active."""
    known: dict[str, Member] = {}
    keys = sorted(key for one in ids if (key := _uuid(one)) is not None)
    for first in range(0, len(keys), 500):
        some = select(Member).where(Member.id.in_(keys[first : first + 500]))
        known |= {str(member.id): member for member in session.scalars(some)}
    return known


def set_phone(session: Session, member: Member, text: str, seal: Seal) -> None:
    """Note a member's mobile number; the empty text takes it away.

    Raises:
        Rejected: it is no mobile number.
    """
    number = mobile_number(text) if text.strip() else ""
    if number is None:
        raise Rejected("phone_wrong", _("This is no mobile number: eleven digits that begin with 1."))
    member.phone_sealed, member.phone_mark = seal.seal(number), seal.mark(number)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def expected_at(session: Session, station_id: UUID) -> int:
    """How many members a station has."""
    return session.scalar(select(func.count()).where(Member.station_id == station_id, Member.active)) or 0
