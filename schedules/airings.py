"""The values both programs speak of: ranks, lessons as they are shown, airings and their stable ids.

Knows nothing of layers or merging; see `layers.py` and `merge.py`.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import NewType
from uuid import UUID, uuid5

import msgspec

AiringId = NewType("AiringId", str)
SlotId = NewType("SlotId", str)
LayerId = NewType("LayerId", str)
LessonId = NewType("LessonId", str)
PackageName = NewType("PackageName", str)

AIRING_NAMESPACE = UUID("6f0c1c4e-0d1b-5a53-9d0e-7a1f5a9c6402")


class Rank(StrEnum):
    """How much a slot matters; decides clashes (`merge.py`)."""

    MANDATORY = "mandatory"
    REGULAR = "regular"
    OPTIONAL = "optional"


class LessonCard(msgspec.Struct, frozen=True, kw_only=True):
    """What a television shows of a lesson.

    It travels inside layers and evidence, so that deleting a lesson erases no history.
    """

    id: LessonId
    title: str
    course: str
    subject: str = ""
    number: int = 0
    """Place in the course, from 1; 0 where the lesson stands alone."""
    summary: str = ""


class Airing(msgspec.Struct, frozen=True, kw_only=True):
    """One concrete showing: this lesson, from this instant, for this long.

    Attributes:
        start: aware UTC.
        duration_ms: planned length in milliseconds, above zero.
        package: name of the package to play.
    """

    id: AiringId
    slot: SlotId
    start: datetime
    duration_ms: int
    rank: Rank
    lesson: LessonCard
    package: PackageName

    @property
    def end(self) -> datetime:
        """First instant (UTC) that no longer belongs to the airing."""
        return self.start + timedelta(milliseconds=self.duration_ms)

    def on_at(self, instant: datetime) -> bool:
        """Whether the airing runs at `instant` (start included, end not)."""
        return self.start <= instant < self.end

    def overlaps(self, other: "Airing") -> bool:
        """Whether both claim some instant; touching ends do not overlap."""
        return self.start < other.end and other.start < self.end


def airing_id(slot: SlotId, start: datetime) -> AiringId:
    """UUIDv5 (RFC 9562) of slot and start: the same airing has the same id on every machine and in every revision.

    Args:
        slot: the slot's id.
        start: aware; any zone, the instant counts.
    """
    if start.tzinfo is None:
        raise ValueError("start must be aware")
    return AiringId(str(uuid5(AIRING_NAMESPACE, f"{slot}@{int(start.timestamp())}")))
