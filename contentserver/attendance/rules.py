"""From events to a session: pure, the same numbers in whatever order the events come and however often.

A session is one airing at one station. Its numbers are always recomputed from all of its events, never incremented.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from schedules.airings import LessonCard
from schedules.wire.messages import (
    AiringEnded,
    AiringMissed,
    AiringStarted,
    EventBody,
    HeadCounted,
    PlaybackSpan,
    SignedIn,
    SignInUndone,
)


@dataclass(frozen=True, slots=True)
class Fact:
    """One event of a session. `order` is (box, epoch, sequence): the order in which one box saw things."""

    at: datetime
    order: tuple[int, int, int]
    body: EventBody


@dataclass(frozen=True, slots=True)
class Arrival:
    """Somebody who signed in and did not take it back."""

    member: str
    at: datetime
    method: str


@dataclass(frozen=True, slots=True)
class SessionNumbers:
    """What the facts say of a session. `planned_start` and `planned_ms` are None until a box says that it started."""

    lesson: LessonCard | None
    planned_start: datetime | None
    planned_ms: int
    late_ms: int | None
    shown_ms: int
    complete: bool
    missed_reason: str
    head_count: int | None
    arrivals: tuple[Arrival, ...]


def union_ms(spans: Iterable[tuple[int, int]]) -> int:
    """Length of the union of half-open stretches, so that a stretch that comes twice counts once."""
    total, reached = 0, 0
    for start, end in sorted(spans):
        if end > reached:
            total += end - max(start, reached)
            reached = end
    return total


def session_numbers(facts: Sequence[Fact]) -> SessionNumbers:
    """Recompute a session from all of its facts."""
    ordered = _in_order(facts)
    bodies = [fact.body for fact in ordered]
    started = [body for body in bodies if isinstance(body, AiringStarted)]
    first = min(started, key=lambda body: body.late_ms, default=None)
    spans = [body for body in bodies if isinstance(body, PlaybackSpan)]
    missed = next((body for body in bodies if isinstance(body, AiringMissed)), None)
    counts = [body for body in bodies if isinstance(body, HeadCounted)]
    lessons = (
        body.lesson for body in bodies if isinstance(body, AiringStarted | PlaybackSpan | SignedIn | AiringMissed)
    )
    shown = union_ms((span.from_ms, span.to_ms) for span in spans)
    return SessionNumbers(
        lesson=next(lessons, None),
        planned_start=first.planned_start if first else None,
        planned_ms=first.duration_ms if first else 0,
        late_ms=first.late_ms if first else None,
        shown_ms=shown,
        complete=any(isinstance(body, AiringEnded) and body.complete for body in bodies),
        missed_reason=missed.reason if missed and not shown else "",
        head_count=counts[-1].people if counts else None,
        arrivals=_arrivals(ordered),
    )


def _in_order(facts: Sequence[Fact]) -> list[Fact]:
    """By time, but never against the order of one journal: that order is true, while a box's clock may step back."""
    latest: dict[tuple[int, int], datetime] = {}
    timed: list[tuple[datetime, tuple[int, int, int], Fact]] = []
    for fact in sorted(facts, key=lambda fact: fact.order):
        journal = fact.order[:2]
        latest[journal] = max(fact.at, latest.get(journal, fact.at))
        timed.append((latest[journal], fact.order, fact))
    return [fact for _at, _order, fact in sorted(timed, key=lambda entry: entry[:2])]


def _arrivals(ordered: Sequence[Fact]) -> tuple[Arrival, ...]:
    """Who is signed in after all facts in order; several boxes of a station add to one roll."""
    present: dict[str, Arrival] = {}
    for fact in ordered:
        match fact.body:
            case SignedIn(member=member, method=method):
                present.setdefault(member, Arrival(member=member, at=fact.at, method=method))
            case SignInUndone(member=member):
                present.pop(member, None)
            case _:
                pass
    return tuple(sorted(present.values(), key=lambda arrival: (arrival.at, arrival.member)))


def watermark(sequences: Sequence[int]) -> tuple[int, tuple[tuple[int, int], ...]]:
    """The contiguous high-water mark from 1, and the gaps (first, last; both missing) above it.

    Args:
        sequences: those present, in ascending order, without repetition.
    """
    through = 0
    gaps: list[tuple[int, int]] = []
    expected = 1
    for sequence in sequences:
        if sequence == expected and not gaps:
            through = sequence
        elif sequence > expected:
            gaps.append((expected, sequence - 1))
        expected = sequence + 1
    return through, tuple(gaps)
