"""Lessons as cards: the large one of today, the smaller ones beside it, and the one that follows."""

from typing import Any

from kivy.properties import BooleanProperty, NumericProperty, ObjectProperty, StringProperty

from schedules.airings import Airing
from tvclient.core.screens import Readiness, local, missing_tenths, readiness
from tvclient.core.state import State
from tvclient.ui.texts import _, clock, heading_of, language, numeral
from tvclient.ui.theme import RADII, em_width, fitting, theme
from tvclient.ui.widgets.icon import Icon
from tvclient.ui.widgets.poster import Poster
from tvclient.ui.widgets.surface import Surface, ThingSurface
from tvclient.ui.widgets.words import Words

_READY = {
    Readiness.STORED: ("check", "sprout"),
    Readiness.FETCHING: ("download", "dry"),
    Readiness.WAITING: ("download", "dry"),
    Readiness.REFUSED: ("sorry", "dry"),
    Readiness.EXPIRED: ("sorry", "dry"),
}


def readiness_words(state: State, airing: Airing) -> tuple[str, str, str]:
    """Icon, colour and sentence for whether the airing will play here."""
    now = readiness(state, airing)
    glyph, tone = _READY[now]
    match now:
        case Readiness.STORED:
            words = _("Stored, ready to play")
        case Readiness.REFUSED:
            words = _("Not approved, will not play")
        case Readiness.EXPIRED:
            words = _("Expired, will not play")
        case _:
            tenths = missing_tenths(state, airing)
            missing = _("{tenths}0% to go").format(tenths=numeral(tenths)) if 0 < tenths < 10 else _("Not stored yet")
            words = missing + ("" if state.online else _(", waiting for the line"))
    return glyph, tone, words


def when(state: State, airing: Airing, lead: str) -> str:
    """`接着　20:20`, or the day where it is not today."""
    days = (local(airing.start).date() - local(state.now).date()).days
    if days == 1:
        lead = _("Tomorrow")
    elif days > 1:
        date = local(airing.start)
        lead = _("{month}/{day}").format(month=date.month, day=date.day)
    return f"{lead}\u3000{clock(airing.start)}" if language() == "zh_CN" else f"{lead}  {clock(airing.start)}"


class NextCard(Surface):
    """What follows, at the upper right over a picture."""

    gallery = ObjectProperty(None, allownone=True)

    def __init__(self, **kwargs: Any) -> None:
        self.poster = Poster(corners=[RADII["small"]] * 4)
        self.lead = Words(role="small", tone="straw")
        self.title = Words(role="body", strong=True)
        super().__init__(fill="scrim", corner=28, **kwargs)
        for child in (self.poster, self.lead, self.title):
            self.add_widget(child)

    def show(self, airing: Airing | None, state: State) -> None:
        """Name the airing that follows, if any."""
        self.poster.gallery = self.gallery
        if airing is None:
            return
        self.poster.package = airing.package
        self.lead.text = when(state, airing, _("Next"))
        self.title.text = heading_of(airing.lesson)
        size = theme.size_of("body")
        need = max(em_width(self.title.text) * size, em_width(self.lead.text) * theme.size_of("small"), 290)
        room = min(need, NEXT_MOST)
        self.title.lines = 1 if need <= NEXT_MOST else 2
        left, more = 1808 - room, (self.title.lines - 1) * 60
        self.at = [left - 258, 54, room + 274, 156 + more]
        self.poster.at = [left - 240, 72, 214, 120]
        self.lead.at, self.title.at = [left, 68, room, 60], [left, 126, room, 68 + more]


NEXT_MOST = 420

PICTURES = (248, 156)
"""Widths of a side card's picture; the words come first, and where neither leaves them room there is none."""


def _left_of(picture: int) -> int:
    return 24 + picture + 29 if picture else 36


