"""Slots become airings: RRULE expansion in local time, across time-zone rules, in bounded time.

A slot's start is local wall-clock time in an IANA zone; the expansion keeps that wall-clock time and converts each
occurrence to UTC (a time that the clocks skip is read by the offset before the jump, one that comes twice is its first:
RFC 5545, section 3.3.5). Pure. The rule language is RFC 5545's RRULE, read by python-dateutil, a day or coarser.
"""

import re
from collections.abc import Iterator
from datetime import MAXYEAR, UTC, datetime, timedelta
from itertools import islice, takewhile
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dateutil.rrule import rrule, rrulestr

from schedules.airings import Airing, airing_id
from schedules.slots import Slot, SlotInvalid

MAX_OCCURRENCES = 2000
"""No window that is published holds more; a rule that yields more is refused instead of filling the memory."""
MAX_HISTORY = 40_000
"""Occurrences since the slot's start that are walked through; a daily slot reaches them in a century."""
MAX_RULE_LENGTH = 500
_TOO_FINE = {"SECONDLY", "MINUTELY", "HOURLY"}
_GREGORIAN_CYCLE_YEARS, _GREGORIAN_CYCLE = 400, timedelta(days=146_097)


def expand(slot: Slot, window_start: datetime, window_end: datetime) -> tuple[Airing, ...]:
    """All airings of `slot` that start inside the window, in order.

    Args:
        slot: the rule.
        window_start: aware; included.
        window_end: aware; not included.

    Raises:
        SlotInvalid: the rule or zone cannot be read, or it yields more than `MAX_OCCURRENCES` in the window.
    """
    return tuple(
        Airing(
            id=airing_id(slot.id, start),
            slot=slot.id,
            start=start,
            duration_ms=slot.duration_ms,
            rank=slot.rank,
            lesson=slot.lesson,
            package=slot.package,
        )
        for start in starts_of(slot, window_start, window_end)
    )


def zone_of(slot: Slot) -> ZoneInfo:
    """The slot's time zone.

    Raises:
        SlotInvalid: there is no such zone.
    """
    try:
        return ZoneInfo(slot.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise SlotInvalid("zone_unknown", slot.zone[:40]) from error


def starts_of(slot: Slot, window_start: datetime, window_end: datetime) -> tuple[datetime, ...]:
    """The instants (UTC) inside the window at which the slot starts, in order, each once; as `expand`."""
    zone = zone_of(slot)
    skipped = frozenset(slot.exceptions)
    margin = timedelta(days=1)  # local wall clock and the window's edges may differ by the zone's jump
    first = (window_start.astimezone(zone) - margin).replace(tzinfo=None)
    last = (window_end.astimezone(zone) + margin).replace(tzinfo=None)
    locals_ = tuple(islice(_local_starts(slot, first, last), MAX_OCCURRENCES + 1))
    if len(locals_) > MAX_OCCURRENCES:
        raise SlotInvalid("too_many_occurrences", slot.rule)
    starts = {local.replace(tzinfo=zone).astimezone(UTC) for local in locals_ if local not in skipped}
    return tuple(sorted(start for start in starts if window_start <= start < window_end))


def _local_starts(slot: Slot, first: datetime, last: datetime) -> Iterator[datetime]:
    """The rule's wall-clock starts from `first` through `last`."""
    if not slot.rule:
        yield slot.local_start
        return
    if slot.local_start > last:
        return
    # The calendar repeats every 400 years to the weekday. Walking in the last cycle that datetime knows lets a rule
    # that never matches (30 February) come to its end after at most 400 years instead of 8,000.
    shift = (MAXYEAR - last.year) // _GREGORIAN_CYCLE_YEARS * _GREGORIAN_CYCLE
    rule, count, until = _read(slot, shift)
    stop = min(last, until) if until else last
    walked = takewhile(lambda local: local <= stop, (local - shift for local in rule))
    for number, local in enumerate(islice(walked, count)):
        if number >= MAX_HISTORY:
            raise SlotInvalid("too_many_occurrences", slot.rule)
        if local >= first:
            yield local


def _read(slot: Slot, shift: timedelta) -> tuple[rrule, int | None, datetime | None]:
    """The rule without its ends, begun `shift` later, and its ends: COUNT, and UNTIL in the slot's wall clock."""
    if len(slot.rule) > MAX_RULE_LENGTH:
        raise SlotInvalid("rule_unreadable", slot.rule[:80])
    parts = {}
    for part in slot.rule.upper().removeprefix("RRULE:").strip(";").split(";"):
        name, _, value = part.partition("=")
        if name in parts or name in {"BYEASTER", "DTSTART"}:
            raise SlotInvalid("rule_unreadable", slot.rule)
        parts[name] = value
    if parts.get("FREQ") in _TOO_FINE or "BYSECOND" in parts:
        raise SlotInvalid("too_many_occurrences", slot.rule)
    try:
        count = int(parts.pop("COUNT")) if "COUNT" in parts else None
        until = _until(parts.pop("UNTIL"), slot) if "UNTIL" in parts else None
        rule = rrulestr(
            ";".join(f"{name}={value}" for name, value in parts.items()), dtstart=slot.local_start + shift, cache=False
        )
    except (ValueError, TypeError, OverflowError) as error:
        raise SlotInvalid("rule_unreadable", slot.rule) from error
    if not isinstance(rule, rrule) or (count is not None and count < 1) or int(parts.get("INTERVAL", 1)) < 1:
        raise SlotInvalid("rule_unreadable", slot.rule)
    return rule, count, until


def _until(text: str, slot: Slot) -> datetime:
    """UNTIL as wall-clock time of the slot's zone, included: a date (the whole day), a local time, or one in UTC."""
    if not re.fullmatch(r"\d{8}(T\d{6}Z?)?", text):
        raise ValueError(text)
    if len(text) == 8:
        text += "T235959"
    until = datetime.fromisoformat(text)
    return until.astimezone(zone_of(slot)).replace(tzinfo=None) if until.tzinfo else until
