"""A slot: the rule by which a lesson airs in a layer. Expansion into airings: `recurrence.py`."""

from datetime import datetime

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


class Slot(msgspec.Struct, frozen=True, kw_only=True):
    """This lesson, at this local time, on these days.

    Attributes:
        local_start: naive wall-clock time of the first occurrence in `zone`.
        zone: IANA name, e.g. Asia/Shanghai.
        rule: RFC 5545 RRULE without DTSTART; empty for a single occurrence.
        exceptions: naive wall-clock starts that are left out.
        duration_ms: length of the package in milliseconds.
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
