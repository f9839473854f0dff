"""One place of a number that is being typed: filled, next, or still to come."""

from typing import Any

from kivy.properties import BooleanProperty, StringProperty

from tvclient.ui.theme import RADII
from tvclient.ui.widgets.surface import Surface
from tvclient.ui.widgets.words import Words


class DigitBox(Surface):
    """Shows `digit`; `waiting` marks the place where the next one goes."""

    digit = StringProperty("")
    waiting = BooleanProperty(False)

    def __init__(self, **kwargs: Any) -> None:
        self.words = Words(halign="center", role="digit")
        super().__init__(corner=RADII["digit"], outline_width=4, **kwargs)
        self.add_widget(self.words)
        for name in ("digit", "waiting", "at"):
            self.fbind(name, self._dress)
        self._dress()

    def _dress(self, *_: object) -> None:
        self.fill = "ridge" if self.digit else ""
        self.outline = "" if self.digit else "straw" if self.waiting else "line"
        self.words.text = self.digit
        self.words.at = list(self.at)
