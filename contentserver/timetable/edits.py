"""What an editor can do to a plan, as values, and what becomes of the plan. Pure.

Every way of working ends here: a drag, a form, a copied week, a template, an imported file. Nobody here asks whether an
edit is wise (`rules.py`, `service.py`) or who may make it (`views.py`). The document: `plans.py`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec

from contentserver.timetable.plans import ZONE, PlanDocument, PlannedOverride, PlannedSlot
from schedules.airings import Airing, AiringId, Rank, SlotId
from schedules.plans import MakeUp, Repeat
from schedules.recurrence import ended_before, shifted
from schedules.slots import Days, Slot, SlotInvalid

WEEKDAYS = 7


class EditImpossible(ValueError):
    """An edit that means nothing for this plan. `code` is stable: `slot_unknown`, `evening_unknown`, …"""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code


def _snake(name: str) -> str:
    return "".join(f"_{sign.lower()}" if sign.isupper() else sign for sign in name).lstrip("_")


class Edit(msgspec.Struct, frozen=True, kw_only=True, tag_field="do", tag=_snake):
    """Base of all edits. Wall-clock times are naive, in the zone of the slot they speak of."""


class AddSlot(Edit, frozen=True, kw_only=True):
    """A lesson, or a series of several that air in turn."""

    lessons: tuple[str, ...]
    local_start: datetime
    rule: str = ""
    rank: Rank = Rank.REGULAR
    days: Days = Days.ANY
    zone: str = ZONE


class ChangeSlot(Edit, frozen=True, kw_only=True):
    """Another rank, other days or other lessons, for the whole slot; None leaves a part as it is."""

    slot: SlotId
    lessons: tuple[str, ...] | None = None
    rank: Rank | None = None
    days: Days | None = None
    rule: str | None = None


class MoveSlot(Edit, frozen=True, kw_only=True):
    """This evening and all later ones of the slot move by the same stretch; what has been before stays."""

    slot: SlotId
    planned: datetime
    moved_to: datetime


class RemoveSlot(Edit, frozen=True, kw_only=True):
    """The slot with all that hangs on it; with `planned`, only this evening and all later ones."""

    slot: SlotId
    planned: datetime | None = None


class StretchSlot(Edit, frozen=True, kw_only=True):
    """A single showing airs every day until a day, included."""

    slot: SlotId
    until: date


class MoveEvening(Edit, frozen=True, kw_only=True):
    """One evening at another time."""

    slot: SlotId
    planned: datetime
    moved_to: datetime


class ReplaceEvening(Edit, frozen=True, kw_only=True):
    """One evening with another lesson."""

    slot: SlotId
    planned: datetime
    lesson: str


class CancelEvening(Edit, frozen=True, kw_only=True):
    """One evening falls away."""

    slot: SlotId
    planned: datetime


class RestoreEvening(Edit, frozen=True, kw_only=True):
    """One evening as the slot's rule has it."""

    slot: SlotId
    planned: datetime


class AddRepeat(Edit, frozen=True, kw_only=True):
    """What the slot shows is shown again, so many days later at that minute of the day."""

    slot: SlotId
    days_later: int
    at_min: int
    rank: Rank = Rank.REGULAR


class RemoveRepeat(Edit, frozen=True, kw_only=True):
    """The repeat with its overrides."""

    repeat: SlotId


class AddMakeUp(Edit, frozen=True, kw_only=True):
    """A displaced or missed airing at another time. `start` is aware, or naive in the place's zone."""

    airing: AiringId
    start: datetime


class RemoveMakeUp(Edit, frozen=True, kw_only=True):
    """No other time after all."""

    airing: AiringId


class AcceptLoss(Edit, frozen=True, kw_only=True):
    """It is known, and so be it, that this airing gives way."""

    airing: AiringId


class Paste(Edit, frozen=True, kw_only=True):
    """Slots from elsewhere: a copied week, a template, an imported file. Each gets an id of its own here."""

    slots: tuple[PlannedSlot, ...]


class BringBack(Edit, frozen=True, kw_only=True):
    """The whole plan as it was: undo, or a return to an earlier revision."""

    document: PlanDocument


AnyEdit = (
    AddSlot
    | ChangeSlot
    | MoveSlot
    | RemoveSlot
    | StretchSlot
    | MoveEvening
    | ReplaceEvening
    | CancelEvening
    | RestoreEvening
    | AddRepeat
    | RemoveRepeat
    | AddMakeUp
    | RemoveMakeUp
    | AcceptLoss
    | Paste
    | BringBack
)


@dataclass(frozen=True, slots=True)
class Known:
    """What an edit must know beside the document.

    Attributes:
        new_id: gives an id that nobody has.
        slots: the slots with their lessons, for questions about rules.
        airings: what may be made up for, by id.
        lesson_then: the lesson that a series shows at a planned wall-clock start.
    """

    new_id: Callable[[], str]
    slots: Mapping[SlotId, Slot] = field(default_factory=dict)
    airings: Mapping[AiringId, Airing] = field(default_factory=dict)
    lesson_then: Callable[[SlotId, datetime], str] = lambda _slot, _planned: ""


