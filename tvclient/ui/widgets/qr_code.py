"""A QR code, drawn one texel for each module so that any camera reads its edges."""

from typing import Any

import segno
from kivy.graphics import Color, Rectangle
from kivy.graphics.texture import Texture
from kivy.properties import StringProperty

from tvclient.ui.theme import COLOURS
from tvclient.ui.widgets.placed import Placed


class QrCode(Placed):
    """Shows `content` (an address) in ink on whatever is behind it; the quiet zone is the caller's."""

    content = StringProperty("")

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        with self.canvas:
            self._colour = Color(*COLOURS[""])
            self._rectangle = Rectangle()
        self.fbind("content", self._encode)
        self.fbind("pos", self._draw)
        self.fbind("size", self._draw)
        self._encode()

    def _encode(self, *_: object) -> None:
        if not self.content:
            self._colour.rgba = COLOURS[""]
            return
        rows = [bytes(row) for row in segno.make_qr(self.content, error="m").matrix]
        pixels = b"".join(
            b"\xff\xff\xff\xff" if dark else b"\xff\xff\xff\x00" for row in reversed(rows) for dark in row
        )
        texture = Texture.create(size=(len(rows[0]), len(rows)), colorfmt="rgba")
        texture.mag_filter = texture.min_filter = "nearest"
        texture.blit_buffer(pixels, colorfmt="rgba", bufferfmt="ubyte")
        self._rectangle.texture = texture
        self._colour.rgba = COLOURS["ink"]
        self._draw()

    def _draw(self, *_: object) -> None:
        self._rectangle.pos, self._rectangle.size = self.pos, self.size
