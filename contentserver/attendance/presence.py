"""When people were at stations, for slices above that must not count the same time twice.

Whose rolls a unit of work has changed is kept on its session until it is asked for, so that what is derived above
follows in the same transaction, however late the evidence comes.
"""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from contentserver.attendance.counting import rule_on
from contentserver.attendance.models import SessionRow, SignInRow
from contentserver.attendance.rules import day_counted

LONGEST = timedelta(hours=12)
"""A session that began longer before an instant was over by then."""
_CHANGED = "rolls_changed"


def presence_of(
    session: Session, member_ids: Collection[str], since: datetime, until: datetime
) -> list[tuple[datetime, datetime]]:
    """From when until when somebody was at stations' sessions between two instants, in order; stretches may overlap.

    Whoever signed in within the grace was there from the beginning, as hours count; whoever is not known to have left
    was there until the end.
    """
    same = and_(SignInRow.airing_id == SessionRow.airing_id, SignInRow.station_id == SessionRow.station_id)
    rows = session.execute(
        select(SignInRow.at, SignInRow.left_at, SessionRow.planned_start, SessionRow.planned_ms, SessionRow.shown_ms)
        .join(SessionRow, same)
        .where(SignInRow.member_id.in_(member_ids), SessionRow.planned_start.between(since - LONGEST, until))
    )
    found = []
    for at, left, start, planned_ms, shown_ms in rows:
        grace = timedelta(milliseconds=rule_on(session, day_counted(start)).grace_ms)
        end = start + timedelta(milliseconds=max(planned_ms, shown_ms))
        found.append((start if at <= start + grace else at, end if left is None else min(left, end)))
    return sorted((begin, end) for begin, end in found if begin < end and end > since and begin < until)


def note_changed(session: Session, members: Iterable[str]) -> None:
    """The roll of a session was derived anew: these stand there now, or stood there before."""
    session.info.setdefault(_CHANGED, set()).update(members)


def take_changed(session: Session) -> set[str]:
    """Of whom rolls were derived anew since this was last asked, in this unit of work."""
    found: set[str] = session.info.pop(_CHANGED, set())
    return found
