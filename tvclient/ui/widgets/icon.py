"""One icon in one colour."""

from typing import Any

from kivy.graphics import Color, Rectangle
from kivy.properties import StringProperty

from tvclient.ui.icons import icon
from tvclient.ui.theme import COLOURS
from tvclient.ui.widgets.placed import Placed


class Icon(Placed):
    """Shows the icon called `glyph` in the colour `tone`; nothing where `glyph` is empty."""

    glyph = StringProperty("")
    tone = StringProperty("straw")

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        with self.canvas:
            self._colour = Color(1, 1, 1, 0)
            self._rectangle = Rectangle()
        for name in ("glyph", "tone", "pos", "size"):
            self.fbind(name, self._draw)
        self._draw()

    def _draw(self, *_: object) -> None:
        size = round(self.width)
        shown = bool(self.glyph and size > 0)
        self._colour.rgba = COLOURS[self.tone] if shown else COLOURS[""]
        if shown:
            self._rectangle.texture = icon(self.glyph, size)
            self._rectangle.pos = (round(self.x), round(self.y))
            self._rectangle.size = (size, size)
