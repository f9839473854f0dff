"""Weeks and days of a programme: within what is published, each airing on its local day, once."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contentserver.guide.rules import (
    ZONE,
    days_of,
    last_week,
    minutes_of,
    monday_of,
    setting_of,
    week_asked,
    window_of,
    words_of,
)
from tests.tvclient.evening import airing

TODAY = date(2026, 11, 25)
MONDAY = date(2026, 11, 23)
UNTIL = datetime(2026, 12, 8, 4, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "monday"),
    [
        ("", MONDAY),
        ("2026-11-25", MONDAY),
        ("2026-11-30", date(2026, 11, 30)),
        ("2026-12-06", date(2026, 11, 30)),
        ("2026-12-08", date(2026, 12, 7)),
        ("2026-12-20", date(2026, 12, 7)),
        ("9999-12-31", date(2026, 12, 7)),
        ("2026-11-01", MONDAY),
        ("0001-01-01", MONDAY),
        ("soon", MONDAY),
        ("2026-13-45", MONDAY),
    ],
)
def test_only_weeks_that_are_published_can_be_asked_for(typed: str, monday: date) -> None:
    assert week_asked(typed, TODAY, UNTIL) == monday


def test_without_anything_published_there_is_this_week() -> None:
    assert week_asked("2026-12-20", TODAY, None) == MONDAY
    assert last_week(TODAY, datetime(2026, 11, 1, tzinfo=UTC)) == MONDAY


def test_an_end_at_midnight_belongs_to_the_week_before() -> None:
    assert last_week(TODAY, datetime(2026, 12, 6, 16, 0, tzinfo=UTC)) == date(2026, 11, 30)


def test_the_last_week_ends_where_publishing_does() -> None:
    assert window_of(date(2026, 12, 7), UNTIL) == (datetime(2026, 12, 6, 16, 0, tzinfo=UTC), UNTIL)
    start, end = window_of(MONDAY, UNTIL)
    assert end - start == timedelta(days=7)


@given(st.lists(st.integers(-60 * 24 * 9, 60 * 24 * 9), max_size=30))
def test_every_airing_of_the_week_stands_once_on_its_local_day(minutes: list[int]) -> None:
    start = datetime(2026, 11, 22, 16, 0, tzinfo=UTC)
    airings = [airing(start=start + timedelta(minutes=minute), slot=f"{minute}") for minute in set(minutes)]
    days = days_of(MONDAY, airings, TODAY)
    assert [day.date for day in days] == [MONDAY + timedelta(days=number) for number in range(7)]
    inside = [one for one in airings if start <= one.start < start + timedelta(days=7)]
    shown = [one for day in days for one in day.airings]
    assert shown == sorted(inside, key=lambda one: one.start)
    assert all(one.start.astimezone(ZONE).date() == day.date for day in days for one in day.airings)
    assert [(day.today, day.gone) for day in days][1:4] == [(False, True), (True, False), (False, False)]


def test_a_poster_is_set_as_large_as_its_lines_allow() -> None:
    def week(each: int) -> str:
        start = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)
        some = [
            airing(start=start + timedelta(days=day, hours=hour), slot=f"{day}.{hour}")
            for day in range(7)
            for hour in range(each)
        ]
        return setting_of(days_of(MONDAY, some, TODAY))

    assert [week(each) for each in (0, 2, 3, 4, 9)] == ["roomy", "roomy", "dense", "tight", "tight"]


def test_small_things() -> None:
    assert monday_of(date(2026, 11, 29)) == MONDAY
    assert minutes_of(airing(seconds=2401)) == 40
    assert minutes_of(airing(seconds=5)) == 1
    assert words_of(" 平罗  马场 a b c d") == ("平罗", "马场", "a", "b")
