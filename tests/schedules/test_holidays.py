"""Holidays, shifted working days, an own table over them, and slots under such conditions."""

from datetime import UTC, date, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedules.holidays import PUBLISHED, Day, DayEntry, DayKind, HolidayTable
from schedules.recurrence import expand
from schedules.slots import Days
from tests.schedules.test_recurrence import SLOT

OWN_DAY = DayEntry(day=date(2026, 11, 25), kind=DayKind.HOLIDAY, name="丰收节")


@pytest.mark.parametrize(
    ("day", "kind"),
    [
        (date(2026, 10, 1), DayKind.HOLIDAY),
        (date(2026, 10, 3), DayKind.HOLIDAY),  # a Saturday inside the National Day holiday
        (date(2026, 2, 14), DayKind.WORKING),  # a Saturday worked in exchange for Spring Festival
        (date(2026, 11, 21), DayKind.REST),
        (date(2026, 11, 23), DayKind.WORKING),
    ],
)
def test_the_published_table_knows_2026(day: date, kind: DayKind) -> None:
    assert PUBLISHED.on(day).kind is kind
    assert PUBLISHED.on(day).announced


def test_a_year_not_announced_has_plain_weeks_and_says_so() -> None:
    assert PUBLISHED.on(date(2099, 10, 1)) == Day(kind=DayKind.WORKING, announced=False)
    assert PUBLISHED.on(date(2099, 10, 3)) == Day(kind=DayKind.REST, announced=False)


def test_the_own_table_counts_before_the_published_one_and_its_last_word_is_last() -> None:
    again = DayEntry(day=OWN_DAY.day, kind=DayKind.WORKING)
    assert HolidayTable((OWN_DAY,)).on(OWN_DAY.day) == Day(kind=DayKind.HOLIDAY, name="丰收节")
    assert HolidayTable((OWN_DAY, again)).on(OWN_DAY.day).kind is DayKind.WORKING
    announced_here = DayEntry(day=date(2099, 10, 1), kind=DayKind.HOLIDAY)
    assert HolidayTable((announced_here,)).on(date(2099, 10, 1)).announced


@given(st.dates(date(2003, 1, 1), date(2030, 12, 31)))
def test_conditions_divide_the_days(day: date) -> None:
    assert PUBLISHED.allows(Days.ANY, day)
    assert PUBLISHED.allows(Days.WORKING, day) != PUBLISHED.allows(Days.FREE, day)
    assert PUBLISHED.allows(Days.HOLIDAYS, day) != PUBLISHED.allows(Days.NOT_HOLIDAYS, day)
    assert PUBLISHED.allows(Days.FREE, day) or not PUBLISHED.allows(Days.HOLIDAYS, day)


def test_a_slot_keeps_its_condition_by_the_local_date() -> None:
    """23:30 UTC is already the next morning in China, so the local date decides."""
    daily = msgspec.structs.replace(
        SLOT,
        rule="FREQ=DAILY",
        local_start=datetime(2026, 2, 9, 7, 30),  # noqa: DTZ001  # wall-clock time
        days=Days.WORKING,
    )
    window = (datetime(2026, 2, 8, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC))
    worked = [9, 10, 11, 12, 13, 14, 24, 25, 26, 27, 28]
    starts = [airing.start for airing in expand(daily, *window)]
    assert [start.day for start in starts] == [day - 1 for day in worked]
    programme = expand(msgspec.structs.replace(daily, days=Days.HOLIDAYS), *window)
    assert [airing.start.day for airing in programme] == list(range(14, 23))


def test_an_own_holiday_takes_the_slot_off_that_day() -> None:
    daily = msgspec.structs.replace(SLOT, rule="FREQ=DAILY;COUNT=3", days=Days.NOT_HOLIDAYS)
    window = (datetime(2026, 11, 20, tzinfo=UTC), datetime(2026, 12, 4, tzinfo=UTC))
    assert [airing.start.day for airing in expand(daily, *window, table=HolidayTable((OWN_DAY,)))] == [23, 24]
