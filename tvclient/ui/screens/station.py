"""The station itself: stars, hours of the month against what is asked, members, what is ready for today, the line."""

from datetime import datetime

from kivy.properties import BooleanProperty, NumericProperty, StringProperty
from msgspec.structs import replace

from schedules.airings import Airing
from tvclient.core.pages import station
from tvclient.core.screens import expected_count, local
from tvclient.core.state import State
from tvclient.ui.screens.today import EVENING_HOUR
from tvclient.ui.screens.view import ScreenView, load_kv
from tvclient.ui.texts import _, _n, clock, heading_of, numeral, plain
from tvclient.ui.theme import clipped, em_width, theme
from tvclient.ui.widgets.icon import Icon
from tvclient.ui.widgets.lesson_card import readiness_words
from tvclient.ui.widgets.words import Words

STAR, STAR_PITCH = 64, 80
MISSING_Y, MISSING_PITCH = 424, 142
HEAD_ROOM, TITLE_ROOM, PLACE_AT_LEAST = 1340, 1300, 200
"""Beside the time: for name and place together, for the name, and with less than the last no place is said."""


class StationScreen(ScreenView):
    """What the station's people want to know of it."""

    title = StringProperty("")
    place = StringProperty("")
    time = StringProperty("")
    stars = NumericProperty(0)
    stars_words = StringProperty("")
    hours_lead = StringProperty("")
    hours = StringProperty("")
    hours_glyph = StringProperty("")
    hours_tone = StringProperty("straw")
    hours_words = StringProperty("")
    share = NumericProperty(-1)
    """How much of what is asked was shown, 0 to 1; below zero where nothing is asked."""
    members = StringProperty("")
    ready_lead = StringProperty("")
    ready_glyph = StringProperty("")
    ready_tone = StringProperty("straw")
    ready = StringProperty("")
    online = BooleanProperty(False)
    line = StringProperty("")
    back = StringProperty("")
    more = StringProperty("")

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self._stars = [Icon(at=[140 + place * STAR_PITCH, 258, STAR, STAR]) for place in range(station.MOST_STARS)]
        self._missing = [_Missing(MISSING_Y + place * MISSING_PITCH) for place in range(station.MISSING)]
        for icon in self._stars:
            self.add_widget(icon)
        for row in self._missing:
            for part in row.parts:
                self.add_widget(part)

    def show(self, state: State) -> None:
        """See the base."""
        card = state.station
        self.title = plain(clipped(card.name, TITLE_ROOM, "title")) if card else _("Our station")
        left = HEAD_ROOM - em_width(self.title) * theme.size_of("title")
        where = clipped(card.place, left, "body") if card and left > PLACE_AT_LEAST else ""
        self.place, self.time = plain(where), clock(state.now)
        self.stars = station.stars(state)
        self.stars_words = _("{stars}-star station").format(stars=numeral(self.stars)) if self.stars else ""
        for place, icon in enumerate(self._stars):
            icon.glyph = ("star" if place < self.stars else "no-star") if self.stars else ""
            icon.tone = "paper" if place < self.stars else "edge"
        self._hours(state)
        people = expected_count(state)
        self.members = _n("{count} member", "{count} members", people).format(count=people)
        self.members = self.members if people else _("No names yet")
        self._ready(state)
        self.online = state.online
        self.line = _line_words(state)
        self.back, self.more = _("Back"), _("More missing")

    def _hours(self, state: State) -> None:
        shown, asked = station.shown_minutes(state), station.quota_minutes(state)
        self.hours_lead = _("Shown this month")
        if not asked:
            self.hours = _("[b]{shown}[/b] hours").format(shown=_hours_of(shown))
            self.share, self.hours_words, self.hours_glyph = -1, "", ""
            return
        self.hours = _("[b]{shown}[/b] / {asked} hours").format(shown=_hours_of(shown), asked=_hours_of(asked))
        self.share = min(shown / asked, 1)
        if shown >= asked:
            self.hours_glyph, self.hours_tone, self.hours_words = "check", "sprout", _("As much as is asked")
        else:
            self.hours_glyph, self.hours_tone = "clock", "straw"
            self.hours_words = _("{hours} hours to go").format(hours=_hours_of(asked - shown))

    def _ready(self, state: State) -> None:
        lessons, missing = station.of_today(state), station.missing(state)
        self.ready_lead = _("Tonight") if local(state.now).hour >= EVENING_HOUR else _("Today")
        if not lessons:
            self.ready_glyph, self.ready_tone, self.ready = "calendar", "straw", _("No more lessons for now")
        elif not missing:
            stored = _n("{count} lesson, stored", "All {count} lessons stored", len(lessons))
            self.ready_glyph, self.ready_tone, self.ready = "check", "sprout", stored.format(count=len(lessons))
        else:
            self.ready_glyph, self.ready_tone = "download", "dry"
            self.ready = _("{stored} of {total} lessons stored").format(
                stored=len(lessons) - len(missing), total=len(lessons)
            )
        named = station.missing_shown(state)
        for slot, row in enumerate(self._missing):
            row.show(state, named[slot] if slot < len(named) else None)


class _Missing:
    """A lesson that is not stored yet: its name, and how far it is."""

    def __init__(self, y: float) -> None:
        self._title = Words(role="body", strong=True, at=[1028, y, 760, 64])
        self._icon = Icon(at=[1030, y + 73, 36, 36])
        self._status = Words(role="small", at=[1084, y + 62, 704, 58])
        self.parts = (self._icon, self._title, self._status)

    def show(self, state: State, airing: Airing | None) -> None:
        """Name the airing's lesson, or nothing."""
        if airing is None:
            self._icon.glyph = self._title.text = self._status.text = ""
            return
        self._title.text = heading_of(airing.lesson)
        there = replace(state, online=True)  # that the line is down is said once, below
        self._icon.glyph, tone, words = readiness_words(there, airing)
        self._status.text = f"{clock(airing.start)}\u3000{words}"
        self._icon.tone = self._status.tone = tone


def _hours_of(minutes: int) -> str:
    """`12.5`, `20`: hours as people say them."""
    tenths = minutes * 10 // 60
    return str(tenths // 10) if tenths % 10 == 0 else f"{tenths // 10}.{tenths % 10}"


def _line_words(state: State) -> str:
    """Whether the line is there, and since when."""
    if state.linked_at is None:
        return _("The line is there") if state.online else _("No line yet since the television was switched on")
    since = _moment(state, state.linked_at)
    if state.online:
        return _("The line is there, since {since}").format(since=since)
    return _("No line since {since}. Lessons play as usual").format(since=since)


def _moment(state: State, instant: datetime) -> str:
    date = local(instant)
    if date.date() == local(state.now).date():
        return clock(instant)
    return f"{_('{month}/{day}').format(month=date.month, day=date.day)} {clock(instant)}"


load_kv(__file__)
