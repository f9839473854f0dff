"""What a phone is told: which lesson is meant, what the televisions have answered, how long it can be undone. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from schedules.airings import Airing
from schedules.wire.messages import ReplyState

BEFORE: Final = timedelta(minutes=5)
AFTER: Final = timedelta(minutes=10)
"""Televisions take sign-ins from so long before a lesson until so long after it."""
LONGEST: Final = timedelta(hours=12)
"""An airing that began longer ago is over."""
LATE: Final = timedelta(seconds=5)
"""So long after its expiry an answer may still be under way."""
UNDO_FOR: Final = timedelta(minutes=1)


class When(StrEnum):
    """How a lesson stands to the present."""

    NOW = "now"
    SOON = "soon"
    JUST_NOW = "just_now"


@dataclass(frozen=True, slots=True)
class Near:
    """The lesson that somebody at the door means."""

    airing: Airing
    when: When


class Standing(StrEnum):
    """What became of a sign-in, of all that the station's televisions have said."""

    WAITS = "waits"
    DONE = "done"
    ALREADY = "already"
    TAKEN_BACK = "taken_back"
    NOTHING_ON = "nothing_on"
    NOT_ON_ROLL = "not_on_roll"
    TOO_OLD = "too_old"
    """The televisions' program does not know signing in by phone."""
    NO_LINE = "no_line"
    """No television answers."""


_GOOD: Final = {"": Standing.DONE, "already": Standing.ALREADY, "taken_back": Standing.TAKEN_BACK}
_BAD: Final = {"nothing_on": Standing.NOTHING_ON, "not_on_roll": Standing.NOT_ON_ROLL}
_ORDER: Final = (
    Standing.DONE,
    Standing.TAKEN_BACK,
    Standing.ALREADY,
    Standing.WAITS,
    Standing.NOTHING_ON,
    Standing.NOT_ON_ROLL,
    Standing.TOO_OLD,
    Standing.NO_LINE,
)
"""Of several televisions the one counts that stands first here: one that took the sign-in is enough."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One television's answer; `state` is None while there is none."""

    state: ReplyState | None
    detail: str
    expires_at: datetime


def near(airings: Sequence[Airing], now: datetime) -> Near | None:
    """What is on the air, else what begins soon, else what has just ended."""
    for when, begins, ends in (
        (When.NOW, timedelta(), timedelta()),
        (When.SOON, BEFORE, timedelta()),
        (When.JUST_NOW, timedelta(), AFTER),
    ):
        found = [one for one in airings if one.start - begins <= now < one.end + ends]
        if found:
            return Near(found[0] if when is When.SOON else found[-1], when)
    return None


def standing(answers: Iterable[Answer], now: datetime) -> Standing:
    """What becomes of a sign-in by what the televisions say; without any, nobody answers."""
    return min((_of(one, now) for one in answers), key=_ORDER.index, default=Standing.NO_LINE)


def _of(one: Answer, now: datetime) -> Standing:
    match one.state:
        case None | ReplyState.WAITING:
            return Standing.WAITS if now < one.expires_at + LATE else Standing.NO_LINE
        case ReplyState.DONE:
            return _GOOD.get(one.detail, Standing.DONE)
        case ReplyState.UNKNOWN:
            return Standing.TOO_OLD
        case _:
            return _BAD.get(one.detail, Standing.NO_LINE)


def may_undo(stands: Standing, signed_in_at: datetime, now: datetime) -> bool:
    """Whether the phone that signed somebody in may take it back: only what it did itself, and only for a minute."""
    return stands is Standing.DONE and timedelta() <= now - signed_in_at < UNDO_FOR
