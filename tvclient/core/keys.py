"""What a key does: where the focus goes, what OK does on the focused thing, how Back climbs. Pure.

Over a lesson the first press only reveals the controls. OK never repeats. A blocked move is said with its direction.
A key that means nothing here is ignored. Sign-in: `signing_in.py`; the spatial rule: `focus.py`.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType

from tvclient.core import layout
from tvclient.core.alerts import answer
from tvclient.core.effects import CheckEnrolment, Effect, Sound, Sounded
from tvclient.core.events import Key
from tvclient.core.focus import move
from tvclient.core.geometry import Direction, FocusId
from tvclient.core.screens import airing_for_sign_in, controls_visible, current_screen, fresh, home_screen, on_air
from tvclient.core.signing_in import confirm, delete_digit, open_sign_in, start_again, type_digits
from tvclient.core.state import Screen, State

CONTROLS_STAY = timedelta(seconds=5)

Outcome = tuple[State, tuple[Effect, ...]]
_REFUSED: tuple[Effect, ...] = (Sounded(Sound.BLOCKED),)

_DIRECTIONS: Mapping[Key, Direction] = MappingProxyType(
    {Key.UP: Direction.UP, Key.DOWN: Direction.DOWN, Key.LEFT: Direction.LEFT, Key.RIGHT: Direction.RIGHT}
)


def focused(state: State) -> FocusId | None:
    """What has the focus; None only while a lesson fills the screen and its controls are hidden."""
    things = layout.focusables(state)
    known = {thing.id for thing in things}
    screen = current_screen(state)
    wanted = state.focus.get(screen)
    if wanted in known:
        return wanted
    for thing in things:
        if state.remembered.get((screen, thing.region)) == thing.id:
            return thing.id
    return things[0].id if things else None


def press(state: State, key: Key, *, repeat: bool) -> Outcome:
    """A key went down, or repeats while held."""
    hidden = not controls_visible(state)
    state = replace(state, last_key_at=state.now)
    if current_screen(state) is Screen.ALERT:
        return _over_all(state, key, repeat=repeat)
    if home_screen(state) is not Screen.ENROLMENT:
        if key is Key.GREEN and not repeat:
            return _green(state)
        if key.isdigit() and not repeat:
            return _digit(state, key.value)
    if hidden:
        return (state if repeat else _reveal(state)), ()
    if current_screen(state) is Screen.BROADCAST and key is not Key.BACK:
        state = replace(state, revealed_until=state.now + CONTROLS_STAY)
    if key in _DIRECTIONS:
        return _move(state, _DIRECTIONS[key])
    return (state, ()) if repeat else _command(state, key)


def activate(state: State, thing: FocusId) -> Outcome:
    """What OK does on a focused thing."""
    value, airing = layout.digit_of(thing), layout.airing_of(thing)
    if value is not None:
        return type_digits(state, value)
    if airing is not None:
        current = on_air(state)
        return (go_home(state), ()) if current and current.id == airing else (state, _REFUSED)
    match thing:
        case layout.ANSWER:
            return answer(state)
        case layout.CHECK:
            return state, (CheckEnrolment(),)
        case layout.SIGN_IN:
            return open_sign_in(state)
        case layout.TODAY:
            return open_today(state), ()
        case layout.DELETE:
            return delete_digit(state)
        case layout.CONFIRM:
            return confirm(state)
        case layout.AGAIN:
            return start_again(state)
        case _:
            return state, _REFUSED


def go_home(state: State) -> State:
    """Close everything over home."""
    return replace(state, over_home=(), sign_in_for=None, revealed_until=None)


def open_today(state: State) -> State:
    """Open the timetable of today over home; nothing changes where it is on the screen already."""
    if current_screen(state) is Screen.TODAY:
        return state
    return replace(fresh(go_home(state), Screen.TODAY), over_home=(Screen.TODAY,))


def _command(state: State, key: Key) -> Outcome:
    match key:
        case Key.OK:
            thing = focused(state)
            return (state, ()) if thing is None else activate(state, thing)
        case Key.BACK:
            return _climb(state), ()
        case Key.HOME if home_screen(state) is not Screen.ENROLMENT:
            return go_home(state), ()
        case Key.MENU if home_screen(state) is not Screen.ENROLMENT:
            return open_today(state), ()
        case _:
            return state, ()


def _over_all(state: State, key: Key, *, repeat: bool) -> Outcome:
    """Under an alert nothing is opened, closed or typed: OK answers it, arrows say that there is one button."""
    if key in _DIRECTIONS:
        return _move(state, _DIRECTIONS[key])
    return activate(state, layout.ANSWER) if key is Key.OK and not repeat else (state, ())


def _climb(state: State) -> State:
    if not state.over_home:
        return replace(state, revealed_until=None)
    left = state.over_home[:-1]
    return replace(
        state, over_home=left, revealed_until=None, sign_in_for=state.sign_in_for if Screen.SIGN_IN in left else None
    )


def _reveal(state: State) -> State:
    return replace(fresh(state, Screen.BROADCAST), revealed_until=state.now + CONTROLS_STAY)


def _green(state: State) -> Outcome:
    return (state, ()) if current_screen(state) is Screen.SIGN_IN else open_sign_in(state)


def _digit(state: State, value: str) -> Outcome:
    if current_screen(state) is Screen.SIGN_IN:
        return type_digits(state, value)
    if airing_for_sign_in(state) is None:
        return (_reveal(state), ()) if not controls_visible(state) else (state, ())
    return open_sign_in(state, value)


def _move(state: State, direction: Direction) -> Outcome:
    screen, things, current = current_screen(state), layout.focusables(state), focused(state)
    if current is None:
        return state, ()
    regions = {region: known for (where, region), known in state.remembered.items() if where is screen}
    target = move(things, current, direction, regions)
    if target is None:
        number = state.blocked[1] + 1 if state.blocked else 1
        return replace(state, blocked=(direction, number)), _REFUSED
    region = next(thing.region for thing in things if thing.id == target)
    left = next(thing.region for thing in things if thing.id == current)
    remembered = {**state.remembered, (screen, left): current, (screen, region): target}
    return replace(state, focus={**state.focus, screen: target}, remembered=remembered), ()
