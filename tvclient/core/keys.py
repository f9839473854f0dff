"""What a key does: where the focus goes, what OK does on the focused thing, how Back climbs. Pure.

Over a lesson the first press only reveals the controls. OK never repeats, nor does holding it mean anything else: old
hands press long. A blocked move is said with its direction. The volume changes over every screen but an alert.
A key that means nothing here is ignored. What stands on each screen and what OK does there: `pages/`; the spatial
rule: `focus.py`.
"""

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType

from msgspec.structs import replace

from tvclient.core import pages
from tvclient.core.arriving import by_card, watched_burst
from tvclient.core.events import Key
from tvclient.core.focus import move
from tvclient.core.geometry import Direction, FocusId
from tvclient.core.helping import by_hand, remembered_back
from tvclient.core.navigation import REFUSED, Outcome, climb, go_home, open_from_home
from tvclient.core.pages.ask import begin
from tvclient.core.quizzing import by_key, go_on
from tvclient.core.screens import (
    SIGNING_IN,
    airing_for_sign_in,
    controls_visible,
    current_screen,
    fresh,
    home_screen,
    stands_alone,
)
from tvclient.core.signing_in import MAX_DIGITS, open_number, open_sign_in, type_digits
from tvclient.core.state import Screen, State
from tvclient.core.volume import KEYS, volume_key

CONTROLS_STAY = timedelta(seconds=5)
ASKABLE = (Screen.BROADCAST, Screen.AFTER, Screen.TODAY, Screen.COUNTDOWN)
"""Where the blue key begins a question to the experts."""

_DIRECTIONS: Mapping[Key, Direction] = MappingProxyType(
    {Key.UP: Direction.UP, Key.DOWN: Direction.DOWN, Key.LEFT: Direction.LEFT, Key.RIGHT: Direction.RIGHT}
)


def focused(state: State) -> FocusId | None:
    """What has the focus; None only while a lesson fills the screen and its controls are hidden."""
    things = pages.focusables(state)
    known = {thing.id for thing in things}
    screen = current_screen(state)
    wanted = state.focus.get(screen)
    if wanted in known:
        return wanted
    for thing in things:
        if state.remembered.get((screen, thing.region)) == thing.id:
            return thing.id
    return things[0].id if things else None


def press_by_hand(state: State, key: Key, *, repeat: bool, since_ms: int | None = None) -> Outcome:
    """A key of the people there: it answers a question or ends a help, or does what every key does.

    What a card reader types comes this way too.
    """
    state, card = watched_burst(state, key, None if repeat else since_ms)
    if card:
        return by_card(replace(state, last_key_at=state.now), card)
    answered = by_hand(state, key, repeat=repeat)
    if answered is not None:
        return replace(answered[0], last_key_at=state.now), answered[1]
    return press(remembered_back(state, key, repeat=repeat), key, repeat=repeat)


def press(state: State, key: Key, *, repeat: bool) -> Outcome:
    """A key went down, or repeats while held; by hand or, inside a help, from afar."""
    hidden = not controls_visible(state)
    state = replace(state, last_key_at=state.now)
    if current_screen(state) is Screen.ALERT:
        return _over_all(state, key, repeat=repeat)
    if key in KEYS:
        return volume_key(state, key, repeat=repeat)
    if not stands_alone(home_screen(state)):
        chosen = None if repeat else by_key(state, key)
        if chosen is not None:
            return chosen
        if key is Key.GREEN and not repeat:
            return _green(state)
        if key is Key.BLUE and not repeat and current_screen(state) in ASKABLE:
            return begin(state)
        if key.isdigit() and not repeat:
            return _digit(state, key.value)
    if hidden:
        return (state if repeat else _reveal(state)), ()
    if current_screen(state) is Screen.BROADCAST and key is not Key.BACK:
        state = replace(state, revealed_until=state.now + CONTROLS_STAY)
    if key in _DIRECTIONS:
        return _move(state, _DIRECTIONS[key])
    if repeat and not (key is Key.OK and focused(state) in pages.current_page(state).repeating):
        return state, ()
    return _command(state, key)


def _command(state: State, key: Key) -> Outcome:
    match key:
        case Key.OK:
            thing = focused(state)
            return (state, ()) if thing is None else pages.current_page(state).activate(state, thing)
        case Key.BACK:
            return (go_on(state) if current_screen(state) is Screen.QUIZ else climb(state)), ()
        case Key.HOME if not stands_alone(home_screen(state)):
            return go_home(state), ()
        case Key.YELLOW if current_screen(state) in SIGNING_IN:
            other = open_number if current_screen(state) is Screen.NAMES else open_sign_in
            return other(replace(state, over_home=state.over_home[:-1]))
        case Key.MENU if not stands_alone(home_screen(state)):
            return open_from_home(state, Screen.TODAY), ()
        case _:
            return state, ()


def _over_all(state: State, key: Key, *, repeat: bool) -> Outcome:
    """Under an alert nothing is opened, closed or typed: OK answers it, arrows say that there is one button."""
    if key in _DIRECTIONS:
        return _move(state, _DIRECTIONS[key])
    return _command(state, key) if key is Key.OK and not repeat else (state, ())


def _reveal(state: State) -> State:
    return replace(fresh(state, Screen.BROADCAST), revealed_until=state.now + CONTROLS_STAY)


def _green(state: State) -> Outcome:
    return (state, ()) if current_screen(state) in SIGNING_IN else open_sign_in(state)


def _digit(state: State, value: str) -> Outcome:
    if current_screen(state) is Screen.SIGN_IN:
        full = len(state.number.digits) >= MAX_DIGITS
        reader = full and len(state.burst) > 1  # what a card has more is nobody's mistake
        return (state, ()) if reader else type_digits(state, value)
    if airing_for_sign_in(state) is None:
        return (_reveal(state), ()) if not controls_visible(state) else (state, ())
    return open_sign_in(state, value)


def _move(state: State, direction: Direction) -> Outcome:
    screen, things, current = current_screen(state), pages.focusables(state), focused(state)
    if current is None:
        return state, ()
    regions = {region: known for (where, region), known in state.remembered.items() if where is screen}
    here = next(thing.region for thing in things if thing.id == current)
    if direction in (Direction.UP, Direction.DOWN) and here in pages.current_page(state).columns:
        things = tuple(thing for thing in things if thing.region == here)
    target = move(things, current, direction, regions)
    if target is None:
        further = pages.current_page(state).beyond(state, direction)
        if further is not None:
            return further, ()
        number = state.blocked[1] + 1 if state.blocked else 1
        return replace(state, blocked=(direction, number)), REFUSED
    region = next(thing.region for thing in things if thing.id == target)
    remembered = {**state.remembered, (screen, here): current, (screen, region): target}
    moved = replace(state, focus={**state.focus, screen: target}, remembered=remembered)
    return pages.current_page(moved).arrived(moved, target), ()
