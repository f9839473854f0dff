"""Plan: keep the slots of a layer, judge them, show what a station will see."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver.accounts import audit
from contentserver.courses import Lesson, LessonState, airable, lesson_card
from contentserver.kernel.auth import Person
from contentserver.kernel.errors import Conflict, NotFound, Rejected
from contentserver.kernel.ids import new_id
from contentserver.regions import ancestors_and_self, depth_of
from contentserver.timetable import rules
from contentserver.timetable.models import LayerRecord, SlotRecord
from contentserver.timetable.rules import SlotFault, SlotVerdict
from schedules.airings import Airing, PackageName, Rank, SlotId
from schedules.conflicts import clashes
from schedules.layers import Layer, region_layer
from schedules.merge import Timetable, merge
from schedules.recurrence import expand
from schedules.slots import Slot, SlotInvalid

SENTENCES = {
    SlotFault.IN_THE_PAST: _("This time has passed. Choose a later one."),
    SlotFault.LESSON_NOT_READY: _("This lesson is not ready yet: its transcoding has not finished."),
    SlotFault.LESSON_NOT_APPROVED: _("This lesson has not been approved yet. Ask a reviewer first."),
    SlotFault.CLASH: _("Something else airs at that time in this layer."),
}


class SlotWish(msgspec.Struct, frozen=True, kw_only=True):
    """What an editor asks for. `local_start` is naive wall-clock time in `zone`."""

    lesson_id: UUID
    local_start: datetime
    zone: str
    rank: Rank = Rank.REGULAR
    rule: str = ""


class SlotRefused(Rejected):
    """A slot that may not stand; carries the verdict for the page."""

    def __init__(self, verdict: SlotVerdict) -> None:
        first = verdict.faults[0]
        super().__init__(first.value, SENTENCES[first])
        self.verdict = verdict


def layer_of(session: Session, region_code: str) -> LayerRecord:
    """The layer of a region, made when first asked for."""
    layer_id = region_layer(region_code)
    layer = session.get(LayerRecord, layer_id, with_for_update=True)
    if layer is None:
        layer = LayerRecord(id=layer_id, region_code=region_code)
        session.add(layer)
        session.flush()
    return layer


def slots_of(session: Session, layer_ids: Sequence[str]) -> Sequence[SlotRecord]:
    """The slots that stand in some layers."""
    query = select(SlotRecord).where(SlotRecord.layer_id.in_(layer_ids), SlotRecord.removed_at.is_(None))
    return session.scalars(query.order_by(SlotRecord.local_start)).all()


def slot_value(record: SlotRecord, lesson: Lesson) -> Slot:
    """The row as the library's value."""
    return Slot(
        id=SlotId(str(record.id)),
        lesson=lesson_card(lesson),
        package=PackageName(lesson.package_name or ""),
        local_start=datetime.fromisoformat(record.local_start),
        zone=record.zone,
        duration_ms=lesson.duration_ms,
        rank=Rank(record.rank),
        rule=record.rule,
        exceptions=msgspec.json.decode(record.exceptions, type=tuple[datetime, ...]),
    )


def slot_with(session: Session, slot_id: UUID) -> SlotRecord:
    """The slot with this id, removed or not.

    Raises:
        NotFound: there is none.
    """
    record = session.get(SlotRecord, slot_id)
    if record is None:
        raise NotFound("slot_unknown", _("There is no such slot."))
    return record


def airings_of(session: Session, layer_id: str, window: tuple[datetime, datetime]) -> tuple[Airing, ...]:
    """The airings of a layer's draft inside a window, in order of start; lessons that may not air are left out."""
    return expanded(session, slots_of(session, [layer_id]), window)


def slots_in_force(session: Session, layer_id: str) -> Sequence[SlotRecord]:
    """The slots of a layer as they were last published."""
    return session.scalars(select(SlotRecord).where(SlotRecord.layer_id == layer_id, SlotRecord.in_force)).all()


def expanded(session: Session, slots: Sequence[SlotRecord], window: tuple[datetime, datetime]) -> tuple[Airing, ...]:
    """The airings of some slots inside a window, in order of start; lessons that may not air are left out."""
    found: list[Airing] = []
    for record in slots:
        lesson = session.get_one(Lesson, record.lesson_id)
        if airable(lesson.state):
            found.extend(expand(slot_value(record, lesson), *window))
    return tuple(sorted(found, key=lambda airing: (airing.start, airing.id)))


