"""The minutes before a lesson: how long still, what it is, who is here."""

from datetime import timedelta

from kivy.properties import BooleanProperty, ListProperty, NumericProperty, StringProperty

from tvclient.core.geometry import SAFE_X, WIDTH
from tvclient.core.notices import notice
from tvclient.core.pages.notices import not_opened
from tvclient.core.screens import expected_count, next_airing, signed_in_count
from tvclient.core.state import State
from tvclient.ui.screens.notices import strip_words
from tvclient.ui.screens.view import ScreenView, load_kv
from tvclient.ui.texts import _, clock, heading_of, plain, subheading_of
from tvclient.ui.theme import em_width, theme
from tvclient.ui.widgets.lesson_card import NextCard

NARROW = 660
COLUMN = 1000
FADE = 350
NOTICES_MOST, NOTICES_PADDING, NOTICES_Y, NOTICES_HEIGHT = 760, 30, 930, 84
"""Of the quiet word that there is something to read: who comes early has the time."""


def left_to_go(wait: timedelta) -> str:
    """`4:38`; a second that has begun counts, so that 0:00 is the start itself."""
    seconds = max(0, -(-wait // timedelta(seconds=1)))
    return f"{seconds // 60}:{seconds % 60:02d}"


class CountdownScreen(ScreenView):
    """Shows the next airing and counts down to it."""

    lead = StringProperty("")
    remaining = StringProperty("")
    title = StringProperty("")
    title_role = StringProperty("lesson")
    title_lines = NumericProperty(1)
    subtitle = StringProperty("")
    rows = ListProperty(["", "", ""])
    package = StringProperty("")
    sign_in = StringProperty("")
    today = StringProperty("")
    fade_from = NumericProperty(NARROW)
    has_next = BooleanProperty(False)
    notices = StringProperty("")
    notices_at = ListProperty([0, 0, 1, 1])

    def show(self, state: State) -> None:
        """See the base."""
        airing = next_airing(state)
        if airing is None:
            return
        self.lead = _("Starts in")
        self.remaining = left_to_go(airing.start - state.now)
        self.title, self.subtitle = heading_of(airing.lesson), subheading_of(airing.lesson)
        title_width = em_width(self.title) * theme.size_of("lesson")
        self.title_role, self.title_lines = ("lesson", 1) if title_width <= COLUMN else ("title", 2)
        expected, here = expected_count(state), signed_in_count(state, airing)
        self.rows = [
            _("{start} to {end}").format(start=clock(airing.start), end=clock(airing.end)),
            _place_of(state) if self.title_lines == 1 else "",  # two lines of title need its room
            _("[b]{expected}[/b] expected, [b]{here}[/b] signed in").format(expected=expected, here=here),
        ]
        self.package = airing.package
        self.sign_in, self.today = _("Sign in"), _("See today")
        body = theme.size_of("body")
        widest = max(
            min(title_width, COLUMN),
            em_width(self.subtitle) * theme.size_of("subtitle"),
            72 + em_width(self.rows[1]) * body,
        )
        self.fade_from = min(max(NARROW, 96 + widest - 60), 1060)
        following = next((later for later in state.timetable if later.start >= airing.end), None)
        card: NextCard = self.ids.following
        card.show(following, state)
        self.has_next = following is not None
        waiting = not_opened(state) and notice(state) is None
        self.notices = strip_words(state, NOTICES_MOST, "body") if waiting else ""
        width = em_width(self.notices) * theme.size_of("body") + 2 * NOTICES_PADDING + 60
        self.notices_at = [WIDTH - SAFE_X - width, NOTICES_Y, width, NOTICES_HEIGHT]


def _place_of(state: State) -> str:
    station = state.station
    if station is None:
        return ""
    name, place = plain(station.name), plain(station.place)
    return _("{station}, {place}").format(station=name, place=place) if place else name


load_kv(__file__)
