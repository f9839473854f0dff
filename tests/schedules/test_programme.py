"""Plans become programmes: series, repeats linked to first showings, one-evening overrides, make-ups, stable ids."""

from datetime import datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedules.airings import LessonCard, LessonId, PackageName, Rank, SlotId, airing_id
from schedules.catching_up import caught_up, proposals
from schedules.gaps import Hours
from schedules.layers import Layer, region_layer
from schedules.merge import merge
from schedules.plans import MakeUp, Override, Plan, Repeat
from schedules.programme import Origin, Programme, programme_of
from schedules.recurrence import expand
from schedules.slots import Episode, Slot, SlotInvalid
from tests.schedules.strategies import EPOCH

START = EPOCH - timedelta(hours=8)
"""Monday 23 November 2026, midnight in Shanghai."""
WINDOW = (START, START + timedelta(days=28))


def _wall(day: int, hour: int = 0, minute: int = 0) -> datetime:
    """Wall-clock time in November 2026, or after it: day 31 is 1 December."""
    return datetime(2026, 11, 1, hour, minute) + timedelta(days=day - 1)  # noqa: DTZ001  # wall-clock time


def _lesson(number: int, minutes: int = 40) -> Episode:
    card = LessonCard(id=LessonId(f"l{number}"), title=f"第{number}课", course="水稻", number=number)
    return Episode(lesson=card, package=PackageName(f"p{number}"), duration_ms=minutes * 60_000)


def _slot(name: str = "s", rule: str = "FREQ=WEEKLY", episodes: int = 0, rank: Rank = Rank.REGULAR) -> Slot:
    own = _lesson(0)
    return Slot(
        id=SlotId(name),
        lesson=own.lesson,
        package=own.package,
        local_start=_wall(23, 19, 30),
        zone="Asia/Shanghai",
        duration_ms=own.duration_ms,
        rank=rank,
        rule=rule,
        episodes=tuple(_lesson(number) for number in range(1, episodes + 1)),
    )


def _numbers(programme: Programme) -> list[int]:
    return [airing.lesson.number for airing in programme.airings]


NOON = Repeat(id=SlotId("noon"), of=SlotId("s"), days_later=1, at_min=12 * 60)


def test_plain_slots_keep_their_ids() -> None:
    slot = _slot(rule="FREQ=DAILY")
    programme = programme_of(Plan(slots=(slot,)), *WINDOW)
    assert programme.airings == expand(slot, *WINDOW)
    assert programme.airings[0].id == "750df221-4f74-5d70-8555-dad411947443"


def test_a_series_airs_its_lessons_in_turn_and_ends() -> None:
    programme = programme_of(Plan(slots=(_slot(episodes=3),)), *WINDOW)
    assert _numbers(programme) == [1, 2, 3]
    later = programme_of(Plan(slots=(_slot(episodes=3),)), START + timedelta(days=7), WINDOW[1])
    assert later.showings == programme.showings[1:]


def test_a_series_goes_on_over_exceptions_cancelled_replaced_and_displaced_weeks() -> None:
    slot = msgspec.structs.replace(_slot(rule="FREQ=DAILY", episodes=3), exceptions=(_wall(24, 19, 30),))
    overrides = (
        Override(slot=slot.id, planned=_wall(25, 19, 30), cancelled=True),
        Override(slot=slot.id, planned=_wall(26, 19, 30), shown=_lesson(9)),
    )
    displaced = airing_id(slot.id, START + timedelta(days=4, hours=19, minutes=30))
    programme = programme_of(Plan(slots=(slot,), overrides=overrides), *WINDOW, passed_over={displaced})
    assert [(a.start.day, a.lesson.number) for a in programme.airings] == [(23, 1), (26, 9), (27, 2), (28, 2), (29, 3)]
    assert [airing.start.day for airing in programme.cancelled] == [25]


@given(st.sets(st.integers(0, 13)), st.integers(1, 8))
def test_a_series_shows_every_lesson_once_in_order_whatever_was_passed_over(skipped: set[int], count: int) -> None:
    slot = _slot(rule="FREQ=DAILY", episodes=count)
    passed = {airing_id(slot.id, START + timedelta(days=day, hours=19, minutes=30)) for day in skipped}
    airings = expand(slot, *WINDOW, passed_over=passed)
    assert [airing.lesson.number for airing in airings if airing.id not in passed] == list(range(1, count + 1))


def test_a_repeat_follows_its_first_showing() -> None:
    plan = Plan(slots=(_slot(rule="FREQ=DAILY;COUNT=3", episodes=3),), repeats=(NOON,))
    repeats = [showing for showing in programme_of(plan, *WINDOW).showings if showing.first]
    firsts = [showing for showing in programme_of(plan, *WINDOW).showings if not showing.first]
    assert [one.first for one in repeats] == [one.airing.id for one in firsts]
    assert [(one.airing.start.day, one.airing.start.hour) for one in repeats] == [(24, 4), (25, 4), (26, 4)]
    assert [one.airing.lesson for one in repeats] == [one.airing.lesson for one in firsts]


