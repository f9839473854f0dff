"""The caption block: at most two lines, white on one black block, centred above the bottom edge."""

from typing import Any

from kivy.properties import BooleanProperty, StringProperty

from tvclient.core.geometry import HEIGHT, WIDTH
from tvclient.ui.theme import CAPTION_BOTTOM, theme
from tvclient.ui.widgets.surface import Surface
from tvclient.ui.widgets.words import Words

PADDING_X, PADDING_Y = 34, 10
LINE = 1.4
FACE_LINE = 1.448
"""Height of one line as the face itself asks for it, in sizes."""


class CaptionBlock(Surface):
    """Shows `text`, whose lines are broken already (`adapters.captions`); gone where it is empty."""

    text = StringProperty("")
    large = BooleanProperty(False)

    def __init__(self, **kwargs: Any) -> None:
        self.words = Words(role="caption", tone="white", halign="center", markup=False, line_height=LINE / FACE_LINE)
        super().__init__(corner=12, **kwargs)
        self.add_widget(self.words)
        self.fbind("text", self._dress)
        self.fbind("large", self._dress)
        self.words.fbind("natural_width", self._dress)
        theme.fbind("simple", self._dress)

    def _dress(self, *_: object) -> None:
        self.words.role = "caption-large" if self.large else "caption"
        self.words.text = self.text
        self.fill = "black" if self.text else ""
        if not self.text:
            return
        width = self.words.natural_width + 2 * PADDING_X
        height = (self.text.count("\n") + 1) * theme.size_of(self.words.role) * FACE_LINE + 2 * PADDING_Y
        x, y = (WIDTH - width) / 2, HEIGHT - CAPTION_BOTTOM - height
        self.at = [x, y, width, height]
        self.words.at = [x + PADDING_X, y + PADDING_Y, 0, height - 2 * PADDING_Y]
