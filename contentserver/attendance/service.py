"""Take events in, derive sessions from them.

Order matters: insert, commit (the caller), then acknowledge (`acknowledging.py`). The same event twice is one row; the
same key with another body is quarantined and shown, never dropped and never counted. Which station a row counts for:
`whereabouts.py`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

import msgspec
from sqlalchemy import Executable, Table, bindparam, delete, func, insert, select
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite
from sqlalchemy.orm import Session

from contentserver.attendance import rules, tallying, whereabouts
from contentserver.attendance.acknowledging import keep_mark
from contentserver.attendance.corrections import Correction, Held, Kind, Means, corrected, in_force
from contentserver.attendance.counting import rule_on
from contentserver.attendance.crediting import USUAL
from contentserver.attendance.doubting import settle_two_places
from contentserver.attendance.doubts import doubts_of, packed
from contentserver.attendance.models import (
    CorrectionRow,
    Epoch,
    EventRow,
    QuarantinedEvent,
    SessionRow,
    SignInRow,
    StaleDay,
)
from contentserver.attendance.presence import note_changed
from contentserver.attendance.rules import Arrival, Fact
from contentserver.boxes import Box
from contentserver.kernel.ids import new_id
from contentserver.members import expected_at, resolved
from contentserver.stations import Station
from schedules.wire.codec import Unreadable, decode_body
from schedules.wire.messages import EventBatch, EventBody, EventRecord, StationEntered

MAX_SEQUENCE = 2**63 - 1
MOST_ASKED = 1000
"""Rows of a journal that are read as one stretch, whichever of them a batch holds."""
OTHER_BODY, STATION_UNKNOWN = "other_body", "station_unknown"
"""Why something is in quarantine: its key was taken by another body; its box never stood in the station it names."""

EVENTS, SIGN_INS = cast(Table, EventRow.__table__), cast(Table, SignInRow.__table__)
"""Rows come by the hundred: they are inserted and read as they are, without an object for each."""
INSERTS: Mapping[str, Executable] = {
    "postgresql": insert_postgresql(EVENTS).on_conflict_do_nothing(),
    "sqlite": insert_sqlite(EVENTS).on_conflict_do_nothing(),
}
_C = EVENTS.c
_STANDING = select(_C.sequence, _C.body).where(_C.box_id == bindparam("box"), _C.epoch == bindparam("epoch"))
"""Questions that every batch asks are made once."""
_STANDING_FROM_TO = _STANDING.where(_C.sequence.between(bindparam("first"), bindparam("last")))
_STANDING_AMONG = _STANDING.where(_C.sequence.in_(bindparam("sequences", expanding=True)))
_FACTS = select(_C.at, _C.box_id, _C.epoch, _C.sequence, _C.body, _C.uncertainty_ms).where(
    _C.airing_id == bindparam("airing"), _C.station_id == bindparam("station")
)
_CORRECTIONS = (
    select(CorrectionRow)
    .where(CorrectionRow.airing_id == bindparam("airing"), CorrectionRow.station_id == bindparam("station"))
    .order_by(CorrectionRow.number)
)
_ROLL = select(SIGN_INS.c.member_id).where(
    SignInRow.airing_id == bindparam("airing"), SignInRow.station_id == bindparam("station")
)

ENTRY = str(StationEntered.__struct_config__.tag)


class _KindAndAiring(msgspec.Struct, frozen=True):
    kind: str = ""
    airing: str | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a batch: rows that are new, rows that were here, bodies put into quarantine."""

    new: int = 0
    known: int = 0
    quarantined: int = 0

    def __add__(self, other: "Taken") -> "Taken":
        """Of two batches together."""
        return Taken(self.new + other.new, self.known + other.known, self.quarantined + other.quarantined)


def take_in(session: Session, box: Box, batch: EventBatch, now: datetime, *, carried: bool = False) -> Taken:
    """Store a batch and bring its sessions up to date; commit before `acknowledge`.

    Args:
        carried: it came on a stick, so the box itself was not heard now.

    Returns:
        What of the batch was new here.
    """
    epoch = _epoch(session, box, batch.epoch, now)
    records = [record for record in batch.events if 0 < record.sequence <= MAX_SEQUENCE]
    standing = _standing(session, box.id, epoch.number, [record.sequence for record in records])
    bodies = dict(standing)
    new: list[EventRecord] = []
    quarantined = 0
    for record in records:
        if record.sequence not in bodies:
            bodies[record.sequence] = _text(record)
            new.append(record)
        elif bodies[record.sequence] != _text(record):
            quarantined += _quarantine(session, box, batch.epoch, record, OTHER_BODY, now)
    if new:
        quarantined += _add(session, box, epoch, new, bodies, now)
    if not carried:
        box.seen_at = now
    return Taken(new=len(new), known=len(standing), quarantined=quarantined)


