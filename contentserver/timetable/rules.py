"""Decisions about slots before they are saved and layers before they are published. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from schedules.airings import Airing
from schedules.conflicts import Clash, clashes, next_free

WINDOW = timedelta(days=14)
RENEW_WHEN_LEFT = timedelta(days=13)
"""A layer is published anew once its window reaches less far than this."""


class SlotFault(StrEnum):
    """Why a slot cannot be saved."""

    IN_THE_PAST = "in_the_past"
    LESSON_NOT_READY = "lesson_not_ready"
    LESSON_NOT_APPROVED = "lesson_not_approved"
    CLASH = "clash"


@dataclass(frozen=True, slots=True)
class SlotVerdict:
    """What speaks against a slot: all faults, the clashes, and the next free start (UTC) where there is a clash."""

    faults: tuple[SlotFault, ...] = ()
    clashes: tuple[Clash, ...] = ()
    next_free: datetime | None = None


def slot_verdict(
    *,
    wanted: Sequence[Airing],
    standing: Sequence[Airing],
    local_start: datetime,
    zone: str,
    lesson_ready: bool,
    lesson_approved: bool,
    now: datetime,
) -> SlotVerdict:
    """Judge a slot before it is saved.

    Args:
        wanted: the slot's airings in the coming window.
        standing: the airings that stand in the same layer.
        local_start: naive wall-clock start in `zone`.
    """
    faults = []
    if local_start.replace(tzinfo=ZoneInfo(zone)) <= now:
        faults.append(SlotFault.IN_THE_PAST)
    if not lesson_ready:
        faults.append(SlotFault.LESSON_NOT_READY)
    elif not lesson_approved:
        faults.append(SlotFault.LESSON_NOT_APPROVED)
    found = clashes(wanted, standing)
    free = None
    if found:
        faults.append(SlotFault.CLASH)
        first = found[0].wanted
        free = next_free(standing, first.start, first.end - first.start)
    return SlotVerdict(faults=tuple(faults), clashes=found, next_free=free)


def window_at(now: datetime) -> tuple[datetime, datetime]:
    """The window to publish: from the start of the hour six hours ago, so that a late box still knows what is on."""
    start = now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=6)
    return start, now + WINDOW


def judged_window(now: datetime, start: datetime) -> tuple[datetime, datetime]:
    """The window in which a wish is compared: from what is still on, to two weeks after its first airing."""
    return window_at(now)[0], max(now, start) + WINDOW


def window_runs_out(window_end: datetime | None, now: datetime) -> bool:
    """Whether a layer must be published anew although nobody changed it."""
    return window_end is None or window_end - now < RENEW_WHEN_LEFT


def monday_of(day: date) -> date:
    """The Monday of the week that holds the day."""
    return day - timedelta(days=day.weekday())


def by_day(airings: Iterable[Airing], monday: date, zone: str) -> tuple[tuple[Airing, ...], ...]:
    """Seven days from Monday, each with the airings that start on it in the zone's wall-clock time."""
    days: list[list[Airing]] = [[] for _ in range(7)]
    for airing in airings:
        place = (airing.start.astimezone(ZoneInfo(zone)).date() - monday).days
        if 0 <= place < 7:
            days[place].append(airing)
    return tuple(tuple(sorted(day, key=lambda airing: airing.start)) for day in days)
