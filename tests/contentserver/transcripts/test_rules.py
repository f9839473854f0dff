"""Sums, periods, and statements that hold or do not; a token that says something else is none of ours."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contentserver.kernel import clock
from contentserver.transcripts import statements
from contentserver.transcripts.rules import Attended, Period, Statement, Sum, holds, period_asked, total, totals, within

SECRET = "s" * 40
STATION = UUID(int=1)
TODAY = date(2026, 11, 28)
DAYS = st.dates(date(2024, 1, 1), date(2026, 12, 31))


def attended(day: date, credit_ms: int, course: str = "测土配方施肥") -> Attended:
    start = datetime(day.year, day.month, day.day, 19, 30, tzinfo=clock.SHANGHAI)
    return Attended(
        airing_id=f"a{day}",
        station_id=STATION,
        station="马场村",
        region_code="640221203205",
        start=start,
        lesson="看懂化验单",
        course=course,
        present_ms=credit_ms,
        credit_ms=credit_ms,
    )


LISTS = st.lists(st.builds(attended, DAYS, st.integers(0, 3_600_000), st.sampled_from("甲乙丙")), max_size=12)
STATEMENTS = st.builds(
    Statement,
    member=st.uuids(),
    name=st.text(min_size=1, max_size=10),
    period=st.tuples(DAYS, DAYS).map(lambda days: Period(min(days), max(days))),
    sessions=st.integers(0, 9999),
    credit_ms=st.integers(0, 10**11),
    issued=st.datetimes(datetime(2026, 1, 1), datetime(2099, 1, 1)).map(  # noqa: DTZ001  # the zone comes after
        lambda at: at.replace(microsecond=0, tzinfo=UTC)
    ),
)


@given(LISTS)
def test_groups_add_up_to_the_whole_whatever_they_are_grouped_by(lines: list[Attended]) -> None:
    whole = total(lines)
    for groups in (totals(lines, lambda one: one.course), totals(lines, lambda one: one.day.year)):
        assert sum(one.sessions for one in groups.values()) == whole.sessions == len(lines)
        assert sum(one.counted for one in groups.values()) == whole.counted
        assert sum(one.credit_ms for one in groups.values()) == whole.credit_ms


@given(LISTS, DAYS, DAYS)
def test_two_periods_that_meet_hold_what_both_together_hold(lines: list[Attended], one: date, other: date) -> None:
    first, last = min(one, other), max(one, other)
    before = within(lines, Period(date.min, first - timedelta(days=1)))
    after = within(lines, Period(last + timedelta(days=1), date.max))
    between = within(lines, Period(first, last))
    assert len(before) + len(between) + len(after) == len(lines)
    assert all(first <= line.day <= last for line in between)


@given(LISTS, st.text(max_size=12) | DAYS.map(str), st.text(max_size=12) | DAYS.map(str))
def test_whatever_an_address_says_the_period_is_one(lines: list[Attended], first: str, last: str) -> None:
    period = period_asked(first, last, lines, TODAY)
    assert period.first <= period.last


def test_a_period_that_is_not_named_goes_from_the_first_session_to_today() -> None:
    lines = [attended(date(2026, 5, 1), 1), attended(date(2025, 3, 2), 1)]
    assert period_asked("", "", lines, TODAY) == Period(date(2025, 3, 2), TODAY)
    assert period_asked("", "2025-12-31", lines, TODAY) == Period(date(2025, 3, 2), date(2025, 12, 31))
    assert period_asked("2026-06-01", "2026-02-01", lines, TODAY) == Period(date(2026, 2, 1), date(2026, 6, 1))
    assert period_asked("2026-13-01", "", [], TODAY) == Period(TODAY, TODAY)


@given(STATEMENTS)
def test_a_token_says_what_was_stated_and_fits_a_square(statement: Statement) -> None:
    token = statements.signed(statement, SECRET)
    assert statements.read(token, SECRET) == statement
    assert len(token) <= 300
    assert set(token) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")


@given(STATEMENTS, st.integers(0, 299), st.sampled_from("aA0-_.=é"))
def test_an_altered_token_states_nothing(statement: Statement, place: int, letter: str) -> None:
    token = statements.signed(statement, SECRET)
    place %= len(token)
    altered = token[:place] + letter + token[place + 1 :]
    assert statements.read(altered, SECRET) in ((statement, None) if altered == token else (None, statement))
    if (found := statements.read(altered, SECRET)) is not None:
        assert found == statement  # spare bits of the last letter say nothing
    assert statements.read(token, "t" * 40) is None
    assert statements.read(token[:-1], SECRET) is None


@pytest.mark.parametrize("token", ["", ".", "x", "a.b", "." * 50, "é", "x" * 601, "\0", "eyJ9.xx"])
def test_what_is_no_token_states_nothing(token: str) -> None:
    assert statements.read(token, SECRET) is None


def test_a_statement_holds_while_sessions_and_hours_are_the_same() -> None:
    stated = Statement(uuid4(), "马*国", Period(TODAY, TODAY), 3, 7_200_000, datetime(2026, 11, 28, tzinfo=UTC))
    assert holds(stated, Sum(sessions=3, counted=2, credit_ms=7_200_000))
    assert not holds(stated, Sum(sessions=4, counted=2, credit_ms=7_200_000))
    assert not holds(stated, Sum(sessions=3, counted=2, credit_ms=7_199_999))
