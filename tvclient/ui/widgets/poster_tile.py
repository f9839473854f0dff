"""A poster that can have the focus, and below it what it is; only the picture grows."""

from typing import Any

from kivy.properties import ObjectProperty, StringProperty

from tvclient.ui.theme import RADII, em_width, fitting, theme
from tvclient.ui.widgets.icon import Icon
from tvclient.ui.widgets.placed import Placed
from tvclient.ui.widgets.poster import Poster
from tvclient.ui.widgets.surface import ThingSurface
from tvclient.ui.widgets.words import Words


class PosterTile(ThingSurface):
    """The picture alone."""

    gallery = ObjectProperty(None, allownone=True)
    package = StringProperty("")

    def __init__(self, **kwargs: Any) -> None:
        radius = RADII["poster"]
        self._poster = Poster(corners=[radius] * 4)
        super().__init__(corner=radius, **kwargs)
        self.add_widget(self._poster)
        for name in ("gallery", "package", "at", "focused"):
            self.fbind(name, self._dress)

    def _dress(self, *_: object) -> None:
        self._poster.gallery, self._poster.package = self.gallery, self.package
        self._poster.ground = "raised" if self.focused else "ridge"
        self._poster.at = list(self.at)


class Legend(Placed):
    """Below a poster `text`, smaller and on two lines where it is long, and `more` with a tick where all was seen."""

    text = StringProperty("")
    more = StringProperty("")
    glyph = StringProperty("")

    def __init__(self, **kwargs: Any) -> None:
        self._words = Words(role="small", strong=True)
        self._more = Words(role="meta", tone="straw")
        self._icon = Icon(tone="sprout")
        super().__init__(**kwargs)
        for child in (self._words, self._more, self._icon):
            self.add_widget(child)
        for name in ("text", "more", "glyph", "at"):
            self.fbind(name, self._dress)
        theme.fbind("simple", self._dress)
        self._dress()

    def _dress(self, *_: object) -> None:
        x, y, w, _h = self.at
        fits = fitting(self.text, w, "small", "meta")
        self._words.lines, self._words.line_height = (1, 1) if fits else (2, 0.85)
        self._words.role = fits or "meta"
        self._words.text, self._words.at = self.text, [x, y, w, 58 if fits else 92]
        y += 0 if fits else 32
        self._more.text, self._more.at = self.more, [x, y + 56, w, 52]
        wide = min(w - 44, em_width(self.more) * theme.size_of("meta"))
        self._icon.glyph, self._icon.at = self.glyph, [x + wide + 14, y + 65, 34, 34]
