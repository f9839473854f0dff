"""Sums of sessions: whatever the cells are cut by, the totals stay the same."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from contentserver.reports.rules import Cell, Numbers, Period, by_day, by_region, period_asked, total

ZONE = "Asia/Shanghai"
TODAY = date(2026, 11, 23)
CODES = ("640221100", "640221203", "640221204")
counts = st.integers(0, 10_000)
numbers = st.builds(Numbers, counts, counts, counts, counts, counts)
cells = st.lists(
    st.builds(
        Cell,
        st.sampled_from(CODES),
        st.integers(0, 360 * 24 * 60).map(lambda minute: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)),
        numbers,
    )
)


@given(cells)
def test_regions_and_days_add_up_to_the_total(found: list[Cell]) -> None:
    whole = total(found)
    assert sum(by_region(found, CODES).values(), start=Numbers()) == whole
    assert sum(by_day(found, ZONE).values(), start=Numbers()) == whole


@given(cells)
def test_days_stand_in_order(found: list[Cell]) -> None:
    days = list(by_day(found, ZONE))
    assert days == sorted(set(days))


def test_a_session_after_midnight_belongs_to_the_local_day() -> None:
    late = Cell("640221203", datetime(2026, 11, 22, 16, 30, tzinfo=UTC), Numbers(sessions=1))
    assert list(by_day([late], ZONE)) == [date(2026, 11, 23)]


def test_a_region_without_sessions_is_still_a_row() -> None:
    assert by_region([], ["640221203"]) == {"640221203": Numbers()}


def test_an_address_that_says_nothing_means_the_month_so_far() -> None:
    assert period_asked("", "", TODAY) == Period(date(2026, 11, 1), TODAY)
    assert period_asked("nonsense", "", TODAY) == Period(date(2026, 11, 1), TODAY)


@given(st.dates(), st.dates())
def test_a_period_is_never_back_to_front_and_at_most_a_year(first: date, last: date) -> None:
    asked = period_asked(first.isoformat(), last.isoformat(), TODAY)
    assert asked.first <= asked.last
    assert asked.last - asked.first <= timedelta(days=366)
    assert asked.instants(ZONE)[0] < asked.instants(ZONE)[1]


def test_a_period_holds_its_last_day_whole() -> None:
    start, end = Period(TODAY, TODAY).instants(ZONE)
    assert end - start == timedelta(days=1)
    assert start.astimezone(UTC) == datetime(2026, 11, 22, 16, 0, tzinfo=UTC)
