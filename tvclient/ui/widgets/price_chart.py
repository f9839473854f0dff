"""Thirty days of a price as a line: what is known is joined, the last day is a dot. Its numbers stand beside it."""

from collections.abc import Sequence
from typing import Any

from kivy.graphics import Color, Ellipse, SmoothLine
from kivy.properties import ListProperty

from tvclient.ui.theme import COLOURS, theme
from tvclient.ui.widgets.placed import Placed

LINE, DOT = 6, 22


def points_of(days: Sequence[int | None]) -> list[tuple[float, float]]:
    """Where the known days stand: from 0 to 1, rightwards and upwards; a price that never moves in the middle."""
    known = [(place, cents) for place, cents in enumerate(days) if cents is not None]
    if not known:
        return []
    low, high = min(cents for _place, cents in known), max(cents for _place, cents in known)
    last = max(1, len(days) - 1)
    return [(place / last, (cents - low) / (high - low) if high > low else 0.5) for place, cents in known]


class PriceChart(Placed):
    """Draws `days`, prices in cents or None, over its whole rectangle; nothing where there are none."""

    days = ListProperty([])

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        with self.canvas:
            self._ground = Color(0, 0, 0, 0)
            self._low, self._high = SmoothLine(width=1), SmoothLine(width=1)
            self._colour = Color(0, 0, 0, 0)
            self._line, self._dot = SmoothLine(width=1, joint="round", cap="round"), Ellipse()
        for name in ("days", "pos", "size"):
            self.fbind(name, self._draw)
        self._draw()

    def _draw(self, *_: object) -> None:
        points, unit = points_of(self.days), theme.unit
        self._colour.rgba = COLOURS["water"] if points else COLOURS[""]
        self._ground.rgba = COLOURS["line"] if points else COLOURS[""]
        self._line.points = self._low.points = self._high.points = []
        self._dot.size = (0, 0)
        if not points:
            return
        placed = [(self.x + x * self.width, self.y + y * self.height) for x, y in points]
        self._low.points = [self.x, self.y, self.right, self.y]
        self._high.points = [self.x, self.top, self.right, self.top]
        self._line.width = LINE * unit / 2
        if len(placed) > 1:
            self._line.points = [one for point in placed for one in point]
        side = DOT * unit
        self._dot.size, self._dot.pos = (side, side), (placed[-1][0] - side / 2, placed[-1][1] - side / 2)
