"""Questions of a timetable and an instant: what is on, what is next, when must somebody wake up.

Pure functions of (airings, now); nobody here reads a clock.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from schedules.airings import Airing


def on_air_at(airings: Sequence[Airing], instant: datetime) -> Airing | None:
    """The airing that runs at `instant` (aware UTC), if any; `airings` do not overlap."""
    return next((airing for airing in airings if airing.on_at(instant)), None)


def next_after(airings: Sequence[Airing], instant: datetime) -> Airing | None:
    """The first airing that starts after `instant`; `airings` in order of start."""
    return next((airing for airing in airings if airing.start > instant), None)


def next_wakeup(airings: Sequence[Airing], now: datetime) -> datetime | None:
    """The next instant (UTC) at which what is on the air changes; None when nothing more is planned."""
    edges = (edge for airing in airings for edge in (airing.start, airing.end) if edge > now)
    return min(edges, default=None)


def milliseconds(span: timedelta) -> int:
    """A stretch of time in whole milliseconds, as media time is counted."""
    return round(span / timedelta(milliseconds=1))
