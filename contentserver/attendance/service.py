"""Take events in, acknowledge them, derive sessions from them.

Order matters: insert, commit (the caller), then acknowledge. The same event twice is one row; the same key with another
body is quarantined and shown, never dropped and never counted.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite
from sqlalchemy.orm import Session

from contentserver.attendance import rules
from contentserver.attendance.models import (
    Epoch,
    EventRow,
    QuarantinedEvent,
    ServerGeneration,
    SessionRow,
    SignInRow,
)
from contentserver.attendance.rules import Fact
from contentserver.boxes import Box
from contentserver.kernel.ids import new_id
from contentserver.members import expected_at
from contentserver.stations import Station
from schedules.wire.codec import Unreadable, decode_body
from schedules.wire.messages import Ack, EventBatch, EventBody, EventRecord
from schedules.wire.topics import BoxId

MAX_GAPS = 100
"""More gaps than this are told in later acknowledgements."""


class _KindAndAiring(msgspec.Struct, frozen=True):
    kind: str = ""
    airing: str | None = None


def take_in(session: Session, box: Box, batch: EventBatch, now: datetime) -> None:
    """Store a batch and bring its sessions up to date; commit before `acknowledge`."""
    epoch = _epoch(session, box, batch.epoch, now)
    wanted = {record.sequence: record for record in batch.events if record.sequence > 0}
    rows = [_row(box, epoch, record, now) for record in wanted.values()]
    if rows:
        insert = insert_postgresql if session.get_bind().dialect.name == "postgresql" else insert_sqlite
        session.execute(insert(EventRow).on_conflict_do_nothing(), rows)
    standing = _standing(session, box.id, epoch.number, list(wanted))
    for sequence, record in wanted.items():
        if standing[sequence].body != _text(record):
            _quarantine(session, box, batch.epoch, record, "other_body", now)
    touched = {row.airing_id for row in standing.values() if row.received_at == now}
    for airing_id in sorted(key for key in touched if key is not None):
        derive(session, airing_id, epoch.station_id)
    box.seen_at = now


def acknowledge(session: Session, box: BoxId, epoch_name: str) -> Ack:
    """What of a journal is committed. Call after the commit."""
    epoch = session.scalar(select(Epoch).where(Epoch.box_id == box, Epoch.name == epoch_name))
    through, gaps = (0, ()) if epoch is None else _watermark(session, box, epoch.number)
    return Ack(box=box, epoch=epoch_name, generation=generation(session), through=through, gaps=gaps[:MAX_GAPS])


def generation(session: Session) -> str:
    """The name of this life of the database; made by the first migration's seed."""
    return session.get_one(ServerGeneration, 1).name


def begin_generation(session: Session) -> str:
    """The database came from a backup: boxes will send again everything that they still have. Gives the new name."""
    row = session.get_one(ServerGeneration, 1)
    row.name = secrets.token_hex(8)
    return row.name


def derive(session: Session, airing_id: str, station_id: UUID) -> None:
    """Recompute one session from all of its events; one writer of a station at a time (SQLite has no other)."""
    session.get_one(Station, station_id, with_for_update=True)
    rows = session.scalars(select(EventRow).where(EventRow.airing_id == airing_id, EventRow.station_id == station_id))
    facts = [
        Fact(at=row.at, order=(row.box_id, row.epoch, row.sequence), body=body)
        for row in rows
        if (body := _known_body(row)) is not None
    ]
    numbers = rules.session_numbers(facts)
    if numbers.lesson is None:
        return
    row = session.get(SessionRow, (airing_id, station_id))
    if row is None:
        station = session.get_one(Station, station_id)
        row = SessionRow(
            airing_id=airing_id,
            station_id=station_id,
            region_code=station.region_code,
            expected=expected_at(session, station_id),
        )
        session.add(row)
    row.lesson_id, row.lesson_title = str(numbers.lesson.id), numbers.lesson.title
    row.course_title = numbers.lesson.course
    row.planned_start = numbers.planned_start or min(fact.at for fact in facts)
    row.planned_ms, row.late_ms, row.shown_ms = numbers.planned_ms, numbers.late_ms, numbers.shown_ms
    row.complete, row.missed_reason = numbers.complete, numbers.missed_reason
    row.present, row.head_count = len(numbers.arrivals), numbers.head_count
    session.execute(delete(SignInRow).where(SignInRow.airing_id == airing_id, SignInRow.station_id == station_id))
    session.add_all(
        SignInRow(airing_id=airing_id, station_id=station_id, member_id=one.member, at=one.at, method=one.method)
        for one in numbers.arrivals
    )
    session.flush()


