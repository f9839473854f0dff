"""A lesson has ended: how many are in the room, what they say, and what comes next."""

from datetime import timedelta

from kivy.properties import BooleanProperty, StringProperty

from schedules.airings import Airing
from schedules.phrases import PHRASES
from tvclient.core.pages import after
from tvclient.core.screens import just_ended, next_airing, signed_in_count
from tvclient.core.state import State
from tvclient.ui.screens.view import ScreenView, load_kv
from tvclient.ui.texts import _, _n, clock, heading_of, subheading_of
from tvclient.ui.widgets.lesson_card import when
from tvclient.ui.widgets.tick_tile import TickTile


def phrase_words(code: str) -> str:
    """A prepared phrase as it stands on its tile."""
    match code:
        case "understood":
            return _("Understood, we will use it")
        case "sample":
            return _("We want to see an example")
        case "expert":
            return _("Please send an expert")
        case "prices":
            return _("We want to know prices")
        case "louder":
            return _("The sound a little louder")
        case "no_discussion":
            return _("No discussion today")
        case _newer:
            return code


class AfterScreen(ScreenView):
    """Between one lesson and the next, or at the end of the evening."""

    title = StringProperty("")
    ended = StringProperty("")
    time = StringProperty("")
    question = StringProperty("")
    people = StringProperty("")
    of_them = StringProperty("")
    asked = StringProperty("")
    several = StringProperty("")
    package = StringProperty("")
    lead = StringProperty("")
    next_title = StringProperty("")
    note = StringProperty("")
    late = StringProperty("")
    noted = BooleanProperty(False)
    noted_words = StringProperty("")

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self._tiles = {code: TickTile(focus_id=after.phrase(code), role="body", square=True) for code in PHRASES}
        for tile in self._tiles.values():
            self.add_widget(tile)

    def show(self, state: State) -> None:
        """See the base."""
        airing, coming, entry = just_ended(state), next_airing(state), after.entry(state)
        self.title = _("This lesson is over")
        if airing is not None:
            parts = (heading_of(airing.lesson), subheading_of(airing.lesson))
            self.ended = "\u3000".join(part for part in parts if part)
        self.time = clock(state.now)
        here = signed_in_count(state, airing)
        people = entry.people if entry else here
        self.question, self.people = _("How many are here?"), str(people)
        guests = max(0, people - here)
        signed = _n("{count} signed in", "{count} signed in", here).format(count=here)
        others = _n("{count} guest", "{count} guests", guests).format(count=guests)
        self.of_them = f"{signed}, {others}" if guests else _("{signed}. Count the others too").format(signed=signed)
        self.asked, self.several = _("What do people say?"), _("Several may be ticked")
        for code, tile in self._tiles.items():
            tile.text, tile.ticked = phrase_words(code), bool(entry and code in entry.phrases)
            tile.spoken = _("{phrase}, ticked").format(phrase=tile.text) if tile.ticked else ""
        self.noted = bool(entry and entry.noted_at)
        self.noted_words = _("It is written down, thank you") if self.noted else ""
        self.note = _("Go on") if self.noted else _("Write it down")
        self.late = _("Sign in late")
        self._next(state, coming)

    def _next(self, state: State, coming: Airing | None) -> None:
        self.package = coming.package if coming else ""
        self.next_title = heading_of(coming.lesson) if coming else ""
        if coming is None:
            self.lead = _("No more lessons for now")
            return
        wait = coming.start - state.now
        minutes = max(1, -(-wait // timedelta(minutes=1)))
        soon = _n("in {minutes} minute", "in {minutes} minutes", minutes).format(minutes=minutes)
        said = (when(state, coming, _("Next")), soon if wait < timedelta(hours=1) else "")
        self.lead = "\u3000".join(part for part in said if part)


load_kv(__file__)
