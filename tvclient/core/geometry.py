"""The screen as the core knows it: rectangles in design pixels, things that can have the focus.

Design pixels are 1920x1080 with the origin at the top left, whatever the real screen is. The core places every
focusable thing (`pages/`), the UI draws it there, so reachability and safe areas are tested without a window.
"""

from enum import StrEnum
from typing import NewType

import msgspec

WIDTH, HEIGHT = 1920, 1080
SAFE_X, SAFE_Y = 96, 54

FocusId = NewType("FocusId", str)
"""Names one focusable thing on one screen, e.g. `sign_in`, `digit.7`, `airing.<id>`."""


class Rect(msgspec.Struct, frozen=True):
    """Left, top, width, height in design pixels."""

    x: int
    y: int
    w: int
    h: int


class Direction(StrEnum):
    """A move of the focus."""

    UP = "up"
    DOWN = "down"
    LEFT = "left"
    RIGHT = "right"


class Focusable(msgspec.Struct, frozen=True):
    """One thing that can have the focus. A region remembers its own last item (e.g. `keypad`, `buttons`)."""

    id: FocusId
    rect: Rect
    region: str