def apply(document: PlanDocument, edit: AnyEdit, known: Known) -> PlanDocument:
    """The plan after an edit.

    Raises:
        EditImpossible: the plan has no such slot, evening or airing.
        SlotInvalid: a rule cannot be read or moved.
    """
    match edit:
        case AddSlot():
            return _with_slots(document, _new_slot(edit, known))
        case Paste():
            return _with_slots(document, *(msgspec.structs.replace(one, id=_id(known)) for one in edit.slots))
        case ChangeSlot():
            return _changed(document, edit)
        case MoveSlot():
            return _moved(document, edit, known)
        case RemoveSlot():
            return _removed(document, edit, known)
        case StretchSlot():
            return _stretched(document, edit)
        case MoveEvening() | ReplaceEvening() | CancelEvening() | RestoreEvening():
            return _evening(document, edit)
        case AddRepeat() | RemoveRepeat():
            return _repeats(document, edit, known)
        case AddMakeUp() | RemoveMakeUp():
            return _make_ups(document, edit, known)
        case AcceptLoss():
            accepted = tuple(dict.fromkeys((*document.accepted, edit.airing)))
            return msgspec.structs.replace(document, accepted=accepted)
        case BringBack():
            return edit.document


def _id(known: Known) -> SlotId:
    return SlotId(known.new_id())


def _new_slot(edit: AddSlot, known: Known) -> PlannedSlot:
    if not edit.lessons:
        raise EditImpossible("no_lesson")
    return PlannedSlot(
        id=_id(known),
        lessons=edit.lessons,
        local_start=edit.local_start.replace(tzinfo=None),
        zone=edit.zone,
        rule=edit.rule,
        rank=edit.rank,
        days=edit.days,
    )


def _with_slots(document: PlanDocument, *slots: PlannedSlot) -> PlanDocument:
    return msgspec.structs.replace(document, slots=(*document.slots, *slots))


def _slot(document: PlanDocument, slot: SlotId) -> PlannedSlot:
    for one in document.slots:
        if one.id == slot:
            return one
    raise EditImpossible("slot_unknown", slot)


def _put(document: PlanDocument, slot: PlannedSlot) -> PlanDocument:
    slots = tuple(slot if one.id == slot.id else one for one in document.slots)
    return msgspec.structs.replace(document, slots=slots)


def _changed(document: PlanDocument, edit: ChangeSlot) -> PlanDocument:
    slot = _slot(document, edit.slot)
    given = {name: value for name in ("lessons", "rank", "days", "rule") if (value := getattr(edit, name)) is not None}
    if given.get("lessons") == ():
        raise EditImpossible("no_lesson")
    return _put(document, msgspec.structs.replace(slot, **given))


def _moved(document: PlanDocument, edit: MoveSlot, known: Known) -> PlanDocument:
    """From the slot's first evening on the slot itself moves; from a later one it ends before, and another begins."""
    slot = _slot(document, edit.slot)
    stretch = edit.moved_to - edit.planned
    rule = shifted(slot.rule, (edit.moved_to.date() - edit.planned.date()).days)
    later = [one for one in document.overrides if one.slot == slot.id and one.planned >= edit.planned]
    moved = msgspec.structs.replace(
        slot,
        local_start=edit.moved_to,
        rule=rule,
        exceptions=tuple(skipped + stretch for skipped in slot.exceptions if skipped >= edit.planned),
    )
    if edit.planned <= slot.local_start or not slot.rule:
        moved = msgspec.structs.replace(moved, local_start=slot.local_start + stretch)
        document = _put(document, moved)
    else:
        document, ended = _ended(document, slot, edit.planned, known)
        moved = msgspec.structs.replace(moved, id=_id(known), lessons=_lessons_from(slot, edit.planned, known))
        moved = msgspec.structs.replace(moved, rule=shifted(ended, (edit.moved_to.date() - edit.planned.date()).days))
        document = _with_slots(document, moved)
    kept = tuple(one for one in document.overrides if one not in later)
    carried = tuple(
        msgspec.structs.replace(one, slot=moved.id, planned=one.planned + stretch)
        for one in later
        if one.planned != edit.planned
    )
    return msgspec.structs.replace(document, overrides=kept + carried)


def _ended(document: PlanDocument, slot: PlannedSlot, planned: datetime, known: Known) -> tuple[PlanDocument, str]:
    """The slot ends before an evening; also the rule that goes on from there."""
    resolved = known.slots.get(slot.id)
    if resolved is None:
        raise EditImpossible("slot_unknown", slot.id)
    ended, going_on = ended_before(resolved, planned)
    return _put(document, msgspec.structs.replace(slot, rule=ended)), going_on


def _lessons_from(slot: PlannedSlot, planned: datetime, known: Known) -> tuple[str, ...]:
    if len(slot.lessons) == 1:
        return slot.lessons
    then = known.lesson_then(slot.id, planned)
    return slot.lessons[slot.lessons.index(then) :] if then in slot.lessons else slot.lessons