def _add(
    session: Session, box: Box, epoch: Epoch, new: Sequence[EventRecord], bodies: Mapping[int, str], now: datetime
) -> int:
    """Insert rows and derive what they touch; gives how many of them were put into quarantine as well."""
    places = whereabouts.stretches_of(session, box, epoch)
    rows = [
        _row(epoch, record, bodies[record.sequence], whereabouts.station_at(places, record.sequence), now)
        for record in new
    ]
    session.execute(INSERTS[session.get_bind().dialect.name], rows)
    keep_mark(epoch, max(record.sequence for record in new), session)
    entries = [record for record, row in zip(new, rows, strict=True) if row["kind"] == ENTRY]
    touched = whereabouts.settle(session, epoch, whereabouts.stretches_of(session, box, epoch) if entries else places)
    touched |= {(str(row["airing_id"]), row["station_id"]) for row in rows if row["airing_id"] is not None}
    for airing_id, station_id in sorted(touched, key=lambda one: (str(one[1]), one[0])):
        derive(session, airing_id, station_id)
    known = whereabouts.stood_in(session, box) if entries else frozenset()
    strange = [record for record in entries if whereabouts.station_entered(_text(record)) not in known]
    return sum(_quarantine(session, box, epoch.name, record, STATION_UNKNOWN, now) for record in strange)


def derive(session: Session, airing_id: str, station_id: UUID) -> None:
    """Recompute one session from all of its events and corrections; one without any (any more) is no session.

    One writer of a station at a time (SQLite has no other).
    """
    station = session.get_one(Station, station_id, with_for_update=True)
    facts = [
        Fact(at=at, order=(box, epoch, sequence), body=known, uncertainty_ms=uncertainty_ms)
        for at, box, epoch, sequence, body, uncertainty_ms in session.execute(
            _FACTS, {"airing": airing_id, "station": station_id}
        ).all()
        if (known := _known_body(body)) is not None
    ]
    seen, corrections = rules.session_numbers(facts), corrections_of(session, airing_id, station_id)
    numbers = corrected(seen, corrections)
    begins = numbers.planned_start or numbers.first_fact
    rule = rule_on(session, rules.day_counted(begins) if begins else None)
    if rule != USUAL:
        numbers = rules.counted_by(numbers, rule)
    meant = resolved(session, {one.member for one in (*seen.arrivals, *numbers.arrivals)})
    seen, numbers = rules.one_each(seen, meant), rules.one_each(numbers, meant)
    session.flush()
    before = session.get(SessionRow, (airing_id, station_id), populate_existing=True)  # as it is under the lock
    planned_before = before.planned_start if before else None
    _mark(session, station_id, planned_before)
    was_there = _replace_roll(session, airing_id, station_id, numbers.arrivals)
    note_changed(session, was_there | {one.member for one in numbers.arrivals})
    row = before
    if numbers.lesson is None:
        if row is not None:
            settle_two_places(session, row, was_there)
            session.delete(row)
            session.flush()
        return
    if row is None:
        row = SessionRow(
            airing_id=airing_id,
            station_id=station_id,
            region_code=station.region_code,
            expected=expected_at(session, station_id),
        )
        session.add(row)
    row.lesson_id, row.lesson_title = str(numbers.lesson.id), numbers.lesson.title
    row.course_title = numbers.lesson.course
    row.planned_start = cast(datetime, numbers.planned_start or numbers.first_fact)
    row.planned_ms, row.late_ms, row.shown_ms = numbers.planned_ms, numbers.late_ms, numbers.shown_ms
    row.live_ms, row.damaged_ms = numbers.live_ms, numbers.damaged_ms
    row.complete, row.missed_reason = numbers.complete, numbers.missed_reason
    row.present, row.head_count = len(numbers.arrivals), numbers.head_count
    row.present_seen, row.head_count_seen = len(seen.arrivals), seen.head_count
    row.corrected = len(in_force(corrections))
    row.credit_ms = sum(one.credit_ms for one in numbers.arrivals)
    row.phrases = " ".join(numbers.phrases)[:200]
    row.quiz = tallying.packed(numbers.quiz)
    row.doubts = packed(
        doubts_of(
            numbers.arrivals,
            shown_ms=numbers.shown_ms,
            head_count=numbers.head_count,
            last_picture=numbers.last_picture,
            worst_uncertainty_ms=numbers.worst_uncertainty_ms,
        )
    )
    session.flush()
    settle_two_places(session, row, was_there | {one.member for one in numbers.arrivals})
    if before is None or row.planned_start != planned_before:
        _mark(session, station_id, row.planned_start)
    session.flush()


def corrections_of(session: Session, airing_id: str, station_id: UUID) -> tuple[Correction, ...]:
    """What people set right in a session, in order, revoked ones too."""
    rows = session.scalars(_CORRECTIONS, {"airing": airing_id, "station": station_id})
    return tuple(
        Correction(
            number=row.number,
            kind=Kind(row.kind),
            member=row.member_id,
            means=Means(row.means),
            from_minute=row.from_minute,
            to_minute=row.to_minute,
            people=row.people,
            held=msgspec.json.decode(row.held, type=Held) if row.held else None,
            revokes=row.revokes,
        )
        for row in rows
    )


