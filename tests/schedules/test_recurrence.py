"""Expansion of slots: wall-clock time kept, ids stable, windows exact, mischief refused."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedules.airings import LessonCard, LessonId, PackageName, SlotId
from schedules.layers import Layer, region_layer
from schedules.merge import Reason, merge
from schedules.recurrence import ended_before, expand, shifted
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


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SOMETIMES",
        "nonsense",
        "FREQ=DAILY;INTERVAL=-1;BYHOUR=99",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;INTERVAL=-1",
        "FREQ=DAILY;COUNT=0",
        "FREQ=DAILY;COUNT=many",
        "FREQ=DAILY;UNTIL=tomorrow",
        "FREQ=DAILY;UNTIL=20261399",
        "FREQ=DAILY;FREQ=WEEKLY",
        "FREQ=YEARLY;BYEASTER=0",
        "FREQ=DAILY\nEXDATE:20261124T193000",
        "FREQ=DAILY;BYHOUR=" + "1," * 500,
    ],
)
def test_an_unreadable_rule_is_refused(rule: str) -> None:
    with pytest.raises(SlotInvalid, match="rule_unreadable"):
        expand(msgspec.structs.replace(SLOT, rule=rule), *WINDOW)


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY",
        "FREQ=MINUTELY;COUNT=1000000",
        "FREQ=HOURLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;BYSECOND=1,2",
        "FREQ=DAILY;BYHOUR=1,2,3,4,5,6,7;BYMINUTE=" + ",".join(map(str, range(60))),
    ],
)
def test_a_rule_that_fills_the_memory_is_refused(rule: str) -> None:
    with pytest.raises(SlotInvalid, match="too_many_occurrences"):
        expand(msgspec.structs.replace(SLOT, rule=rule), *WINDOW)


def test_a_million_occurrences_are_only_walked_to_the_window() -> None:
    assert len(expand(_slot(rule="FREQ=DAILY;COUNT=1000000"), *WINDOW)) == 11
    with pytest.raises(SlotInvalid, match="too_many_occurrences"):
        expand(_slot(rule="FREQ=DAILY;COUNT=1000000", local_start=_wall(1, 1, 1)), *WINDOW)


@pytest.mark.timeout(20)
@pytest.mark.parametrize("rule", ["FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "FREQ=DAILY;INTERVAL=7;BYDAY=TU"])
def test_a_rule_that_never_matches_comes_to_its_end(rule: str) -> None:
    assert expand(_slot(rule=rule), *WINDOW) == ()


def test_a_slot_of_the_far_future_is_not_on_yet() -> None:
    assert expand(_slot(rule="FREQ=DAILY", local_start=_wall(9999, 12, 31)), *WINDOW) == ()


def test_a_rule_without_end_still_airs_in_forty_years() -> None:
    window = (datetime(2066, 11, 22, tzinfo=UTC), datetime(2066, 11, 24, tzinfo=UTC))
    assert [airing.start.day for airing in expand(_slot(rule="FREQ=DAILY"), *window)] == [22, 23]


@pytest.mark.parametrize(
    ("until", "days"),
    [
        ("20261125", [23, 24, 25]),
        ("20261125T193000", [23, 24, 25]),
        ("20261125T192959", [23, 24]),
        ("20261125T113000Z", [23, 24, 25]),
        ("20261125T112959Z", [23, 24]),
    ],
)
def test_until_is_included_in_every_way_of_writing_it(until: str, days: list[int]) -> None:
    assert [airing.start.day for airing in expand(_slot(rule=f"RRULE:FREQ=DAILY;UNTIL={until}"), *WINDOW)] == days


def test_leap_days_come_every_fourth_year() -> None:
    slot = _slot(rule="FREQ=YEARLY", local_start=_wall(2024, 2, 29, 19, 30))
    airings = expand(slot, datetime(2025, 1, 1, tzinfo=UTC), datetime(2033, 1, 1, tzinfo=UTC))
    assert [airing.start.year for airing in airings] == [2028, 2032]


def test_a_time_that_the_clocks_skip_airs_an_hour_later_and_one_that_comes_twice_airs_once() -> None:
    slot = _slot(zone="Europe/Berlin", rule="FREQ=DAILY", local_start=_wall(2026, 3, 28, 2, 30))
    spring = expand(slot, datetime(2026, 3, 28, tzinfo=UTC), datetime(2026, 3, 31, tzinfo=UTC))
    assert [(a.start.hour, a.start.minute) for a in spring] == [(1, 30), (1, 30), (0, 30)]
    autumn = expand(slot, datetime(2026, 10, 24, tzinfo=UTC), datetime(2026, 10, 27, tzinfo=UTC))
    assert [a.start.hour for a in autumn] == [0, 0, 1]


def test_two_wall_clock_times_that_are_one_instant_give_one_airing() -> None:
    slot = _slot(zone="Europe/Berlin", rule="FREQ=DAILY;BYHOUR=2,3", local_start=_wall(2026, 3, 29, 2, 30))
    airings = expand(slot, datetime(2026, 3, 29, tzinfo=UTC), datetime(2026, 3, 30, tzinfo=UTC))
    assert [airing.start.hour for airing in airings] == [1]


def test_an_airing_across_midnight_belongs_to_the_window_it_starts_in() -> None:
    slot = _slot(local_start=_wall(2026, 11, 23, 23, 50))
    midnight = datetime(2026, 11, 23, 16, tzinfo=UTC)
    (airing,) = expand(slot, WINDOW[0], midnight)
    assert airing.end > midnight
    assert expand(slot, midnight, WINDOW[1]) == ()


def test_an_airing_longer_than_its_gap_displaces_the_next_of_its_own_slot() -> None:
    airings = expand(_slot(rule="FREQ=DAILY;COUNT=3", duration_ms=25 * 3_600_000), *WINDOW)
    layer = Layer(id=region_layer("64"), owner="64", depth=0, revision=1, airings=airings)
    timetable = merge([layer])
    assert timetable.airings == (airings[0], airings[2])
    assert [(lost.by, lost.reason) for lost in timetable.displaced] == [(airings[0].id, Reason.SAME_LEVEL)]


def test_an_unknown_zone_is_refused() -> None:
    for zone in ("Asia/Nowhere", "", "../../etc/passwd", "x" * 300):
        with pytest.raises(SlotInvalid, match="zone_unknown"):
            expand(_slot(zone=zone), *WINDOW)


def _slot(**changes: object) -> Slot:
    return msgspec.structs.replace(SLOT, **changes)


def _wall(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute)  # noqa: DTZ001  # wall-clock time


@given(
    st.sampled_from(
        [
            "FREQ=DAILY",
            "FREQ=WEEKLY;BYDAY=MO,TH",
            "FREQ=DAILY;COUNT=9",
            "FREQ=WEEKLY;UNTIL=20270101T000000",
            "FREQ=MONTHLY",
        ]
    ),
    st.integers(1, 12),
)
def test_a_rule_cut_in_two_airs_what_the_whole_would_have(rule: str, at: int) -> None:
    whole = msgspec.structs.replace(SLOT, rule=rule)
    window = (WINDOW[0], WINDOW[0] + timedelta(days=200))
    starts = [airing.start for airing in expand(whole, *window)]
    place = min(at, len(starts) - 1)
    local = starts[place].replace(tzinfo=None) + timedelta(hours=8)
    before, after = ended_before(whole, local)
    halves = (
        msgspec.structs.replace(whole, rule=before),
        msgspec.structs.replace(whole, rule=after, local_start=local),
    )
    assert [[airing.start for airing in expand(half, *window)] for half in halves] == [starts[:place], starts[place:]]


@given(st.sets(st.sampled_from(["MO", "TU", "WE", "TH", "FR", "SA", "SU"]), min_size=1), st.integers(-20, 20))
def test_a_rule_moved_by_days_airs_as_many_days_later(days: set[str], by: int) -> None:
    weekly = msgspec.structs.replace(SLOT, rule=f"FREQ=WEEKLY;BYDAY={','.join(sorted(days))}")
    later = msgspec.structs.replace(
        weekly, rule=shifted(weekly.rule, by), local_start=weekly.local_start + timedelta(days=by)
    )
    span = (WINDOW[0] - timedelta(days=1), WINDOW[0] + timedelta(days=60))
    moved = [airing.start + timedelta(days=by) for airing in expand(weekly, *span)]
    assert [airing.start for airing in expand(later, *(edge + timedelta(days=by) for edge in span))] == moved


@pytest.mark.parametrize("rule", ["FREQ=MONTHLY;BYDAY=2TU", "FREQ=MONTHLY;BYMONTHDAY=15", "FREQ=WEEKLY;BYSETPOS=1"])
def test_days_that_a_rule_counts_are_not_moved(rule: str) -> None:
    assert shifted(rule, 14) == rule
    with pytest.raises(SlotInvalid, match="rule_not_movable"):
        shifted(rule, 1)
