"""What somebody's attendances come to, which period is meant, and whether a printed statement still holds. Pure."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar
from uuid import UUID

from contentserver.kernel import clock

_K = TypeVar("_K")


@dataclass(frozen=True, slots=True)
class Attended:
    """One session that somebody came to, or what one day added to a lesson of the online school.

    Attributes:
        airing_id, station_id, station: of the session; online the lesson, and no station.
        present_ms: lesson time that was shown while they were there.
        credit_ms: lesson time that counts.
        corrected: a correction put them on the roll, or changed when they were there.
        online: it was watched in the online school.
    """

    airing_id: str
    station_id: UUID | None
    station: str
    region_code: str
    start: datetime
    lesson: str
    course: str
    present_ms: int
    credit_ms: int
    corrected: bool = False
    online: bool = False

    @property
    def day(self) -> date:
        """The day of the stations' time."""
        return clock.local(self.start).date()


@dataclass(frozen=True, slots=True)
class Sum:
    """What several come to: sessions, those of them that count, lesson time that counts."""

    sessions: int = 0
    counted: int = 0
    credit_ms: int = 0


@dataclass(frozen=True, slots=True)
class Period:
    """Local days, both included."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Statement:
    """What a printed transcript states.

    Attributes:
        member: the member's id.
        name: masked.
        issued: when it was printed, to the second.
    """

    member: UUID
    name: str
    period: Period
    sessions: int
    credit_ms: int
    issued: datetime


def total(attended: Iterable[Attended]) -> Sum:
    """All of them together."""
    several = list(attended)
    return Sum(
        sessions=len(several),
        counted=sum(one.credit_ms > 0 for one in several),
        credit_ms=sum(one.credit_ms for one in several),
    )


def totals(attended: Iterable[Attended], key: Callable[[Attended], _K]) -> dict[_K, Sum]:
    """The sum of each group, in order of first appearance."""
    groups: dict[_K, list[Attended]] = {}
    for one in attended:
        groups.setdefault(key(one), []).append(one)
    return {name: total(several) for name, several in groups.items()}


def within(attended: Iterable[Attended], period: Period) -> list[Attended]:
    """Those of a period."""
    return [one for one in attended if period.first <= one.day <= period.last]


def period_asked(first: str, last: str, attended: Sequence[Attended], today: date) -> Period:
    """The period of an address; from the first session to today where it says nothing, never back to front."""
    end = _date(last) or today
    start = _date(first) or min([one.day for one in attended if one.day <= end], default=end)
    return Period(min(start, end), max(start, end))


def holds(statement: Statement, today: Sum) -> bool:
    """Whether the numbers of today still say what was printed."""
    return (statement.sessions, statement.credit_ms) == (today.sessions, today.credit_ms)


def _date(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if clock.EARLIEST <= found <= clock.LATEST else None
