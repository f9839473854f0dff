"""First boot: the code on the screen, and a button that asks the server again."""

from typing import Final

from tvclient.core.effects import CheckEnrolment
from tvclient.core.geometry import Focusable, FocusId, Rect
from tvclient.core.navigation import Outcome
from tvclient.core.pages.page import Page
from tvclient.core.state import State

CHECK: Final = FocusId("check")
CHECK_AT: Final = Rect(96, 910, 400, 104)


def _things(_state: State) -> tuple[Focusable, ...]:
    return (Focusable(CHECK, CHECK_AT, "buttons"),)


def _activate(state: State, _thing: FocusId) -> Outcome:
    return state, (CheckEnrolment(),)


PAGE: Final = Page(_things, _activate)
