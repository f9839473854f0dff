"""A setting as a wide button: what it is at the left, its present value at the right."""

from typing import Any

from kivy.properties import StringProperty

from tvclient.ui.theme import RADII
from tvclient.ui.widgets.surface import ThingSurface
from tvclient.ui.widgets.words import Words

_PADDING = 32


class ChoiceRow(ThingSurface):
    """Shows `text` and, where there is one, `value`."""

    text = StringProperty("")
    value = StringProperty("")

    def __init__(self, **kwargs: Any) -> None:
        self._words, self._value = Words(role="button"), Words(role="button", tone="straw", halign="right")
        super().__init__(corner=RADII["button"], **kwargs)
        for child in (self._words, self._value):
            self.add_widget(child)
        for name in ("text", "value", "at", "focused"):
            self.fbind(name, self._dress)
        self._words.fbind("natural_width", self._dress)
        self._value.fbind("natural_width", self._dress)
        self._dress()

    def _dress(self, *_: object) -> None:
        self.fill = "raised" if self.focused else "ridge"
        self._words.text, self._value.text = self.text, self.value
        x, y, w, h = self.at
        room = w - 2 * _PADDING
        right = room * 0.5 if self.value else 0
        self._words.at = [x + _PADDING, y, room - right, h]
        self._value.at = [x + _PADDING + room - right, y, right, h]