def rebuild(session: Session) -> int:
    """Derive every session again from the events.

    Returns:
        How many sessions there are.
    """
    keys = session.execute(
        select(EventRow.airing_id, EventRow.station_id).where(EventRow.airing_id.is_not(None)).distinct()
    ).all()
    for airing_id, station_id in keys:
        derive(session, str(airing_id), station_id)
    return session.scalar(select(func.count()).select_from(SessionRow)) or 0


def _epoch(session: Session, box: Box, name: str, now: datetime) -> Epoch:
    known = session.scalar(select(Epoch).where(Epoch.box_id == box.id, Epoch.name == name))
    if known is not None:
        return known
    number = (session.scalar(select(func.max(Epoch.number)).where(Epoch.box_id == box.id)) or 0) + 1
    epoch = Epoch(box_id=box.id, number=number, name=name, first_seen_at=now, station_id=box.station_id)
    session.add(epoch)
    session.flush()
    return epoch


def _row(box: Box, epoch: Epoch, record: EventRecord, now: datetime) -> dict[str, object]:
    try:
        peeked = msgspec.json.decode(record.body, type=_KindAndAiring)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        peeked = _KindAndAiring()
    return {
        "box_id": box.id,
        "epoch": epoch.number,
        "sequence": record.sequence,
        "station_id": epoch.station_id,
        "at": record.at,
        "uncertainty_ms": record.uncertainty_ms,
        "kind": peeked.kind[:32],
        "airing_id": peeked.airing[:36] if peeked.airing else None,
        "body": _text(record),
        "received_at": now,
    }


def _text(record: EventRecord) -> str:
    return bytes(record.body).decode("utf-8", "replace")


def _standing(session: Session, box: int, epoch: int, sequences: Sequence[int]) -> dict[int, EventRow]:
    rows = session.scalars(
        select(EventRow).where(EventRow.box_id == box, EventRow.epoch == epoch, EventRow.sequence.in_(sequences))
    )
    return {row.sequence: row for row in rows}


def _quarantine(session: Session, box: Box, epoch: str, record: EventRecord, reason: str, now: datetime) -> None:
    known = select(QuarantinedEvent.id).where(
        QuarantinedEvent.box_id == box.id,
        QuarantinedEvent.epoch == epoch,
        QuarantinedEvent.sequence == record.sequence,
        QuarantinedEvent.body == _text(record),
    )
    if session.scalar(known) is None:
        session.add(
            QuarantinedEvent(
                id=new_id(),
                box_id=box.id,
                epoch=epoch,
                sequence=record.sequence,
                reason=reason,
                body=_text(record),
                received_at=now,
            )
        )


def _watermark(session: Session, box: int, epoch: int) -> tuple[int, tuple[tuple[int, int], ...]]:
    mine = (EventRow.box_id == box) & (EventRow.epoch == epoch)
    count, highest = session.execute(
        select(func.count(), func.coalesce(func.max(EventRow.sequence), 0)).where(mine)
    ).one()
    if count == highest:
        return highest, ()
    sequences = session.scalars(select(EventRow.sequence).where(mine).order_by(EventRow.sequence)).all()
    return rules.watermark(sequences)


def _known_body(row: EventRow) -> EventBody | None:
    """The decoded body; None for kinds not known yet and for bodies that a known kind does not have."""
    try:
        return decode_body(row.body.encode())
    except Unreadable:
        return None
