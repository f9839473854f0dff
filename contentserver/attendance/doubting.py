"""Doubtful sessions: found as sessions are derived, looked at by a person, never deleted. The rules: `doubts.py`."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Select, and_, bindparam, func, or_, select, union
from sqlalchemy.orm import Session

from contentserver.attendance import doubts
from contentserver.attendance.doubts import EARLIEST_OVERLAP, Doubt
from contentserver.attendance.models import DoubtReview, SessionRow, SignInRow
from contentserver.audit import audit
from contentserver.kernel.aging import OldRows
from contentserver.kernel.auth import Person
from contentserver.regions import subtree_filter

NOTE_CHARS = 300
OLD_NOTES = OldRows(DoubtReview, DoubtReview.at, (DoubtReview.note != "",), instead={"note": ""})
"""Free text that may name people; that somebody has looked stays."""


def settle_two_places(session: Session, row: SessionRow, members: Collection[str]) -> None:
    """Say of a session, and of those that share somebody with it, whether anybody was at two places at once.

    Args:
        members: who is signed in to it now or was before: sessions elsewhere may have lost their reason.
    """
    if not members:
        return
    touched = _elsewhere(session, row, members)
    if not touched:
        row.doubts = doubts.packed(doubts.unpacked(row.doubts) - {Doubt.TWO_PLACES})
        return
    for one in (row, *touched):
        mine = select(SignInRow.member_id).where(
            SignInRow.airing_id == one.airing_id, SignInRow.station_id == one.station_id
        )
        others = _elsewhere(session, one, session.scalars(mine).all())
        now = doubts.unpacked(one.doubts) - {Doubt.TWO_PLACES} | ({Doubt.TWO_PLACES} if others else set())
        one.doubts = doubts.packed(now)


def doubtful(root: str, *, everything: bool) -> Select[SessionRow]:
    """The doubtful sessions of a subtree; without `everything` those with a doubt that nobody has looked at."""
    query = select(SessionRow).where(subtree_filter(SessionRow.region_code, root), SessionRow.doubts != "")
    if everything:
        return query
    same = and_(DoubtReview.airing_id == SessionRow.airing_id, DoubtReview.station_id == SessionRow.station_id)
    return query.outerjoin(DoubtReview, same).where(
        or_(DoubtReview.doubts.is_(None), DoubtReview.doubts != SessionRow.doubts)
    )


def waiting_doubts(session: Session, root: str) -> int:
    """How many sessions of a subtree wait for somebody to look."""
    return session.scalar(select(func.count()).select_from(doubtful(root, everything=False).subquery())) or 0


def review_of(session: Session, row: SessionRow) -> DoubtReview | None:
    """What somebody found out about a session's doubts."""
    return session.get(DoubtReview, (row.airing_id, row.station_id))


def look_at(session: Session, row: SessionRow, note: str, who: Person, now: datetime) -> None:
    """Somebody has looked at all of a session's doubts; a doubt that comes later waits again."""
    found = review_of(session, row)
    before = {"doubts": found.doubts, "note": found.note} if found else None
    if found is None:
        found = DoubtReview(airing_id=row.airing_id, station_id=row.station_id)
        session.add(found)
    found.doubts, found.note, found.at, found.by = row.doubts, note[:NOTE_CHARS], now, who.id
    audit(
        session,
        who=who,
        action="doubts.looked_at",
        subject=f"session {row.airing_id}/{row.station_id}",
        now=now,
        before=before,
        after={"doubts": row.doubts, "note": found.note},
    )


_SIGNED = select(SignInRow.airing_id, SignInRow.station_id).where(
    SignInRow.member_id.in_(bindparam("members", expanding=True))
)
_ELSEWHERE = union(
    _SIGNED.where(SignInRow.station_id < bindparam("station")),
    _SIGNED.where(SignInRow.station_id > bindparam("station")),
).subquery()
"""Two stretches of an index: what people did at the station itself, of all the years, is not read."""
_NEAR_ELSEWHERE = (
    select(SessionRow)
    .join(
        _ELSEWHERE,
        and_(_ELSEWHERE.c.airing_id == SessionRow.airing_id, _ELSEWHERE.c.station_id == SessionRow.station_id),
    )
    .where(SessionRow.planned_start.between(bindparam("earliest"), bindparam("latest")))
)


def _elsewhere(session: Session, row: SessionRow, members: Collection[str]) -> list[SessionRow]:
    """Sessions at other stations that overlap with this one and have one of these people on their roll."""
    if not members:
        return []
    near = {"earliest": row.planned_start - EARLIEST_OVERLAP, "latest": row.planned_start + EARLIEST_OVERLAP}
    found = session.scalars(_NEAR_ELSEWHERE, {"members": list(members), "station": row.station_id, **near})
    mine = (row.planned_start, row.planned_ms)
    return [one for one in found if doubts.overlap(mine, (one.planned_start, one.planned_ms))]
