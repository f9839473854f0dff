"""What became of a record: with which others it was merged, and whether that was undone."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from contentserver.accounts import Account
from contentserver.members.models import Member, MemberMerge
from contentserver.stations import Station


@dataclass(frozen=True, slots=True)
class Merged:
    """A merge with the other record, its station, and who did it."""

    row: MemberMerge
    other: Member
    station: Station
    by: str
    kept: bool
    """Whether the record that is looked at is the one that stands for both."""


def merges_of(session: Session, member: Member) -> list[Merged]:
    """Every merge of a record, the latest first."""
    query = select(MemberMerge).where(or_(MemberMerge.kept_id == member.id, MemberMerge.absorbed_id == member.id))
    found = []
    for row in session.scalars(query.order_by(MemberMerge.at.desc())):
        kept = row.kept_id == member.id
        other = session.get_one(Member, row.absorbed_id if kept else row.kept_id)
        station = session.get_one(Station, other.station_id)
        found.append(Merged(row, other, station, session.get_one(Account, row.by).display_name, kept))
    return found


def ids_of(session: Session, member_id: UUID) -> Sequence[UUID]:
    """The ids by which evidence may know a member: their own, and those of the records they stand for."""
    found, fresh = [member_id], [member_id]
    while fresh:
        fresh = list(session.scalars(select(Member.id).where(Member.merged_into.in_(fresh))))
        found += fresh
    return found
