"""The evidence of stations in a period, as `rules.py` asks for it: sums and people from the figures, the rest counted.

Nothing is kept: the same period read again gives the same evidence, unless events have come since.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

import msgspec
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contentserver.attendance import SessionRow
from contentserver.figures import Figures, figures_of
from contentserver.kernel import clock
from contentserver.members import Member
from contentserver.stars.models import StarCheck
from contentserver.stars.rules import Criterion, Evidence, One, OneState, one_points
from contentserver.stars.service import states_of

DONE, NOT_DONE = "done", "not_done"
Found = dict[Criterion, Evidence]


def evidence_of(
    session: Session, stations: Sequence[UUID], first: date, last: date, inspections: Mapping[UUID, Evidence]
) -> dict[UUID, Found]:
    """The evidence of some stations in a period, both days included; each has an entry."""
    figures = figures_of(session, [str(one) for one in stations], first, last)
    answered, rolls, states = (
        _answered(session, stations, first, last),
        _rolls(session, stations),
        states_of(session, stations),
    )
    return {
        one: _evidence(
            figures[str(one)], answered.get(one, 0), rolls.get(one, 0), states[one], inspections.get(one, Evidence())
        )
        for one in stations
    }


def inspections_in(session: Session, round_id: UUID) -> dict[UUID, Evidence]:
    """What the spot checks of a round found."""
    query = select(StarCheck).where(StarCheck.round_id == round_id, StarCheck.outcome == DONE)
    return {row.station_id: inspected(row) for row in session.scalars(query)}


def inspections_between(session: Session, first: date, last: date) -> dict[UUID, Evidence]:
    """The newest spot check of each station in a period, of whatever round."""
    start, end = clock.instants_of(first, last)
    query = select(StarCheck).where(StarCheck.outcome == DONE, StarCheck.at >= start, StarCheck.at < end)
    return {row.station_id: inspected(row) for row in session.scalars(query.order_by(StarCheck.at))}


def inspected(row: StarCheck) -> Evidence:
    """A spot check as evidence; one that could not be made says nothing."""
    answers = answers_of(row)
    return Evidence(sum(answers), len(answers)) if row.outcome == DONE else Evidence()


def answers_of(row: StarCheck) -> list[bool]:
    """What was in order, item by item; empty while it is open."""
    return msgspec.json.decode(row.answers, type=list[bool]) if row.answers else []


def packed(evidence: Mapping[Criterion, Evidence]) -> str:
    """Evidence as it is kept with a result."""
    return msgspec.json.encode({name.value: [one.have, one.of] for name, one in evidence.items()}).decode()


def unpacked(text: str) -> Found:
    """Evidence that was kept."""
    found = msgspec.json.decode(text, type=dict[str, tuple[int, int]])
    return {Criterion(name): Evidence(have, of) for name, (have, of) in found.items()}


def _evidence(
    figures: Figures, answered: int, roll: int, states: Mapping[One, OneState], inspection: Evidence
) -> Found:
    """Where the timetable was counted, sessions are held against it; else against what the station reported."""
    sums = figures.sums
    asked = sums.planned or sums.sessions
    return {
        Criterion.HELD: Evidence(sums.kept if sums.planned else sums.held, asked),
        Criterion.HOURS: Evidence(sums.credit_ms, roll),
        Criterion.COVERAGE: Evidence(len(figures.people), roll),
        Criterion.READINESS: Evidence(min(sums.on_time, asked), asked),
        Criterion.ANSWERS: Evidence(answered, sums.held),
        Criterion.INSPECTION: inspection,
        Criterion.FIVE_ONES: one_points(states),
    }


def _answered(session: Session, stations: Sequence[UUID], first: date, last: date) -> dict[UUID, int]:
    """How many sessions of each station ended with something that people said."""
    start, end = clock.instants_of(first, last)
    row = SessionRow
    query = (
        select(row.station_id, func.count())
        .where(row.station_id.in_(stations))
        .where(row.planned_start >= start, row.planned_start < end, row.phrases != "", row.shown_ms > 0)
        .group_by(row.station_id)
    )
    return dict(session.execute(query).all())


def _rolls(session: Session, stations: Sequence[UUID]) -> dict[UUID, int]:
    query = (
        select(Member.station_id, func.count())
        .where(Member.active, Member.station_id.in_(stations))
        .group_by(Member.station_id)
    )
    return dict(session.execute(query).all())
