"""Outcomes, statistics and what everybody may read, on both databases."""

from datetime import date, timedelta
from itertools import pairwise
from uuid import uuid4

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver.audit import AuditEntry
from contentserver.consultations import answering, knowledge, outcomes, service
from contentserver.consultations.models import Case, CaseOutcome
from contentserver.consultations.outcomes import Typed
from contentserver.consultations.service import Asked
from contentserver.consultations.statistics import Counts, One, counted, months_of, statistics
from contentserver.kernel.auth import Person, Right, Role
from contentserver.kernel.db import Base, Database
from contentserver.kernel.errors import Conflict, Forbidden, NotFound, Rejected
from tests.contentserver.conftest import NOW, person
from tests.contentserver.consultations.conftest import Room, expert, question

DAY = timedelta(days=1)


def answered(session: Session, room: Room, who: Person | None = None) -> Case:
    """A question with its answer."""
    case = room.asks()
    answering.answer(session, case.id, "按化验单上肥", "", [], who or expert(session), NOW)
    return case


def test_an_outcome_is_noted_and_the_newest_counts(session: Session, room: Room) -> None:
    case, staff = answered(session, room), person(session, Role.STATION_ADMIN, "640221203205")
    outcomes.note_outcome(session, case.id, Typed(solved="no"), staff, NOW)
    told = Typed(solved="yes", area="3.5", crop="1,200", income="860.5", note=" 多收了 ")
    made = outcomes.note_outcome(session, case.id, told, staff, NOW + DAY)
    assert (made.solved, made.area_tenths, made.yield_kg, made.income_cents) == (True, 35, 1200, 86050)
    assert made.note == "多收了"
    found = statistics(session, "640221", date(2026, 11, 1), date(2026, 12, 31))
    assert found.total == Counts(1, 1, 1, 86050)
    assert session.scalars(select(AuditEntry).where(AuditEntry.action == "case.outcome")).all().__len__() == 2


@pytest.mark.parametrize(
    ("typed", "fields"),
    [
        (Typed(), {"solved"}),
        (Typed(solved="perhaps"), {"solved"}),
        (Typed(solved="yes", area="many", crop="-3", income="1e99"), {"area", "crop", "income"}),
        (Typed(solved="yes", area="NaN", income="Infinity"), {"area", "income"}),
        (Typed(solved="yes", note="长" * 301), {"note"}),
        (Typed(solved="yes", area="100001"), {"area"}),
    ],
)
def test_a_wrong_number_is_said_beside_its_field_and_nothing_is_kept(
    session: Session, room: Room, typed: Typed, fields: set[str]
) -> None:
    case = answered(session, room)
    with pytest.raises(Rejected) as refused:
        outcomes.note_outcome(session, case.id, typed, person(session, Role.COUNTY_STAFF), NOW)
    assert set(refused.value.fields) == fields
    assert session.scalars(select(CaseOutcome)).all() == []


def test_a_loss_is_an_income_below_zero(session: Session, room: Room) -> None:
    case, staff = answered(session, room), person(session, Role.COUNTY_STAFF)
    assert outcomes.note_outcome(session, case.id, Typed(solved="no", income="-50"), staff, NOW).income_cents == -5000


def test_without_an_answer_there_is_no_outcome(session: Session, room: Room) -> None:
    with pytest.raises(Conflict, match="case_not_answered"):
        outcomes.note_outcome(session, room.asks().id, Typed(solved="yes"), person(session, Role.COUNTY_STAFF), NOW)


def test_after_weeks_it_is_asked_for_until_somebody_has_told_it(session: Session, room: Room) -> None:
    case, staff = answered(session, room), person(session, Role.COUNTY_STAFF)

    def asked(days: int) -> list[Case]:
        return list(session.scalars(outcomes.to_be_asked("640221", NOW + days * DAY)))

    assert (asked(27), asked(28)) == ([], [case])
    assert list(session.scalars(outcomes.to_be_asked("640221", NOW + 55 * DAY, overdue=True))) == []
    assert list(session.scalars(outcomes.to_be_asked("640221", NOW + 56 * DAY, overdue=True))) == [case]
    assert list(session.scalars(outcomes.to_be_asked("640205", NOW + 99 * DAY))) == []
    outcomes.note_outcome(session, case.id, Typed(solved="yes"), staff, NOW + 30 * DAY)
    assert asked(30) == asked(99) == []


def test_solved_is_what_was_noted_else_what_the_station_said(session: Session, room: Room) -> None:
    who, staff = expert(session), person(session, Role.COUNTY_STAFF)
    first, second, third = (answered(session, room, who) for _ in range(3))
    room.read(first, True, NOW + DAY)
    room.read(second, True, NOW + DAY)
    outcomes.note_outcome(session, second.id, Typed(solved="no"), staff, NOW + 2 * DAY)
    room.asks()
    found = statistics(session, "", date(2026, 1, 1), date(2026, 12, 31))
    assert found.total == Counts(asked=4, answered=3, solved=1)
    assert found.stations == [(room.station.id, found.total)]
    assert [month for month, _counts in found.months] == [date(2026, number, 1) for number in range(1, 13)]
    assert statistics(session, "640205", date(2026, 1, 1), date(2026, 12, 31)).total == Counts()
    assert third.helped is None


def test_days_are_those_of_the_stations(session: Session, room: Room) -> None:
    room.says(question(), since=NOW.replace(day=23, hour=15, minute=59, second=58))
    room.sequence += 20
    room.says(question("rice", "rice_seed"), since=NOW.replace(day=23, hour=16))
    assert statistics(session, "", date(2026, 11, 23), date(2026, 11, 23)).total.asked == 1
    assert statistics(session, "", date(2026, 11, 24), date(2026, 11, 24)).total.asked == 1


