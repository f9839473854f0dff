"""Deadlines, desks and decisions, whatever the day, the tree and the people."""

from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contentserver.kernel.auth import Right
from contentserver.processes.rules import (
    Decision,
    Hand,
    Outcome,
    Standing,
    Verdict,
    desk_above,
    desk_of,
    due_on,
    following,
    late,
    may_decide,
)
from contentserver.regions import ancestors_and_self
from schedules.holidays import PUBLISHED, DayEntry, DayKind, HolidayTable

VILLAGE = "640221203205"
RIGHT = Right.KEEP_MEMBERS.value
DAYS = st.dates(date(2024, 1, 1), date(2030, 12, 31))
HANDS = st.lists(
    st.builds(
        Hand, st.sampled_from(("", *ancestors_and_self(VILLAGE))), st.sampled_from((frozenset(), frozenset({RIGHT})))
    ),
    max_size=6,
)


@given(DAYS, st.integers(1, 30))
def test_a_deadline_is_a_working_day_with_as_many_working_days_before_it(start: date, days: int) -> None:
    due = due_on(start, days)
    between = [start + timedelta(days=one) for one in range(1, (due - start).days + 1)]
    assert PUBLISHED.on(due).kind is DayKind.WORKING
    assert sum(PUBLISHED.on(day).kind is DayKind.WORKING for day in between) == days


@pytest.mark.parametrize(
    ("start", "days", "due"),
    [
        (date(2026, 9, 30), 1, date(2026, 10, 8)),  # the National Day holiday lies between
        (date(2026, 11, 27), 1, date(2026, 11, 30)),  # a Friday: the Monday after it
        (date(2026, 9, 18), 2, date(2026, 9, 21)),  # Sunday 20 September 2026 is worked instead of a day in October
    ],
)
def test_holidays_and_shifted_working_days_are_those_of_the_state_council(start: date, days: int, due: date) -> None:
    assert due_on(start, days) == due


def test_a_county_may_have_holidays_of_its_own() -> None:
    table = HolidayTable((DayEntry(day=date(2026, 11, 30), kind=DayKind.HOLIDAY),))
    assert due_on(date(2026, 11, 27), 1, table) == date(2026, 12, 1)


@given(HANDS)
def test_a_step_waits_where_somebody_may_decide_or_at_the_root(hands: list[Hand]) -> None:
    desk = desk_of(VILLAGE, RIGHT, hands)
    able = {hand.region for hand in hands if RIGHT in hand.rights}
    assert VILLAGE.startswith(desk)
    assert desk in able or desk == ""
    assert not any(len(one) > len(desk) for one in able), "nobody nearer was passed over"


@given(HANDS)
def test_what_is_late_goes_up_and_arrives_at_the_root_in_the_end(hands: list[Hand]) -> None:
    desk = desk_of(VILLAGE, RIGHT, hands)
    for _turn in range(6):
        above = desk_above(desk, RIGHT, hands)
        assert above == desk == "" or len(above) < len(desk)
        desk = above
    assert desk == ""


@given(
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.sampled_from(("", VILLAGE, VILLAGE[:6], "640500")),
    st.booleans(),
)
def test_one_decides_what_waits_is_theirs_to_decide_and_not_their_own(
    waits: bool, decided: bool, over: bool, able: bool, root: str, own: bool
) -> None:
    who = uuid4()
    step = Standing(right=RIGHT, region=VILLAGE, others_only=True, waits=waits, decided=decided)
    begun_by: UUID = who if own else uuid4()
    verdict = may_decide(step, over=over, begun_by=begun_by, who=who, rights={RIGHT} if able else set(), root=root)
    allowed = waits and not decided and not over and able and VILLAGE.startswith(root) and not own
    assert (verdict is Verdict.MAY) is allowed


@given(st.integers(1, 6), st.data())
def test_every_yes_leads_on_and_the_last_to_the_end(count: int, data: st.DataObject) -> None:
    places, place = list(range(count)), 0
    for _turn in range(count):
        after = following(Decision.YES, place, places)
        if isinstance(after, Outcome):
            assert (after, place) == (Outcome.DONE, count - 1)
            break
        assert after == place + 1
        place = after
    assert following(Decision.NO, data.draw(st.sampled_from(places)), places) is Outcome.REFUSED


def test_the_day_itself_is_not_late() -> None:
    today = date(2026, 11, 27)
    assert [late(day, today) for day in (None, today, today - timedelta(days=1))] == [False, False, True]
