"""From events to a session: pure, the same numbers in whatever order the events come and however often.

A session is one airing at one station. Its numbers are always recomputed from all of its events, never incremented.
Where a journal stood at which row is decided here too; who asks: `whereabouts.py`.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from uuid import UUID

from contentserver.attendance import crediting
from contentserver.attendance.crediting import USUAL, CreditRule
from contentserver.attendance.tallying import Tally, tallies
from contentserver.kernel import clock
from schedules.airings import LessonCard
from schedules.wire.messages import (
    AiringEnded,
    AiringMissed,
    AiringStarted,
    EventBody,
    HeadCounted,
    PlaybackSpan,
    QuizAnswered,
    SegmentDamaged,
    SignedIn,
    SignInUndone,
)


@dataclass(frozen=True, slots=True)
class Fact:
    """One event of a session. `order` is (box, epoch, sequence): the order in which one box saw things."""

    at: datetime
    order: tuple[int, int, int]
    body: EventBody
    uncertainty_ms: int = 0


@dataclass(frozen=True, slots=True)
class Arrival:
    """Somebody who signed in and did not take it back.

    Attributes:
        present_ms: lesson time that was shown from then on.
        credit_ms: lesson time that counts for them (`crediting.py`).
        left: when they went; None for the end, as far as anybody knows.
        correction: the number of the correction that put them here or changed when they were; 0 for none.
        observed: a box saw them; otherwise somebody said so afterwards (`corrections.py`).
    """

    member: str
    at: datetime
    method: str
    present_ms: int = 0
    credit_ms: int = 0
    left: datetime | None = None
    correction: int = 0
    observed: bool = True


@dataclass(frozen=True, slots=True)
class SessionNumbers:
    """What the facts say of a session. `planned_start` and `planned_ms` are None until a box says that it started.

    Attributes:
        shown_ms: lesson time that was shown, whenever that was.
        live_ms: the part of it that was shown before the airing's planned end; the rest was made up for later.
        phrases: what was said in the room at the end, as codes (`schedules.phrases`).
        damaged_ms: lesson time that was left out because its file was damaged.
        screen: when something moved on the screen (`crediting.on_screen`).
        last_picture: when the screen stood still for good; None where nothing moved.
        first_fact: the earliest time of any fact; None where there is none.
        worst_uncertainty_ms: how far off the time of the least sure fact may be.
    """

    lesson: LessonCard | None
    planned_start: datetime | None
    planned_ms: int
    late_ms: int | None
    shown_ms: int
    live_ms: int
    complete: bool
    missed_reason: str
    head_count: int | None
    phrases: tuple[str, ...]
    damaged_ms: int
    screen: tuple[crediting.Stretch, ...]
    last_picture: datetime | None
    first_fact: datetime | None
    worst_uncertainty_ms: int
    arrivals: tuple[Arrival, ...]
    quiz: tuple[Tally, ...] = ()


def day_counted(planned_start: datetime) -> date | None:
    """The day of the stations' time to which a session counts.

    None for one that no figure counts: it is kept, but was planned by a clock that was wrong.
    """
    day = clock.local(planned_start).date()
    return day if clock.EARLIEST <= day <= clock.LATEST else None


def union_ms(spans: Iterable[tuple[int, int]]) -> int:
    """Length of the union of half-open stretches, so that a stretch that comes twice counts once."""
    total, reached = 0, 0
    for start, end in sorted(spans):
        if end > reached:
            total += end - max(start, reached)
            reached = end
    return total


def session_numbers(facts: Sequence[Fact], rule: CreditRule = USUAL) -> SessionNumbers:
    """Recompute a session from all of its facts."""
    ordered = _in_order(facts)
    bodies = [fact.body for fact in ordered]
    started = [body for body in bodies if isinstance(body, AiringStarted)]
    first = min(started, key=lambda body: body.late_ms, default=None)
    spans = [body for body in bodies if isinstance(body, PlaybackSpan)]
    missed = next((body for body in bodies if isinstance(body, AiringMissed)), None)
    counts = [body for body in bodies if isinstance(body, HeadCounted)]
    lessons = (
        body.lesson
        for body in bodies
        if isinstance(body, AiringStarted | PlaybackSpan | SignedIn | AiringMissed | QuizAnswered)
    )
    shown = union_ms((span.from_ms, span.to_ms) for span in spans)
    ends = first.planned_start + timedelta(milliseconds=first.duration_ms) if first else None
    live = union_ms((span.from_ms, span.to_ms) for span in spans if ends is None or span.started_at < ends)
    damaged = union_ms((body.from_ms, body.to_ms) for body in bodies if isinstance(body, SegmentDamaged))
    screen = crediting.on_screen(spans)
    return SessionNumbers(
        lesson=next(lessons, None),
        planned_start=first.planned_start if first else None,
        planned_ms=first.duration_ms if first else 0,
        late_ms=first.late_ms if first else None,
        shown_ms=shown,
        live_ms=live,
        complete=any(isinstance(body, AiringEnded) and body.complete for body in bodies),
        missed_reason=missed.reason if missed and not shown else "",
        head_count=counts[-1].people if counts else None,
        phrases=counts[-1].phrases if counts else (),
        damaged_ms=damaged,
        screen=screen,
        last_picture=crediting.instant(screen[-1][1]) if screen else None,
        first_fact=min((fact.at for fact in facts), default=None),
        worst_uncertainty_ms=max((fact.uncertainty_ms for fact in facts), default=0),
        arrivals=tuple(credited(one, shown, screen, rule) for one in _arrivals(ordered)),
        quiz=tallies((fact.order[0], fact.body) for fact in ordered),
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


def counted_by(numbers: SessionNumbers, rule: CreditRule) -> SessionNumbers:
    """The same session with hours that count by another rule."""
    arrivals = tuple(credited(one, numbers.shown_ms, numbers.screen, rule) for one in numbers.arrivals)
    return replace(numbers, arrivals=arrivals)


def one_each(numbers: SessionNumbers, meant: Mapping[str, str]) -> SessionNumbers:
    """The same with records that were merged as the one person they are: of two arrivals the one that earned more.

    Args:
        meant: of ids that stand for another record, that record's.
    """
    if not meant:
        return numbers
    best: dict[str, Arrival] = {}
    for one in sorted(numbers.arrivals, key=lambda one: (-one.credit_ms, -one.present_ms, one.at, one.member)):
        member = meant.get(one.member, one.member)
        best.setdefault(member, replace(one, member=member))
    return replace(numbers, arrivals=tuple(sorted(best.values(), key=lambda one: (one.at, one.member))))


def credited(arrival: Arrival, shown: int, screen: Sequence[crediting.Stretch], rule: CreditRule) -> Arrival:
    """An arrival with what it earns."""
    earned = crediting.credit(shown, screen, arrival.at, rule, left=arrival.left)
    return replace(arrival, present_ms=earned.present_ms, credit_ms=earned.credit_ms)


def watermark(sequences: Sequence[int], through: int = 0) -> tuple[int, tuple[tuple[int, int], ...]]:
    """The contiguous high-water mark from 1, and the gaps (first, last; both missing) above it.

    Args:
        sequences: those present above `through`, in ascending order, without repetition.
        through: up to here nothing is missing, as is known already.
    """
    gaps: list[tuple[int, int]] = []
    expected = through + 1
    for sequence in sequences:
        if sequence == expected and not gaps:
            through = sequence
        elif sequence > expected:
            gaps.append((expected, sequence - 1))
        expected = sequence + 1
    return through, tuple(gaps)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Rows of one journal that belong to one station: from `first` up to, not including, `end` (None: to the end).

    `entered` is the row by which the box said so; None before the first.
    """

    first: int
    end: int | None
    station: UUID
    entered: int | None = None


def stretches(entries: Sequence[tuple[int, UUID | None]], stood_in: Collection[UUID], otherwise: UUID) -> list[Stretch]:
    """Where a journal stood, row by row.

    Args:
        entries: sequence and station of each `StationEntered`, in order of sequence; None for a station that is no id.
        stood_in: every station in which the box really stood.
        otherwise: the station of rows before the first entry, and of those after an entry that is not to be believed.

    Returns:
        Stretches without gap or overlap, the first from sequence 1.
    """
    begins = [(1, otherwise, None), *((at, one if one in stood_in else otherwise, at) for at, one in entries)]
    ends: list[int | None] = [later[0] for _earlier, later in pairwise(begins)]
    return [
        Stretch(first, end, station or otherwise, entered)
        for (first, station, entered), end in zip(begins, [*ends, None], strict=True)
    ]
