"""When a box will have fetched what it lacks, and how good a rendition can be whole in time. Pure.

A line is shared: what must be there earlier is fetched first, and while a lesson plays the box fetches one file at a
time. What the forecast means for an airing: `rules.py`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

PLAYING_SHARE = 1 / 3
"""Of the line's speed is left while a lesson plays: one file at a time in place of three."""
LIFT_MARGIN = 1.25
"""A limit is lifted only where the better rendition would be whole in time on a line slower by this factor."""
HORIZON = timedelta(days=60)
"""What takes longer never ends."""


@dataclass(frozen=True, slots=True)
class Slow:
    """A stretch (aware UTC) in which only a share of the line's speed is there; 0 in a power cut."""

    start: datetime
    end: datetime
    share: float


@dataclass(frozen=True, slots=True)
class Step:
    """One rendition of a package by name, with all the bytes that a showing of it reads."""

    name: str
    bytes: int


def finish(now: datetime, wanted_bytes: int, kbps: int, slow: Iterable[Slow] = ()) -> datetime | None:
    """When so many bytes will have come.

    Args:
        kbps: kilobits per second of the line when nothing slows it.

    Returns:
        The instant, never before `now`; None where it lies beyond the horizon or there is no line.
    """
    if wanted_bytes <= 0:
        return now
    if kbps <= 0:
        return None
    left_s, at = wanted_bytes * 8 / (kbps * 1000), now
    ahead = [one for one in slow if one.end > now]
    for edge in sorted({max(edge, now) for one in ahead for edge in (one.start, one.end)}):
        share = _share(ahead, at)
        got = (edge - at).total_seconds() * share
        if got >= left_s:
            return at + timedelta(seconds=left_s / share)
        left_s, at = left_s - got, edge
    end_s = (at - now).total_seconds() + left_s
    return at + timedelta(seconds=left_s) if end_s <= HORIZON.total_seconds() else None


def wanted_rendition(
    ladder: Sequence[Step],
    *,
    limit: str,
    whole: str,
    remaining_bytes: int,
    before_bytes: int,
    room_bytes: int | None,
    kbps: int,
    slow: Sequence[Slow],
    start: datetime,
    now: datetime,
) -> str:
    """The rendition beyond which a box need not fetch for an airing; empty where the best will be whole.

    Args:
        ladder: from the smallest to the best.
        limit: the limit that stands now, or empty.
        whole: the best rendition that is whole on the box already, or empty.
        remaining_bytes: what the box still lacks of the best that it wants now.
        before_bytes: what the line brings first: earlier lessons, and the smallest rendition of this one.
        room_bytes: what the box's disk still takes; None where it does not say.
    """
    if len(ladder) < 2 or whole == ladder[-1].name:
        return ""

    def in_time(own_bytes: int, margin: float = 1.0) -> bool:
        if room_bytes is not None and before_bytes + own_bytes > room_bytes:
            return False
        by = finish(now, round((before_bytes + own_bytes) * margin), kbps, slow)
        return by is not None and by <= start

    if limit:
        if in_time(ladder[-1].bytes, LIFT_MARGIN):
            return ""
    elif in_time(remaining_bytes):
        return ""
    have = next((one.bytes for one in ladder if one.name == whole), 0)
    fitting = [one for one in ladder[:-1] if one.bytes <= have or in_time(one.bytes)]
    standing = next((one for one in ladder[:-1] if one.name == limit), None)
    chosen = max(fitting, key=lambda one: one.bytes, default=ladder[0])
    if standing is not None and standing.bytes < chosen.bytes and not in_time(chosen.bytes, LIFT_MARGIN):
        return standing.name
    return chosen.name


def _share(slow: Iterable[Slow], instant: datetime) -> float:
    return min((one.share for one in slow if one.start <= instant < one.end), default=1.0)
