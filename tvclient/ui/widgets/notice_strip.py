"""The quiet strip above today's programme: how many notices there are, and what the first one is about."""

from typing import Any

from kivy.properties import BooleanProperty, StringProperty

from tvclient.ui.widgets.icon import Icon
from tvclient.ui.widgets.surface import ThingSurface
from tvclient.ui.widgets.words import Words

_ICON = 40


class NoticeStrip(ThingSurface):
    """One line in a rounded field; `calm` when everything in it was opened."""

    text = StringProperty("")
    calm = BooleanProperty(False)

    def __init__(self, **kwargs: Any) -> None:
        self._icon = Icon(glyph="bell")
        self._words = Words(role="small")
        self._on = Icon(glyph="do", tone="straw")
        super().__init__(corner=29, fill="field", **kwargs)
        for child in (self._icon, self._words, self._on):
            self.add_widget(child)
        for name in ("text", "calm", "at", "focused"):
            self.fbind(name, self._dress)

    def _dress(self, *_: object) -> None:
        x, y, w, h = self.at
        self.fill = "ridge" if self.focused else "field"
        tone = "straw" if self.calm else "paper"
        self._icon.tone, self._icon.at = tone, [x + 26, y + (h - _ICON) / 2, _ICON, _ICON]
        self._words.text, self._words.tone, self._words.at = self.text, tone, [x + 82, y, w - 82 - 78, h - 2]
        self._on.at = [x + w - 26 - _ICON, y + (h - _ICON) / 2, _ICON, _ICON]
