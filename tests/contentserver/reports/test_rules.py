"""The period of a report: never back to front, never longer than a year, its last day whole."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from contentserver.reports.rules import (
    Against,
    Period,
    a_year_earlier,
    against_asked,
    before,
    change,
    months_named,
    months_until,
    period_asked,
    share,
)

TODAY = date(2026, 11, 23)


def test_an_address_that_says_nothing_means_the_month_so_far() -> None:
    assert period_asked("", "", TODAY) == Period(date(2026, 11, 1), TODAY)
    assert period_asked("nonsense", "", TODAY) == Period(date(2026, 11, 1), TODAY)


@given(st.dates(), st.dates())
def test_a_period_is_never_back_to_front_and_at_most_a_year(first: date, last: date) -> None:
    asked = period_asked(first.isoformat(), last.isoformat(), TODAY)
    assert asked.first <= asked.last
    assert asked.last - asked.first <= timedelta(days=366)
    assert asked.instants()[0] < asked.instants()[1]


def test_a_period_holds_its_last_day_whole() -> None:
    start, end = Period(TODAY, TODAY).instants()
    assert end - start == timedelta(days=1)
    assert start.astimezone(UTC) == datetime(2026, 11, 22, 16, 0, tzinfo=UTC)


DAYS = st.dates(date(2002, 1, 1), date(2990, 12, 31))


@given(DAYS, st.integers(0, 366))
def test_the_period_before_ends_where_this_one_begins_or_earlier(first: date, length: int) -> None:
    period = Period(first, first + timedelta(days=length))
    found = before(period)
    assert found.first <= found.last < period.first
    if first.day != 1 or (period.last.year, period.last.month) != (first.year, first.month):
        assert found.last == first - timedelta(days=1)
        assert found.last - found.first == period.last - period.first
    else:
        assert found.first.day == 1
        assert (period.first - found.first).days <= 31


def test_a_month_is_compared_with_a_month() -> None:
    whole = Period(date(2026, 11, 1), date(2026, 11, 30))
    assert before(whole) == Period(date(2026, 10, 1), date(2026, 10, 31))
    assert before(Period(date(2026, 11, 1), date(2026, 11, 23))) == Period(date(2026, 10, 1), date(2026, 10, 23))
    assert before(Period(date(2026, 3, 1), date(2026, 3, 30))) == Period(date(2026, 2, 1), date(2026, 2, 28))
    assert months_named(TODAY) == (Period(date(2026, 11, 1), TODAY), Period(date(2026, 10, 1), date(2026, 10, 31)))


def test_what_an_address_compares_with() -> None:
    leap = Period(date(2024, 2, 1), date(2024, 2, 29))
    assert against_asked("last_year", "", "", leap) == (
        Against.LAST_YEAR,
        Period(date(2023, 2, 1), date(2023, 2, 28)),
    )
    own = against_asked("own", "2020-05-09", "2020-05-01", leap)
    assert own == (Against.OWN, Period(date(2020, 5, 1), date(2020, 5, 9)))
    for first in ("", "nonsense"):
        assert against_asked("own", first, "2020-05-09", leap) == (Against.OWN, None)
    for kind in ("else", ""):
        assert against_asked(kind, "2020-05-01", "2020-05-09", leap) == (Against.NOTHING, None)


@given(DAYS)
def test_a_year_of_months_ends_with_the_month_of_its_day(last: date) -> None:
    months = months_until(last)
    assert len(months) == len(set(months)) == 12
    assert months == sorted(months)
    assert months[-1] == last.replace(day=1)
    assert a_year_earlier(months[-1]) == (months[0] - timedelta(days=1)).replace(day=1)


def test_nothing_is_divided_by_nothing() -> None:
    assert (share(1, 0), share(1, 4), change(3, 0), change(3, 2)) == (None, 0.25, None, 0.5)