months = st.dates(date(2020, 1, 1), date(2030, 1, 1)).map(lambda one: one.replace(day=1))
ones = st.builds(
    One,
    st.sampled_from([uuid4() for _ in range(3)]),
    st.sampled_from(["soil", "rice"]),
    months,
    st.builds(Counts, st.just(1), st.integers(0, 1), st.integers(0, 1), st.integers(-500, 10_000)),
)


@given(st.lists(ones, max_size=30))
def test_each_way_of_counting_comes_to_the_same_total(rows: list[One]) -> None:
    found = counted(rows, date(2020, 1, 1), date(2029, 12, 31))
    for several in (found.stations, found.topics, found.months):
        assert sum((counts for _key, counts in several), Counts()) == found.total
    assert found.total.asked == len(rows)


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(0, 2000))
def test_months_follow_each_other(first: date, days: int) -> None:
    last = first + timedelta(days=days)
    found = months_of(first, last)
    assert found[0] == first.replace(day=1)
    assert found[-1] == last.replace(day=1)
    assert all(28 <= (later - earlier).days <= 31 for earlier, later in pairwise(found))


def test_an_answer_is_released_by_somebody_else_and_found_by_everybody(session: Session, room: Room) -> None:
    staff = person(session, Role.SYSTEM_ADMIN)
    case, own = answered(session, room), answered(session, room, staff)
    with pytest.raises(Conflict, match="case_own"):
        knowledge.release(session, own.id, "问", "答", "soil", staff, NOW)
    entry = knowledge.release(session, case.id, "一亩地上多少肥？", "先化验土，缺哪样补哪样。", "soil", staff, NOW)
    assert session.scalars(knowledge.entries(session, "", "化验")).all() == [entry]
    assert session.scalars(knowledge.entries(session, "rice", "")).all() == []
    assert knowledge.entry_open(session, entry.id) is entry
    again = knowledge.release(session, case.id, "上多少肥？", "看化验单。", "soil", staff, NOW + DAY)
    assert again is entry
    assert session.scalars(knowledge.entries(session, "", "一亩")).all() == []
    knowledge.take_back(session, case.id, staff, NOW)
    knowledge.take_back(session, case.id, staff, NOW)
    assert session.scalars(knowledge.entries(session, "", "")).all() == []
    with pytest.raises(NotFound):
        knowledge.entry_open(session, entry.id)
    with pytest.raises(NotFound):
        knowledge.take_back(session, own.id, staff, NOW)


@pytest.mark.parametrize(
    ("question_", "answer", "topic", "fields"),
    [
        ("", " ", "soil", {"question", "answer"}),
        ("问" * 501, "答", "soil", {"question"}),
        ("找 13812345678", "答", "bees", {"question", "topic"}),
    ],
)
def test_what_is_released_names_nobody(
    session: Session, room: Room, question_: str, answer: str, topic: str, fields: set[str]
) -> None:
    case = answered(session, room)
    with pytest.raises(Rejected) as refused:
        knowledge.release(session, case.id, question_, answer, topic, person(session, Role.COUNTY_STAFF), NOW)
    assert set(refused.value.fields) == fields


def test_what_was_never_answered_is_not_released(session: Session, room: Room) -> None:
    with pytest.raises(Conflict, match="case_not_answered"):
        knowledge.release(session, room.asks().id, "问", "答", "soil", person(session, Role.COUNTY_STAFF), NOW)


def test_a_list_shows_what_its_reader_may_see_and_has_asked_for(session: Session, room: Room) -> None:
    mine, topical = expert(session, "soil"), expert(session, "rice")
    first, second = room.asks(), room.asks()
    second.state = "waiting"
    session.flush()
    staff, away = person(session, Role.COUNTY_STAFF), person(session, Role.COUNTY_STAFF, "640205")

    def seen(who: Person, **asked: str) -> list[int]:
        return [case.number for case in session.scalars(service.found(session, who, Asked(**asked), NOW))]

    assert seen(staff) == [second.number, first.number]
    assert seen(mine) == seen(mine, whose="queue") == [first.number]
    assert seen(topical, whose="queue") == seen(away) == seen(mine, whose="mine") == []
    assert seen(topical) == [first.number]
    assert seen(mine, topic="rice") == seen(mine, state="answered") == seen(mine, words="拖拉机") == []
    assert seen(mine, whose="overdue") == []
    first.due_at = NOW
    session.flush()
    assert seen(mine, whose="overdue") == [first.number]
    for who, error in ((mine, NotFound), (away, Forbidden)):
        with pytest.raises(error):
            service.known_to(session, second.id, who)
    assert service.known_to(session, second.id, staff) is second
    assert staff.may(Right.DIRECT_CASES)


def test_a_question_comes_with_what_its_village_asked_before_and_with_answered_ones_like_it(
    session: Session, room: Room
) -> None:
    who = expert(session)
    before = answered(session, room, who)
    case = room.asks()
    whole = service.whole(session, case, who)
    assert [one.id for one in whole.earlier] == [before.id]
    assert [one.id for one in whole.similar] == [before.id]
    assert service.whole(session, before, who).answers[0].by == who.display_name


def test_the_tables_are_those_of_the_models(database: Database) -> None:
    with database.engine.connect() as connection:
        found = compare_metadata(MigrationContext.configure(connection), Base.metadata)
    ours = ("cases", "case_facts", "case_answers", "case_files", "case_outcomes", "expert_topics", "knowledge")
    assert [one for one in found if any(f"'{name}'" in str(one) for name in ours)] == []