def _mark(session: Session, station_id: UUID, planned_start: datetime | None) -> None:
    """Figures of that day are to be computed again."""
    day = rules.day_counted(planned_start) if planned_start else None
    if day is not None:
        session.add(StaleDay(station_id=station_id, day=day))


def _replace_roll(session: Session, airing_id: str, station_id: UUID, arrivals: Sequence[Arrival]) -> set[str]:
    """Put the arrivals in place of those that stood there; gives who those were."""
    before = set(session.scalars(_ROLL, {"airing": airing_id, "station": station_id}))
    if before:
        there = (SignInRow.airing_id == airing_id, SignInRow.station_id == station_id)
        session.execute(delete(SignInRow).where(*there))
    if arrivals:
        session.execute(insert(SIGN_INS), [_sign_in(one, airing_id, station_id) for one in arrivals])
    return before


def _sign_in(one: Arrival, airing_id: str, station_id: UUID) -> dict[str, Any]:
    return {
        "airing_id": airing_id,
        "station_id": station_id,
        "member_id": one.member,
        "at": one.at,
        "method": one.method,
        "left_at": one.left,
        "correction": one.correction,
        "present_ms": one.present_ms,
        "credit_ms": one.credit_ms,
    }


def rebuild(session: Session) -> int:
    """Settle every row's station and derive every session again from the events and the corrections.

    Returns:
        How many sessions there are.
    """
    touched = {(key, station) for key, station in session.execute(select(SessionRow.airing_id, SessionRow.station_id))}
    for epoch in session.scalars(select(Epoch)).all():
        box = session.get_one(Box, epoch.box_id)
        whereabouts.settle(session, epoch, whereabouts.stretches_of(session, box, epoch), everything=True)
    held = select(EventRow.airing_id, EventRow.station_id).where(EventRow.airing_id.is_not(None)).distinct()
    touched |= {(str(key), station) for key, station in session.execute(held)}
    said = select(CorrectionRow.airing_id, CorrectionRow.station_id).distinct()
    touched |= {(key, station) for key, station in session.execute(said)}
    for airing_id, station_id in sorted(touched, key=lambda one: (str(one[1]), one[0])):
        derive(session, airing_id, station_id)
    return session.scalar(select(func.count()).select_from(SessionRow)) or 0


def _epoch(session: Session, box: Box, name: str, now: datetime) -> Epoch:
    """The life of a journal; one writer at a time, so that rows and the stations they belong to never part."""
    known = session.scalar(select(Epoch).where(Epoch.box_id == box.id, Epoch.name == name).with_for_update())
    if known is not None:
        return known
    number = (session.scalar(select(func.max(Epoch.number)).where(Epoch.box_id == box.id)) or 0) + 1
    epoch = Epoch(box_id=box.id, number=number, name=name, first_seen_at=now, station_id=box.station_id)
    session.add(epoch)
    session.flush()
    return epoch


def _row(epoch: Epoch, record: EventRecord, body: str, station: UUID, now: datetime) -> dict[str, Any]:
    try:
        peeked = msgspec.json.decode(record.body, type=_KindAndAiring)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        peeked = _KindAndAiring()
    return {
        "box_id": epoch.box_id,
        "epoch": epoch.number,
        "sequence": record.sequence,
        "station_id": station,
        "at": record.at,
        "uncertainty_ms": record.uncertainty_ms,
        "kind": peeked.kind[:32],
        "airing_id": peeked.airing[:36] if peeked.airing else None,
        "body": body,
        "received_at": now,
    }


def _text(record: EventRecord) -> str:
    return bytes(record.body).decode("utf-8", "replace")


def _standing(session: Session, box: int, epoch: int, sequences: Sequence[int]) -> dict[int, str]:
    """The bodies of those rows that are here; a batch is mostly one stretch of a journal, and asked for as that."""
    if not sequences:
        return {}
    first, last = min(sequences), max(sequences)
    if last - first < MOST_ASKED:
        asked = {"box": box, "epoch": epoch, "first": first, "last": last}
        return dict(session.execute(_STANDING_FROM_TO, asked).all())
    return dict(session.execute(_STANDING_AMONG, {"box": box, "epoch": epoch, "sequences": sequences}).all())


def _quarantine(session: Session, box: Box, epoch: str, record: EventRecord, reason: str, now: datetime) -> bool:
    """Keep a body that does not count; whether it was not there yet."""
    known = select(QuarantinedEvent.id).where(
        QuarantinedEvent.box_id == box.id,
        QuarantinedEvent.epoch == epoch,
        QuarantinedEvent.sequence == record.sequence,
        QuarantinedEvent.body == _text(record),
    )
    if session.scalars(known).first() is not None:
        return False
    session.add(
        QuarantinedEvent(
            id=new_id(),
            box_id=box.id,
            epoch=epoch[:64],
            sequence=record.sequence,
            reason=reason,
            body=_text(record),
            received_at=now,
        )
    )
    session.flush()
    return True


def _known_body(body: str) -> EventBody | None:
    """The decoded body; None for kinds not known yet and for bodies that a known kind does not have."""
    try:
        return decode_body(body.encode())
    except Unreadable:
        return None
