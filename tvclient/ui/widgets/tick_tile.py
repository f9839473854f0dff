"""A tile that can be ticked: a member who has signed in, a phrase that was said. The tick is a shape, not a colour."""

from typing import Any

from kivy.properties import BooleanProperty, StringProperty

from tvclient.ui.theme import RADII, em_width, theme
from tvclient.ui.widgets.icon import Icon
from tvclient.ui.widgets.surface import Surface, ThingSurface
from tvclient.ui.widgets.words import Words

_MARK, _MARK_X, _WORDS_X, _RIGHT = 56, 24, 96, 16


class TickTile(ThingSurface):
    """Shows `text`, below it `more` in small letters, and at the left whether it is `ticked`.

    Attributes:
        square: the mark is a box (something chosen) instead of a disc (somebody present).
    """

    text = StringProperty("")
    more = StringProperty("")
    role = StringProperty("name")
    ticked = BooleanProperty(False)
    square = BooleanProperty(False)

    def __init__(self, **kwargs: Any) -> None:
        self._mark = Surface(outline_width=4)
        self._tick = Icon(tone="tick-ink")
        self._words = Words(markup=False)
        self._more = Words(role="meta", tone="straw", markup=False)
        super().__init__(corner=RADII["tile"], **kwargs)
        for child in (self._mark, self._tick, self._words, self._more):
            self.add_widget(child)
        for name in ("text", "more", "role", "ticked", "square", "at", "focused"):
            self.fbind(name, self._dress)
        theme.fbind("simple", self._dress)
        self._dress()

    def _dress(self, *_: object) -> None:
        x, y, w, h = self.at
        self.fill = "sprout-deep" if self.ticked else "raised" if self.focused else "ridge"
        self._mark.corner = RADII["cap"] if self.square else _MARK / 2
        self._mark.at = [x + _MARK_X, y + (h - _MARK) / 2, _MARK, _MARK]
        self._mark.fill, self._mark.outline = ("sprout", "") if self.ticked else ("", "edge")
        self._tick.glyph, self._tick.at = "tick" if self.ticked else "", list(self._mark.at)
        room = w - _WORDS_X - _RIGHT
        self._words.role = self.role
        self._words.text = self.text
        fits = em_width(self.text) * theme.size_of(self.role) <= room
        self._words.lines, self._words.line_height = (1, 1) if fits or self.more else (2, 0.8)
        self._words.at = [x + _WORDS_X, y + (12 if self.more else 0), room, h - (64 if self.more else 0)]
        self._more.text, self._more.at = self.more, [x + _WORDS_X, y + h - 62, room, 48]
