"""Slots become airings: RRULE expansion in local time, across time-zone rules.

A slot's start is local wall-clock time in an IANA zone; the expansion keeps that wall-clock time and converts each
occurrence to UTC. Pure. The rule language is RFC 5545's RRULE, read by python-dateutil.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr

from schedules.airings import Airing, airing_id
from schedules.slots import Slot, SlotInvalid

MAX_OCCURRENCES = 2000
"""No window that is published holds more; a rule that yields more is refused instead of filling the memory."""


def expand(slot: Slot, window_start: datetime, window_end: datetime) -> tuple[Airing, ...]:
    """All airings of `slot` that start inside the window, in order.

    Args:
        slot: the rule.
        window_start: aware; included.
        window_end: aware; not included.

    Raises:
        SlotInvalid: the rule cannot be read, or yields more than `MAX_OCCURRENCES` in the window.
    """
    zone = ZoneInfo(slot.zone)
    skipped = frozenset(slot.exceptions)
    airings = []
    for local in _local_starts(slot, window_start.astimezone(zone), window_end.astimezone(zone)):
        start = local.replace(tzinfo=zone).astimezone(UTC)
        if local not in skipped and window_start <= start < window_end:
            airings.append(
                Airing(
                    id=airing_id(slot.id, start),
                    slot=slot.id,
                    start=start,
                    duration_ms=slot.duration_ms,
                    rank=slot.rank,
                    lesson=slot.lesson,
                    package=slot.package,
                )
            )
    return tuple(airings)


def _local_starts(slot: Slot, window_start: datetime, window_end: datetime) -> Iterator[datetime]:
    if not slot.rule:
        yield slot.local_start
        return
    try:
        rule = rrulestr(slot.rule, dtstart=slot.local_start)
    except (ValueError, TypeError) as error:
        raise SlotInvalid("rule_unreadable", slot.rule) from error
    margin = timedelta(days=1)  # local wall clock and the window's edges may differ by the zone's jump
    first = (window_start - margin).replace(tzinfo=None)
    last = (window_end + margin).replace(tzinfo=None)
    occurrences = list(islice(rule.xafter(first, inc=True), MAX_OCCURRENCES + 1)) if rule else []
    within = [local for local in occurrences if local <= last]
    if len(within) > MAX_OCCURRENCES:
        raise SlotInvalid("too_many_occurrences", slot.rule)
    yield from within
