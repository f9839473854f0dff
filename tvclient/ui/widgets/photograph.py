"""A photograph of an answer, whole, as large as its place lets it be; nothing is there until it has been read."""

from typing import Any

from kivy.graphics import Color, Rectangle
from kivy.graphics.texture import Texture
from kivy.properties import ObjectProperty, StringProperty

from schedules.airings import PackageName
from tvclient.ui.widgets.placed import Placed


class Photograph(Placed):
    """Shows the photograph `sha256`, which `album` (`ui.photographs.Photographs`) brings when it has been read."""

    sha256 = StringProperty("")
    album = ObjectProperty(None, allownone=True)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        with self.canvas:
            self._tint = Color(1, 1, 1, 0)
            self._picture = Rectangle()
        for name in ("sha256", "album", "pos", "size"):
            self.fbind(name, self.ask)
        self.ask()

    def ask(self, *_: object) -> None:
        """Show the picture, or ask for it."""
        self._picture.pos, self._picture.size = self.pos, self.size
        wanted = (self.sha256, (round(self.width), round(self.height)))
        if self.album is None or not self.sha256 or min(wanted[1]) <= 0:
            self._show(None)
            return

        def ready(texture: Texture) -> None:
            if wanted == (self.sha256, (round(self.width), round(self.height))):
                self._show(texture)

        self._show(self.album.picture(PackageName(self.sha256), wanted[1], (), ready))

    @property
    def shown(self) -> bool:
        """Whether the picture itself is there."""
        return bool(self._tint.a)

    def _show(self, texture: Texture | None) -> None:
        self._picture.texture = texture
        self._tint.a = 1 if texture else 0
