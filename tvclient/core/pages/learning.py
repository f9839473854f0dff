"""An unknown remote is being learnt: one large sentence, and what may be chosen meanwhile."""

from typing import Final

from tvclient.core.geometry import Focusable, FocusId, Rect
from tvclient.core.learning import asked_for, enough, finish, skip
from tvclient.core.navigation import REFUSED, Outcome, climb
from tvclient.core.pages.page import Page
from tvclient.core.state import State

STOP: Final = FocusId("stop")
SKIP: Final = FocusId("skip")
FINISH: Final = FocusId("finish")
CLOSE: Final = FocusId("close")
LEFT_AT: Final = Rect(96, 910, 520, 104)
RIGHT_AT: Final = Rect(668, 910, 520, 104)


def _things(state: State) -> tuple[Focusable, ...]:
    if asked_for(state) is None:
        return (Focusable(CLOSE, LEFT_AT, "buttons"),)
    if enough(state):
        return (Focusable(SKIP, LEFT_AT, "buttons"), Focusable(FINISH, RIGHT_AT, "buttons"))
    return (Focusable(STOP, LEFT_AT, "buttons"),)


def _activate(state: State, thing: FocusId) -> Outcome:
    match thing:
        case "stop" | "close":
            return climb(state), ()
        case "skip":
            return skip(state)
        case "finish":
            return finish(state)
        case _:
            return state, REFUSED


PAGE: Final = Page(_things, _activate)
