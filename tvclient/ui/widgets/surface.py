"""A filled, rounded area; nearness is lightness, so there is no shadow and seldom a border."""

from typing import Any

from kivy.graphics import Color, InstructionGroup, SmoothLine, SmoothRoundedRectangle
from kivy.properties import NumericProperty, StringProperty

from tvclient.ui.theme import COLOURS, theme
from tvclient.ui.widgets.placed import Placed, Thing

SEGMENTS = 20


class Surface(Placed):
    """Fills itself with `fill`; `outline` draws a border of `outline_width` design pixels inside the edge."""

    fill = StringProperty("")
    outline = StringProperty("")
    outline_width = NumericProperty(3)
    corner = NumericProperty(0)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._fill, self._area = Color(0, 0, 0, 0), SmoothRoundedRectangle(segments=SEGMENTS)
        self._filled = False
        with self.canvas.before:
            self._ground = InstructionGroup()
            self._stroke = Color(0, 0, 0, 0)
            self._border = SmoothLine(width=1)
        for name in ("fill", "outline", "outline_width", "corner", "pos", "size", "opacity"):
            self.fbind(name, self._paint)
        self._paint()

    def _paint(self, *_: object) -> None:
        unit = theme.unit
        radius = min(self.corner * unit, min(self.size) / 2)
        filled = bool(self.fill and self.opacity)
        if self._filled != filled:  # a clear area would be drawn like any other, for nothing
            self._filled = filled
            self._ground.clear()
            for each in (self._fill, self._area) if self._filled else ():
                self._ground.add(each)
        self._fill.rgba = COLOURS[self.fill]
        self._area.pos, self._area.size = self.pos, self.size
        self._area.radius = [max(radius, 0.1)] * 4
        self._stroke.rgba = COLOURS[self.outline]
        if self.outline:
            width = self.outline_width * unit
            inset = width / 2
            self._border.width = max(width / 2, 0.6)
            self._border.rounded_rectangle = (
                self.x + inset,
                self.y + inset,
                self.width - width,
                self.height - width,
                max(radius - inset, 1),
                SEGMENTS,
            )


class ThingSurface(Surface, Thing):
    """A surface that can have the focus."""
