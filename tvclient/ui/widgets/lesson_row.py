"""One lesson in the list of its course: its number, its title, and how far it was watched."""

from typing import Any

from kivy.properties import BooleanProperty, NumericProperty, StringProperty

from tvclient.ui.theme import RADII, em_width, theme
from tvclient.ui.widgets.icon import Icon
from tvclient.ui.widgets.surface import Surface, ThingSurface
from tvclient.ui.widgets.words import Words


class LessonRow(ThingSurface):
    """`share` of it was watched, from 0 to 1; below 0 there is no bar. What is not `there` is drawn quietly."""

    number = StringProperty("")
    title = StringProperty("")
    seen = BooleanProperty(False)
    there = BooleanProperty(True)
    share = NumericProperty(-1)

    def __init__(self, **kwargs: Any) -> None:
        self._number = Words(role="heading", tone="straw", halign="center")
        self._title = Words(role="button")
        self._icon = Icon()
        self._track, self._done = Surface(), Surface()
        super().__init__(corner=RADII["tile"], **kwargs)
        for child in (self._number, self._title, self._icon, self._track, self._done):
            self.add_widget(child)
        for name in ("number", "title", "seen", "there", "share", "at", "focused"):
            self.fbind(name, self._dress)
        theme.fbind("simple", self._dress)

    def _dress(self, *_: object) -> None:
        x, y, w, h = self.at
        self.fill = "raised" if self.focused else "ridge" if self.there else "field"
        self._number.text, self._number.at = self.number, [x + 16, y, 100, h]
        room = w - 116 - 84
        self._title.text, self._title.tone = self.title, "paper" if self.there else "straw"
        fits = em_width(self.title) * theme.size_of("button") <= room
        self._title.lines, self._title.line_height = (1, 1) if fits else (2, 0.8)
        self._title.at = [x + 116, y, room, h - (22 if self.share >= 0 else 0)]
        self._icon.glyph = "check" if self.seen else "" if self.there else "download"
        self._icon.tone = "sprout" if self.seen else "dry"
        self._icon.at = [x + w - 68, y + (h - 44) / 2, 44, 44]
        shown = self.share >= 0
        self._track.fill, self._done.fill = ("line", "paper") if shown else ("", "")
        self._track.at = [x + 116, y + h - 18, room, 6]
        self._done.at = [x + 116, y + h - 18, room * max(0, min(1, self.share)), 6]