def judge(session: Session, layer: LayerRecord, wish: SlotWish, now: datetime) -> tuple[SlotVerdict, SlotRecord]:
    """What speaks against a wish, and the row it would become.

    Raises:
        NotFound: there is no such lesson.
        Rejected: the rule cannot be read.
    """
    lesson = session.get(Lesson, wish.lesson_id)
    if lesson is None:
        raise NotFound("lesson_unknown", _("There is no such lesson."))
    record = SlotRecord(
        id=new_id(),
        layer_id=layer.id,
        lesson_id=lesson.id,
        local_start=wish.local_start.isoformat(timespec="seconds"),
        zone=wish.zone,
        rule=wish.rule,
        exceptions="[]",
        rank=wish.rank.value,
        created_at=now,
    )
    window = rules.judged_window(now, to_utc(wish.local_start, wish.zone))
    try:
        wanted = expand(slot_value(record, lesson), *window) if lesson.duration_ms else ()
    except SlotInvalid as error:
        raise Rejected("rule_wrong", _("This repetition cannot be understood.")) from error
    verdict = rules.slot_verdict(
        wanted=wanted,
        standing=airings_of(session, layer.id, window),
        local_start=wish.local_start,
        zone=wish.zone,
        lesson_ready=lesson.package_name is not None and lesson.state != LessonState.TRANSCODING,
        lesson_approved=airable(lesson.state),
        now=now,
    )
    return verdict, record


def add_slot(session: Session, layer: LayerRecord, wish: SlotWish, who: Person, now: datetime) -> SlotRecord:
    """Save a wish as a slot of the layer's draft; it reaches televisions with the next publishing.

    Raises:
        SlotRefused: something speaks against it.
    """
    verdict, record = judge(session, layer, wish, now)
    if verdict.faults:
        raise SlotRefused(verdict)
    record.created_by = who.id
    session.add(record)
    layer.changed = True
    session.flush()
    audit(session, who=who, action="slot.added", subject=f"slot {record.id}", now=now, after=wish)
    return record


def remove_slot(session: Session, slot_id: UUID, who: Person, now: datetime) -> SlotRecord:
    """Take a slot out of the draft; `restore_slot` brings it back.

    Raises:
        NotFound: there is no such slot.
    """
    record = slot_with(session, slot_id)
    if record.removed_at is None:
        record.removed_at = now
        record.layer.changed = True
        audit(session, who=who, action="slot.removed", subject=f"slot {slot_id}", now=now)
    return record


def restore_slot(session: Session, slot_id: UUID, who: Person, now: datetime) -> SlotRecord:
    """Undo a removal.

    Raises:
        NotFound: there is no such slot.
        Conflict: something else has taken its time meanwhile.
    """
    record = slot_with(session, slot_id)
    if record.removed_at is not None:
        lesson = session.get_one(Lesson, record.lesson_id)
        slot = slot_value(record, lesson)
        window = rules.judged_window(now, to_utc(slot.local_start, slot.zone))
        wanted = expand(slot, *window)
        if clashes(wanted, airings_of(session, record.layer_id, window)):
            raise Conflict("time_taken", _("Something else has taken this time meanwhile."))
        record.removed_at = None
        record.layer.changed = True
        audit(session, who=who, action="slot.restored", subject=f"slot {slot_id}", now=now)
    return record


def timetable_of(session: Session, region_code: str, window: tuple[datetime, datetime]) -> Timetable:
    """What a station of the region will see: the same merge that its box runs, over the layers as they stand now."""
    layers = []
    for code in ancestors_and_self(region_code):
        record = session.get(LayerRecord, region_layer(code))
        if record is not None:
            layers.append(
                Layer(
                    id=region_layer(code),
                    owner=code,
                    depth=depth_of(code),
                    revision=record.revision,
                    airings=airings_of(session, record.id, window),
                )
            )
    return merge(layers)


def timetables_in_force(
    session: Session, region_codes: Sequence[str], window: tuple[datetime, datetime]
) -> dict[str, Timetable]:
    """What the televisions of many regions play by the layers as published: the merge that their boxes run.

    Args:
        region_codes: regions at any level, each the place of a station.
        window: aware; start included, end not.

    Returns:
        One timetable for each region; places that follow the same layers share one value.
    """
    paths = {code: ancestors_and_self(code) for code in region_codes}
    wanted = {region_layer(code): code for path in paths.values() for code in path}
    records = session.scalars(select(LayerRecord).where(LayerRecord.revision > 0))
    layers = {
        record.region_code: Layer(
            id=region_layer(record.region_code),
            owner=record.region_code,
            depth=depth_of(record.region_code),
            revision=record.revision,
            airings=expanded(session, slots_in_force(session, record.id), window),
        )
        for record in records
        if record.id in wanted
    }
    merged: dict[tuple[str, ...], Timetable] = {}
    found = {}
    for code, path in paths.items():
        followed = tuple(one for one in path if one in layers)
        if followed not in merged:
            merged[followed] = merge(layers[one] for one in followed)
        found[code] = merged[followed]
    return found


def to_utc(local_start: datetime, zone: str) -> datetime:
    """A naive wall-clock time of a zone as an instant."""
    return local_start.replace(tzinfo=ZoneInfo(zone))
