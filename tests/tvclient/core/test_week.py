"""The week: a day by its button, five airings a page, what became of each; OK goes back to what is on the air alone."""

from datetime import timedelta

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schedules.airings import Airing
from tests.tvclient.evening import NOON, Television, airing, lesson, stored
from tvclient.core import events
from tvclient.core.events import Key
from tvclient.core.pages import week
from tvclient.core.screens import local
from tvclient.core.state import Screen

OPEN = (Key.MENU, Key.MENU, Key.DOWN, Key.OK)
"""Over a lesson the first press only reveals."""
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)


def television(*airings: Airing, now: timedelta = timedelta(0)) -> Television:
    tv = Television(NOON + now)
    tv.take(stored(*airings))
    tv.take(events.TimetableChanged(airings))
    return tv


def showing(start: timedelta, seconds: float = 60, slot: str = "s", title: str = "测土配方施肥") -> Airing:
    return msgspec.structs.replace(airing(NOON + start, seconds, slot=slot), lesson=lesson(title))


def shown(tv: Television) -> list[Airing]:
    return list(week.shown(tv.state))


def test_the_first_button_below_today_opens_it_and_back_leads_there_again() -> None:
    tv = television(showing(10 * MINUTE))
    tv.press(*OPEN)
    assert tv.screen() is Screen.WEEK
    assert tv.focus() == week.button(local(NOON).date())
    tv.press(Key.BACK)
    assert tv.screen() is Screen.TODAY


def test_a_day_shows_its_airings_as_soon_as_the_focus_is_on_it() -> None:
    today, tomorrow = showing(10 * MINUTE), showing(DAY)
    tv = television(today, tomorrow)
    tv.press(*OPEN)
    assert shown(tv) == [today]
    tv.press(Key.DOWN)
    assert shown(tv) == [tomorrow]
    tv.press(Key.DOWN)
    assert shown(tv) == []
    tv.press(Key.RIGHT)
    assert tv.focus() == week.button(local(NOON).date() + 2 * DAY)
    tv.press(Key.UP, Key.RIGHT)
    assert tv.focus() == week.row(tomorrow)
    tv.press(Key.LEFT)
    assert tv.focus() == week.button(local(NOON).date() + DAY)


@pytest.mark.parametrize("rows", [1, 2, 3, 4])
def test_below_a_short_list_is_no_other_day(rows: int) -> None:
    airings = [showing(place * MINUTE, slot=f"{place}") for place in range(10, 10 + rows)]
    tv = television(*airings)
    tv.press(*OPEN, Key.RIGHT, *(Key.DOWN,) * rows)
    assert tv.focus() == week.row(airings[-1])
    assert tv.state.blocked is not None
    assert week.chosen_day(tv.state) == local(NOON).date()


def test_sixty_airings_of_a_day_are_walked_through_down_and_up_again() -> None:
    airings = [showing(place * MINUTE, 50, slot=f"{place}") for place in range(10, 70)]
    tv = television(*airings)
    tv.press(*OPEN, Key.RIGHT)
    seen = []
    for _airing in airings:
        seen.append(tv.focus())
        assert len(shown(tv)) == week.ROWS
        tv.press(Key.DOWN)
    assert seen == [week.row(one) for one in airings]
    assert tv.focus() == seen[-1]
    assert week.page_shown(tv.state) == 11
    for expected in reversed(seen):
        assert tv.focus() == expected
        tv.press(Key.UP)
    assert week.page_shown(tv.state) == 0


def test_today_opens_on_the_page_of_what_is_on_the_air() -> None:
    airings = [showing(place * MINUTE, 50, slot=f"{place}") for place in range(-12, 3)]
    tv = television(*airings)
    tv.run(NOON + timedelta(seconds=5))
    tv.press(*OPEN, Key.RIGHT)
    assert airings[12] in shown(tv)
    assert tv.focus() in {week.row(one) for one in shown(tv)}


def test_ok_goes_back_to_what_is_on_the_air_and_shows_the_lesson_of_everything_else() -> None:
    on, later = showing(-MINUTE, 300), showing(20 * MINUTE, slot="t")
    tv = television(on, later)
    tv.run(NOON + timedelta(seconds=5))
    assert tv.screen() is Screen.BROADCAST
    tv.press(*OPEN, Key.RIGHT, Key.DOWN, Key.OK)
    assert tv.screen() is Screen.COURSE
    tv.press(Key.BACK)
    assert tv.screen() is Screen.WEEK
    tv.press(Key.UP, Key.OK)
    assert tv.screen() is Screen.BROADCAST


def test_each_row_says_what_became_of_it() -> None:
    missed, shown_, on, coming = (
        showing(start * MINUTE, 60, slot=f"{start}", title=f"{start}") for start in (-5, -3, 0, 10)
    )
    repeat = showing(DAY, slot="again", title="-5")
    tv = television(missed, shown_, on, coming, repeat, now=-4 * MINUTE)
    tv.run(NOON + timedelta(seconds=10))
    fates = [week.fate(tv.state, one) for one in (missed, shown_, on, coming)]
    assert fates == [week.Fate.MISSED, week.Fate.SHOWN, week.Fate.ON_AIR, week.Fate.COMING]
    assert week.shown_again(tv.state, missed) == repeat
    assert week.shown_again(tv.state, shown_) is None
    assert week.shown_again(tv.state, repeat) is None


@settings(deadline=None)
@given(st.lists(st.integers(-600, 8000), max_size=30), st.lists(st.sampled_from(list(Key)[:5]), max_size=30))
def test_what_is_shown_is_always_of_the_chosen_day_and_holds_the_focus(starts: list[int], keys: list[Key]) -> None:
    airings = [showing(start * MINUTE, 50, slot=f"{start}") for start in sorted(set(starts))]
    tv = television(*airings)
    tv.press(*OPEN)
    for key in keys:
        if tv.screen() is not Screen.WEEK:
            return
        day = week.chosen_day(tv.state)
        of_day = [one for one in airings if local(one.start).date() == day]
        assert shown(tv) == of_day[week.page_shown(tv.state) * week.ROWS :][: week.ROWS]
        assert tv.focus() in {week.button(day), *map(week.row, shown(tv))}
        tv.press(key)


def test_a_day_that_is_over_gives_way_to_the_new_one() -> None:
    tonight, tomorrow = showing(4 * 60 * MINUTE, slot="t"), showing(DAY, slot="u")
    tv = television(tonight, tomorrow)
    tv.press(*OPEN, Key.RIGHT)
    tv.take(events.KeyPressed(Key.RIGHT), NOON + 5 * 60 * MINUTE)
    assert week.days(tv.state)[0] == local(NOON).date() + DAY
    assert tv.focus() is not None
