"""A layer's plan as the database keeps it: one document that names lessons by id, so that a title may still change.

Pure. Decides what a document means (`resolved`), which lessons it names, and what differs between two documents; how
one is changed: `edits.py`. The values that air are the library's (`schedules.plans`).
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

import msgspec

from schedules.airings import Airing, AiringId, Rank, SlotId
from schedules.plans import MakeUp, Override, Plan, Repeat
from schedules.slots import Days, Episode, Slot

ZONE = "Asia/Shanghai"
_K = TypeVar("_K")
_V = TypeVar("_V")


class PlannedSlot(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """These lessons, at this local time, on these days.

    Attributes:
        lessons: ids; one airs each time, several air in turn and then the slot ends.
        local_start: naive wall-clock time of the first occurrence in `zone`.
        rule: RFC 5545 RRULE; empty for a single occurrence.
        exceptions: naive wall-clock starts that are left out.
    """

    id: SlotId
    lessons: tuple[str, ...]
    local_start: datetime
    zone: str = ZONE
    rule: str = ""
    exceptions: tuple[datetime, ...] = ()
    rank: Rank = Rank.REGULAR
    days: Days = Days.ANY


class PlannedOverride(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One evening otherwise: cancelled, moved, or with another lesson. `planned` is the naive start of its rule."""

    slot: SlotId
    planned: datetime
    cancelled: bool = False
    moved_to: datetime | None = None
    lesson: str = ""


class PlanDocument(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All that stands in one layer.

    Attributes:
        accepted: airings of which the editor knows that they give way to others.
    """

    slots: tuple[PlannedSlot, ...] = ()
    repeats: tuple[Repeat, ...] = ()
    overrides: tuple[PlannedOverride, ...] = ()
    make_ups: tuple[MakeUp, ...] = ()
    accepted: tuple[AiringId, ...] = ()


def read(text: str) -> PlanDocument:
    """The document in its JSON; an empty text is an empty plan."""
    return msgspec.json.decode(text, type=PlanDocument) if text else PlanDocument()


def written(document: PlanDocument) -> str:
    """The document's JSON; equal documents give equal texts."""
    return msgspec.json.encode(document).decode()


def lessons_of(document: PlanDocument) -> frozenset[str]:
    """The ids of every lesson that the document names."""
    named = {lesson for slot in document.slots for lesson in slot.lessons}
    named |= {override.lesson for override in document.overrides if override.lesson}
    return frozenset(named | {str(make_up.of.lesson.id) for make_up in document.make_ups})


def resolved(document: PlanDocument, episodes: Mapping[str, Episode]) -> Plan:
    """The plan with its lessons.

    Args:
        episodes: every lesson that has a package, by id. One that may not air stands here all the same, so that a
            series keeps its place; its airings are left out afterwards (`airable_only`).

    Returns:
        A plan without the slots of which no lesson has a package, and without what hangs on them.
    """
    slots = tuple(found for one in document.slots if (found := _slot(one, episodes)) is not None)
    standing = {slot.id for slot in slots}
    repeats = tuple(one for one in document.repeats if one.of in standing)
    speakable = standing | {one.id for one in repeats}
    return Plan(
        slots=slots,
        repeats=repeats,
        overrides=tuple(
            override
            for one in document.overrides
            if one.slot in speakable and (override := _override(one, episodes)) is not None
        ),
        make_ups=document.make_ups,
    )


def airable_only(airings: Iterable[Airing], may_air: Callable[[Airing], bool]) -> tuple[Airing, ...]:
    """The airings whose lesson may air then."""
    return tuple(airing for airing in airings if may_air(airing))


def _slot(planned: PlannedSlot, episodes: Mapping[str, Episode]) -> Slot | None:
    known = tuple(episodes[lesson] for lesson in planned.lessons if lesson in episodes)
    if not known:
        return None
    first = known[0]
    return Slot(
        id=planned.id,
        lesson=first.lesson,
        package=first.package,
        duration_ms=first.duration_ms,
        local_start=planned.local_start,
        zone=planned.zone,
        rank=planned.rank,
        rule=planned.rule,
        exceptions=planned.exceptions,
        days=planned.days,
        episodes=known if len(planned.lessons) > 1 else (),
    )


def _override(planned: PlannedOverride, episodes: Mapping[str, Episode]) -> Override | None:
    """None where nothing is left of it, since its lesson has no package: then the planned one airs."""
    shown = episodes.get(planned.lesson)
    if not planned.cancelled and planned.moved_to is None and shown is None:
        return None
    return Override(
        slot=planned.slot,
        planned=planned.planned,
        cancelled=planned.cancelled,
        moved_to=planned.moved_to,
        shown=shown,
    )


class ChangeKind(StrEnum):
    """How a part of a plan differs between two documents."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One difference between two plans, as a person reads it.

    Attributes:
        lesson: id of the lesson it is about; empty where the slot is in neither plan any more.
        before, after: the slot as it was and is; None where it stood in only one.
        evening: the planned start of the one evening that differs; None where the whole slot does.
    """

    kind: ChangeKind
    slot: SlotId
    lesson: str = ""
    before: PlannedSlot | None = None
    after: PlannedSlot | None = None
    evening: datetime | None = None
    was: PlannedOverride | None = None
    now: PlannedOverride | None = None
    repeat: Repeat | None = None
    make_up: MakeUp | None = None


def difference(old: PlanDocument, new: PlanDocument) -> tuple[Change, ...]:
    """What happened between two plans: slots first, in order of start, then single evenings, repeats and make-ups."""
    slots = {one.id: one for one in (*old.slots, *new.slots)}
    found = [
        Change(
            kind=_kind(before, after),
            slot=key,
            lesson=(after or before or slots[key]).lessons[0],
            before=before,
            after=after,
        )
        for key, before, after in _paired({s.id: s for s in old.slots}, {s.id: s for s in new.slots})
    ]
    found.sort(key=lambda change: (slots[change.slot].local_start, change.slot))
    shown_again = {one.id: one.of for one in (*old.repeats, *new.repeats)}
    evenings = _paired({(o.slot, o.planned): o for o in old.overrides}, {(o.slot, o.planned): o for o in new.overrides})
    for (slot, planned), was, now in sorted(evenings, key=lambda item: (item[0][1], item[0][0])):
        first = shown_again.get(slot, slot)
        lesson = slots[first].lessons[0] if first in slots else ""
        found.append(Change(kind=_kind(was, now), slot=slot, lesson=lesson, evening=planned, was=was, now=now))
    for key, before_it, after_it in _paired({r.id: r for r in old.repeats}, {r.id: r for r in new.repeats}):
        one = after_it or before_it
        lesson = slots[one.of].lessons[0] if one and one.of in slots else ""
        found.append(Change(kind=_kind(before_it, after_it), slot=key, lesson=lesson, repeat=one))
    for _key, gone, come in _paired({m.of.id: m for m in old.make_ups}, {m.of.id: m for m in new.make_ups}):
        made = come or gone
        if made is not None:
            found.append(Change(kind=_kind(gone, come), slot=made.of.slot, lesson=str(made.of.lesson.id), make_up=made))
    return tuple(found)


def _paired(old: Mapping[_K, _V], new: Mapping[_K, _V]) -> list[tuple[_K, _V | None, _V | None]]:
    keys = dict.fromkeys([*old, *new])
    return [(key, old.get(key), new.get(key)) for key in keys if old.get(key) != new.get(key)]


def _kind(before: object | None, after: object | None) -> ChangeKind:
    if before is None:
        return ChangeKind.ADDED
    return ChangeKind.REMOVED if after is None else ChangeKind.CHANGED
