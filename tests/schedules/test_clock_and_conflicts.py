"""What is on, what is next, when to wake, what clashes, what is free."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from schedules.airings import Airing
from schedules.clock import next_after, next_wakeup, on_air_at
from schedules.conflicts import clashes, next_free
from schedules.layers import Layer
from schedules.merge import merge
from tests.schedules.strategies import EPOCH, airings, layer_lists

INSTANTS = st.integers(-60, 48 * 60).map(lambda minutes: EPOCH + timedelta(minutes=minutes))


@given(layer_lists(), INSTANTS)
def test_nothing_changes_on_air_before_the_next_wakeup(layers: list[Layer], instant: datetime) -> None:
    timetable = merge(layers).airings
    wake = next_wakeup(timetable, instant)
    if wake is None:
        assert on_air_at(timetable, instant) is None
    else:
        assert wake > instant
        assert on_air_at(timetable, wake - timedelta(microseconds=1)) == on_air_at(timetable, instant)


@given(layer_lists(), INSTANTS)
def test_the_next_airing_starts_later_and_none_lies_between(layers: list[Layer], instant: datetime) -> None:
    timetable = merge(layers).airings
    following = next_after(timetable, instant)
    later = [airing.start for airing in timetable if airing.start > instant]
    assert (following.start if following else None) == min(later, default=None)


@given(st.lists(airings("a"), max_size=6), INSTANTS, st.integers(1, 300))
def test_the_next_free_time_is_free(standing: list[Airing], not_before: datetime, minutes: int) -> None:
    length = timedelta(minutes=minutes)
    start = next_free(standing, not_before, length)
    assert start >= not_before
    assert not any(airing.start < start + length and start < airing.end for airing in standing)


@given(st.lists(airings("a"), max_size=6), st.lists(airings("b"), max_size=6))
def test_clashes_are_exactly_the_overlapping_pairs(wanted: list[Airing], standing: list[Airing]) -> None:
    expected = sum(new.overlaps(old) for new in wanted for old in standing)
    assert len(clashes(wanted, standing)) == expected
