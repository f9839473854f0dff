"""Sign-in by number: the pad on the screen, and the answer to a number that was found."""

from typing import Final

from tvclient.core.geometry import Focusable, FocusId, Rect
from tvclient.core.navigation import REFUSED, Outcome
from tvclient.core.pages.page import Page
from tvclient.core.signing_in import CONFIRM, confirm, delete_digit, start_again, type_digits
from tvclient.core.state import NumberVerdict, State

DELETE: Final = FocusId("delete")
AGAIN: Final = FocusId("again")
CONFIRM_AT: Final = Rect(148, 748, 352, 104)
AGAIN_AT: Final = Rect(552, 748, 300, 104)

_DIGIT: Final = "digit."
_KEYPAD: Final = (("1", "2", "3"), ("4", "5", "6"), ("7", "8", "9"), (None, "0", None))
_KEY_W, _KEY_H, _KEY_GAP_X, _KEY_GAP_Y = 252, 160, 30, 28
_KEYPAD_X, _KEYPAD_Y = 1008, 196


def digit(value: str) -> FocusId:
    """The keypad's key of one digit."""
    return FocusId(_DIGIT + value)


def _things(state: State) -> tuple[Focusable, ...]:
    return _KEYS + (_ANSWERS if state.number.verdict in _ANSWERED else ())


def _activate(state: State, thing: FocusId) -> Outcome:
    if thing.startswith(_DIGIT):
        return type_digits(state, thing.removeprefix(_DIGIT))
    match thing:
        case "delete":
            return delete_digit(state)
        case "confirm":
            return confirm(state)
        case "again":
            return start_again(state)
        case _:
            return state, REFUSED


def _key_at(column: int, row: int) -> Rect:
    return Rect(_KEYPAD_X + column * (_KEY_W + _KEY_GAP_X), _KEYPAD_Y + row * (_KEY_H + _KEY_GAP_Y), _KEY_W, _KEY_H)


_KEYS: Final = (
    *(
        Focusable(digit(value), _key_at(column, row), "keypad")
        for row, values in enumerate(_KEYPAD)
        for column, value in enumerate(values)
        if value is not None
    ),
    Focusable(DELETE, _key_at(2, 3), "keypad"),
)
_ANSWERS: Final = (Focusable(CONFIRM, CONFIRM_AT, "answers"), Focusable(AGAIN, AGAIN_AT, "answers"))
_ANSWERED: Final = (NumberVerdict.FOUND, NumberVerdict.ALREADY)
PAGE: Final = Page(_things, _activate)
