"""Rows of the market: a price with its day and where it went, by an arrow and a word; an offer in two lines."""

from typing import Any

from kivy.properties import StringProperty

from tvclient.ui.theme import RADII, theme
from tvclient.ui.widgets.icon import Icon
from tvclient.ui.widgets.surface import Surface, ThingSurface
from tvclient.ui.widgets.words import Words

_LEFT, _NAME, _PRICE, _BESIDE = 32, 444, 240, 270
_CHIP = 176


class PriceRow(ThingSurface):
    """The price of a commodity on a market.

    Attributes:
        more: of which day, and on which market.
        glyph, tone, trend: where it went since the price before it; empty where there was none.
    """

    name = StringProperty("")
    more = StringProperty("")
    price = StringProperty("")
    unit = StringProperty("")
    glyph = StringProperty("")
    tone = StringProperty("paper")
    trend = StringProperty("")

    def __init__(self, **kwargs: Any) -> None:
        self._name, self._more = Words(role="card"), Words(role="small", tone="straw")
        self._price, self._unit = Words(role="title", halign="right"), Words(role="small", tone="straw")
        self._icon, self._trend = Icon(), Words(role="small")
        super().__init__(corner=RADII["tile"], fill="field", **kwargs)
        for child in (self._name, self._more, self._price, self._unit, self._icon, self._trend):
            self.add_widget(child)
        for name in ("name", "more", "price", "unit", "glyph", "tone", "trend", "at", "focused"):
            self.fbind(name, self._dress)
        theme.fbind("simple", self._dress)
        self._dress()

    def _dress(self, *_: object) -> None:
        x, y, _w, h = self.at
        self.fill = "ridge" if self.focused else "field"
        self._name.text, self._name.at = self.name, [x + _LEFT, y + 4, _NAME, 68]
        self._more.text, self._more.at = self.more, [x + _LEFT, y + 62, _NAME, 58]
        left = x + _LEFT + _NAME + 8
        self._price.text, self._price.at = self.price, [left, y, _PRICE, h]
        left += _PRICE + 24
        middle = 0 if self.trend else (h - 68) / 2 - 4
        self._unit.text, self._unit.at = self.unit, [left, y + 4 + middle, _BESIDE, 68]
        self._icon.glyph, self._icon.tone, self._icon.at = self.glyph, self.tone, [left, y + 71, 40, 40]
        self._trend.text, self._trend.tone = self.trend, self.tone
        self._trend.at = [left + 52, y + 62, _BESIDE - 52, 58]


class OfferRow(ThingSurface):
    """An entry of the bulletin: offered or wanted, what, where and until when."""

    kind = StringProperty("")
    title = StringProperty("")
    more = StringProperty("")

    def __init__(self, **kwargs: Any) -> None:
        self._chip, self._kind = Surface(fill="paper", corner=20), Words(role="small", tone="ink", halign="center")
        self._title, self._more = Words(role="card"), Words(role="small", tone="straw")
        super().__init__(corner=RADII["tile"], fill="field", **kwargs)
        for child in (self._chip, self._kind, self._title, self._more):
            self.add_widget(child)
        for name in ("kind", "title", "more", "at", "focused", "opacity"):
            self.fbind(name, self._dress)
        theme.fbind("simple", self._dress)
        self._dress()

    def _dress(self, *_: object) -> None:
        x, y, w, h = self.at
        self.fill = "ridge" if self.focused else "field"
        self._chip.at = [x + 28, y + (h - 64) / 2, _CHIP, 64]
        self._kind.text, self._kind.at = self.kind, self._chip.at
        left, room = x + 28 + _CHIP + 32, w - _CHIP - 92
        self._title.text, self._title.at = self.title, [left, y + 4, room, 68]
        self._more.text, self._more.at = self.more, [left, y + 62, room, 58]
