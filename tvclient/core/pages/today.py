"""Today's programme: one large card, up to three beside it, and below them the ways to everything else."""

from typing import Final

from schedules.airings import AiringId
from tvclient.core.geometry import Focusable, FocusId, Rect
from tvclient.core.navigation import REFUSED, Outcome, go_home, open_above
from tvclient.core.pages.course import open_lesson_of
from tvclient.core.pages.page import Page
from tvclient.core.screens import on_air, today_cards
from tvclient.core.state import Screen, State

NOTHING: Final = FocusId("nothing")
"""The large card of a day without airings."""
LARGE_CARD_AT: Final = Rect(96, 216, 874, 584)
SIDE_CARDS_AT: Final = tuple(Rect(1072, 216 + 204 * row, 752, 176) for row in range(3))
PLACES: Final[tuple[tuple[FocusId, Screen], ...]] = (
    (FocusId("week"), Screen.WEEK),
    (FocusId("library"), Screen.LIBRARY),
    (FocusId("station"), Screen.STATION),
    (FocusId("settings"), Screen.SETTINGS),
)
"""Buttons, from left to right, and the screens they open."""
PLACES_AT: Final = tuple(Rect(96 + 444 * column, 910, 396, 104) for column in range(4))
_AIRING: Final = "airing."


def card(airing: AiringId) -> FocusId:
    """The card of an airing; it keeps its name when it moves from the side to the large place."""
    return FocusId(_AIRING + airing)


def _things(state: State) -> tuple[Focusable, ...]:
    places = tuple(Focusable(name, at, "places") for (name, _screen), at in zip(PLACES, PLACES_AT, strict=False))
    return _cards(state) + places


def _cards(state: State) -> tuple[Focusable, ...]:
    airings = today_cards(state)
    if not airings:
        return (Focusable(NOTHING, LARGE_CARD_AT, "large"),)
    side = zip(airings[1:], SIDE_CARDS_AT, strict=False)
    return (
        Focusable(card(airings[0].id), LARGE_CARD_AT, "large"),
        *(Focusable(card(airing.id), at, "side") for airing, at in side),
    )


def _activate(state: State, thing: FocusId) -> Outcome:
    screen = dict(PLACES).get(thing)
    if screen is not None:
        return open_above(state, screen), ()
    airing = next((one for one in today_cards(state) if card(one.id) == thing), None)
    if airing is None:
        return state, REFUSED
    current = on_air(state)
    return (go_home(state) if current and current.id == airing.id else open_lesson_of(state, airing)), ()


PAGE: Final = Page(_things, _activate)
