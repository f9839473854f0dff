"""Night that fades away to the right, so that words beside a picture stand on a calm ground."""

from typing import Any

from kivy.graphics import Color, Rectangle
from kivy.graphics.texture import Texture

from tvclient.ui.theme import COLOURS
from tvclient.ui.widgets.placed import Placed

STEPS = 256


def _fade() -> Texture:
    texture = Texture.create(size=(STEPS, 1), colorfmt="rgba")
    shades = (1 - step / (STEPS - 1) for step in range(STEPS))
    eased = (shade * shade * (3 - 2 * shade) for shade in shades)
    pixels = b"".join(bytes((255, 255, 255, round(shade * 255))) for shade in eased)
    texture.blit_buffer(pixels, colorfmt="rgba", bufferfmt="ubyte")
    return texture


class Scrim(Placed):
    """Full night at its left edge, nothing at its right."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        with self.canvas:
            Color(*COLOURS["night"])
            self._rectangle = Rectangle(texture=_fade())
        self.fbind("pos", self._draw)
        self.fbind("size", self._draw)
        self._draw()

    def _draw(self, *_: object) -> None:
        self._rectangle.pos, self._rectangle.size = self.pos, self.size
