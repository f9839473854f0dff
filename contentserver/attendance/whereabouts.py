"""At which station each row of a journal was written: the last that the box said it entered, if it really stood there.

The rows keep the answer (`EventRow.station_id`), so that sessions are found by station; it is derived like everything
else, and settled anew when an entry comes late. A row by which the box said so carries the answer for all that follow
it. The decision is `rules.stretches`; what a session is: `service.py`.
"""

from collections.abc import Collection, Sequence
from typing import cast
from uuid import UUID

from sqlalchemy import ColumnElement, Table, and_, bindparam, select, update
from sqlalchemy.orm import Session

from contentserver.attendance import rules
from contentserver.attendance.models import IS_ENTRY, Epoch, EventRow
from contentserver.attendance.rules import Stretch
from contentserver.boxes import Box, BoxStation
from schedules.wire.codec import Unreadable, decode_body
from schedules.wire.messages import StationEntered

Touched = set[tuple[str, UUID]]
"""Sessions to derive again: airing and station."""


_ROWS = cast(Table, EventRow.__table__).c
_ENTRIES = (
    select(_ROWS.sequence, _ROWS.body)
    .where(_ROWS.box_id == bindparam("box"), _ROWS.epoch == bindparam("epoch"), IS_ENTRY)
    .order_by(_ROWS.sequence)
)
_STOOD_IN = select(cast(Table, BoxStation.__table__).c.station_id).where(BoxStation.box_id == bindparam("box"))


def stretches_of(session: Session, box: Box, epoch: Epoch) -> list[Stretch]:
    """Where a journal stood, by the rows that are here."""
    entries = session.execute(_ENTRIES, {"box": epoch.box_id, "epoch": epoch.number}).all()
    entered = [(sequence, station_entered(body)) for sequence, body in entries]
    return rules.stretches(entered, stood_in(session, box), epoch.station_id)


def stood_in(session: Session, box: Box) -> frozenset[UUID]:
    """Every station in which a box has stood."""
    kept = session.scalars(_STOOD_IN, {"box": box.id})
    return frozenset({*kept, box.station_id})


def station_at(found: Sequence[Stretch], sequence: int) -> UUID:
    """The station of one row."""
    return next(one.station for one in reversed(found) if sequence >= one.first)


def settle(session: Session, epoch: Epoch, places: Collection[Stretch], *, everything: bool = False) -> Touched:
    """Bring the rows of a journal to the stations they belong to.

    Args:
        places: where the journal stood by all the rows that are here (`stretches_of`).
        everything: look at every row; otherwise only at stretches whose entry says something else than before.

    Returns:
        The sessions that lost or gained rows.
    """
    touched: Touched = set()
    for stretch in places:
        if not everything and not _differs(session, epoch, stretch):
            continue
        wrong = and_(_of(epoch), _within(stretch), EventRow.station_id != stretch.station)
        for airing_id, station_id in session.execute(
            select(EventRow.airing_id, EventRow.station_id).where(wrong).distinct()
        ):
            if airing_id is not None:
                touched |= {(airing_id, station_id), (airing_id, stretch.station)}
        session.execute(update(EventRow).where(wrong).values(station_id=stretch.station))
    return touched


def station_entered(body: str) -> UUID | None:
    """The station that a row's body names; None where it names none."""
    try:
        found = decode_body(body.encode())
        return UUID(found.station) if isinstance(found, StationEntered) else None
    except (Unreadable, ValueError):
        return None


def _differs(session: Session, epoch: Epoch, stretch: Stretch) -> bool:
    if stretch.entered is None:
        return False
    key = (epoch.box_id, epoch.number, stretch.entered)
    return session.get_one(EventRow, key).station_id != stretch.station


def _of(epoch: Epoch) -> ColumnElement[bool]:
    return and_(EventRow.box_id == epoch.box_id, EventRow.epoch == epoch.number)


def _within(stretch: Stretch) -> ColumnElement[bool]:
    after = EventRow.sequence >= stretch.first
    return after if stretch.end is None else and_(after, EventRow.sequence < stretch.end)
