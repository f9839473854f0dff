"""A plan becomes a programme: slots expanded, repeats linked to first showings, overrides applied, make-ups added.

Pure. One slot's expansion is `recurrence.py`; what several layers make of their programmes is `merge.py`. Ids: a moved
airing keeps the id of its planned start; one that shows another lesson has an id of its own (`plans.replacement_id`).
"""

from collections.abc import Collection, Iterator
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

import msgspec

from schedules.airings import Airing, AiringId, SlotId, airing_id
from schedules.gaps import at_minute
from schedules.holidays import PUBLISHED, HolidayTable
from schedules.plans import Override, Plan, Repeat, replacement_id
from schedules.recurrence import expand, zone_of
from schedules.slots import Slot, SlotInvalid

_INSTANT = timedelta(seconds=1)


class Origin(StrEnum):
    """How an airing came to its place."""

    PLANNED = "planned"
    MOVED = "moved"
    REPLACED = "replaced"
    """Another lesson than planned, perhaps at another time."""
    MAKE_UP = "make_up"


class Showing(msgspec.Struct, frozen=True, kw_only=True):
    """An airing of a programme, and where it comes from.

    Attributes:
        planned: the airing as slot and repeat alone would have it.
        first: the first showing that this one repeats or makes up for; None for a first showing.
    """

    airing: Airing
    planned: Airing
    origin: Origin = Origin.PLANNED
    first: AiringId | None = None


class Programme(msgspec.Struct, frozen=True, kw_only=True):
    """What a plan airs in a window.

    Attributes:
        showings: in order of start; those of one layer may overlap, the merge decides.
        cancelled: planned airings of the window that were cancelled, or whose first showing was.
        unmatched: overrides of the window that meet no planned airing, since a slot was changed or removed.
    """

    showings: tuple[Showing, ...] = ()
    cancelled: tuple[Airing, ...] = ()
    unmatched: tuple[Override, ...] = ()

    @property
    def airings(self) -> tuple[Airing, ...]:
        """What a layer publishes, in order of start."""
        return tuple(showing.airing for showing in self.showings)


def programme_of(
    plan: Plan,
    window_start: datetime,
    window_end: datetime,
    *,
    table: HolidayTable = PUBLISHED,
    passed_over: Collection[AiringId] = (),
) -> Programme:
    """Expand a plan.

    Args:
        plan: all that stands in a layer.
        window_start: aware; airings that start from here, after overriding, are included.
        window_end: aware; not included.
        table: what day it is, for slots under a condition.
        passed_over: airings that did not show their lesson, by the ids they had (`recurrence.expand`); cancelled,
            replaced and made-up ones need not be named.

    Raises:
        SlotInvalid: a slot cannot be expanded, an id stands twice, a repeat has no slot, or two overrides speak of
            one airing.
    """
    context = _context(plan, table, passed_over)
    showings: list[Showing] = []
    cancelled: list[Airing] = []
    met: set[AiringId] = set()
    for key, planned, showing in _everything(context, window_start, window_end):
        met.add(key)
        if showing is None:
            if window_start <= planned.start < window_end:
                cancelled.append(planned)
        elif window_start <= showing.airing.start < window_end:
            showings.append(showing)
    showings += [
        Showing(airing=one.airing, planned=one.of, origin=Origin.MAKE_UP, first=one.of.id)
        for one in plan.make_ups
        if window_start <= one.start < window_end
    ]
    touching = context.overrides_touching(window_start, window_end)
    return Programme(
        showings=tuple(sorted(showings, key=lambda one: (one.airing.start, one.airing.id))),
        cancelled=tuple(sorted(cancelled, key=lambda one: (one.start, one.id))),
        unmatched=context.homeless + tuple(change.override for change in touching if change.key not in met),
    )


class _Change(msgspec.Struct, frozen=True):
    """An override with its wall-clock times as instants; `key` is the id of the airing that it speaks of."""

    key: AiringId
    override: Override
    planned: datetime
    moved_to: datetime | None


class _Context(msgspec.Struct, frozen=True):
    plan: Plan
    table: HolidayTable
    slots: dict[SlotId, Slot]
    changes: dict[AiringId, _Change]
    homeless: tuple[Override, ...]
    """Overrides whose slot is gone."""
    passed_over: frozenset[AiringId]

    def overrides_touching(self, start: datetime, end: datetime) -> list[_Change]:
        """Those whose airing is planned in the window or moved into it."""
        return [
            change
            for change in self.changes.values()
            if start <= change.planned < end or (change.moved_to is not None and start <= change.moved_to < end)
        ]

    def expand(self, slot: Slot, start: datetime, end: datetime) -> tuple[Airing, ...]:
        return expand(slot, start, end, table=self.table, passed_over=self.passed_over)


