"""Compute every bucket anew and prove that nothing differed from what was kept."""

from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from contentserver.attendance import SessionRow, StaleDay, day_counted
from contentserver.figures.models import Bucket
from contentserver.figures.planning import days_planned
from contentserver.figures.rules import NAMES
from contentserver.figures.service import compute


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a rebuild found.

    Attributes:
        buckets: how many there are now.
        differed: how many were other before, missing, or too many.
    """

    buckets: int
    differed: int


def rebuild(session: Session) -> Rebuilt:
    """Compute every bucket from the sessions and the timetable; what was marked as changed differs only if it does."""
    before = _everything(session)
    session.execute(delete(Bucket))
    rows = session.execute(select(SessionRow.station_id, SessionRow.planned_start))
    reported = {(station, day) for station, start in rows if (day := day_counted(start)) is not None}
    compute(session, reported | days_planned(session))
    session.execute(delete(StaleDay))
    after = _everything(session)
    differed = sum(before.get(key) != after.get(key) for key in before.keys() | after.keys())
    return Rebuilt(buckets=len(after), differed=differed)


def _everything(session: Session) -> dict[tuple[object, ...], tuple[object, ...]]:
    key = (Bucket.node, Bucket.grain, Bucket.first, Bucket.course)
    values = (*(getattr(Bucket, name) for name in NAMES), Bucket.people, Bucket.stations, Bucket.reasons)
    return {tuple(row[:4]): tuple(row[4:]) for row in session.execute(select(*key, *values))}
