"""The enrolment was ended: why, and a button that begins anew."""

from typing import Final

from msgspec.structs import replace

from tvclient.core.effects import EnrolAgain
from tvclient.core.geometry import Focusable, FocusId, Rect
from tvclient.core.navigation import Outcome
from tvclient.core.pages.page import Page
from tvclient.core.state import Enrolment, State

RECONNECT: Final = FocusId("reconnect")
RECONNECT_AT: Final = Rect(96, 910, 700, 104)


def _things(_state: State) -> tuple[Focusable, ...]:
    return (Focusable(RECONNECT, RECONNECT_AT, "buttons"),)


def _activate(state: State, _thing: FocusId) -> Outcome:
    return replace(state, enrolment=Enrolment()), (EnrolAgain(),)


PAGE: Final = Page(_things, _activate)
