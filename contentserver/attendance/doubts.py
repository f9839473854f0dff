"""What makes a session doubtful: rules that a person would apply to a roll, none of which changes a number. Pure.

A doubt is looked at by somebody who can ask in the village; whose it is and who has looked: `doubting.py`.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from contentserver.attendance.rules import Arrival


class Doubt(StrEnum):
    """Why somebody should ask in the village."""

    NOTHING_SHOWN = "nothing_shown"
    """People signed in, and nothing was on the screen."""
    CROWD = "crowd"
    """More people signed in within a minute than can pass a remote."""
    FEWER_COUNTED = "fewer_counted"
    """Fewer people were counted in the room than signed in."""
    LONG_AFTER = "long_after"
    """Somebody signed in long after the last picture."""
    UNSURE_CLOCK = "unsure_clock"
    """The box did not know what time it was."""
    TWO_PLACES = "two_places"
    """Somebody signed in at two stations at the same time."""


CROWD_PEOPLE: Final = 60
CROWD_WITHIN: Final = timedelta(minutes=1)
LONG: Final = timedelta(minutes=30)
UNSURE_MS: Final = 60_000
EARLIEST_OVERLAP: Final = timedelta(hours=12)
"""No lesson is longer: sessions that begin further apart do not overlap."""


def doubts_of(
    arrivals: Sequence[Arrival],
    *,
    shown_ms: int,
    head_count: int | None,
    last_picture: datetime | None,
    worst_uncertainty_ms: int,
) -> frozenset[Doubt]:
    """What is doubtful in one session by itself; `arrivals` and `head_count` with their corrections.

    How fast and how late people signed in is asked of those whom a box saw.
    """
    found = set()
    if arrivals and not shown_ms:
        found.add(Doubt.NOTHING_SHOWN)
    signed_in = [one.at for one in arrivals if one.observed]
    if _crowded(sorted(signed_in)):
        found.add(Doubt.CROWD)
    if head_count is not None and head_count < len(arrivals):
        found.add(Doubt.FEWER_COUNTED)
    if last_picture is not None and any(at > last_picture + LONG for at in signed_in):
        found.add(Doubt.LONG_AFTER)
    if worst_uncertainty_ms > UNSURE_MS:
        found.add(Doubt.UNSURE_CLOCK)
    return frozenset(found)


def overlap(one: tuple[datetime, int], other: tuple[datetime, int]) -> bool:
    """Whether two airings (start, length in ms) are on at the same time for a moment at least."""
    (first, first_ms), (second, second_ms) = sorted((one, other))
    return second < first + timedelta(milliseconds=max(first_ms, 1)) and second_ms >= 0


def packed(doubts: Collection[Doubt]) -> str:
    """As a column keeps them."""
    return " ".join(sorted(doubts))


def unpacked(text: str) -> frozenset[Doubt]:
    """The reverse; a code that this program does not know is left out."""
    known = set(Doubt)
    return frozenset(Doubt(code) for code in text.split() if code in known)


def _crowded(times: Sequence[datetime]) -> bool:
    last = CROWD_PEOPLE - 1
    return any(times[place + last] - times[place] <= CROWD_WITHIN for place in range(len(times) - last))
