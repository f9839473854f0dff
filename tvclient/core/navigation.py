"""Going from screen to screen: what opens over home, how Back climbs. Pure.

What home is, and which screen is on the television: `screens.py`; what stands on each: `pages/`.
"""

from typing import Final

from msgspec.structs import replace

from tvclient.core.effects import Effect, Sound, Sounded
from tvclient.core.screens import current_screen, fresh, signing_in, to_be_noted
from tvclient.core.state import Screen, State

Outcome = tuple[State, tuple[Effect, ...]]
REFUSED: Final[tuple[Effect, ...]] = (Sounded(Sound.BLOCKED),)
"""A key that means something here, but not now."""


def go_home(state: State) -> State:
    """Close everything over home."""
    return replace(state, over_home=(), sign_in_for=None, revealed_until=None)


def open_from_home(state: State, screen: Screen) -> State:
    """Open a screen straight over home, as if never seen; nothing changes where it is on the television already."""
    if current_screen(state) is screen:
        return state
    return replace(fresh(go_home(state), screen), over_home=(screen,))


def open_above(state: State, screen: Screen) -> State:
    """Open a screen over the one that is shown; Back leads to that one again."""
    below = tuple(known for known in state.over_home if known is not screen)
    return replace(fresh(state, screen), over_home=(*below, screen), revealed_until=None)


def climb(state: State) -> State:
    """One level towards home; at home the controls go, and the end of a lesson."""
    if not state.over_home:
        ended = to_be_noted(state)
        return replace(state, revealed_until=None, dismissed=ended.id if ended else state.dismissed)
    climbed = replace(state, over_home=state.over_home[:-1], revealed_until=None)
    return climbed if signing_in(climbed) else replace(climbed, sign_in_for=None)
