"""When the program may begin anew, for a new release or because somebody asked: never while people watch. Pure."""

from datetime import timedelta

from msgspec.structs import replace

from schedules.clock import next_after, on_air_at
from tvclient.core.effects import Effect, Leave
from tvclient.core.state import State

CLEAR_BEFORE = timedelta(minutes=10)
"""A lesson must be further off than this: a start takes a minute on a small box, and a bad one takes several."""


def leave_when_quiet(state: State) -> tuple[State, tuple[Effect, ...]]:
    """Leave once, when nothing plays, nothing is about to, no alert stands and nobody uses the remote."""
    if not state.restart_wanted or not quiet(state):
        return state, ()
    return replace(state, restart_wanted=False), (Leave(),)


def quiet(state: State) -> bool:
    """Whether nobody would notice a black screen."""
    asked = state.help is not None and not state.help.agreed
    if state.playback is not None or state.alert_shown is not None or state.over_home or asked:
        return False
    coming = next_after(state.timetable, state.now)
    soon = coming is not None and coming.start - state.now < CLEAR_BEFORE
    return on_air_at(state.timetable, state.now) is None and not soon
