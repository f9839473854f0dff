"""What playing a lesson in a browser comes to: what may be true, what of it counts, on which day. Pure.

Nothing is added up as it comes. All that a browser said is kept, and what counts is derived from it again: each instant
of the clock counts once, for the viewing that was opened first, and never while the member was at a station.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from itertools import groupby, islice
from typing import Final
from uuid import UUID

from contentserver.attendance import union_ms
from contentserver.kernel import clock

TOLERANCE_MS: Final = 5_000
"""So far a browser's clock may run ahead of the server's within one viewing."""
ENDS_WITHIN_MS: Final = 1_500
"""A recording may be so much longer than its package says."""
FASTEST: Final = 2
"""Nobody plays faster than this; the clock's time counts, not the lesson's."""
LONGEST_SPAN_MS: Final = 5 * 60_000
LONGEST_VIEWING_MS: Final = 24 * 3_600_000
"""So long after its page was opened a viewing can still play: as long as the addresses of its pictures hold."""
LATEST_MS: Final = 14 * 24 * 3_600_000
"""So long after its page was opened a browser may still tell what it played."""
MOST_SPANS: Final = 20_000
"""Spans of one viewing."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MS: Final = timedelta(milliseconds=1)

Stretch = tuple[int, int]
"""Milliseconds since 1970, half open."""


class Fault(StrEnum):
    """Why a span cannot be true, or is no longer taken."""

    NUMBER = "number"
    OUTSIDE = "outside"
    TOO_LONG = "too_long"
    TOO_FAST = "too_fast"
    AHEAD = "ahead"
    TOO_LATE = "too_late"
    OTHER_BODY = "other_body"
    """The same number was told with other words before."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a browser says that it played: lesson time, and by its clock since its page was opened."""

    sequence: int
    from_ms: int
    to_ms: int
    at_ms: int
    clock_ms: int


@dataclass(frozen=True, slots=True)
class Played:
    """A span that was taken, on the server's clock.

    Attributes:
        package: lesson time of one recording is none of another's.
        length_ms: of the recording.
        key: when its viewing was opened, which one that is, and the number in it.
    """

    lesson: UUID
    package: str
    length_ms: int
    from_ms: int
    to_ms: int
    start: int
    clock_ms: int
    key: tuple[int, str, int]


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a span that counts: from when until when, and what of the lesson ran."""

    lesson: UUID
    package: str
    length_ms: int
    start: int
    end: int
    from_ms: int
    to_ms: int

    @property
    def day(self) -> date:
        """The day of the stations' time on which it began."""
        return clock.local(instant(self.start)).date()


@dataclass(frozen=True, slots=True)
class Line:
    """What one day added to a lesson's hours; `at` is when somebody began to look on that day."""

    day: date
    at: int
    credit_ms: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What somebody's pieces of one lesson come to.

    Attributes:
        present_ms: lesson time seen, at most the clock's time that it took.
        credit_ms: lesson time that counts: the sum of the lines.
    """

    lines: tuple[Line, ...] = ()
    present_ms: int = 0
    credit_ms: int = 0


def fault_of(told: Told, length_ms: int, elapsed_ms: int) -> Fault | None:
    """What speaks against a span.

    Args:
        length_ms: of the recording.
        elapsed_ms: by the server's clock, from opening the page until the span came.
    """
    ends_at = told.at_ms + told.clock_ms
    checks = (
        (Fault.NUMBER, not 0 < told.sequence <= MOST_SPANS),
        (Fault.OUTSIDE, not 0 <= told.from_ms < told.to_ms <= length_ms + ENDS_WITHIN_MS),
        (Fault.TOO_LONG, not 0 < told.clock_ms <= LONGEST_SPAN_MS or not 0 <= told.at_ms <= LONGEST_VIEWING_MS),
        (Fault.TOO_FAST, told.to_ms - told.from_ms > FASTEST * told.clock_ms + ENDS_WITHIN_MS),
        (Fault.AHEAD, ends_at > elapsed_ms + TOLERANCE_MS),
        (Fault.TOO_LATE, elapsed_ms > LATEST_MS),
    )
    return next((fault for fault, holds in checks if holds), None)


def pieces(played: Iterable[Played], busy: Sequence[Stretch]) -> list[Piece]:
    """What of some spans counts: each instant once, and none of those in which the member was at a station.

    Of several viewings that play at an instant the one counts that was opened first; in whatever order spans come.
    """
    found: list[Piece] = []
    taken = _joined(busy)
    for _viewing, spans in groupby(sorted(played, key=lambda one: one.key), key=lambda one: one.key[:2]):
        reached, own = 0, list[Stretch]()
        for one in sorted(spans, key=lambda one: (one.start, one.key)):
            end = one.start + one.clock_ms
            for start, until in _outside(max(one.start, reached), end, taken):
                from_ms, to_ms = _lesson_time(one, start), _lesson_time(one, until)
                found.append(Piece(one.lesson, one.package, one.length_ms, start, until, from_ms, to_ms))
            own.append((one.start, end))
            reached = max(reached, end)
        taken = _joined([*taken, *own])
    return found


def outcome(of_lesson: Sequence[Piece], share_on: Callable[[date], int]) -> Outcome:
    """What the pieces of one lesson come to, day by day.

    It counts from the day on which the share of the lesson was seen that the rule of that day asks; what is seen later
    is added on its own day, so that what a paper says of days before stays. Of several recordings the best counts.

    Args:
        share_on: the share in a hundred that a day's rule asks.
    """
    ordered = sorted(of_lesson, key=lambda one: (one.start, one.package))
    lines: list[Line] = []
    earned = present = 0
    for day in dict.fromkeys(one.day for one in ordered):
        until = [one for one in ordered if one.day <= day]
        counted = 0
        for package in {one.package for one in until}:
            seen = seen_ms([one for one in until if one.package == package])
            length = next(one.length_ms for one in until if one.package == package)
            present = max(present, seen)
            counted = max(counted, seen if 100 * seen >= share_on(day) * length else 0)
        if counted > earned:
            lines.append(Line(day, next(one.start for one in ordered if one.day == day), counted - earned))
            earned = counted
    return Outcome(tuple(lines), present, earned)


def seen_ms(of_recording: Sequence[Piece]) -> int:
    """Lesson time seen in pieces of one recording, at most the clock's time that it took, and at most all of it."""
    seen = union_ms((one.from_ms, one.to_ms) for one in of_recording)
    length = max((one.length_ms for one in of_recording), default=0)
    return min(seen, sum(one.end - one.start for one in of_recording), length)


def milliseconds(moment: datetime) -> int:
    """A time as milliseconds since 1970."""
    return (moment - _EPOCH) // _MS


def instant(since_1970: int) -> datetime:
    """The other way round."""
    return _EPOCH + since_1970 * _MS


def _lesson_time(one: Played, at: int) -> int:
    return one.from_ms + (at - one.start) * (one.to_ms - one.from_ms) // one.clock_ms


def _joined(stretches: Iterable[Stretch]) -> list[Stretch]:
    """The same time in stretches that do not meet, in order."""
    found: list[Stretch] = []
    for start, end in sorted(stretches):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


def _outside(start: int, end: int, taken: Sequence[Stretch]) -> Iterator[Stretch]:
    """What of a stretch lies outside of others, which do not meet and are in order."""
    for begins, until in islice(taken, max(0, bisect_left(taken, (start, start)) - 1), None):
        if begins >= end:
            break
        if until > start:
            if begins > start:
                yield (start, begins)
            start = until
    if start < end:
        yield (start, end)
