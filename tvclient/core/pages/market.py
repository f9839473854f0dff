"""Prices and the bulletin: two lists behind two tabs; what has the focus says which, and on which page of it.

Everything comes from the paper that the box has stored (`core/papers.py`), so it is there without a line. An entry of
the bulletin that is over is not shown, whatever the paper says. What the entry itself looks like: `offer.py`.
"""

from typing import Final

from msgspec.structs import replace

from schedules.wire.messages import OfferCard, PriceLine
from tvclient.core.geometry import Direction, Focusable, FocusId, Rect
from tvclient.core.navigation import REFUSED, Outcome, open_above
from tvclient.core.pages.page import Page
from tvclient.core.state import Screen, State

ROWS: Final = 5
PRICES_AT: Final = tuple(Rect(96, 216 + row * 154, 1044, 126) for row in range(ROWS))
OFFERS_AT: Final = tuple(Rect(96, 216 + row * 154, 1640, 126) for row in range(ROWS))
PRICES: Final = FocusId("tab.prices")
OFFERS: Final = FocusId("tab.offers")
TABS_AT: Final = (Rect(600, 58, 340, 96), Rect(976, 58, 340, 96))
_PRICE, _OFFER = "price.", "offer."
_ROWS, _TABS = "rows", "tabs"


def price_row(line: PriceLine) -> FocusId:
    """The row of a price."""
    return FocusId(f"{_PRICE}{line.market}.{line.commodity}")


def offer_row(offer: OfferCard) -> FocusId:
    """The row of an entry of the bulletin."""
    return FocusId(_OFFER + offer.id)


def prices(state: State) -> tuple[PriceLine, ...]:
    """Every price of the paper, each commodity of a market once."""
    return tuple({price_row(line): line for line in state.papers.market.prices}.values())


def offers(state: State) -> tuple[OfferCard, ...]:
    """The entries that are not over, each once."""
    return tuple({one.id: one for one in state.papers.market.offers if one.until > state.now}.values())


def shows_offers(state: State) -> bool:
    """Whether the bulletin is on the screen: it has the focus, or there are no prices."""
    focus = state.focus.get(Screen.MARKET, "")
    if focus.startswith(_OFFER) or focus == OFFERS:
        return True
    return not focus and not prices(state) and bool(offers(state))


def pages(count: int) -> int:
    """How many pages so many rows take; one at least."""
    return max(1, -(-count // ROWS))


def page_shown(state: State) -> int:
    """Which page of the list is shown, from 0."""
    return _place(state) // ROWS


def prices_shown(state: State) -> tuple[PriceLine, ...]:
    """The prices on the page that is shown."""
    return () if shows_offers(state) else prices(state)[page_shown(state) * ROWS :][:ROWS]


def offers_shown(state: State) -> tuple[OfferCard, ...]:
    """The entries on the page that is shown."""
    return offers(state)[page_shown(state) * ROWS :][:ROWS] if shows_offers(state) else ()


def price_chosen(state: State) -> PriceLine | None:
    """The price whose thirty days are drawn: the one that has the focus, or had it last."""
    every = prices(state)
    return every[_place(state)] if every and not shows_offers(state) else None


def offer_chosen(state: State) -> OfferCard | None:
    """The entry that is opened; None when it is over meanwhile."""
    last = _last(state)
    return next((one for one in offers(state) if offer_row(one) == last), None)


def offer_after(state: State) -> OfferCard | None:
    """The entry below the one that is opened; from the last one on the first."""
    every, here = offers(state), offer_chosen(state)
    if here is None or len(every) < 2:
        return None
    return every[(every.index(here) + 1) % len(every)]


def opened(state: State, offer: OfferCard) -> State:
    """An entry in large letters; Back leads to its row."""
    below = _focused_on(state, offer_row(offer))
    return open_above(below, Screen.OFFER)


def turned_to(state: State, offer: OfferCard) -> State:
    """Another entry in the place of the opened one."""
    return _focused_on(state, offer_row(offer))


def _things(state: State) -> tuple[Focusable, ...]:
    """The rows first, since they are what one came for; without any, the tabs."""
    bulletin = shows_offers(state)
    places, ids = (OFFERS_AT if bulletin else PRICES_AT), _page(state)
    chosen = _last(state)
    rows = [Focusable(one, at, _ROWS) for one, at in zip(ids, places, strict=False)]
    rows.sort(key=lambda thing: thing.id != chosen)
    names = (OFFERS, PRICES) if bulletin else (PRICES, OFFERS)
    at = dict(zip((PRICES, OFFERS), TABS_AT, strict=True))
    return (*rows, *(Focusable(name, at[name], _TABS) for name in names))


def _activate(state: State, thing: FocusId) -> Outcome:
    offer = next((one for one in offers_shown(state) if offer_row(one) == thing), None)
    if offer is not None:
        return opened(state, offer), ()
    if thing in (PRICES, OFFERS) and _page(state):
        return _focused_on(state, _every(state)[_place(state)]), ()
    return state, REFUSED


def _arrived(state: State, thing: FocusId) -> State:
    """A tab shows its list from the top."""
    last = state.remembered.get((Screen.MARKET, _ROWS), "")
    other = _PRICE if thing == OFFERS else _OFFER if thing == PRICES else None
    if other is None or not last.startswith(other):
        return state
    remembered = {place: known for place, known in state.remembered.items() if place != (Screen.MARKET, _ROWS)}
    return replace(state, remembered=remembered)


def _beyond(state: State, direction: Direction) -> State | None:
    """Beyond the last row is the next page, beyond the first the one before, above them all the tab."""
    every, focus = _every(state), state.focus.get(Screen.MARKET)
    things = _things(state)
    here = focus if focus in {thing.id for thing in things} else things[0].id
    if here not in every or direction not in (Direction.UP, Direction.DOWN):
        return None
    there = every.index(here) + (1 if direction is Direction.DOWN else -1)
    if there < 0:
        return _to_tab(_focused_on(state, here))
    return _focused_on(state, every[there]) if there < len(every) else None


def _to_tab(state: State) -> State:
    tab = OFFERS if shows_offers(state) else PRICES
    return replace(state, focus={**state.focus, Screen.MARKET: tab})


def _every(state: State) -> tuple[FocusId, ...]:
    """The rows of the list that is shown, on all of its pages."""
    return tuple(map(offer_row, offers(state))) if shows_offers(state) else tuple(map(price_row, prices(state)))


def _page(state: State) -> tuple[FocusId, ...]:
    return _every(state)[page_shown(state) * ROWS :][:ROWS]


def _place(state: State) -> int:
    """Of the row that had the focus last; 0 where none had."""
    every, last = _every(state), _last(state)
    return every.index(last) if last in every else 0


def _last(state: State) -> FocusId | None:
    """The row that has the focus, or had it last."""
    focus = state.focus.get(Screen.MARKET)
    if focus and focus.startswith((_PRICE, _OFFER)):
        return focus
    return state.remembered.get((Screen.MARKET, _ROWS))


def _focused_on(state: State, row: FocusId) -> State:
    remembered = {**state.remembered, (Screen.MARKET, _ROWS): row}
    return replace(state, focus={**state.focus, Screen.MARKET: row}, remembered=remembered)


PAGE: Final = Page(_things, _activate, _arrived, _beyond, columns=frozenset({_ROWS}))
