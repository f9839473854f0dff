"""Keep the roll of a station."""

import hashlib
from uuid import UUID

import msgspec
from flask_babel import lazy_gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contentserver.kernel.errors import Conflict, Rejected
from contentserver.members import rules
from contentserver.members.models import Member
from schedules.wire.messages import Roster, RosterMember


def add_member(session: Session, station_id: UUID, name: str, number: str) -> Member:
    """A new member of a station.

    Raises:
        Rejected: the number is not three to six digits.
        Conflict: somebody at the station has the number.
    """
    if not rules.number_valid(number):
        raise Rejected("number_wrong", _("A number has three to six digits."))
    taken = select(Member.id).where(Member.station_id == station_id, Member.number == number)
    if session.scalar(taken) is not None:
        raise Conflict("number_taken", _("Somebody at this station has this number."))
    member = Member(station_id=station_id, name=name, number=number)
    session.add(member)
    session.flush()
    return member


def roster_of(session: Session, station_id: UUID) -> Roster:
    """Who may sign in at a station; the version is a hash of the content. Names are masked: the screen is shared."""
    members = session.scalars(
        select(Member).where(Member.station_id == station_id, Member.active).order_by(Member.number)
    )
    rows = tuple(RosterMember(id=str(row.id), name=rules.masked(row.name), number=row.number) for row in members)
    version = hashlib.sha256(msgspec.json.encode(rows)).hexdigest()[:16]
    return Roster(version=version, members=rows)


def expected_at(session: Session, station_id: UUID) -> int:
    """How many members a station has."""
    return session.scalar(select(func.count()).where(Member.station_id == station_id, Member.active)) or 0
