"""Slots become airings: RRULE expansion in local time, across time-zone rules, in bounded time.

A slot's start is local wall-clock time in an IANA zone; the expansion keeps that wall-clock time and converts each
occurrence to UTC (a time that the clocks skip is read by the offset before the jump, one that comes twice is its first:
RFC 5545, section 3.3.5). Pure. The rule language is RFC 5545's RRULE, read by python-dateutil, a day or coarser.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from datetime import MAXYEAR, UTC, datetime, timedelta
from itertools import islice, takewhile
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dateutil.rrule import rrule, rrulestr

from schedules.airings import Airing, AiringId, airing_id
from schedules.holidays import PUBLISHED, HolidayTable
from schedules.slots import Episode, Slot, SlotInvalid

MAX_OCCURRENCES = 2000
"""No window that is published holds more; a rule that yields more is refused instead of filling the memory."""
MAX_HISTORY = 40_000
"""Occurrences since the slot's start that are walked through; a daily slot reaches them in a century."""
MAX_RULE_LENGTH = 500
_TOO_FINE = {"SECONDLY", "MINUTELY", "HOURLY"}
_UNTIL = "%Y%m%dT%H%M%S"
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_GREGORIAN_CYCLE_YEARS, _GREGORIAN_CYCLE = 400, timedelta(days=146_097)


def expand(
    slot: Slot,
    window_start: datetime,
    window_end: datetime,
    *,
    table: HolidayTable = PUBLISHED,
    passed_over: Collection[AiringId] = (),
) -> tuple[Airing, ...]:
    """All airings of `slot` that start inside the window, in order.

    Args:
        slot: the rule.
        window_start: aware; included.
        window_end: aware; not included.
        table: what day it is, for a slot under a condition.
        passed_over: airings of a series that did not show their lesson (displaced, cancelled, replaced), since its
            beginning: the next one shows it, so the series goes on where it stopped.

    Raises:
        SlotInvalid: the rule or zone cannot be read, or it yields more than `MAX_OCCURRENCES` in the window.
    """
    zone = zone_of(slot)
    margin = timedelta(days=1)  # local wall clock and the window's edges may differ by the zone's jump
    first = slot.local_start if slot.episodes else (window_start.astimezone(zone) - margin).replace(tzinfo=None)
    last = (window_end.astimezone(zone) + margin).replace(tzinfo=None)
    starts = _starts(slot, zone, first, last, table)
    within = (
        _airing(slot, start, episode)
        for start, episode in _with_episodes(slot, starts, passed_over)
        if window_start <= start < window_end
    )
    airings = tuple(islice(within, MAX_OCCURRENCES + 1))
    if len(airings) > MAX_OCCURRENCES:
        raise SlotInvalid("too_many_occurrences", slot.rule)
    return tuple(sorted(airings, key=lambda airing: airing.start))


def check(slot: Slot) -> None:
    """Read the slot's zone and rule without walking it.

    Raises:
        SlotInvalid: one of them cannot be read.
    """
    zone_of(slot)
    if slot.rule:
        _read(slot, timedelta())


def ended_before(slot: Slot, local: datetime) -> tuple[str, str]:
    """A rule cut in two at a wall-clock start: how the slot ends before it, and how a slot that begins there goes on.

    Where the rule counts its occurrences (COUNT), both halves end by a time instead.

    Raises:
        SlotInvalid: the rule cannot be read.
    """
    parts = [part for part in slot.rule.upper().removeprefix("RRULE:").strip(";").split(";") if part]
    plain = [part for part in parts if part.partition("=")[0] not in {"COUNT", "UNTIL"}]
    ends = [part for part in parts if part.startswith("UNTIL=")]
    rule, count, _ = _read(slot, timedelta())
    if count is not None:
        last = next(islice(rule, min(count, MAX_HISTORY) - 1, None), None)
        ends = [f"UNTIL={last:{_UNTIL}}"] if last else []
    before = f"UNTIL={local - timedelta(seconds=1):{_UNTIL}}"
    return ";".join([*plain, before]), ";".join([*plain, *ends])


def shifted(rule: str, days: int) -> str:
    """The rule whose plain weekdays (BYDAY) lie so many days later; other rules stay as they are.

    Raises:
        SlotInvalid: the rule names days that cannot be shifted, such as the second Tuesday or the 15th.
    """
    if not rule or days % 7 == 0:
        return rule
    parts = []
    for part in rule.upper().removeprefix("RRULE:").strip(";").split(";"):
        name, _, value = part.partition("=")
        if name == "BYDAY" and all(day in _WEEKDAYS for day in value.split(",")):
            value = ",".join(_WEEKDAYS[(_WEEKDAYS.index(day) + days) % 7] for day in value.split(","))
        elif name.startswith("BY"):
            raise SlotInvalid("rule_not_movable", rule)
        parts.append(f"{name}={value}")
    return ";".join(parts)


def zone_of(slot: Slot) -> ZoneInfo:
    """The slot's time zone.

    Raises:
        SlotInvalid: there is no such zone.
    """
    try:
        return ZoneInfo(slot.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise SlotInvalid("zone_unknown", slot.zone[:40]) from error


def _airing(slot: Slot, start: datetime, episode: Episode) -> Airing:
    return Airing(
        id=airing_id(slot.id, start),
        slot=slot.id,
        start=start,
        duration_ms=episode.duration_ms,
        rank=slot.rank,
        lesson=episode.lesson,
        package=episode.package,
    )


def _with_episodes(
    slot: Slot, starts: Iterable[datetime], passed_over: Collection[AiringId]
) -> Iterator[tuple[datetime, Episode]]:
    """Each start with what airs then; a series needs all starts since its beginning and ends with its last lesson."""
    if not slot.episodes:
        own = Episode(lesson=slot.lesson, package=slot.package, duration_ms=slot.duration_ms)
        yield from ((start, own) for start in starts)
        return
    shown = 0
    for start in starts:
        yield start, slot.episodes[shown]
        shown += airing_id(slot.id, start) not in passed_over
        if shown == len(slot.episodes):
            return


def _starts(slot: Slot, zone: ZoneInfo, first: datetime, last: datetime, table: HolidayTable) -> Iterator[datetime]:
    """The instants (UTC) at which the slot starts, exceptions and forbidden days left out, each once."""
    skipped, seen = frozenset(slot.exceptions), set()
    for local in _local_starts(slot, first, last):
        start = local.replace(tzinfo=zone).astimezone(UTC)
        if local not in skipped and start not in seen and table.allows(slot.days, local.date()):
            seen.add(start)
            yield start


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
