"""Words, icons and key caps in one row, as a sentence such as 按 [绿键] 签到 needs them.

A translated sentence names keys in braces (`Press {green} to sign in`), so each language puts them where it likes.
"""

import re
from typing import Any, Final

from kivy.clock import Clock
from kivy.properties import BooleanProperty, NumericProperty, OptionProperty, StringProperty
from kivy.uix.widget import Widget

from tvclient.ui.texts import _
from tvclient.ui.theme import RADII
from tvclient.ui.widgets.placed import Placed
from tvclient.ui.widgets.surface import Surface
from tvclient.ui.widgets.words import Words

KEY: Final = re.compile(r"\{(green|yellow|red|blue|back|ok|down)\}")
CAP_HEIGHT: Final = 48
CAP_PADDING: Final = 14
TALL_CAP_HEIGHT: Final = 56
COLOURED: Final = {
    "green": ("green-key", "green-ink"),
    "yellow": ("yellow-key", "yellow-ink"),
    "red": ("red-key", "white"),
    "blue": ("blue-key", "white"),
}


def key_word(key: str) -> str:
    """What is printed on the cap of this key."""
    match key:
        case "green":
            return _("Green")
        case "yellow":
            return _("Yellow")
        case "red":
            return _("Red")
        case "blue":
            return _("Blue")
        case "back":
            return _("Back")
        case "down":
            return "↓"
        case "ok":
            return "OK"
        case digit:
            return digit


class Row(Placed):
    """Puts its children side by side, centred on one axis.

    Attributes:
        gap: design pixels between children.
        align: which end of `at` the row starts from.
        natural_width: of all children with their gaps, in design pixels.
    """

    gap = NumericProperty(14)
    align = OptionProperty("left", options=("left", "center", "right"))
    natural_width = NumericProperty(0)

    def __init__(self, **kwargs: Any) -> None:
        self._arrange_soon = Clock.create_trigger(self.arrange, -1)
        super().__init__(**kwargs)
        for name in ("gap", "align", "at", "children"):
            self.fbind(name, self._arrange_soon)

    def add_widget(self, widget: Widget, *args: Any, **kwargs: Any) -> None:
        """Add at the end of the row."""
        super().add_widget(widget, *args, **kwargs)
        for name in ("natural_width", "at"):
            if hasattr(widget, name):
                widget.fbind(name, self._arrange_soon)

    def arrange(self, *_: object) -> None:
        """Place the children; those without words and without size take no room."""
        shown = [(child, self._width_of(child)) for child in reversed(self.children)]
        shown = [(child, width) for child, width in shown if width]
        self.natural_width = sum(width for _child, width in shown) + self.gap * max(len(shown) - 1, 0)
        x, y, w, h = self.at
        spare = w - self.natural_width
        x += {"left": 0, "center": spare / 2, "right": spare}[self.align]
        for child, width in shown:
            height = h if isinstance(child, Words) else child.at[3]
            target = [x, y + (h - height) / 2, width, height]
            if list(child.at) != target:
                child.at = target
            x += width + self.gap

    @staticmethod
    def _width_of(child: Any) -> float:
        if isinstance(child, Words | KeyCap | Row):
            return child.natural_width
        return child.at[2]


class RowWords(Words):
    """Words in a line: their width is their own, whatever room they were given."""

    def place(self, *_: object) -> None:
        """As Words, but never wrapped or shortened."""
        super().place()
        self.text_size = (None, self.height if self.at[3] else None)
        self.shorten = False


class KeyCap(Surface):
    """The cap of a remote's key with its word on it; without a key it takes no room."""

    key = StringProperty("ok")
    tall = BooleanProperty(False)
    natural_width = NumericProperty(0)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(corner=RADII["cap"], **kwargs)
        self.words = Words(halign="center")
        self.add_widget(self.words)
        self.words.fbind("natural_width", self.fit)
        for name in ("key", "tall", "at"):
            self.fbind(name, self.fit)
        self.fit()

    def fit(self, *_: object) -> None:
        """Take word, colours and width from the key; again when the language has changed."""
        self.fill, self.words.tone = COLOURED.get(self.key, ("raised", "paper"))
        self.words.role = "stripcap" if self.tall else "keycap"
        self.words.text = key_word(self.key)
        self.opacity = 1 if self.key else 0
        width = self.words.natural_width + 2 * CAP_PADDING if self.key else 0
        height = TALL_CAP_HEIGHT if self.tall else CAP_HEIGHT
        if (self.at[2], self.at[3]) != (width, height):
            self.at = [self.at[0], self.at[1], width, height]
        self.natural_width = width
        self.words.at = [self.at[0] + CAP_PADDING, self.at[1], 0, height]


class Sentence(Row):
    """A translated sentence whose `{keys}` are drawn as caps.

    Words and caps stand in turn and serve every sentence that comes: what binds to the theme lives as long as the
    program does.
    """

    text = StringProperty("")
    role = StringProperty("hint")
    tone = StringProperty("straw")
    tall = BooleanProperty(False)

    def __init__(self, **kwargs: Any) -> None:
        self._parts: list[KeyCap | RowWords] = []
        super().__init__(**kwargs)
        for name in ("text", "role", "tone", "tall"):
            self.fbind(name, self._rebuild)
        self._rebuild()

    def _rebuild(self, *_: object) -> None:
        parts = KEY.split(self.text)
        while len(self._parts) < len(parts):
            part: KeyCap | RowWords = KeyCap(key="") if len(self._parts) % 2 else RowWords()
            self._parts.append(part)
            self.add_widget(part)
        for place, widget in enumerate(self._parts):
            part_text = parts[place].strip() if place < len(parts) else ""
            if isinstance(widget, KeyCap):
                widget.key, widget.tall = part_text, self.tall
                widget.fit()
            else:
                widget.text, widget.role, widget.tone = part_text, self.role, self.tone
        self._arrange_soon()
