"""The program begins anew when nobody would notice, once, and never while people watch."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from tests.tvclient.evening import NOON, airing
from tvclient.core import events
from tvclient.core.effects import Leave
from tvclient.core.restarting import CLEAR_BEFORE
from tvclient.core.state import Screen, State
from tvclient.core.step import step


def _leaves(state: State) -> bool:
    return Leave() in step(state, events.Ticked(), state.now)[1]


def test_it_leaves_once_when_nothing_is_planned() -> None:
    state, effects = step(State(now=NOON), events.RestartWanted(), NOON)
    assert Leave() in effects
    assert not _leaves(state)


def test_nobody_asked_nobody_leaves() -> None:
    assert not _leaves(State(now=NOON))


@pytest.mark.parametrize("before", [timedelta(seconds=-1), timedelta(), CLEAR_BEFORE - timedelta(seconds=1)])
def test_a_lesson_that_runs_or_is_near_is_waited_for(before: timedelta) -> None:
    lesson = airing(NOON + before)
    state = replace(State(now=NOON, timetable=(lesson,)), restart_wanted=True)
    assert not _leaves(state)
    after = replace(state, now=lesson.end + timedelta(minutes=2))
    assert _leaves(after)


def test_a_lesson_far_off_is_no_reason_to_wait() -> None:
    state = replace(State(now=NOON, timetable=(airing(NOON + timedelta(hours=3)),)), restart_wanted=True)
    assert _leaves(state)


def test_somebody_at_the_remote_is_left_in_peace() -> None:
    state = replace(State(now=NOON), restart_wanted=True, over_home=(Screen.TODAY,), last_key_at=NOON)
    assert not _leaves(state)
    later, effects = step(state, events.Ticked(), NOON + timedelta(minutes=5))
    assert Leave() in effects or _leaves(later)
