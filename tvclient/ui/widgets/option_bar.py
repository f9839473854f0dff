"""One answer to a question of the quiz: its key, its words, and, once that is shown, how many chose it, as a bar.

That an answer is right is said by a tick and a border, not by colour alone.
"""

from typing import Any, Final

from kivy.properties import BooleanProperty, NumericProperty, StringProperty

from tvclient.ui.theme import RADII, em_width, theme
from tvclient.ui.widgets.icon import Icon
from tvclient.ui.widgets.placed import Thing
from tvclient.ui.widgets.surface import Surface
from tvclient.ui.widgets.words import Words

KEYS: Final = (("red-key", "paper"), ("green-key", "green-ink"), ("yellow-key", "yellow-ink"), ("blue-key", "paper"))
"""Colour and ink of the four keys, in the order of the options."""
_DISC, _EDGE, _COUNT_WIDTH = 60, 24, 110


class OptionBar(Surface):
    """Shows `text` under the key of its `place`.

    Attributes:
        shown: the answer is on the screen: the bar, the count, the tick.
        share: 0 to 1 of all answers.
        right: it is the right one.
        chosen: the room chose it.
        lit: it has the focus.
    """

    place_number = NumericProperty(0)
    text = StringProperty("")
    count = StringProperty("")
    role = StringProperty("card")
    shown = BooleanProperty(False)
    share = NumericProperty(0.0)
    right = BooleanProperty(False)
    chosen = BooleanProperty(False)
    lit = BooleanProperty(False)

    def __init__(self, **kwargs: Any) -> None:
        self._bar, self._disc = Surface(corner=RADII["tile"]), Surface()
        self._number = Words(role="hint", halign="center", strong=True, markup=False)
        self._words = Words(markup=False)
        self._count = Words(role="card", halign="right", markup=False)
        self._tick_ground, self._tick = Icon(tone="sprout"), Icon(tone="tick-ink")
        super().__init__(corner=RADII["tile"], outline_width=5, **kwargs)
        for child in (self._bar, self._disc, self._number, self._words, self._count, self._tick_ground, self._tick):
            self.add_widget(child)
        for name in ("place_number", "text", "count", "role", "shown", "share", "right", "chosen", "lit", "at"):
            self.fbind(name, self._dress)
        theme.fbind("simple", self._dress)
        self._dress()

    def _dress(self, *_: object) -> None:
        x, y, w, h = self.at
        there = bool(self.text)
        self.fill = "" if not there else "raised" if self.lit else "ridge"
        self.outline = "sprout" if there and self.shown and self.right else "lamp" if there and self.chosen else ""
        width = max(2 * RADII["tile"], w * self.share) if self.shown and self.share > 0 else 0
        self._bar.at = [x, y, width, h]
        self._bar.fill = ("sprout-deep" if self.right else "edge-deep") if width and there else ""
        colour, ink = KEYS[int(self.place_number) % len(KEYS)]
        self._disc.fill = colour if there else ""
        self._disc.corner = _DISC / 2
        self._disc.at = self._number.at = [x + _EDGE, y + (h - _DISC) / 2, _DISC, _DISC]
        self._number.text, self._number.tone = (str(int(self.place_number) + 1) if there else ""), ink
        ticked = there and self.shown and self.right
        self._tick_ground.glyph, self._tick.glyph = ("disc", "tick") if ticked else ("", "")
        right = x + w - _EDGE
        if ticked:
            self._tick_ground.at = self._tick.at = [right - 56, y + (h - 56) / 2, 56, 56]
            right -= 76
        self._count.text = self.count if self.shown and there else ""
        self._count.role = self.role
        self._count.at = [right - _COUNT_WIDTH, y, _COUNT_WIDTH, h]
        left = x + _EDGE + _DISC + 24
        room = right - left - (_COUNT_WIDTH if self._count.text else 0)
        self._words.text, self._words.role = self.text, self.role
        fits = em_width(self.text) * theme.size_of(self.role) <= room
        self._words.lines, self._words.line_height = (1, 1) if fits else (2, 0.8)
        self._words.at = [left, y, room, h]


class OptionTile(Thing):
    """An option that can have the focus and grows with it."""

    def __init__(self, **kwargs: Any) -> None:
        self.bar = OptionBar()
        super().__init__(corner=RADII["tile"], **kwargs)
        self.add_widget(self.bar)
        self.fbind("at", self._follow)
        self.fbind("focused", self._follow)

    def _follow(self, *_: object) -> None:
        self.bar.at, self.bar.lit = list(self.at), self.focused


class Spot(Thing):
    """A place that can have the focus where something else is drawn."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(corner=RADII["tile"], **kwargs)
