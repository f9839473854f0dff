"""Today's programme: one large card, up to three beside it, and below them the ways to everything else.

Where there are notices or documents, or an answer that nobody has read, a quiet strip above the large card says so and
leads there; the card makes room for it.
"""

from typing import Final

from schedules.airings import AiringId
from tvclient.core.geometry import Focusable, FocusId, Rect
from tvclient.core.navigation import REFUSED, Outcome, go_home, open_above
from tvclient.core.notices import notice
from tvclient.core.pages.answers import not_opened
from tvclient.core.pages.ask import begin
from tvclient.core.pages.course import open_lesson_of
from tvclient.core.pages.documents import held, waiting
from tvclient.core.pages.notices import holding
from tvclient.core.pages.page import Page
from tvclient.core.screens import on_air, today_cards
from tvclient.core.state import Screen, State

NOTHING: Final = FocusId("nothing")
"""The large card of a day without airings."""
LARGE_CARD_AT: Final = Rect(96, 216, 874, 584)
SIDE_CARDS_AT: Final = tuple(Rect(1072, 216 + 204 * row, 752, 176) for row in range(3))
NOTICES: Final = FocusId("notices")
NOTICES_AT: Final = Rect(96, 156, 874, 58)
BELOW_NOTICES_AT: Final = Rect(96, 256, 874, 544)
"""Of the large card, where the strip stands above it."""
PLACES: Final[tuple[tuple[FocusId, Screen], ...]] = (
    (FocusId("week"), Screen.WEEK),
    (FocusId("library"), Screen.LIBRARY),
    (FocusId("market"), Screen.MARKET),
    (FocusId("ask"), Screen.ASK),
    (FocusId("station"), Screen.STATION),
    (FocusId("settings"), Screen.SETTINGS),
)
"""Buttons, from left to right, and the screens they open."""
PLACE_GAP: Final = 36
PLACE_WIDTH: Final = (1728 + PLACE_GAP) // len(PLACES) - PLACE_GAP
PLACES_AT: Final = tuple(
    Rect(96 + (PLACE_WIDTH + PLACE_GAP) * column, 910, PLACE_WIDTH, 104) for column in range(len(PLACES))
)
_AIRING: Final = "airing."


def card(airing: AiringId) -> FocusId:
    """The card of an airing; it keeps its name when it moves from the side to the large place."""
    return FocusId(_AIRING + airing)


def strip_shown(state: State) -> bool:
    """Whether there is a strip: a word at the edge of the screen has its place before it."""
    return bool(not_opened(state) or holding(state) or held(state)) and notice(state) is None


def strip_leads_to(state: State) -> Screen:
    """An answer comes first: somebody here waits for it; then a document that waits to be read, then notices."""
    if not_opened(state):
        return Screen.ANSWERS
    return Screen.DOCUMENTS if waiting(state) or not holding(state) else Screen.NOTICES


def _things(state: State) -> tuple[Focusable, ...]:
    places = tuple(Focusable(name, at, "places") for (name, _screen), at in zip(PLACES, PLACES_AT, strict=False))
    strip = (Focusable(NOTICES, NOTICES_AT, "notices"),) if strip_shown(state) else ()
    return _cards(state) + strip + places


def _cards(state: State) -> tuple[Focusable, ...]:
    airings = today_cards(state)
    large_at = BELOW_NOTICES_AT if strip_shown(state) else LARGE_CARD_AT
    if not airings:
        return (Focusable(NOTHING, large_at, "large"),)
    side = zip(airings[1:], SIDE_CARDS_AT, strict=False)
    return (
        Focusable(card(airings[0].id), large_at, "large"),
        *(Focusable(card(airing.id), at, "side") for airing, at in side),
    )


def _activate(state: State, thing: FocusId) -> Outcome:
    screen = strip_leads_to(state) if thing == NOTICES else dict(PLACES).get(thing)
    if screen is Screen.ASK:
        return begin(state)
    if screen is not None:
        return open_above(state, screen), ()
    airing = next((one for one in today_cards(state) if card(one.id) == thing), None)
    if airing is None:
        return state, REFUSED
    current = on_air(state)
    return (go_home(state) if current and current.id == airing.id else open_lesson_of(state, airing)), ()


PAGE: Final = Page(_things, _activate)
