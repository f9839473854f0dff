"""A warning above everything: one button says that it was read."""

from typing import Final

from tvclient.core.alerts import answer
from tvclient.core.geometry import Focusable, FocusId, Rect
from tvclient.core.navigation import Outcome
from tvclient.core.pages.page import Page
from tvclient.core.state import State

ANSWER: Final = FocusId("answer")
ANSWER_AT: Final = Rect(1224, 910, 600, 104)


def _things(_state: State) -> tuple[Focusable, ...]:
    return (Focusable(ANSWER, ANSWER_AT, "buttons"),)


def _activate(state: State, _thing: FocusId) -> Outcome:
    return answer(state)


PAGE: Final = Page(_things, _activate)
