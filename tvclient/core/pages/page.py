"""What a screen is to the core: the things on it that can have the focus, and what OK does on each."""

from collections.abc import Callable
from typing import NamedTuple

from tvclient.core.geometry import Direction, Focusable, FocusId
from tvclient.core.navigation import REFUSED, Outcome
from tvclient.core.state import State


def _stays(state: State, _thing: FocusId) -> State:
    return state


def _leads_nowhere(state: State, _direction: Direction) -> State | None:
    return None


def refuse(state: State, _thing: FocusId) -> Outcome:
    """OK means nothing here."""
    return state, REFUSED


class Page(NamedTuple):
    """One screen; every function is pure.

    Attributes:
        things: everything that can have the focus now, the one that has it at first in front.
        activate: what OK does on a focused thing.
        arrived: what changes when the focus has come to a thing.
        repeating: things on which a held OK goes on; everywhere else OK never repeats.
        beyond: where a move leads that finds nothing on that side, e.g. the next page of a list; None is nowhere.
        columns: regions that up and down never leave: below a short list stands nothing of the list beside it.
    """

    things: Callable[[State], tuple[Focusable, ...]]
    activate: Callable[[State, FocusId], Outcome] = refuse
    arrived: Callable[[State, FocusId], State] = _stays
    beyond: Callable[[State, Direction], State | None] = _leads_nowhere
    repeating: frozenset[FocusId] = frozenset()
    columns: frozenset[str] = frozenset()
