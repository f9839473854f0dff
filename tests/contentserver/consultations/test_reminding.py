"""Outcomes are asked for and reminded of, once each, until somebody has told them: on both databases."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contentserver.audit import AuditEntry
from contentserver.consultations import answering, outcomes, remind
from contentserver.consultations.models import Case, CaseOutcome
from contentserver.consultations.outcomes import Typed
from contentserver.kernel.auth import Role
from contentserver.kernel.errors import Conflict
from contentserver.readiness import OutcomeAsked, OutcomeAskedAgain, keep_note
from contentserver.readiness.models import StationNote
from contentserver.readiness.notes import open_notes
from schedules import asking
from tests.contentserver.conftest import NOW, person
from tests.contentserver.consultations.conftest import Room, expert, question

DAY = timedelta(days=1)


@pytest.fixture
def case(session: Session, room: Room) -> Case:
    """About a pest, answered now: asked for after a fortnight."""
    (made,) = room.says(question(asking.PESTS, "which_pest"))
    answering.answer(session, made.id, "用糖醋液诱杀", "", [], expert(session), NOW)
    return made


def told(session: Session, room: Room, days: int) -> list[type[object]]:
    """What the station's pages ask on a day."""
    return [type(one.reason) for one in open_notes(session, room.station.region_code, NOW + days * DAY)]


def test_a_station_is_asked_once_and_reminded_once(session: Session, room: Room, case: Case) -> None:
    further = [remind(session, keep_note, NOW + days * DAY) for days in (13, 14, 14, 20, 28, 28, 41, 42, 60)]
    assert further == [0, 1, 0, 0, 1, 0, 0, 1, 0]
    assert case.outcome_asked == "overdue"
    notes = session.scalars(select(StationNote).order_by(StationNote.made_at)).all()
    assert [(one.code, one.made_at) for one in notes] == [
        ("outcome_asked", NOW + 14 * DAY),
        ("outcome_asked_again", NOW + 28 * DAY),
    ]
    assert told(session, room, 41) == [OutcomeAskedAgain]
    assert told(session, room, 42) == []
    asked = select(func.count(AuditEntry.id)).where(AuditEntry.action == "case.outcome_asked")
    assert session.scalar(asked) == 2


def test_a_note_names_the_question_and_goes_when_it_is_told(session: Session, room: Room, case: Case) -> None:
    remind(session, keep_note, NOW + 15 * DAY)
    (note,) = open_notes(session, room.station.region_code, NOW + 15 * DAY)
    assert (note.case, note.station, note.airing_start) == (str(case.id), room.station.name, NOW + 42 * DAY)
    assert note.lesson_title
    staff = person(session, Role.STATION_ADMIN, room.station.region_code)
    outcomes.note_outcome(session, case.id, Typed(solved="yes"), staff, NOW + 16 * DAY)
    assert told(session, room, 16) == []
    assert [remind(session, keep_note, NOW + days * DAY) for days in (28, 60)] == [0, 0]


def test_a_server_that_slept_for_weeks_asks_from_where_it_stands(session: Session, room: Room, case: Case) -> None:
    assert remind(session, keep_note, NOW + 30 * DAY) == 1
    assert told(session, room, 30) == [OutcomeAskedAgain]
    (other,) = room.says(question(asking.ANIMALS, "animal_feed"), since=NOW + 40 * DAY)[1:]
    answering.answer(session, other.id, "喂豆粕", "", [], expert(session), NOW + 41 * DAY)
    assert remind(session, keep_note, NOW + 100 * DAY) == 2
    assert told(session, room, 100) == []
    assert other.outcome_asked == case.outcome_asked == "overdue"


def test_a_newer_answer_is_asked_about_anew(session: Session, room: Room, case: Case) -> None:
    remind(session, keep_note, NOW + 15 * DAY)
    answering.answer(session, case.id, "再补一次药", "", [], expert(session), NOW + 16 * DAY)
    assert told(session, room, 16) == []
    assert [remind(session, keep_note, NOW + days * DAY) for days in (29, 30)] == [0, 1]
    assert told(session, room, 30) == [OutcomeAsked]


def test_what_is_withdrawn_is_not_asked_any_more(session: Session, room: Room, case: Case) -> None:
    remind(session, keep_note, NOW + 15 * DAY)
    answering.withdraw(session, case.id, "", person(session, Role.COUNTY_STAFF), NOW + 16 * DAY)
    assert told(session, room, 16) == []
    assert remind(session, keep_note, NOW + 99 * DAY) == 0


def test_a_phone_tells_while_it_is_asked_and_once(session: Session, case: Case) -> None:
    for early in (0, 13, 42):
        with pytest.raises(Conflict, match="outcome_not_asked"):
            outcomes.note_outcome(session, case.id, Typed(solved="yes"), None, NOW + early * DAY)
    outcomes.note_outcome(session, case.id, Typed(solved="no", income="-20"), None, NOW + 20 * DAY)
    with pytest.raises(Conflict, match="outcome_not_asked"):
        outcomes.note_outcome(session, case.id, Typed(solved="yes"), None, NOW + 20 * DAY)
    made = session.scalars(select(CaseOutcome)).one()
    assert (made.by, made.solved, made.income_cents) == (None, False, -2000)
    staff = person(session, Role.COUNTY_STAFF)
    outcomes.note_outcome(session, case.id, Typed(solved="yes"), staff, NOW + 21 * DAY)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20)
@given(st.lists(st.integers(0, 80), max_size=12))
def test_however_often_and_whenever_the_link_looks_each_is_told_at_most_once(
    session: Session, case: Case, days: list[int]
) -> None:
    with session.begin_nested() as attempt:
        for one in sorted(days):
            remind(session, keep_note, NOW + one * DAY)
        codes = session.scalars(select(StationNote.code)).all()
        assert len(codes) == len(set(codes))
        expected = {
            "outcome_asked": any(14 <= one < 28 for one in days),
            "outcome_asked_again": any(28 <= one < 42 for one in days),
        }
        assert {code: code in codes for code in expected} == expected
        attempt.rollback()
    session.expire_all()