class SideCard(ThingSurface):
    """A lesson later today."""

    gallery = ObjectProperty(None, allownone=True)
    package = StringProperty("")
    lead = StringProperty("")
    title = StringProperty("")
    glyph = StringProperty("")
    tone = StringProperty("straw")
    status = StringProperty("")

    def __init__(self, **kwargs: Any) -> None:
        self._poster = Poster(corners=[RADII["small"]] * 4)
        self._lead = Words(role="small", tone="straw")
        self._title = Words(role="card")
        self._icon = Icon()
        self._status = Words(role="small", lines=1)
        super().__init__(corner=RADII["tile"], fill="field", **kwargs)
        for child in (self._poster, self._lead, self._title, self._icon, self._status):
            self.add_widget(child)
        for name in ("gallery", "package", "lead", "title", "glyph", "tone", "status", "at", "focused"):
            self.fbind(name, self._dress)
        theme.fbind("simple", self._dress)

    def _dress(self, *_: object) -> None:
        x, y, w, h = self.at
        self.fill = "ridge" if self.focused else "field"
        self._poster.gallery, self._poster.package = self.gallery, self.package
        self._poster.ground = "raised" if self.focused else "ridge"
        need = max(em_width(self.title) * theme.size_of("card"), em_width(self.status) * theme.size_of("small") + 56)
        picture = next((wide for wide in PICTURES if need <= w - _left_of(wide) - 20), 0)
        self._poster.at = [x + 24, y + 24, picture, h - 48]
        self._poster.opacity = 1 if picture else 0
        left, room = x + _left_of(picture), w - _left_of(picture) - 20
        fits = fitting(self.title, room, "card", "small")
        self._title.lines, self._title.line_height = (1, 1) if fits else (2, 0.85)
        self._title.role = fits or "small"
        self._title.strong, self._title.text = True, self.title
        self._title.at = [left, y + 56, room, 64] if fits else [left, y + 42, room, 92]
        self._lead.text, self._lead.at = self.lead, [left, y + (4 if fits else -4), room, 56]
        foot = y + (115 if fits else 126)
        self._icon.glyph, self._icon.tone, self._icon.at = self.glyph, self.tone, [left + 2, foot + 11, 36, 36]
        self._status.text, self._status.tone = self.status, self.tone
        self._status.at = [left + 56, foot, room - 56, 58]


_WORDS_OF_LARGE = 250
"""Height of the words below a large card's picture."""


class LargeCard(ThingSurface):
    """The lesson that is on now, or comes first. `progress` from 0 to 1; below 0 there is no bar."""

    gallery = ObjectProperty(None, allownone=True)
    package = StringProperty("")
    chip = StringProperty("")
    playing = BooleanProperty(False)
    title = StringProperty("")
    subtitle = StringProperty("")
    times = StringProperty("")
    glyph = StringProperty("")
    tone = StringProperty("sprout")
    status = StringProperty("")
    progress = NumericProperty(-1)

    def __init__(self, **kwargs: Any) -> None:
        radius = RADII["panel"]
        self._poster = Poster(corners=[radius, radius, 0, 0])
        self._track, self._done = Surface(), Surface()
        self._chip = Surface(fill="paper", corner=30)
        self._chip_icon = Icon(tone="ink")
        self._chip_words = Words(role="meta", tone="ink", strong=True)
        self._title = Words(role="heading")
        self._subtitle = Words(role="body", tone="straw")
        self._times = Words(role="body")
        self._icon = Icon()
        self._status = Words(role="body")
        super().__init__(corner=radius, fill="field", **kwargs)
        for child in (
            self._poster,
            self._track,
            self._done,
            self._chip,
            self._title,
            self._subtitle,
            self._times,
            self._icon,
            self._status,
        ):
            self.add_widget(child)
        self._chip.add_widget(self._chip_icon)
        self._chip.add_widget(self._chip_words)
        names = ("gallery", "package", "chip", "playing", "title", "subtitle", "times", "glyph", "tone", "status")
        for name in (*names, "progress", "at", "pos", "size", "focused"):
            self.fbind(name, self._dress)
        self._chip_words.fbind("natural_width", self._dress)
        self._times.fbind("natural_width", self._dress)

    def _dress(self, *_: object) -> None:
        x, y, w, h = self.at
        words = y + h - _WORDS_OF_LARGE
        self.fill = "ridge" if self.focused else "field"
        self._poster.gallery, self._poster.package = self.gallery, self.package
        self._poster.ground = "raised" if self.focused else "ridge"
        self._poster.bare = not self.title
        self._chip.fill = "paper" if self.chip else ""
        self._poster.at = [x, y, w, words - y]
        icon = 40 if self.playing else 0
        self._chip.at = [x + 30, y + 30, self._chip_words.natural_width + 2 * 30 + icon, 60]
        self._chip_icon.glyph, self._chip_icon.at = "play" if self.playing else "", [x + 56, y + 45, 30, 30]
        self._chip_words.text, self._chip_words.at = self.chip, [x + 60 + icon, y + 30, 0, 58]
        self._title.text, self._title.at = self.title, [x + 40, words + 26, w - 80, 82]
        self._subtitle.text, self._subtitle.at = self.subtitle, [x + 40, words + 104, w - 80, 64]
        self._times.text, self._times.at = self.times, [x + 40, words + 168, 0, 64]
        status_at = x + 40 + self._times.natural_width + 44
        self._icon.glyph, self._icon.tone, self._icon.at = self.glyph, self.tone, [status_at, words + 180, 42, 42]
        self._status.text, self._status.tone = self.status, self.tone
        self._status.at = [status_at + 58, words + 168, x + w - 20 - status_at - 58, 64]
        shown = self.progress >= 0
        self._track.fill, self._done.fill = ("line", "paper") if shown else ("", "")
        self._track.at, self._done.at = [x, words - 11, w, 11], [x, words - 11, w * max(self.progress, 0), 11]