def _context(plan: Plan, table: HolidayTable, passed_over: Collection[AiringId]) -> _Context:
    slots = {slot.id: slot for slot in plan.slots}
    origins = {repeat.id: slots.get(repeat.of) for repeat in plan.repeats}
    if len(slots) + len(origins) != len(plan.slots) + len(plan.repeats) or slots.keys() & origins.keys():
        raise SlotInvalid("id_twice", "two slots or repeats of a plan have one id")
    changes: dict[AiringId, _Change] = {}
    homeless = []
    for override in plan.overrides:
        slot = slots.get(override.slot) or origins.get(override.slot)
        if slot is None:
            homeless.append(override)
            continue
        zone = zone_of(slot)
        planned = override.planned.replace(tzinfo=zone).astimezone(UTC)
        moved_to = override.moved_to and override.moved_to.replace(tzinfo=zone).astimezone(UTC)
        key = airing_id(override.slot, planned)
        if key in changes:
            raise SlotInvalid("override_twice", f"{override.slot} at {override.planned}")
        changes[key] = _Change(key=key, override=override, planned=planned, moved_to=moved_to)
    unshown = {key for key, change in changes.items() if change.override.cancelled or change.override.shown}
    made_up = {one.of.id for one in plan.make_ups}
    return _Context(
        plan=plan,
        table=table,
        slots=slots,
        changes=changes,
        homeless=tuple(homeless),
        passed_over=frozenset(unshown | set(passed_over)) - made_up,
    )


def _everything(context: _Context, start: datetime, end: datetime) -> Iterator[tuple[AiringId, Airing, Showing | None]]:
    """Key, planned airing and showing (None: cancelled) of all that may fall into the window, and some around it."""
    for slot in context.plan.slots:
        for planned in _planned(context, slot, slot.id, start, end):
            yield planned.id, planned, _showing(context, planned, planned.id)
    for repeat in context.plan.repeats:
        source = context.slots.get(repeat.of)
        if source is None:
            raise SlotInvalid("repeat_of_nothing", repeat.id)
        earliest = start - timedelta(days=repeat.days_later + 2)
        for original in _planned(context, source, repeat.id, earliest, end):
            yield _repeated(context, repeat, source, original)


def _planned(context: _Context, slot: Slot, owner: SlotId, start: datetime, end: datetime) -> list[Airing]:
    """The slot's planned airings of the window, and those whose `owner` airing an override moves into it."""
    found = {airing.id: airing for airing in context.expand(slot, start, end)}
    for change in context.overrides_touching(start, end):
        if change.override.slot == owner and not start <= change.planned < end:
            found |= {airing.id: airing for airing in context.expand(slot, change.planned, change.planned + _INSTANT)}
    return list(found.values())


def _repeated(
    context: _Context, repeat: Repeat, slot: Slot, original: Airing
) -> tuple[AiringId, Airing, Showing | None]:
    zone = ZoneInfo(slot.zone)
    day = original.start.astimezone(zone).date() + timedelta(days=repeat.days_later)
    key = airing_id(repeat.id, original.start)
    first = _showing(context, original, original.id)
    planned = msgspec.structs.replace(
        first.airing if first else original,
        id=key,
        slot=repeat.id,
        start=at_minute(day, repeat.at_min, zone),
        rank=repeat.rank,
    )
    showing = _showing(context, planned, key)
    if first is None or showing is None or showing.airing.start < first.airing.end:
        return key, planned, None
    return key, planned, msgspec.structs.replace(showing, first=first.airing.id)


def _showing(context: _Context, planned: Airing, key: AiringId) -> Showing | None:
    """The planned airing as its override has it; None where that cancels it."""
    change = context.changes.get(key)
    if change is None:
        return Showing(airing=planned, planned=planned)
    if change.override.cancelled:
        return None
    airing = msgspec.structs.replace(planned, start=change.moved_to or planned.start)
    shown = change.override.shown
    if shown is None:
        return Showing(airing=airing, planned=planned, origin=Origin.MOVED)
    same = shown.lesson.id == planned.lesson.id
    airing = msgspec.structs.replace(
        airing,
        id=planned.id if same else replacement_id(planned.id, shown.lesson.id),
        lesson=shown.lesson,
        package=shown.package,
        duration_ms=shown.duration_ms,
    )
    return Showing(airing=airing, planned=planned, origin=Origin.REPLACED)
