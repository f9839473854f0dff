"""Everything that a layer's owner plans: slots, repeats of their showings, one-evening overrides, make-up airings.

Values only; `programme.py` makes airings of them. Wall-clock times are naive, in the zone of the slot they speak of.
"""

from datetime import datetime
from uuid import uuid5

import msgspec

from schedules.airings import AIRING_NAMESPACE, Airing, AiringId, LessonId, Rank, SlotId
from schedules.gaps import DAY_MIN
from schedules.slots import Episode, Slot, SlotInvalid

MAX_DAYS_LATER = 60


class Repeat(msgspec.Struct, frozen=True, kw_only=True):
    """Shows again what another slot showed: tonight's lesson again tomorrow noon.

    A repeat follows its first showing: what that shows, this shows; where that is cancelled, this falls away; and it
    never airs before the first showing has ended.

    Attributes:
        id: an id of its own, of the kind that slots have.
        of: the slot whose showings are repeated.
        days_later: local days from the first showing's planned day, 0 for the same day.
        at_min: wall-clock minutes after midnight, up to 1440.
    """

    id: SlotId
    of: SlotId
    days_later: int
    at_min: int
    rank: Rank = Rank.REGULAR

    def __post_init__(self) -> None:
        if not 0 <= self.days_later <= MAX_DAYS_LATER or not 0 <= self.at_min <= DAY_MIN:
            raise SlotInvalid("repeat_out_of_range", f"{self.days_later} days later, minute {self.at_min}")


class Override(msgspec.Struct, frozen=True, kw_only=True):
    """One evening otherwise, without rewriting the week: cancelled, moved, replaced, or moved and replaced.

    Attributes:
        slot: the slot, or the repeat, whose airing it is.
        planned: the wall-clock start that the slot's rule gives; for a repeat, that of its first showing.
        moved_to: the wall-clock start instead.
        shown: what airs instead.
    """

    slot: SlotId
    planned: datetime
    cancelled: bool = False
    moved_to: datetime | None = None
    shown: Episode | None = None

    def __post_init__(self) -> None:
        if self.cancelled == (self.moved_to is not None or self.shown is not None):
            raise SlotInvalid("override_contradicts", f"{self.slot} at {self.planned}")


class MakeUp(msgspec.Struct, frozen=True, kw_only=True):
    """A displaced or missed airing shown at another time, `start` (aware UTC)."""

    of: Airing
    start: datetime

    @property
    def airing(self) -> Airing:
        """The airing that makes up; its id comes of the id it makes up for, whenever it airs."""
        return msgspec.structs.replace(self.of, id=make_up_id(self.of.id), start=self.start)


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """All that stands in one layer."""

    slots: tuple[Slot, ...] = ()
    repeats: tuple[Repeat, ...] = ()
    overrides: tuple[Override, ...] = ()
    make_ups: tuple[MakeUp, ...] = ()


def make_up_id(of: AiringId) -> AiringId:
    """The id of the airing that makes up for another."""
    return AiringId(str(uuid5(AIRING_NAMESPACE, f"{of}#make-up")))


def replacement_id(planned: AiringId, lesson: LessonId) -> AiringId:
    """The id of an airing that shows another lesson at a planned one's place, so that sessions never mix the two."""
    return AiringId(str(uuid5(AIRING_NAMESPACE, f"{planned}#{lesson}")))