def _removed(document: PlanDocument, edit: RemoveSlot, known: Known) -> PlanDocument:
    slot = _slot(document, edit.slot)
    if edit.planned is not None and edit.planned > slot.local_start and slot.rule:
        planned = edit.planned
        document, _going_on = _ended(document, slot, planned, known)
        kept = tuple(one for one in document.overrides if one.slot != slot.id or one.planned < planned)
        return msgspec.structs.replace(document, overrides=kept)
    gone = {slot.id} | {one.id for one in document.repeats if one.of == slot.id}
    return msgspec.structs.replace(
        document,
        slots=tuple(one for one in document.slots if one.id != slot.id),
        repeats=tuple(one for one in document.repeats if one.id not in gone),
        overrides=tuple(one for one in document.overrides if one.slot not in gone),
    )


def _stretched(document: PlanDocument, edit: StretchSlot) -> PlanDocument:
    slot = _slot(document, edit.slot)
    if slot.rule not in {"", "FREQ=DAILY"} and not slot.rule.startswith("FREQ=DAILY;UNTIL="):
        raise EditImpossible("not_daily", slot.id)
    if edit.until < slot.local_start.date():
        raise EditImpossible("ends_before_it_begins", slot.id)
    if edit.until == slot.local_start.date():
        return _put(document, msgspec.structs.replace(slot, rule=""))
    last = datetime.combine(edit.until, time(23, 59, 59))
    return _put(document, msgspec.structs.replace(slot, rule=f"FREQ=DAILY;UNTIL={last:%Y%m%dT%H%M%S}"))


def _evening(
    document: PlanDocument, edit: MoveEvening | ReplaceEvening | CancelEvening | RestoreEvening
) -> PlanDocument:
    """One override for an evening; a slot that airs once changes itself."""
    known_ids = {one.id for one in document.slots} | {one.id for one in document.repeats}
    if edit.slot not in known_ids:
        raise EditImpossible("slot_unknown", edit.slot)
    alone = next((one for one in document.slots if one.id == edit.slot and not one.rule), None)
    others = tuple(one for one in document.overrides if (one.slot, one.planned) != (edit.slot, edit.planned))
    standing = next((one for one in document.overrides if one not in others), None)
    override = standing or PlannedOverride(slot=edit.slot, planned=edit.planned)
    match edit:
        case RestoreEvening():
            return msgspec.structs.replace(document, overrides=others)
        case CancelEvening() if alone is not None:
            return _removed(document, RemoveSlot(slot=alone.id), Known(new_id=str))
        case CancelEvening():
            override = PlannedOverride(slot=edit.slot, planned=edit.planned, cancelled=True)
        case MoveEvening() if alone is not None and standing is None:
            return _put(document, msgspec.structs.replace(alone, local_start=edit.moved_to))
        case MoveEvening():
            override = msgspec.structs.replace(override, cancelled=False, moved_to=edit.moved_to)
        case ReplaceEvening() if alone is not None and len(alone.lessons) == 1:
            return _put(document, msgspec.structs.replace(alone, lessons=(edit.lesson,)))
        case ReplaceEvening():
            override = msgspec.structs.replace(override, cancelled=False, lesson=edit.lesson)
    return msgspec.structs.replace(document, overrides=(*others, override))


def _repeats(document: PlanDocument, edit: AddRepeat | RemoveRepeat, known: Known) -> PlanDocument:
    if isinstance(edit, AddRepeat):
        _slot(document, edit.slot)
        repeat = Repeat(id=_id(known), of=edit.slot, days_later=edit.days_later, at_min=edit.at_min, rank=edit.rank)
        return msgspec.structs.replace(document, repeats=(*document.repeats, repeat))
    if all(one.id != edit.repeat for one in document.repeats):
        raise EditImpossible("slot_unknown", edit.repeat)
    return msgspec.structs.replace(
        document,
        repeats=tuple(one for one in document.repeats if one.id != edit.repeat),
        overrides=tuple(one for one in document.overrides if one.slot != edit.repeat),
    )


def _make_ups(document: PlanDocument, edit: AddMakeUp | RemoveMakeUp, known: Known) -> PlanDocument:
    others = tuple(one for one in document.make_ups if one.of.id != edit.airing)
    if isinstance(edit, RemoveMakeUp):
        return msgspec.structs.replace(document, make_ups=others)
    airing = known.airings.get(edit.airing)
    if airing is None:
        raise EditImpossible("airing_unknown", edit.airing)
    start = edit.start if edit.start.tzinfo else edit.start.replace(tzinfo=ZoneInfo(ZONE))
    return msgspec.structs.replace(document, make_ups=(*others, MakeUp(of=airing, start=start)))


def shifted_slots(slots: tuple[PlannedSlot, ...], by: timedelta) -> tuple[PlannedSlot, ...]:
    """Slots whole weeks earlier or later, for copied weeks and templates.

    Raises:
        SlotInvalid: not whole weeks; a rule's weekdays would no longer be true.
    """
    if by % timedelta(days=WEEKDAYS):
        raise SlotInvalid("not_whole_weeks", str(by))
    return tuple(
        msgspec.structs.replace(
            one,
            local_start=one.local_start + by,
            exceptions=tuple(skipped + by for skipped in one.exceptions),
        )
        for one in slots
    )
