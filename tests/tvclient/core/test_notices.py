"""A word at the edge: there when something is to be said, inside the safe area, over nothing that can be pressed."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from tests.tvclient.evening import NOON, ROSTER, Television, airing
from tvclient.core import events
from tvclient.core.geometry import HEIGHT, SAFE_X, SAFE_Y, WIDTH
from tvclient.core.notices import NOTICE_HEIGHT, NOTICE_WIDTH, Side, notice
from tvclient.core.pages import focusables
from tvclient.core.screens import current_screen
from tvclient.core.state import Screen, State, Stick, StickPhase

COPYING = Stick(StickPhase.COPYING, 2, 12)


def states() -> dict[Screen, State]:
    """The television on each of its screens at home."""
    tv = Television(NOON - timedelta(hours=2))
    tv.take(events.RosterChanged(ROSTER))
    found = {current_screen(tv.state): tv.state}
    tv.take(events.TimetableChanged((airing(),)))
    for before in (timedelta(hours=1), timedelta(minutes=3), timedelta(0)):
        tv.take(events.Ticked(), NOON - before)
        found[current_screen(tv.state)] = tv.state
    revealed = replace(tv.state, revealed_until=NOON + timedelta(seconds=5))
    found[current_screen(revealed)] = revealed
    return found


@pytest.mark.parametrize("screen", [Screen.TODAY, Screen.COUNTDOWN, Screen.BROADCAST])
def test_it_stands_inside_the_safe_area_and_over_no_control(screen: Screen) -> None:
    state = replace(states()[screen], stick=COPYING)
    shown = notice(state)
    assert shown
    left = shown.x - (NOTICE_WIDTH if shown.side is Side.RIGHT else 0)
    assert left >= SAFE_X
    assert left + NOTICE_WIDTH <= WIDTH - SAFE_X
    assert SAFE_Y <= shown.y <= HEIGHT - SAFE_Y - NOTICE_HEIGHT
    for thing in focusables(state):
        at = thing.rect
        apart = left >= at.x + at.w or left + NOTICE_WIDTH <= at.x or shown.y >= at.y + at.h or shown.y + 136 <= at.y
        assert apart, thing


def test_without_a_stick_and_with_room_on_the_disk_nothing_is_said() -> None:
    assert [notice(state) for state in states().values()] == [None] * len(states())


def test_a_full_disk_comes_before_a_stick() -> None:
    shown = notice(replace(states()[Screen.TODAY], stick=COPYING, held_back=2))
    assert shown
    assert (shown.stick, shown.held_back) == (None, 2)


def test_signing_in_is_left_in_peace() -> None:
    tv = Television(NOON)
    for event in (events.RosterChanged(ROSTER), events.TimetableChanged((airing(),)), events.StickChanged(COPYING)):
        tv.take(event)
    tv.press(events.Key.GREEN)
    assert tv.screen() is Screen.NAMES
    assert notice(tv.state) is None
