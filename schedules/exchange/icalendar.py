"""iCalendar (RFC 5545) out and in: a feed of airings for people's telephones, slots to and from other calendars.

A feed names each airing by its id, so a moved one moves in the subscriber's calendar. Slots keep rule, zone and
exceptions; what RFC 5545 has no word for stands in X-YUANJIAO properties. Rules of reading: `imports.py`.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, vBroken, vRecur

from schedules.airings import Airing, Rank
from schedules.exchange.imports import (
    MAX_BYTES,
    FileRefused,
    Imported,
    Lessons,
    Unusable,
    imported_slot_id,
    printable,
    titles,
)
from schedules.recurrence import check, zone_of
from schedules.slots import Days, Slot, SlotInvalid

Word = TypeVar("Word", bound=StrEnum)

MAX_EVENTS = 2000
_PRODUCT = "-//yuanjiao//timetable//ZH"
_LESSON, _RANK, _DAYS = "X-YUANJIAO-LESSON", "X-YUANJIAO-RANK", "X-YUANJIAO-DAYS"


def write_airings(name: str, airings: Iterable[Airing], *, stamp: datetime, domain: str = "yuanjiao") -> bytes:
    """A feed of airings, times in UTC.

    Args:
        name: what the subscriber's calendar shall be called.
        stamp: aware; when the timetable was made. The same airings and stamp give the same bytes.
        domain: right half of the events' UIDs.
    """
    calendar = _calendar(name)
    for airing in sorted(airings, key=lambda one: (one.start, one.id)):
        title, course = titles(airing.lesson)
        event = Event()
        event.add("uid", f"{airing.id}@{domain}")
        event.add("dtstamp", stamp.astimezone(UTC))
        event.add("dtstart", airing.start.astimezone(UTC))
        event.add("dtend", airing.end.astimezone(UTC))
        event.add("summary", title)
        if described := "\n".join(part for part in (course, printable(airing.lesson.summary)) if part):
            event.add("description", described)
        if airing.lesson.subject:
            event.add("categories", [printable(airing.lesson.subject)])
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def write_slots(name: str, slots: Sequence[Slot], *, stamp: datetime, domain: str = "yuanjiao") -> bytes:
    """Slots as recurring events in their own zones; `read_slots` reads them back.

    Raises:
        ValueError: a slot is a series, which only its airings can tell (`write_airings`).
        SlotInvalid: a slot cannot be read.
    """
    calendar = _calendar(name)
    for slot in slots:
        if slot.episodes:
            raise ValueError(f"{slot.id} is a series")
        check(slot)
        zone = zone_of(slot)
        event = Event()
        event.add("uid", f"{slot.id}@{domain}")
        event.add("dtstamp", stamp.astimezone(UTC))
        event.add("dtstart", slot.local_start.replace(tzinfo=zone))
        event.add("duration", timedelta(milliseconds=slot.duration_ms))
        event.add("summary", printable(slot.lesson.title))
        if slot.rule:
            event.add("rrule", vRecur.from_ical(slot.rule.removeprefix("RRULE:")))
        if slot.exceptions:
            event.add("exdate", [local.replace(tzinfo=zone) for local in slot.exceptions])
        for field, value in ((_LESSON, slot.lesson.id), (_RANK, slot.rank.value), (_DAYS, slot.days.value)):
            event.add(field, value)
        calendar.add_component(event)
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())


def read_slots(data: bytes, lessons: Lessons, *, zone: str) -> Imported:
    """Slots of a calendar that another program wrote.

    Args:
        data: the file, at most `MAX_BYTES`.
        lessons: an event airs the lesson that X-YUANJIAO-LESSON or its summary names.
        zone: IANA name, for times in UTC, floating times and zones that only the file knows.

    Raises:
        FileRefused: it is no calendar, or a larger one than is read.
    """
    if len(data) > MAX_BYTES:
        raise FileRefused("too_large", str(len(data)))
    try:
        calendar = Calendar.from_ical(data)
        events = calendar.walk("VEVENT") if isinstance(calendar, Calendar) else []
    except Exception as error:  # the parser raises whatever the damage makes of it
        raise FileRefused("unreadable", str(error)) from error
    if len(events) > MAX_EVENTS:
        raise FileRefused("too_many_rows", str(len(events)))
    slots, faults = [], []
    for number, event in enumerate(events, 1):
        try:
            slots.append(_slot(event, lessons, zone))
        except Unusable as fault:
            faults.append(fault.at(number))
    return Imported(slots=tuple(slots), faults=tuple(faults))


def _calendar(name: str) -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", _PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("name", printable(name))
    calendar.add("x-wr-calname", printable(name))
    return calendar


def _slot(event: Any, lessons: Lessons, default_zone: str) -> Slot:
    for field in ("RECURRENCE-ID", "RDATE", "EXRULE"):
        if field in event:
            raise Unusable(field, "not_supported")
    for field in ("UID", "SUMMARY", "DTSTART", "RRULE", "EXDATE", _LESSON, _RANK, _DAYS):
        given = event.get(field)
        if any(isinstance(one, vBroken) for one in (given if isinstance(given, list) else [given])):
            raise Unusable(field, "unreadable")
    uid = str(event.get("uid", ""))
    if not uid:
        raise Unusable("UID", "missing")
    named = str(event.get(_LESSON, "") or event.get("summary", ""))
    episode = lessons.get(named)
    if episode is None:
        raise Unusable("SUMMARY", "lesson_unknown", named)
    start = _instant_of(event, "DTSTART")
    own_zone = getattr(start.tzinfo, "key", "")
    zone = default_zone if start.tzinfo is None or own_zone in {"", "UTC"} else own_zone
    local = _wall_clock(start, zone)
    slot = Slot(
        id=imported_slot_id(uid),
        lesson=episode.lesson,
        package=episode.package,
        local_start=local,
        zone=zone,
        duration_ms=episode.duration_ms,
        rank=_choice(Rank, event, _RANK, Rank.REGULAR),
        rule=_rule(event),
        exceptions=tuple(_wall_clock(moment, zone) for moment in _exceptions(event)),
        days=_choice(Days, event, _DAYS, Days.ANY),
    )
    try:
        check(slot)
    except SlotInvalid as error:
        raise Unusable("RRULE", error.code, error.detail) from error
    return slot


def _instant_of(event: Any, field: str) -> datetime:
    moment = getattr(event.get(field), "dt", None)
    if moment is None:
        raise Unusable(field, "missing")
    if not isinstance(moment, datetime):
        raise Unusable(field, "no_time", moment)
    return moment


def _exceptions(event: Any) -> list[datetime]:
    given = event.get("EXDATE", [])
    moments = [one.dt for dates in (given if isinstance(given, list) else [given]) for one in getattr(dates, "dts", [])]
    if not all(isinstance(moment, datetime) for moment in moments):
        raise Unusable("EXDATE", "no_time")
    return moments


def _rule(event: Any) -> str:
    rules = event.get("RRULE", "")
    if isinstance(rules, list):
        raise Unusable("RRULE", "not_supported")
    return bytes(rules.to_ical()).decode() if rules else ""


def _wall_clock(moment: datetime, zone: str) -> datetime:
    if moment.tzinfo is None:
        return moment
    try:
        return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    except (ValueError, OverflowError, OSError) as error:
        raise Unusable("DTSTART", "time_out_of_range", moment) from error


def _choice(words: type[Word], event: Any, field: str, otherwise: Word) -> Word:
    value = str(event.get(field, "")) or otherwise.value
    try:
        return words(value)
    except ValueError as error:
        raise Unusable(field, "unknown_word", value) from error
