"""Consultations as the founding city counted them: asked, answered, solved, income gained; by station, topic, month.

Solved is what an outcome says, and where there is none yet, what the station said with one key. What was refused, or
waits to be looked through, does not count.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TypeVar
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contentserver.consultations import rules
from contentserver.consultations.models import Case, CaseOutcome
from contentserver.kernel import clock
from contentserver.regions import subtree_filter

_K = TypeVar("_K")


@dataclass(frozen=True, slots=True)
class Counts:
    """Numbers of some questions."""

    asked: int = 0
    answered: int = 0
    solved: int = 0
    income_cents: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        """Both together."""
        return Counts(
            self.asked + other.asked,
            self.answered + other.answered,
            self.solved + other.solved,
            self.income_cents + other.income_cents,
        )


@dataclass(frozen=True, slots=True)
class One:
    """What counts of one question. `month` is its first day."""

    station: UUID
    topic: str
    month: date
    counts: Counts


@dataclass(frozen=True, slots=True)
class Statistics:
    """Counts of a period, each list with the most first; months in order, those without a question too."""

    first: date
    last: date
    total: Counts
    stations: Sequence[tuple[UUID, Counts]] = field(default_factory=tuple)
    topics: Sequence[tuple[str, Counts]] = field(default_factory=tuple)
    months: Sequence[tuple[date, Counts]] = field(default_factory=tuple)


def statistics(session: Session, root: str, first: date, last: date) -> Statistics:
    """The questions of a subtree that were asked from one local day to another, both included."""
    begin, end = clock.instants_of(first, last)
    place = func.row_number().over(
        partition_by=CaseOutcome.case_id, order_by=(CaseOutcome.at.desc(), CaseOutcome.id.desc())
    )
    newest = select(CaseOutcome.case_id, CaseOutcome.solved, CaseOutcome.income_cents, place.label("place")).subquery()
    query = (
        select(
            Case.station_id,
            Case.topic,
            Case.asked_at,
            Case.answered_at,
            Case.helped,
            newest.c.solved,
            newest.c.income_cents,
        )
        .outerjoin(newest, (newest.c.case_id == Case.id) & (newest.c.place == 1))
        .where(
            subtree_filter(Case.region_code, root),
            Case.asked_at >= begin,
            Case.asked_at < end,
            Case.state.not_in([one.value for one in rules.HIDDEN]),
        )
    )
    return counted((_one(*row) for row in session.execute(query)), first, last)


def counted(several: Iterable[One], first: date, last: date) -> Statistics:
    """Add up by station, topic and month."""
    rows = list(several)
    months = {month: Counts() for month in months_of(first, last)} | dict(_by(rows, lambda one: one.month))
    return Statistics(
        first,
        last,
        sum((one.counts for one in rows), Counts()),
        _most_first(_by(rows, lambda one: one.station)),
        _most_first(_by(rows, lambda one: one.topic)),
        sorted(months.items()),
    )


def months_of(first: date, last: date) -> list[date]:
    """The first days of the months of a period."""
    found, month = [], first.replace(day=1)
    while month <= last:
        found.append(month)
        month = (month + timedelta(days=32)).replace(day=1)
    return found


def _one(
    station: UUID,
    topic: str,
    asked_at: datetime,
    answered_at: datetime | None,
    helped: bool | None,
    solved: bool | None,
    income: int | None,
) -> One:
    done = solved if solved is not None else bool(helped)
    counts = Counts(1, int(answered_at is not None), int(done), income or 0)
    return One(station, topic, clock.local(asked_at).date().replace(day=1), counts)


def _by(rows: Iterable[One], key: Callable[[One], _K]) -> Iterable[tuple[_K, Counts]]:
    found: dict[_K, Counts] = {}
    for one in rows:
        found[key(one)] = found.get(key(one), Counts()) + one.counts
    return found.items()


def _most_first(several: Iterable[tuple[_K, Counts]]) -> list[tuple[_K, Counts]]:
    return sorted(several, key=lambda one: (-one[1].asked, -one[1].solved, str(one[0])))
