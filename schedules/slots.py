"""A slot: the rule by which a lesson, or the lessons of a course in turn, air in a layer.

Expansion into airings: `recurrence.py`; what is added to slots or changed for one evening: `plans.py`.
"""

from datetime import datetime
from enum import StrEnum

import msgspec

from schedules.airings import LessonCard, PackageName, Rank, SlotId


class SlotInvalid(ValueError):
    """A slot that cannot be expanded.

    Attributes:
        code: stable, for messages in the person's language.
        detail: the part that is wrong.
    """

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


class Days(StrEnum):
    """On which of its rule's days a slot airs; what day it is: `holidays.py`."""

    ANY = "any"
    WORKING = "working"
    """Working days, shifted ones (a worked Sunday) included."""
    FREE = "free"
    """Holidays and days of rest."""
    HOLIDAYS = "holidays"
    """The holiday programme."""
    NOT_HOLIDAYS = "not_holidays"


class Episode(msgspec.Struct, frozen=True, kw_only=True):
    """One lesson as it airs: its card, its package and the package's length in milliseconds."""

    lesson: LessonCard
    package: PackageName
    duration_ms: int


class Slot(msgspec.Struct, frozen=True, kw_only=True):
    """This lesson, at this local time, on these days.

    Attributes:
        local_start: naive wall-clock time of the first occurrence in `zone`.
        zone: IANA name, e.g. Asia/Shanghai.
        rule: RFC 5545 RRULE without DTSTART; empty for a single occurrence.
        exceptions: naive wall-clock starts that are left out.
        duration_ms: length of the package in milliseconds.
        days: the condition under which a day of the rule counts; COUNT counts the rule's days.
        episodes: a series: the lessons that air in turn, one each time; empty where `lesson` airs each time.
    """

    id: SlotId
    lesson: LessonCard
    package: PackageName
    local_start: datetime
    zone: str
    duration_ms: int
    rank: Rank = Rank.REGULAR
    rule: str = ""
    exceptions: tuple[datetime, ...] = ()
    days: Days = Days.ANY
    episodes: tuple[Episode, ...] = ()
