"""A button: the screen's one primary action in lamp light, or a quiet one."""

from typing import Any

from kivy.properties import BooleanProperty, StringProperty

from tvclient.ui.theme import RADII, em_width, theme
from tvclient.ui.widgets.surface import ThingSurface
from tvclient.ui.widgets.words import Words

PADDING = 28
TIGHT = 0.72
"""Two lines in a button's height."""


class PushButton(ThingSurface):
    """Shows `text`; wraps to a second, smaller-set line before it would clip. What is `chosen` is a chip of paper."""

    text = StringProperty("")
    primary = BooleanProperty(False)
    role = StringProperty("button")
    rest = StringProperty("raised")
    chosen = BooleanProperty(False)

    def __init__(self, **kwargs: Any) -> None:
        self.words = Words(halign="center")
        super().__init__(**kwargs)
        self.corner = self.corner or RADII["button"]
        self.add_widget(self.words)
        for name in ("text", "primary", "role", "at", "focused", "rest", "chosen"):
            self.fbind(name, self._dress)
        theme.fbind("simple", self._dress)
        self._dress()

    def _dress(self, *_: object) -> None:
        nearer = {"field": "ridge", "ridge": "raised"}.get(self.rest, self.rest)
        self.fill = "lamp" if self.primary else "paper" if self.chosen else nearer if self.focused else self.rest
        self.words.tone = "lamp-ink" if self.primary else "ink" if self.chosen else "paper"
        self.words.role = self.role
        self.words.text = self.text
        x, y, w, h = self.at
        wraps = "\n" in self.text or em_width(self.text) * theme.size_of(self.role) > w - PADDING
        self.words.lines, self.words.line_height = (2, TIGHT) if wraps else (1, 1)
        self.words.at = [x + PADDING / 2, y, w - PADDING, h]
