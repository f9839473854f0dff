"""Clashes that an editor should know of before saving, and the next free time.

Both look at airings that already stand and at those that are wanted. Pure; the words for people are the caller's.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from schedules.airings import Airing


class Clash(msgspec.Struct, frozen=True, kw_only=True):
    """Two airings that claim the same time."""

    wanted: Airing
    standing: Airing


def clashes(wanted: Sequence[Airing], standing: Sequence[Airing]) -> tuple[Clash, ...]:
    """Every pair of a wanted and a standing airing that overlap, in order of the wanted one's start."""
    pairs = (Clash(wanted=new, standing=old) for new in wanted for old in standing if new.overlaps(old))
    return tuple(sorted(pairs, key=lambda pair: (pair.wanted.start, pair.standing.start)))


def next_free(standing: Sequence[Airing], not_before: datetime, duration: timedelta) -> datetime:
    """The earliest start at or after `not_before` (aware UTC) from which `duration` is free of standing airings."""
    start = not_before
    for airing in sorted(standing, key=lambda other: other.start):
        if airing.start < start + duration and start < airing.end:
            start = airing.end
    return start