def test_a_repeat_shows_what_the_first_showing_really_showed_and_falls_away_with_it() -> None:
    slot = _slot(rule="FREQ=DAILY;COUNT=4")
    overrides = (
        Override(slot=slot.id, planned=_wall(23, 19, 30), shown=_lesson(9)),
        Override(slot=slot.id, planned=_wall(24, 19, 30), cancelled=True),
        Override(slot=slot.id, planned=_wall(25, 19, 30), moved_to=_wall(26, 11, 30)),  # ends after the repeat's noon
        Override(slot=NOON.id, planned=_wall(26, 19, 30), moved_to=_wall(27, 13)),
    )
    programme = programme_of(Plan(slots=(slot,), repeats=(NOON,), overrides=overrides), *WINDOW)
    repeats = [(one.airing.start.day, one.airing.lesson.number) for one in programme.showings if one.first]
    assert repeats == [(24, 9), (27, 0)]
    assert programme.unmatched == ()
    assert [(one.slot, one.start.day) for one in programme.cancelled] == [("s", 24), ("noon", 25), ("noon", 26)]


def test_a_moved_airing_keeps_its_id_and_another_lesson_has_its_own() -> None:
    slot = _slot(rule="FREQ=DAILY;COUNT=2")
    planned = expand(slot, *WINDOW)
    overrides = (
        Override(slot=slot.id, planned=_wall(23, 19, 30), moved_to=_wall(23, 21)),
        Override(slot=slot.id, planned=_wall(24, 19, 30), moved_to=_wall(24, 21), shown=_lesson(9)),
    )
    moved, replaced = programme_of(Plan(slots=(slot,), overrides=overrides), *WINDOW).showings
    assert (moved.origin, moved.airing.id, moved.airing.start.hour) == (Origin.MOVED, planned[0].id, 13)
    assert (replaced.origin, replaced.planned, replaced.airing.lesson.number) == (Origin.REPLACED, planned[1], 9)
    assert replaced.airing.id not in {one.id for one in planned}
    newer = msgspec.structs.replace(_lesson(0), package=PackageName("p0-mended"))
    same = Plan(slots=(slot,), overrides=(Override(slot=slot.id, planned=_wall(23, 19, 30), shown=newer),))
    assert programme_of(same, *WINDOW).airings[0].id == planned[0].id


def test_windows_see_what_is_moved_into_them_and_not_what_is_moved_out() -> None:
    slot = _slot(rule="FREQ=WEEKLY")
    plan = Plan(
        slots=(slot,),
        repeats=(NOON,),
        overrides=(Override(slot=slot.id, planned=_wall(30, 19, 30), moved_to=_wall(25, 20)),),
    )
    first, second = (
        programme_of(plan, START + timedelta(days=week * 7), START + timedelta(days=week * 7 + 7)) for week in (0, 1)
    )
    assert [one.airing.start.day for one in first.showings] == [23, 24, 25]
    assert [(one.airing.slot, one.airing.start.day) for one in second.showings] == [("noon", 1)]


@given(
    st.lists(st.tuples(st.integers(0, 13), st.integers(0, 13), st.integers(0, 23)), unique_by=lambda one: one[0]),
    st.integers(0, 20),
    st.integers(1, 20),
)
def test_two_windows_that_touch_give_what_one_gives(moves: list[tuple[int, int, int]], at: int, length: int) -> None:
    slot = _slot(rule="FREQ=DAILY", episodes=9)
    overrides = tuple(
        Override(slot=slot.id, planned=_wall(23 + day, 19, 30), moved_to=_wall(23 + to, hour))
        for day, to, hour in moves
    )
    plan = Plan(slots=(slot,), repeats=(NOON,), overrides=overrides)
    middle = START + timedelta(days=at)
    end = middle + timedelta(days=length)
    halves = programme_of(plan, START, middle).showings + programme_of(plan, middle, end).showings
    assert halves == programme_of(plan, START, end).showings


def test_an_override_that_meets_nothing_is_named() -> None:
    stray = Override(slot=SlotId("s"), planned=_wall(24, 19, 30), cancelled=True)
    gone = Override(slot=SlotId("gone"), planned=_wall(24, 19, 30), cancelled=True)
    assert programme_of(Plan(slots=(_slot(),), overrides=(stray, gone)), *WINDOW).unmatched == (gone, stray)


@pytest.mark.parametrize(
    ("plan", "code"),
    [
        (Plan(slots=(_slot(), _slot())), "id_twice"),
        (Plan(slots=(_slot(),), repeats=(NOON, NOON)), "id_twice"),
        (Plan(repeats=(NOON,)), "repeat_of_nothing"),
        (
            Plan(
                slots=(_slot(),),
                overrides=(
                    Override(slot=SlotId("s"), planned=_wall(23, 19, 30), cancelled=True),
                    Override(slot=SlotId("s"), planned=_wall(23, 19, 30), moved_to=_wall(23, 20)),
                ),
            ),
            "override_twice",
        ),
    ],
)
def test_plans_that_contradict_themselves_are_refused(plan: Plan, code: str) -> None:
    with pytest.raises(SlotInvalid, match=code):
        programme_of(plan, *WINDOW)


