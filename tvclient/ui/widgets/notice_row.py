"""A notice as a row of the list: what it is about, who tells it and since when, and whether it was opened."""

from typing import Any

from kivy.properties import BooleanProperty, StringProperty

from tvclient.ui.theme import RADII, em_width, fitting, theme
from tvclient.ui.widgets.icon import Icon
from tvclient.ui.widgets.surface import Surface, ThingSurface
from tvclient.ui.widgets.words import Words

_LEFT, _RIGHT = 96, 36
_CHIP = 56
_GAP = 26


class NoticeRow(ThingSurface):
    """One notice.

    Attributes:
        about: who tells it, and since when.
        word: whether it was opened; `opened` decides how it looks.
        chip: a word on paper before the title; empty for none.
        glyph: another icon than those of what was opened and what was not.
    """

    title = StringProperty("")
    about = StringProperty("")
    word = StringProperty("")
    chip = StringProperty("")
    glyph = StringProperty("")
    opened = BooleanProperty(False)

    def __init__(self, **kwargs: Any) -> None:
        self._icon = Icon()
        self._chip = Surface(fill="", corner=_CHIP / 2)
        self._chip_words = Words(role="meta", tone="ink", strong=True)
        self._title = Words(role="card")
        self._word = Words(role="small", strong=True)
        self._about = Words(role="small", tone="straw")
        super().__init__(corner=RADII["tile"], fill="field", **kwargs)
        for child in (self._icon, self._chip, self._title, self._word, self._about):
            self.add_widget(child)
        self._chip.add_widget(self._chip_words)
        for name in ("title", "about", "word", "chip", "glyph", "opened", "at", "focused"):
            self.fbind(name, self._dress)
        for words in (self._word, self._chip_words):
            words.fbind("natural_width", self._dress)
        theme.fbind("simple", self._dress)

    def _dress(self, *_: object) -> None:
        x, y, w, _h = self.at
        self.fill = "ridge" if self.focused else "field"
        tone = "straw" if self.opened else "paper"
        self._icon.glyph, self._icon.tone, self._icon.at = (
            self.glyph or ("check" if self.opened else "bell"),
            tone,
            [x + 32, y + 22, 44, 44],
        )
        left, room = x + _LEFT, w - _LEFT - _RIGHT
        chip = self._chip_words.natural_width + 44 if self.chip else 0
        self._chip.fill = "paper" if self.chip else ""
        self._chip.at = [left, y + 16, chip, _CHIP]
        self._chip_words.text, self._chip_words.at = self.chip, [left + 22, y + 16, 0, _CHIP - 2]
        after = chip + 20 if chip else 0
        self._title.role = fitting(self.title, room - after, "card", "small") or "small"
        self._title.strong = True
        self._title.text, self._title.tone = self.title, tone
        self._title.at = [left + after, y + 8, room - after, 72]
        self._word.text, self._word.tone = self.word, "straw" if self.opened else "dry"
        self._word.at = [left, y + 72, 0, 58]
        need = self._word.natural_width or em_width(self.word) * theme.size_of("small")
        self._about.text, self._about.at = self.about, [left + need + _GAP, y + 72, room - need - _GAP, 58]
