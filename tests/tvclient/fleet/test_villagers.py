"""Villagers press keys as people do: on the roll, during the lesson, each once, the same ones for a seed."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from schedules.wire.messages import Roster, RosterMember
from tests.tvclient.evening import NOON, airing
from tvclient.core.events import KeyPressed
from tvclient.core.state import Enrolment, EnrolmentPhase, Playback, PlayPhase, State
from tvclient.core.step import step
from tvclient.fleet.villagers import Habits, Villagers

ROLL = Roster(version="1", members=tuple(RosterMember(id=f"m{n}", name="某", number=f"{n}") for n in range(101, 141)))
LESSON = airing(start=NOON, seconds=600)


def evening(habits: Habits, station: str, deaf_until_s: int = 0) -> tuple[Villagers, State]:
    """A whole lesson, second by second, in the real core; until then keys lead to nothing."""
    villagers = Villagers(habits, station)
    state = State(
        now=NOON,
        enrolment=Enrolment(phase=EnrolmentPhase.ENROLLED),
        roster=ROLL,
        timetable=(LESSON,),
        playback=Playback(airing=LESSON, phase=PlayPhase.PLAYING, since=NOON),
    )
    for second in range(600):
        now = NOON + timedelta(seconds=second)
        playing = Playback(airing=LESSON, phase=PlayPhase.PLAYING, since=NOON, moved_at=now, position_ms=second * 1000)
        state = replace(state, now=now, playback=playing)
        for key in villagers.press(state):
            if second >= deaf_until_s:
                state, _effects = step(state, KeyPressed(key), now)
    villagers.press(state)
    return villagers, state


def signed_in(habits: Habits, station: str) -> frozenset[str]:
    villagers, state = evening(habits, station)
    return villagers.made(state).get(LESSON.id, frozenset())


@settings(deadline=None)
@given(st.integers(0, 200))
def test_what_they_made_is_what_the_box_knows(station: int) -> None:
    villagers, state = evening(Habits(sign_in=5), f"s{station}")
    assert villagers.made(state).get(LESSON.id, frozenset()) == state.signed_in.get(LESSON.id, frozenset())


def test_the_same_seed_is_the_same_village_and_another_one_another() -> None:
    habits = Habits(sign_in=6, seed="a")
    here, again = (signed_in(habits, "s") for _ in range(2))
    assert here == again
    assert any(signed_in(replace(habits, seed=seed), "s") != here for seed in "bcd")


def test_as_many_come_as_was_said() -> None:
    made = [len(signed_in(Habits(watch=0.5, sign_in=6), f"s{n}")) for n in range(60)]
    assert sum(made) / 60 == pytest.approx(3, rel=0.4)
    assert sum(count == 0 for count in made) > 15


def test_named_people_sign_in_everywhere_and_nobody_who_is_not_on_the_roll() -> None:
    assert signed_in(Habits(numbers=("101", "999", "120")), "s") == {"m101", "m120"}


def test_keys_that_led_to_nothing_are_pressed_again() -> None:
    villagers, state = evening(Habits(numbers=("101", "102")), "s", deaf_until_s=30)
    assert villagers.made(state)[LESSON.id] == {"m101", "m102"} == state.signed_in[LESSON.id]
