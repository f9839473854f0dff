"""The one function of the core: an event and the time in, the next state and what must be done out.

Rules of the screen are in `keys.py` and `signing_in.py`, rules of the player in `playing.py`; here they are only put
in order. Never raises for any order of events; an event that is late or comes twice changes nothing.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import assert_never

from tvclient.core import events, playing
from tvclient.core.alerts import announce, took
from tvclient.core.effects import Effect, Sound, Sounded
from tvclient.core.keys import go_home, press
from tvclient.core.screens import airing_for_sign_in, home_screen
from tvclient.core.signing_in import refreshed
from tvclient.core.state import Enrolment, EnrolmentPhase, Screen, State

IDLE_FOR = timedelta(seconds=60)
"""A screen over home that nobody touches gives way to it."""

Outcome = tuple[State, tuple[Effect, ...]]


def step(state: State, event: events.Event, now: datetime) -> Outcome:
    """One step.

    Args:
        state: what was.
        event: what happened.
        now: the server's time in UTC by the box's best estimate; may jump either way when the estimate improves.

    Returns:
        What is, and what must be done about it, in order.
    """
    before = home_screen(state)
    state, effects = _apply(replace(state, now=now), event)
    state, planned = playing.follow_plan(state)
    state = _tidy(state, before)
    state, announced = announce(state)
    chime = state.alert_shown is None and home_screen(state) is Screen.COUNTDOWN and before is not Screen.COUNTDOWN
    return state, (*effects, *planned, *announced, *((Sounded(Sound.CHIME),) if chime else ()))


def _apply(state: State, event: events.Event) -> Outcome:
    match event:
        case events.KeyPressed(key, repeat):
            return press(state, key, repeat=repeat)
        case events.Ticked():
            return state, ()
        case events.ServerUnreachable() | events.ClaimOffered() | events.Enrolled():
            return _enrolment(state, event), ()
        case events.LinkChanged(online):
            return replace(state, online=online), ()
        case events.StationChanged(station):
            return replace(state, station=station), ()
        case events.TimetableChanged(airings):
            ordered = tuple(sorted(airings, key=lambda airing: (airing.start, airing.id)))
            return replace(state, timetable=ordered), (playing.wanted_packages(ordered, state),)
        case events.RosterChanged(roster):
            return refreshed(replace(state, roster=roster)), ()
        case events.PackagesChanged(packages):
            return replace(state, packages=packages), ()
        case events.SignInsRestored(signed_in, started, closed):
            restored = replace(state, signed_in=signed_in, started=started, closed=closed)
            return refreshed(restored), ()
        case events.AlertsChanged() | events.VoiceChanged():
            return _warned(state, event), ()
        case events.ClockChanged(unsure):
            return replace(state, clock_unsure=unsure), (playing.wanted_packages(state.timetable, state),)
        case _:
            return _player_said(state, event)


def _warned(state: State, event: events.AlertsChanged | events.VoiceChanged) -> State:
    match event:
        case events.AlertsChanged(alerts, answered):
            return took(state, alerts, answered)
        case events.VoiceChanged(speaking):
            return replace(state, speaking=speaking)
        case _:
            assert_never(event)


def _player_said(
    state: State, event: events.PlayerCued | events.PlayerMoved | events.PlayerEnded | events.PlayerFailed
) -> Outcome:
    match event:
        case events.PlayerCued(airing):
            return playing.cued(state, airing)
        case events.PlayerMoved(airing, position_ms):
            return playing.moved(state, airing, position_ms)
        case events.PlayerEnded(airing, position_ms):
            return playing.ended(state, airing, position_ms)
        case events.PlayerFailed(airing, reason):
            return playing.failed(state, airing, reason)
        case _:
            assert_never(event)


def _enrolment(state: State, event: events.ServerUnreachable | events.ClaimOffered | events.Enrolled) -> State:
    """An enrolled box stays enrolled: a late word about the code changes nothing."""
    if state.enrolment.phase is EnrolmentPhase.ENROLLED:
        return state
    match event:
        case events.ServerUnreachable():
            return replace(state, enrolment=Enrolment())
        case events.ClaimOffered(claim_code, claim_url):
            return replace(state, enrolment=Enrolment(EnrolmentPhase.OFFERED, claim_code, claim_url))
        case events.Enrolled():
            return replace(state, enrolment=Enrolment(EnrolmentPhase.ENROLLED))
        case _:
            assert_never(event)


def _tidy(state: State, home_before: Screen) -> State:
    """Close what has lost its reason: controls after their time, sign-in without an airing, a screen left alone."""
    home = home_screen(state)
    if state.revealed_until is not None and state.now >= state.revealed_until:
        state = replace(state, revealed_until=None)
    if home is Screen.BROADCAST and home_before is not Screen.BROADCAST and Screen.SIGN_IN not in state.over_home:
        state = go_home(state)
    if Screen.SIGN_IN in state.over_home and airing_for_sign_in(state) is None:
        state = go_home(state)
    if state.over_home and state.last_key_at is not None and state.now - state.last_key_at >= IDLE_FOR:
        state = go_home(state)
    return state
