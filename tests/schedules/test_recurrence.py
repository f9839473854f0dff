"""Expansion of slots: wall-clock time kept, ids stable, windows exact, mischief refused."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedules.airings import LessonCard, LessonId, PackageName, SlotId
from schedules.recurrence import expand
from schedules.slots import Slot, SlotInvalid

SLOT = Slot(
    id=SlotId("slot"),
    lesson=LessonCard(id=LessonId("l"), title="课", course="课程"),
    package=PackageName("p"),
    local_start=datetime(2026, 11, 23, 19, 30),  # noqa: DTZ001  # wall-clock time
    zone="Asia/Shanghai",
    duration_ms=2_400_000,
)
WINDOW = (datetime(2026, 11, 20, tzinfo=UTC), datetime(2026, 12, 4, tzinfo=UTC))


def test_a_single_occurrence_starts_at_its_wall_clock_time() -> None:
    (airing,) = expand(SLOT, *WINDOW)
    assert airing.start == datetime(2026, 11, 23, 11, 30, tzinfo=UTC)
    assert airing.end - airing.start == timedelta(minutes=40)


def test_weekly_keeps_the_hour_across_a_change_of_clocks() -> None:
    berlin = msgspec.structs.replace(
        SLOT,
        zone="Europe/Berlin",
        rule="FREQ=WEEKLY",
        local_start=datetime(2026, 10, 19, 19, 30),  # noqa: DTZ001
    )
    starts = [a.start for a in expand(berlin, datetime(2026, 10, 18, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC))]
    assert [start.hour for start in starts] == [17, 18]


def test_exceptions_are_left_out() -> None:
    daily = msgspec.structs.replace(
        SLOT,
        rule="FREQ=DAILY;COUNT=3",
        exceptions=(datetime(2026, 11, 24, 19, 30),),  # noqa: DTZ001
    )
    assert [airing.start.day for airing in expand(daily, *WINDOW)] == [23, 25]


@given(st.integers(0, 14 * 24), st.integers(1, 14 * 24))
def test_two_windows_that_touch_give_what_one_gives(offset_h: int, length_h: int) -> None:
    daily = msgspec.structs.replace(SLOT, rule="FREQ=DAILY")
    start = WINDOW[0] + timedelta(hours=offset_h)
    middle, end = start + timedelta(hours=length_h), start + timedelta(days=15)
    assert expand(daily, start, middle) + expand(daily, middle, end) == expand(daily, start, end)


def test_ids_are_the_same_in_every_window() -> None:
    daily = msgspec.structs.replace(SLOT, rule="FREQ=DAILY")
    early = {airing.start: airing.id for airing in expand(daily, *WINDOW)}
    late = {airing.start: airing.id for airing in expand(daily, WINDOW[0] + timedelta(days=5), WINDOW[1])}
    assert late.items() <= early.items()


@pytest.mark.parametrize("rule", ["FREQ=SOMETIMES", "nonsense", "FREQ=DAILY;INTERVAL=-1;BYHOUR=99"])
def test_an_unreadable_rule_is_refused(rule: str) -> None:
    with pytest.raises(SlotInvalid, match="rule_unreadable"):
        expand(msgspec.structs.replace(SLOT, rule=rule), *WINDOW)


def test_a_rule_that_fills_the_memory_is_refused() -> None:
    with pytest.raises(SlotInvalid, match="too_many_occurrences"):
        expand(msgspec.structs.replace(SLOT, rule="FREQ=SECONDLY"), *WINDOW)
