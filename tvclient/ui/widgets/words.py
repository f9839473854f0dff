"""Text in one of the theme's roles. With a width it wraps within it, without one it is as wide as its words."""

from typing import Any

from kivy.properties import BooleanProperty, NumericProperty, StringProperty
from kivy.uix.label import Label

from tvclient.ui.theme import COLOURS, FACE, ROLES, theme
from tvclient.ui.widgets.placed import Placed


class Words(Placed, Label):
    """One text.

    Attributes:
        role, tone: names of the theme's type and colour.
        lines: how many lines there may be; the rest ends in an ellipsis.
        flow: as high as the words need, whatever height was given.
        natural_width, natural_height: of the words, in design pixels.
    """

    role = StringProperty("body")
    tone = StringProperty("paper")
    lines = NumericProperty(1)
    natural_width = NumericProperty(0)
    natural_height = NumericProperty(0)
    strong = BooleanProperty(False)
    flow = BooleanProperty(False)

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("markup", True)
        kwargs.setdefault("halign", "left")
        kwargs.setdefault("valign", "middle")
        super().__init__(font_name=FACE, **kwargs)
        for name in ("role", "tone", "lines", "strong", "flow"):
            self.fbind(name, self.place)
        self.fbind("texture_size", self._measure)
        self.place()

    def place(self, *_: object) -> None:
        """Take size, weight and colour from the theme as well."""
        super().place()
        if not self.at[2]:
            self.width = self.texture_size[0]
        self.font_size = theme.size_of(self.role) * theme.unit
        self.bold = ROLES[self.role].bold or self.strong
        self.color = COLOURS[self.tone]
        width, height = self.at[2], self.at[3]
        self.text_size = (
            self.width if width else None,
            self.height if height and self.lines == 1 and not self.flow else None,
        )
        self.shorten = bool(width) and self.lines == 1
        self.shorten_from = "right"
        self.max_lines = 0 if self.lines == 1 else self.lines

    def _measure(self, *_: object) -> None:
        self.natural_width = self.texture_size[0] / theme.unit if self.text else 0
        self.natural_height = self.texture_size[1] / theme.unit if self.text else 0
        if not self.at[2]:
            self.width = self.texture_size[0]
