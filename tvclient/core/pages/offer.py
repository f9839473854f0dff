"""One entry of the bulletin in large letters; Back leads to the list again, a second button to the next entry."""

from typing import Final

from tvclient.core.geometry import Focusable, FocusId, Rect
from tvclient.core.navigation import REFUSED, Outcome, climb
from tvclient.core.pages import market
from tvclient.core.pages.page import Page
from tvclient.core.state import State

BACK: Final = FocusId("back")
NEXT: Final = FocusId("next")
BACK_AT: Final = Rect(1404, 910, 420, 104)
NEXT_AT: Final = Rect(948, 910, 420, 104)


def _things(state: State) -> tuple[Focusable, ...]:
    more = (Focusable(NEXT, NEXT_AT, "buttons"),) if market.offer_after(state) else ()
    return (Focusable(BACK, BACK_AT, "buttons"), *more)


def _activate(state: State, thing: FocusId) -> Outcome:
    if thing == BACK:
        return climb(state), ()
    following = market.offer_after(state)
    return (market.turned_to(state, following), ()) if following else (state, REFUSED)


PAGE: Final = Page(_things, _activate)
