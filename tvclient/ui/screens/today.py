"""Today's timetable: what is on, what follows, and whether each will play; with the one sentence about the line."""

from kivy.properties import BooleanProperty, NumericProperty, StringProperty

from schedules.airings import Airing
from tvclient.core.pages import today
from tvclient.core.pages.documents import waiting
from tvclient.core.pages.notices import not_opened
from tvclient.core.screens import local, on_air, signed_in_count, today_cards
from tvclient.core.state import State
from tvclient.ui.screens.answers import answer_strip_words
from tvclient.ui.screens.documents import document_strip_words
from tvclient.ui.screens.notices import strip_words
from tvclient.ui.screens.view import ScreenView, load_kv
from tvclient.ui.texts import _, _n, clock, day, heading_of, plain, subheading_of
from tvclient.ui.theme import clipped
from tvclient.ui.widgets.lesson_card import LargeCard, SideCard, readiness_words, when
from tvclient.ui.widgets.notice_strip import NoticeStrip
from tvclient.ui.widgets.push_button import PushButton

EVENING_HOUR = 17
HEAD_Y, HEAD_Y_OVER_NOTICES = 54, 38
"""Of the title; with the strip of notices below it, it stands as high as its letters stay in the safe area."""
NOTICES_ROOM = 1400
"""More than there is: what is too long is shortened as it is drawn."""
NAME_ROOM = 640
"""For the station's name beside the day."""


def place_words(place: str) -> str:
    """What stands on the button of a place (`pages/today.py`)."""
    match place:
        case "week":
            return _("Week")
        case "library":
            return _("Library")
        case "market":
            return _("Market")
        case "ask":
            return _("Ask")
        case "station":
            return _("Our station")
        case "settings":
            return _("Settings")
        case newer:
            return newer


class TodayScreen(ScreenView):
    """One large card, up to three beside it."""

    title = StringProperty("")
    details = StringProperty("")
    time = StringProperty("")
    offline = BooleanProperty(False)
    line_words = StringProperty("")
    back_words = StringProperty("")
    head_y = NumericProperty(HEAD_Y)
    empty_title = StringProperty("")
    empty_words = StringProperty("")

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self._places = {place: PushButton(focus_id=place) for place, _screen in today.PLACES}
        self._strip = NoticeStrip(focus_id=today.NOTICES)
        for thing in (*self._places.values(), self._strip):
            self.add_widget(thing)

    def show(self, state: State) -> None:
        """See the base."""
        for place, button in self._places.items():
            button.text = place_words(place)
        evening = local(state.now).hour >= EVENING_HOUR
        self.title = _("Tonight") if evening else _("Today")
        parts = [day(state.now), plain(clipped(state.station.name, NAME_ROOM, "body")) if state.station else ""]
        self.details = "\u3000".join(part for part in parts if part)
        self.time = clock(state.now)
        strip = today.strip_shown(state)
        self.head_y = HEAD_Y_OVER_NOTICES if strip else HEAD_Y
        answered = answer_strip_words(state, NOTICES_ROOM, "small")
        documents = document_strip_words(state, NOTICES_ROOM, "small")
        self._strip.text = (answered or documents or strip_words(state, NOTICES_ROOM, "small")) if strip else ""
        self._strip.calm = not answered and not waiting(state) and not not_opened(state)
        self.offline = not state.online
        self.line_words = _("No line, reconnecting. Lessons play as usual")
        cards = today_cards(state)
        on = on_air(state)
        self.back_words = (_("{back} Back to the lesson") if on else _("{back} Back")) if state.over_home else ""
        self._large(state, cards[0] if cards else None, on)
        for slot, name in enumerate(("first", "second", "third"), start=1):
            self._side(state, self.ids[name], cards[slot] if slot < len(cards) else None, slot)

    def _large(self, state: State, airing: Airing | None, on: Airing | None) -> None:
        card: LargeCard = self.ids.large
        self.empty_title = "" if airing else _("No more lessons for now")
        self.empty_words = "" if airing else _("New ones come by themselves")
        card.focus_id = today.card(airing.id) if airing else today.NOTHING
        if airing is None:
            card.title = card.subtitle = card.times = card.chip = card.status = card.glyph = card.package = ""
            card.playing, card.progress = False, -1
            return
        card.package = airing.package
        card.playing = bool(on and on.id == airing.id)
        card.chip = _("On now") if card.playing else when(state, airing, _("Next"))
        card.title, card.subtitle = heading_of(airing.lesson), subheading_of(airing.lesson)
        card.times = _("{start} to {end}").format(start=clock(airing.start), end=clock(airing.end))
        if card.playing:
            passed = (state.now - airing.start).total_seconds() * 1000 / airing.duration_ms
            card.progress = round(min(max(passed, 0), 1), 3)
            here = signed_in_count(state, airing)
            card.glyph, card.tone = "check", "sprout"
            card.status = _n("{count} signed in", "{count} signed in", here).format(count=here)
        else:
            card.progress = -1
            card.glyph, card.tone, card.status = readiness_words(state, airing)

    @staticmethod
    def _side(state: State, card: SideCard, airing: Airing | None, slot: int) -> None:
        card.focus_id = today.card(airing.id) if airing else f"none.{slot}"
        if airing is None:
            return
        card.package = airing.package
        card.lead = when(state, airing, _("Next") if slot == 1 else _("Later"))
        card.title = heading_of(airing.lesson)
        card.glyph, card.tone, card.status = readiness_words(state, airing)


load_kv(__file__)
