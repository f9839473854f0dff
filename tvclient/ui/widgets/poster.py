"""A lesson's picture, cut to its place with rounded corners; where there is none, the subject's icon says so."""

from typing import Any

from kivy.graphics import Color, Rectangle, RoundedRectangle
from kivy.graphics.texture import Texture
from kivy.properties import BooleanProperty, ListProperty, ObjectProperty, StringProperty

from tvclient.ui.theme import COLOURS, theme
from tvclient.ui.widgets.icon import Icon
from tvclient.ui.widgets.placed import Placed

ICON_SHARE, ICON_MOST = 0.36, 150


class Poster(Placed):
    """Shows the poster of `package`, which `gallery` (`ui.posters.Posters`) brings when it has been read.

    Attributes:
        corners: radii in design pixels, clockwise from the top left.
        ground: colour behind the icon.
        bare: shows nothing where there is no picture.
    """

    package = StringProperty("")
    gallery = ObjectProperty(None, allownone=True)
    corners = ListProperty([20, 20, 20, 20])
    icon = StringProperty("book")
    bare = BooleanProperty(False)
    ground = StringProperty("ridge")

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        with self.canvas.before:
            self._ground = Color(*COLOURS["ridge"])
            self._area = RoundedRectangle(segments=20)
            self._tint = Color(1, 1, 1, 0)
            self._picture = Rectangle()
        self._icon = Icon(tone="straw")
        self.add_widget(self._icon)
        for name in ("package", "gallery", "corners", "pos", "size", "icon", "bare", "ground"):
            self.fbind(name, self.ask)
        self.ask()

    def ask(self, *_: object) -> None:
        """Show the picture, or ask for it; again when the package may have come meanwhile."""
        self._area.pos, self._area.size = self.pos, self.size
        self._area.radius = [max(corner * theme.unit, 0.1) for corner in self.corners]
        self._picture.pos, self._picture.size = self.pos, self.size
        size = (round(self.width), round(self.height))
        if self.gallery is None or not self.package or min(size) <= 0:
            self._show(None)
            return
        radii = tuple(round(corner * theme.unit) for corner in self.corners)
        asked = (self.package, size)
        self._show(
            self.gallery.picture(
                self.package, size, radii, lambda texture: self._show(texture) if asked == self._now() else None
            )
        )

    @property
    def shown(self) -> bool:
        """Whether the picture itself is there."""
        return bool(self._tint.a)

    def _now(self) -> tuple[str, tuple[int, int]]:
        return self.package, (round(self.width), round(self.height))

    def _show(self, texture: Texture | None) -> None:
        self._picture.texture = texture
        self._tint.a = 1 if texture else 0
        self._ground.rgba = COLOURS["" if texture or self.bare else self.ground]
        x, y, w, h = self.at
        side = min(h * ICON_SHARE, ICON_MOST)
        self._icon.at = [x + (w - side) / 2, y + (h - side) / 2, side, side]
        self._icon.glyph = "" if texture or self.bare else self.icon
