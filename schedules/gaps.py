"""Free time: the gaps between airings, and where an airing of some length fits next within the hours of a place.

Knows airings and wall clocks, not ranks: to fit into what a village sees, ask with the airings of its merged timetable;
to disturb no layer at all, ask with `claimed(layers)`. What clashes already: `conflicts.py`.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec

from schedules.airings import Airing
from schedules.conflicts import next_free
from schedules.layers import Layer

DAY_MIN = 24 * 60
HORIZON = timedelta(days=60)
"""How far ahead a free time is looked for, unless told."""


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of time, aware UTC: `start` belongs to it, `end` does not."""

    start: datetime
    end: datetime

    @property
    def length(self) -> timedelta:
        """How long it is."""
        return self.end - self.start


class Hours(msgspec.Struct, frozen=True, kw_only=True):
    """Daily hours in minutes of wall-clock time after midnight, e.g. 18:00 to 24:00 is 1080 to 1440.

    Hours across midnight close above 1440: 20:00 to 02:00 is 1200 to 1560.
    """

    zone: str
    opens_min: int = 0
    closes_min: int = DAY_MIN

    def __post_init__(self) -> None:
        if not 0 <= self.opens_min < DAY_MIN or not self.opens_min < self.closes_min <= self.opens_min + DAY_MIN:
            raise ValueError("hours open within the day, and close at most a day later")

    def on(self, day: date) -> Span:
        """The opening that begins on a local date."""
        zone = ZoneInfo(self.zone)
        return Span(start=at_minute(day, self.opens_min, zone), end=at_minute(day, self.closes_min, zone))


def minute_of_day(text: str) -> int:
    """Minutes after midnight of a wall-clock time `HH:MM`, from 00:00 to 24:00, the last instant of the day.

    Raises:
        ValueError: it is no such time.
    """
    hour, separator, minute = text.strip().partition(":")
    if not (separator and hour.isdecimal() and minute.isdecimal() and len(minute) == 2 and len(hour) <= 2):
        raise ValueError(f"no wall-clock time: {text[:20]}")
    minutes = int(hour) * 60 + int(minute)
    if int(minute) > 59 or minutes > DAY_MIN:
        raise ValueError(f"no wall-clock time: {text[:20]}")
    return minutes


def at_minute(day: date, minute: int, zone: ZoneInfo) -> datetime:
    """The instant (UTC) at which a zone's wall clock shows a minute after a date's midnight; 1440 is the next day."""
    return (datetime.combine(day, time(), zone) + timedelta(minutes=minute)).astimezone(UTC)


def claimed(layers: Iterable[Layer]) -> tuple[Airing, ...]:
    """Every airing of some layers, in order of start, also those that a merge would displace."""
    return tuple(sorted((one for layer in layers for one in layer.airings), key=lambda one: (one.start, one.id)))


def gaps(standing: Iterable[Airing], start: datetime, end: datetime) -> tuple[Span, ...]:
    """The stretches between two instants (aware UTC) in which nothing airs, in order; airings may overlap."""
    free, reached = [], start
    for airing in sorted(standing, key=lambda one: one.start):
        if airing.start >= end:
            break
        if airing.start > reached:
            free.append(Span(start=reached, end=airing.start))
        reached = max(reached, airing.end)
    if reached < end:
        free.append(Span(start=reached, end=end))
    return tuple(free)


def next_free_time(
    standing: Sequence[Airing],
    not_before: datetime,
    duration: timedelta,
    *,
    hours: Hours | None = None,
    horizon: timedelta = HORIZON,
) -> datetime | None:
    """The earliest start (UTC) from which an airing of this length meets no standing one and keeps the hours.

    Args:
        standing: of a merged timetable or of layers (`claimed`), in any order.
        not_before: aware UTC.
        hours: the airing lies whole within one opening; None for any hour.
        horizon: how far after `not_before` it may start.

    Returns:
        The start, or None where the airing is longer than every gap within the horizon.
    """
    last = not_before + horizon
    for opening in _openings(hours, not_before, last):
        start = next_free(standing, max(opening.start, not_before), duration)
        if start + duration <= opening.end and start <= last:
            return start
    return None


def _openings(hours: Hours | None, start: datetime, last: datetime) -> Iterator[Span]:
    if hours is None:
        yield Span(start=start, end=datetime.max.replace(tzinfo=UTC))
        return
    day = start.astimezone(ZoneInfo(hours.zone)).date() - timedelta(days=1)
    while (opening := hours.on(day)).start <= last:
        if opening.end > start:
            yield opening
        day += timedelta(days=1)
