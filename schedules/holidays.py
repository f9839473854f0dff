"""Which days are working days, days of rest and holidays in China, with a table of one's own over the published one.

The published table is the State Council's yearly notice as the package chinesecalendar holds it, shifted working days
included. A year not announced yet has plain weeks, and `announced` says so. Which slots ask: `slots.Days`.
"""

from datetime import date
from enum import StrEnum
from typing import assert_never

import chinese_calendar
import msgspec

from schedules.slots import Days


class DayKind(StrEnum):
    """What kind of day it is."""

    WORKING = "working"
    REST = "rest"
    """A Saturday or Sunday that belongs to no holiday and is not worked."""
    HOLIDAY = "holiday"


class DayEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the editable table: on this local date it is so, whatever the published table says."""

    day: date
    kind: DayKind
    name: str = ""


class Day(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a local date. `announced` is False where only the weekday speaks."""

    kind: DayKind
    name: str = ""
    announced: bool = True


class HolidayTable(msgspec.Struct, frozen=True):
    """The table of one's own; of two entries for a date the later counts."""

    entries: tuple[DayEntry, ...] = ()

    def on(self, day: date) -> Day:
        """What kind of day a local date is."""
        own = next((entry for entry in reversed(self.entries) if entry.day == day), None)
        return Day(kind=own.kind, name=own.name) if own else _published(day)

    def allows(self, condition: Days, day: date) -> bool:
        """Whether a slot under this condition airs on a local date."""
        match condition:
            case Days.ANY:
                return True
            case Days.WORKING:
                return self.on(day).kind is DayKind.WORKING
            case Days.FREE:
                return self.on(day).kind is not DayKind.WORKING
            case Days.HOLIDAYS:
                return self.on(day).kind is DayKind.HOLIDAY
            case Days.NOT_HOLIDAYS:
                return self.on(day).kind is not DayKind.HOLIDAY
            case _:
                assert_never(condition)


def _published(day: date) -> Day:
    try:
        free, name = chinese_calendar.get_holiday_detail(day)
    except NotImplementedError:  # the year lies outside the package's tables
        return Day(kind=DayKind.WORKING if day.weekday() < 5 else DayKind.REST, announced=False)
    if not free:
        return Day(kind=DayKind.WORKING, name=name or "")
    return Day(kind=DayKind.HOLIDAY, name=name) if name else Day(kind=DayKind.REST)


PUBLISHED = HolidayTable()
"""The published table alone."""
