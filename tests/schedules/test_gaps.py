"""Gaps and the next free time: exact, within hours, across midnight, 24:00 and changes of clocks."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedules.airings import Airing
from schedules.gaps import Hours, claimed, gaps, minute_of_day, next_free_time
from schedules.layers import Layer
from schedules.merge import merge
from tests.schedules.strategies import EPOCH, airings, layer_lists

EVENINGS = Hours(zone="Asia/Shanghai", opens_min=19 * 60, closes_min=24 * 60)
NIGHTS = Hours(zone="Asia/Shanghai", opens_min=22 * 60, closes_min=26 * 60)


@given(st.lists(airings("a"), max_size=6), st.integers(0, 24 * 60), st.integers(0, 600))
def test_every_minute_is_either_free_or_taken(standing: list[Airing], from_min: int, length_min: int) -> None:
    start = EPOCH + timedelta(minutes=from_min)
    end = start + timedelta(minutes=length_min)
    free = gaps(standing, start, end)
    for minute in range(length_min):
        instant = start + timedelta(minutes=minute)
        in_gap = any(gap.start <= instant < gap.end for gap in free)
        assert in_gap != any(airing.on_at(instant) for airing in standing)
    assert all(gap.length > timedelta() for gap in free)


@given(
    st.lists(airings("a"), max_size=6),
    st.integers(0, 48 * 60),
    st.integers(1, 240),
    st.sampled_from([None, EVENINGS, NIGHTS]),
)
def test_the_next_free_time_is_the_first_that_fits(
    standing: list[Airing], from_min: int, length_min: int, hours: Hours | None
) -> None:
    not_before, length = EPOCH + timedelta(minutes=from_min), timedelta(minutes=length_min)

    def fits(start: datetime) -> bool:
        if any(airing.start < start + length and start < airing.end for airing in standing):
            return False
        if hours is None:
            return True
        today = start.astimezone(ZoneInfo(hours.zone)).date()
        openings = (hours.on(day) for day in (today - timedelta(days=1), today))
        return any(opening.start <= start and start + length <= opening.end for opening in openings)

    found = next_free_time(standing, not_before, length, hours=hours)
    assert found is not None
    assert fits(found)
    earlier = range(int((found - not_before) / timedelta(minutes=1)))
    assert not any(fits(not_before + timedelta(minutes=minute)) for minute in earlier)


def test_an_airing_longer_than_every_gap_has_no_free_time() -> None:
    assert next_free_time([], EPOCH, timedelta(hours=5, minutes=1), hours=EVENINGS) is None
    assert next_free_time([], EPOCH, timedelta(hours=5), hours=EVENINGS) == datetime(2026, 11, 23, 11, tzinfo=UTC)


@given(layer_lists())
def test_claims_of_layers_hold_what_is_placed_and_what_is_displaced(layers: list[Layer]) -> None:
    timetable = merge(layers)
    assert len(claimed(layers)) == len(timetable.placed) + len(timetable.displaced)
    start = next_free_time(claimed(layers), EPOCH, timedelta(minutes=30))
    assert start is not None
    assert any(gap.start <= start < gap.end for gap in gaps(timetable.airings, EPOCH, start + timedelta(minutes=1)))


def test_hours_keep_the_wall_clock_on_the_night_clocks_change() -> None:
    berlin = Hours(zone="Europe/Berlin", opens_min=20 * 60, closes_min=28 * 60)
    opening = berlin.on(date(2026, 10, 24))
    assert opening.start == datetime(2026, 10, 24, 18, tzinfo=UTC)
    assert opening.end == datetime(2026, 10, 25, 3, tzinfo=UTC)


@pytest.mark.parametrize(("text", "minutes"), [("00:00", 0), ("9:05", 545), ("23:59", 1439), (" 24:00 ", 1440)])
def test_wall_clock_times_are_read(text: str, minutes: int) -> None:
    assert minute_of_day(text) == minutes


@pytest.mark.parametrize("text", ["24:01", "12:60", "1230", "-1:00", "12:5", "", "１:²0"])
def test_other_words_are_no_time(text: str) -> None:
    with pytest.raises(ValueError, match="wall-clock"):
        minute_of_day(text)


@pytest.mark.parametrize(("opens", "closes"), [(-1, 60), (600, 600), (700, 600), (600, 2041), (1440, 1500)])
def test_impossible_hours_are_refused(opens: int, closes: int) -> None:
    with pytest.raises(ValueError, match="hours"):
        Hours(zone="Asia/Shanghai", opens_min=opens, closes_min=closes)
