"""Where every focusable thing stands, in design pixels, for every screen. Pure; the UI draws at exactly these places.

Rectangles are at rest; a focused thing grows by a twentieth, away from the margin it stands at. Moves between
them: `focus.py`. What OK does on each: `keys.py`.
"""

from typing import Final, assert_never

from schedules.airings import AiringId
from tvclient.core.geometry import Focusable, FocusId, Rect
from tvclient.core.screens import controls_visible, current_screen, today_cards
from tvclient.core.state import NumberVerdict, Screen, State

CHECK: Final = FocusId("check")
SIGN_IN: Final = FocusId("sign_in")
TODAY: Final = FocusId("today")
DELETE: Final = FocusId("delete")
CONFIRM: Final = FocusId("confirm")
AGAIN: Final = FocusId("again")
ANSWER: Final = FocusId("answer")
NOTHING: Final = FocusId("nothing")
"""The large card of a day without airings."""

_DIGIT, _AIRING = "digit.", "airing."

CHECK_AT: Final = Rect(96, 910, 400, 104)
SIGN_IN_AT: Final = Rect(96, 910, 302, 104)
TODAY_AT: Final = Rect(452, 910, 352, 104)
OVER_SIGN_IN_AT: Final = Rect(96, 58, 302, 104)
OVER_TODAY_AT: Final = Rect(434, 58, 352, 104)
"""Over a lesson the buttons stand at the top, opposite the sign-in strip, so that captions stay free."""
CONFIRM_AT: Final = Rect(148, 748, 352, 104)
AGAIN_AT: Final = Rect(552, 748, 300, 104)
ANSWER_AT: Final = Rect(1224, 910, 600, 104)
LARGE_CARD_AT: Final = Rect(96, 198, 874, 651)
SIDE_CARDS_AT: Final = tuple(Rect(1072, 180 + 244 * row, 752, 204) for row in range(3))

_KEYPAD = (("1", "2", "3"), ("4", "5", "6"), ("7", "8", "9"), (None, "0", None))
_KEY_W, _KEY_H, _KEY_GAP_X, _KEY_GAP_Y = 252, 160, 30, 28
_KEYPAD_X, _KEYPAD_Y = 1008, 196


def digit(value: str) -> FocusId:
    """The keypad's key of one digit."""
    return FocusId(_DIGIT + value)


def digit_of(focus: FocusId) -> str | None:
    """The digit of a keypad's key; None for anything else."""
    return focus.removeprefix(_DIGIT) if focus.startswith(_DIGIT) else None


def card(airing: AiringId) -> FocusId:
    """The card of an airing; it keeps its name when it moves from the side to the large place."""
    return FocusId(_AIRING + airing)


def airing_of(focus: FocusId) -> AiringId | None:
    """The airing of a card; None for anything else."""
    return AiringId(focus.removeprefix(_AIRING)) if focus.startswith(_AIRING) else None


def focusables(state: State) -> tuple[Focusable, ...]:
    """Everything that can have the focus now, the one that has it at first in front.

    Empty only while a lesson fills the screen and its controls are hidden.
    """
    match current_screen(state):
        case Screen.ENROLMENT:
            return (Focusable(CHECK, CHECK_AT, "buttons"),)
        case Screen.COUNTDOWN | Screen.AFTER:
            return (Focusable(SIGN_IN, SIGN_IN_AT, "buttons"), Focusable(TODAY, TODAY_AT, "buttons"))
        case Screen.BROADCAST:
            if not controls_visible(state):
                return ()
            return (Focusable(SIGN_IN, OVER_SIGN_IN_AT, "buttons"), Focusable(TODAY, OVER_TODAY_AT, "buttons"))
        case Screen.TODAY:
            return _cards(state)
        case Screen.SIGN_IN:
            return _KEYS + (_ANSWERS if state.number.verdict in _ANSWERED else ())
        case Screen.ALERT:
            return (Focusable(ANSWER, ANSWER_AT, "buttons"),)
        case screen:
            assert_never(screen)


def _cards(state: State) -> tuple[Focusable, ...]:
    airings = today_cards(state)
    if not airings:
        return (Focusable(NOTHING, LARGE_CARD_AT, "large"),)
    side = zip(airings[1:], SIDE_CARDS_AT, strict=False)
    return (
        Focusable(card(airings[0].id), LARGE_CARD_AT, "large"),
        *(Focusable(card(airing.id), at, "side") for airing, at in side),
    )


def _key_at(column: int, row: int) -> Rect:
    return Rect(_KEYPAD_X + column * (_KEY_W + _KEY_GAP_X), _KEYPAD_Y + row * (_KEY_H + _KEY_GAP_Y), _KEY_W, _KEY_H)


_KEYS = (
    *(
        Focusable(digit(value), _key_at(column, row), "keypad")
        for row, values in enumerate(_KEYPAD)
        for column, value in enumerate(values)
        if value is not None
    ),
    Focusable(DELETE, _key_at(2, 3), "keypad"),
)
_ANSWERS = (Focusable(CONFIRM, CONFIRM_AT, "answers"), Focusable(AGAIN, AGAIN_AT, "answers"))
_ANSWERED = (NumberVerdict.FOUND, NumberVerdict.ALREADY)
