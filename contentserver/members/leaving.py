"""Members who left: since when, and the end of their names after the years that `retention` keeps them.

Their evidence goes by an id that means nothing outside this server, so hours and sessions stay as they are.
"""

from datetime import datetime

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session

from contentserver.kernel.aging import Old
from contentserver.members.models import Member, MemberMerge
from contentserver.members.rules import FORMER, former_number, is_former


def note_left(session: Session, now: datetime) -> None:
    """Note since when members who are no longer on a roll have left; who came back has not left."""
    for active, known, value in ((False, Member.left_at.is_(None), now), (True, Member.left_at.is_not(None), None)):
        session.execute(
            update(Member).where(Member.active.is_(active), known).values(left_at=value),
            execution_options={"synchronize_session": False},
        )
    session.expire_all()


def forget(session: Session, row: Member) -> None:
    """Take away what names somebody, sealed or not; also of records that were merged into theirs."""
    taken = select(Member.number).where(Member.station_id == row.station_id, Member.number.like("-%"))
    row.number = former_number(session.scalars(taken))
    row.name, row.card, row.own_link_hash = FORMER, "", ""
    row.phone_sealed = row.phone_mark = row.identity_sealed = row.identity_mark = ""
    row.birthday_sealed = row.address_sealed = ""
    session.flush()
    for merge in session.scalars(select(MemberMerge).where(MemberMerge.kept_id == row.id)):
        merge.before = "{}"
        merge.undone_at, merge.undone_by = merge.undone_at or merge.at, merge.undone_by or merge.by
    for other in session.scalars(select(Member).where(Member.merged_into == row.id)).all():
        if not is_former(other.number):
            forget(session, other)


class FormerMembers:
    """The names of members who left: they become "former member", and number and card are free for others."""

    def look(self, session: Session, before: datetime) -> Old:
        """How many left before an instant and still have their name."""
        things, oldest = session.execute(_left(before).with_only_columns(func.count(), func.min(Member.left_at))).one()
        return Old(things, 0, oldest)

    def take(self, session: Session, before: datetime, most: int) -> Old:
        """Take the names of those who left first, at most so many."""
        rows = session.scalars(_left(before).order_by(Member.left_at, Member.id).limit(most).with_for_update()).all()
        old = Old()
        for row in rows:
            forget(session, row)
            old += Old(1, 0, row.left_at)
        return old

    def tidy(self, session: Session, now: datetime) -> None:
        """Nothing: each row changes whole."""


def _left(before: datetime) -> Select[Member]:
    return select(Member).where(
        Member.active.is_(False),
        Member.left_at < before,
        Member.number.not_like("-%"),
        Member.merged_into.is_(None),
    )


FORMER_MEMBERS = FormerMembers()
