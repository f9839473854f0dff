"""One airing as a row of a list: when, what, and what became of it or will; with the next time it is shown."""

from functools import lru_cache
from typing import Any

from kivy.core.text import Label
from kivy.properties import BooleanProperty, ObjectProperty, StringProperty

from tvclient.ui.theme import FACE, RADII, ROLES, theme
from tvclient.ui.widgets.icon import Icon
from tvclient.ui.widgets.poster import Poster
from tvclient.ui.widgets.surface import ThingSurface
from tvclient.ui.widgets.words import Words

_TIME, _POSTER, _LEFT, _RIGHT, _GAP = (28, 150), (196, 142), 370, 28, 36
_AIR = 1.02
"""Drawn smaller, letters are a little wider for their size."""


def _need(text: str, role: str) -> float:
    """Room that a text takes, in design pixels."""
    return _measured(text, theme.size_of(role), ROLES[role].bold) * _AIR + 4


@lru_cache(maxsize=256)
def _measured(text: str, size: int, bold: bool) -> int:
    width, _height = Label(font_name=FACE, font_size=size, bold=bold).get_extents(text)
    return int(width)


class AiringRow(ThingSurface):
    """An airing of the week.

    Attributes:
        more, brief: the lesson's smaller line, long and short, beside its title where there is room for one of them.
        glyph, tone, status: what became of it, or whether it will play.
        again: when the same lesson is shown next; empty for never.
        past: it is over; the words step back.
    """

    gallery = ObjectProperty(None, allownone=True)
    package = StringProperty("")
    time = StringProperty("")
    title = StringProperty("")
    more = StringProperty("")
    brief = StringProperty("")
    glyph = StringProperty("")
    tone = StringProperty("straw")
    status = StringProperty("")
    again = StringProperty("")
    past = BooleanProperty(False)

    def __init__(self, **kwargs: Any) -> None:
        self._poster = Poster(corners=[RADII["small"]] * 4)
        self._time = Words(role="card")
        self._title = Words(role="card")
        self._more = Words(role="small", tone="straw")
        self._icon = Icon()
        self._status = Words(role="small")
        self._again_icon = Icon()
        self._again = Words(role="small", tone="straw")
        super().__init__(corner=RADII["tile"], fill="field", **kwargs)
        parts = (self._poster, self._time, self._title, self._more, self._icon, self._status)
        for child in (*parts, self._again_icon, self._again):
            self.add_widget(child)
        said = ("time", "title", "more", "brief", "glyph", "tone", "status", "again", "past")
        for name in ("gallery", "package", *said, "at", "focused"):
            self.fbind(name, self._dress)
        theme.fbind("simple", self._dress)

    def _dress(self, *_: object) -> None:
        x, y, w, h = self.at
        self.fill = "ridge" if self.focused else "field"
        self._poster.gallery, self._poster.package = self.gallery, self.package
        self._poster.ground = "raised" if self.focused else "ridge"
        self._poster.at = [x + _POSTER[0], y + (h - 80) / 2, _POSTER[1], 80]
        self._time.text, self._time.at = self.time, [x + _TIME[0], y, _TIME[1], h]
        self._time.tone = self._title.tone = "straw" if self.past else "paper"
        left, room = x + _LEFT, w - _LEFT - _RIGHT
        self._name(left, y, room)
        self._say(left, y + 58, room)

    def _name(self, left: float, y: float, room: float) -> None:
        need = _need(self.title, "card")
        rest = max(room - need - _GAP, 1)
        beside = next((words for words in (self.more, self.brief) if words and _need(words, "small") <= rest), "")
        self._title.text, self._title.at = self.title, [left, y, need if beside else room, 72]
        self._more.text, self._more.at = beside, [left + need + _GAP, y + 4, rest, 68]

    def _say(self, left: float, y: float, room: float) -> None:
        self._icon.glyph, self._icon.tone, self._icon.at = self.glyph, self.tone, [left + 2, y + 12, 36, 36]
        need = _need(self.status, "small")
        self._status.text, self._status.tone = self.status, self.tone
        after = left + 56 + need + _GAP
        fits = bool(self.again) and after + 52 + _need(self.again, "small") <= left + room
        self._status.at = [left + 56, y, need if fits else room - 56, 60]
        self._again_icon.glyph, self._again_icon.at = "again" if fits else "", [after, y + 12, 36, 36]
        self._again.text, self._again.at = (
            self.again if fits else "",
            [after + 52, y, max(left + room - after - 52, 1), 60],
        )
