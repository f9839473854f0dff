"""Events that were kept but do not count, for somebody to look at. What nobody has put aside is never deleted.

What puts an event here: `service.py`; the page: `inspecting.py`; its words: `words.py`.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import Session

from contentserver.attendance.models import Epoch, EventRow, QuarantinedEvent
from contentserver.audit import audit
from contentserver.boxes import Box
from contentserver.kernel.aging import OldRows
from contentserver.kernel.auth import Person
from contentserver.kernel.pagination import Page, paginate
from contentserver.regions import subtree_filter
from contentserver.stations import Station

OLD_QUARANTINED = OldRows(QuarantinedEvent, QuarantinedEvent.seen_at)
"""What somebody has put aside; the rest does not age."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One event in quarantine, with the row that holds its key and counts; None where there is no such row."""

    event: QuarantinedEvent
    station: Station
    counted: EventRow | None


def entries(session: Session, root: str, number: int, *, everything: bool) -> Page[Entry]:
    """One page of what boxes of a subtree said, the newest first; without `everything` what nobody has looked at."""
    page = paginate(session, _of(root, everything=everything).order_by(QuarantinedEvent.received_at.desc()), number)
    stations = _stations(session, {event.box_id for event in page.rows})
    rows = [Entry(event, stations[event.box_id], _counted(session, event)) for event in page.rows]
    return Page(rows=rows, number=page.number, total=page.total)


def waiting(session: Session, root: str) -> int:
    """How many events of a subtree nobody has looked at."""
    return session.scalar(select(func.count()).select_from(_of(root, everything=False).subquery())) or 0


def mark_seen(session: Session, ids: Collection[UUID], who: Person, now: datetime) -> int:
    """Somebody has looked at these; those outside the person's region, or seen before, are left alone.

    Returns:
        How many there were.
    """
    mine = _of(who.region_code, everything=False).where(QuarantinedEvent.id.in_(ids))
    found = session.scalars(mine).all()
    for event in found:
        event.seen_at, event.seen_by = now, who.id
        audit(
            session,
            who=who,
            action="quarantine.seen",
            subject=f"event {event.box_id}/{event.epoch}/{event.sequence}",
            now=now,
            after={"reason": event.reason, "id": str(event.id)},
        )
    return len(found)


def _of(root: str, *, everything: bool) -> "Select[QuarantinedEvent]":
    query = (
        select(QuarantinedEvent)
        .join(Box, Box.id == QuarantinedEvent.box_id)
        .join(Station, Station.id == Box.station_id)
        .where(subtree_filter(Station.region_code, root))
    )
    return query if everything else query.where(QuarantinedEvent.seen_at.is_(None))


def _stations(session: Session, boxes: Collection[int]) -> dict[int, Station]:
    query = select(Box.id, Station).join(Station, Station.id == Box.station_id).where(Box.id.in_(boxes))
    return dict(session.execute(query).all())


def _counted(session: Session, event: QuarantinedEvent) -> EventRow | None:
    """The row under the event's key, if it says something else."""
    same_journal = and_(Epoch.box_id == EventRow.box_id, Epoch.number == EventRow.epoch, Epoch.name == event.epoch)
    query = (
        select(EventRow)
        .join(Epoch, same_journal)
        .where(EventRow.box_id == event.box_id, EventRow.sequence == event.sequence)
    )
    rows: Sequence[EventRow] = session.scalars(query).all()
    return next((row for row in rows if row.body != event.body), None)