def test_overrides_and_repeats_that_say_nothing_possible_are_refused() -> None:
    with pytest.raises(SlotInvalid, match="override_contradicts"):
        Override(slot=SlotId("s"), planned=_wall(23))
    with pytest.raises(SlotInvalid, match="override_contradicts"):
        Override(slot=SlotId("s"), planned=_wall(23), cancelled=True, moved_to=_wall(24))
    for days_later, at_min in ((-1, 0), (61, 0), (0, 1441), (0, -1)):
        with pytest.raises(SlotInvalid, match="repeat_out_of_range"):
            Repeat(id=SlotId("r"), of=SlotId("s"), days_later=days_later, at_min=at_min)


def test_a_displaced_lesson_of_a_series_airs_the_next_week() -> None:
    own = Layer(id=region_layer("640221"), owner="640221", depth=2, revision=1)
    city_slot = msgspec.structs.replace(_slot("city", rank=Rank.MANDATORY, rule=""), local_start=_wall(30, 19))
    city = Layer(id=region_layer("6402"), owner="6402", depth=1, revision=1, airings=expand(city_slot, *WINDOW))
    caught = caught_up(Plan(slots=(_slot(episodes=3),)), own, [city], WINDOW)
    shown = [placed.airing for placed in caught.timetable.placed if placed.layer == own.id]
    assert [(airing.start.day, airing.lesson.number) for airing in shown] == [(23, 1), (7, 2), (14, 3)]
    assert caught.passed_over == {lost.airing.id for lost in caught.timetable.displaced}


def test_make_ups_fill_the_evenings_that_are_free() -> None:
    slot = _slot(rule="FREQ=DAILY;COUNT=3")
    lost = expand(slot, *WINDOW)
    hours = Hours(zone="Asia/Shanghai", opens_min=19 * 60, closes_min=20 * 60 + 30)
    offered = proposals(lost, lost, hours=hours, horizon=timedelta(days=4))
    assert [one and (one.start.day, one.start.hour, one.start.minute) for one in offered] == [
        (26, 11, 0),
        (26, 11, 40),
        (27, 11, 0),
    ]
    assert proposals(lost, lost, hours=hours, horizon=timedelta(hours=12)) == (None, None, None)
    moments_later = proposals(lost[:1], (), not_before=START + timedelta(days=9))
    assert [one and one.start for one in moments_later] == [START + timedelta(days=9)]


def test_a_make_up_airs_and_counts_for_its_series() -> None:
    slot = _slot(rule="FREQ=DAILY", episodes=2)
    first = expand(slot, *WINDOW)[0]
    make_up = MakeUp(of=first, start=START + timedelta(hours=22))
    plan = Plan(slots=(slot,), make_ups=(make_up,))
    programme = programme_of(plan, *WINDOW, passed_over={first.id})
    assert _numbers(programme) == [1, 1, 2]
    assert [(one.origin, one.first) for one in programme.showings][1] == (Origin.MAKE_UP, first.id)
    later = msgspec.structs.replace(make_up, start=make_up.start + timedelta(days=1))
    assert later.airing.id == make_up.airing.id != first.id
    layer = Layer(id=region_layer("64"), owner="64", depth=0, revision=1, airings=programme.airings)
    assert merge([layer]).displaced == ()


@given(
    st.lists(st.tuples(st.integers(0, 20), st.integers(17 * 60, 22 * 60), st.integers(5, 240)), max_size=8),
    st.lists(st.integers(5, 200), min_size=1, max_size=9),
)
def test_a_series_among_other_layers_shows_its_lessons_in_order_and_none_twice(
    higher: list[tuple[int, int, int]], lengths: list[int]
) -> None:
    slot = msgspec.structs.replace(
        _slot(rule="FREQ=DAILY"), episodes=tuple(_lesson(number, length) for number, length in enumerate(lengths, 1))
    )
    own = Layer(id=region_layer("640221"), owner="640221", depth=2, revision=1)
    others = tuple(
        Layer(
            id=region_layer(f"g{place}"),
            owner="g",
            depth=1,
            revision=1,
            airings=expand(
                msgspec.structs.replace(
                    _slot(f"g{place}", rule="", rank=Rank.MANDATORY),
                    local_start=_wall(23) + timedelta(days=day, minutes=minute),
                    duration_ms=length * 60_000,
                ),
                *WINDOW,
            ),
        )
        for place, (day, minute, length) in enumerate(higher[:7])
    )
    caught = caught_up(Plan(slots=(slot,)), own, others, WINDOW)
    shown = [placed.airing.lesson.number for placed in caught.timetable.placed if placed.layer == own.id]
    assert shown == list(range(1, len(lengths) + 1))
    assert caught.passed_over == {lost.airing.id for lost in caught.timetable.displaced if lost.layer == own.id}
