"""Who has stayed away lately: members who came to none of their station's last lessons."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contentserver.attendance.models import SessionRow, SignInRow
from contentserver.members import Member
from contentserver.regions import subtree_filter


def stayed_away(session: Session, root: str, lessons: int, now: datetime) -> set[UUID]:
    """The active members of a subtree who came to none of the last `lessons` that their own station showed.

    Whoever came elsewhere to the same airing has come. Of a station that has shown none, nobody stayed away.
    """
    turn = func.row_number().over(partition_by=SessionRow.station_id, order_by=SessionRow.planned_start.desc())
    shown = (
        select(SessionRow.airing_id, SessionRow.station_id, turn.label("turn"))
        .where(SessionRow.shown_ms > 0, SessionRow.planned_start < now, subtree_filter(SessionRow.region_code, root))
        .subquery()
    )
    last = select(shown.c.airing_id, shown.c.station_id).where(shown.c.turn <= lessons).subquery()
    came = set(session.scalars(select(SignInRow.member_id).join(last, SignInRow.airing_id == last.c.airing_id)))
    theirs = select(Member.id).where(Member.active, Member.station_id.in_(select(last.c.station_id)))
    return {one for one in session.scalars(theirs) if str(one) not in came}
