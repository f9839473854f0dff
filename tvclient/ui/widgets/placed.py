"""Where things stand: a rectangle in design pixels from the top left becomes Kivy's position and size.

`Thing` adds what everything with a focus has: it grows when the focus is on it, inward at the safe area's edge.
"""

from typing import Any

from kivy.graphics import PopMatrix, PushMatrix, Scale
from kivy.properties import BooleanProperty, ListProperty, NumericProperty, StringProperty
from kivy.uix.widget import Widget

from tvclient.core.geometry import HEIGHT, SAFE_X, SAFE_Y, WIDTH, Rect
from tvclient.ui.theme import GROWN, theme


class Placed(Widget):
    """Stands at `at` (left, top, width, height in design pixels), whatever the window's size."""

    at = ListProperty([0, 0, 0, 0])

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        for name in ("unit", "left", "bottom", "simple"):
            theme.fbind(name, self.place)
        self.fbind("at", self.place)
        self.place()

    def place(self, *_: object) -> None:
        """Take position and size from `at` and the theme."""
        x, y, w, h = self.at
        unit = theme.unit
        self.size = (w * unit, h * unit)
        self.pos = (theme.left + x * unit, theme.bottom + (HEIGHT - y - h) * unit)


def grown(rect: Rect, factor: float = GROWN) -> tuple[float, float, float, float]:
    """The rectangle of a thing in focus: larger, but never past the safe area; at its edge it grows inward."""
    w, h = rect.w * factor, rect.h * factor
    x = _grown_start(rect.x, rect.w, w, SAFE_X, WIDTH - SAFE_X)
    y = _grown_start(rect.y, rect.h, h, SAFE_Y, HEIGHT - SAFE_Y)
    return x, y, w, h


def _grown_start(start: float, length: float, longer: float, low: float, high: float) -> float:
    centred = start - (longer - length) / 2
    if centred < low <= start:
        return low
    if centred + longer > high >= start + length:
        return high - longer
    return centred


class Thing(Placed):
    """Something that can have the focus.

    Attributes:
        focus_id: the core's name for it; the stage gives it the rectangle that the core says.
        focused: whether the focus is here.
        spoken: what is read aloud of it where its own words do not say it.
        growth: from 0 at rest to 1 in focus.
        corner: its radius in design pixels.
    """

    focus_id = StringProperty("")
    focused = BooleanProperty(False)
    spoken = StringProperty("")
    growth = NumericProperty(0.0)
    corner = NumericProperty(0)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        with self.canvas.before:
            PushMatrix()
            self._scale = Scale(1, 1, 1)
        with self.canvas.after:
            PopMatrix()
        self.fbind("growth", self._grow)
        self.fbind("opacity", self._grow)
        self._grow()

    def place(self, *_: object) -> None:
        """As every placed widget; the growth goes along."""
        super().place()
        if hasattr(self, "_scale"):
            self._grow()

    def _grow(self, *_: object) -> None:
        factor = 1 + (GROWN - 1) * self.growth
        x, y, w, h = self.at
        if not w or not h:
            return
        gx, gy, gw, gh = grown(Rect(x, y, w, h), factor)
        fx = (x - gx) / (gw - w) if gw > w else 0.5
        fy = (y - gy) / (gh - h) if gh > h else 0.5
        self._scale.origin = (self.x + self.width * fx, self.y + self.height * (1 - fy))
        if not self.opacity:  # what is clear would be drawn all the same; what has no size is not
            factor = 0
        self._scale.xyz = (factor, factor, 1)
