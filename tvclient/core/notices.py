"""A calm word at the edge of the screen: help from afar, a USB stick, a full disk. Pure.

It never takes the focus and never covers a control or a caption. Where signing in needs the whole screen it waits; but
who sees the screen from afar is said there too, in one line.
The words themselves: `ui/widgets/notice.py`.
"""

from datetime import timedelta
from enum import StrEnum

import msgspec
from msgspec.structs import replace

from tvclient.core.geometry import HEIGHT, SAFE_X, SAFE_Y, WIDTH
from tvclient.core.screens import current_screen
from tvclient.core.state import Help, Screen, State, Stick

NOTICE_HEIGHT = 136
NOTICE_WIDTH = 980
LINE_HEIGHT = 76
PICTURED_FOR = timedelta(seconds=6)
_BELOW = HEIGHT - SAFE_Y - NOTICE_HEIGHT
_UNDER_THE_STRIP = 164


class Side(StrEnum):
    """From which margin the notice grows."""

    LEFT = "left"
    RIGHT = "right"


class Notice(msgspec.Struct, frozen=True):
    """What to say, and where: `x` is the margin it stands at, `y` its top, in design pixels.

    Attributes:
        stick: what is said of a stick; None where the disk is full.
        held_back: facts that wait in memory, since the disk is full.
        help: the help that lasts; before everything else.
        pictured: a picture of the screen was just taken from afar.
        in_one_line: there is room for one small line alone.
    """

    stick: Stick | None
    held_back: int
    side: Side
    x: int
    y: int
    help: Help | None = None
    pictured: bool = False
    in_one_line: bool = False


def notice(state: State) -> Notice | None:
    """What is said at the edge now: who looks on from afar first, then a full disk, then a stick."""
    if state.help is not None and state.help.agreed:
        return _from_afar(state, Notice(None, 0, Side.RIGHT, 0, 0, help=state.help))
    if state.pictured_at is not None and timedelta(0) <= state.now - state.pictured_at < PICTURED_FOR:
        return _from_afar(state, Notice(None, 0, Side.RIGHT, 0, 0, pictured=True))
    if not state.held_back and state.stick is None:
        return None
    stick = None if state.held_back else state.stick
    match current_screen(state):
        case Screen.TODAY | Screen.WEEK | Screen.STATION | Screen.QUIZ:
            return Notice(stick, state.held_back, Side.RIGHT, WIDTH - SAFE_X, SAFE_Y)
        case Screen.BROADCAST:
            return Notice(stick, state.held_back, Side.RIGHT, WIDTH - SAFE_X, _UNDER_THE_STRIP)
        case Screen.COUNTDOWN | Screen.AFTER:
            return Notice(stick, state.held_back, Side.RIGHT, WIDTH - SAFE_X, _BELOW)
        case _:
            return None


def _from_afar(state: State, said: Notice) -> Notice | None:
    """A word about somebody far away; under an alert the frame around the screen alone says it."""
    match current_screen(state):
        case Screen.TODAY | Screen.WEEK | Screen.STATION | Screen.QUIZ:
            return replace(said, x=WIDTH - SAFE_X, y=SAFE_Y)
        case Screen.BROADCAST:
            return replace(said, x=WIDTH - SAFE_X, y=_UNDER_THE_STRIP, in_one_line=True)
        case Screen.NAMES | Screen.SIGN_IN:
            return replace(said, x=WIDTH - SAFE_X, y=HEIGHT - SAFE_Y - LINE_HEIGHT, in_one_line=True)
        case Screen.COUNTDOWN | Screen.AFTER:
            return replace(said, x=WIDTH - SAFE_X, y=_BELOW)
        case _:
            return None
