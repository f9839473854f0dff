"""Things one below the other, each as high as its words need; and the row of an icon with a sentence beside it."""

from typing import Any

from kivy.clock import Clock
from kivy.properties import NumericProperty, StringProperty
from kivy.uix.widget import Widget

from tvclient.ui.widgets.icon import Icon
from tvclient.ui.widgets.placed import Placed
from tvclient.ui.widgets.words import Words

ROW_HEIGHT = 75
ICON_SIDE = 44


class Column(Placed):
    """Stacks its children from its top; words without text take no room."""

    gap = NumericProperty(0)

    def __init__(self, **kwargs: Any) -> None:
        self._arrange_soon = Clock.create_trigger(self.arrange, -1)
        super().__init__(**kwargs)
        self.fbind("at", self._arrange_soon)
        self.fbind("children", self._arrange_soon)

    def add_widget(self, widget: Widget, *args: Any, **kwargs: Any) -> None:
        """Add below the others."""
        super().add_widget(widget, *args, **kwargs)
        if isinstance(widget, Words):
            widget.flow = True
        for name in ("at", "natural_height", "text"):
            if hasattr(widget, name):
                widget.fbind(name, self._arrange_soon)

    def arrange(self, *_: object) -> None:
        """Place the children."""
        x, y, w, _h = self.at
        for child in reversed(self.children):
            height = self._height_of(child)
            if list(child.at) != [x, y, w, height]:
                child.at = [x, y, w, height]
            y += height + (self.gap if height else 0)

    @staticmethod
    def _height_of(child: Any) -> float:
        if isinstance(child, Words):
            return child.natural_height
        if isinstance(child, InfoRow):
            return ROW_HEIGHT if child.text else 0
        return child.at[3]


class Gap(Placed):
    """Room between two things."""


class InfoRow(Placed):
    """An icon and one sentence."""

    glyph = StringProperty("")
    text = StringProperty("")

    def __init__(self, **kwargs: Any) -> None:
        self.icon = Icon()
        self.words = Words()
        super().__init__(**kwargs)
        self.add_widget(self.icon)
        self.add_widget(self.words)
        for name in ("glyph", "text", "at"):
            self.fbind(name, self._dress)

    def _dress(self, *_: object) -> None:
        x, y, w, h = self.at
        self.icon.glyph = self.glyph if self.text else ""
        self.icon.at = [x + 2, y + (h - ICON_SIDE) / 2, ICON_SIDE, ICON_SIDE]
        self.words.text = self.text
        self.words.at = [x + 72, y, w - 72, h]
