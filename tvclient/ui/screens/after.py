"""A lesson has ended: who was here, and what comes next."""

from datetime import timedelta

from kivy.properties import StringProperty

from tvclient.core.screens import expected_count, just_ended, next_airing, signed_in_count
from tvclient.core.state import State
from tvclient.ui.screens.view import ScreenView, load_kv
from tvclient.ui.texts import _, _n, clock, heading_of, subheading_of
from tvclient.ui.widgets.lesson_card import readiness_words


class AfterScreen(ScreenView):
    """Between one lesson and the next."""

    title = StringProperty("")
    ended = StringProperty("")
    time = StringProperty("")
    count = StringProperty("")
    count_label = StringProperty("")
    expected = StringProperty("")
    package = StringProperty("")
    lead = StringProperty("")
    next_title = StringProperty("")
    next_subtitle = StringProperty("")
    glyph = StringProperty("")
    tone = StringProperty("straw")
    status = StringProperty("")
    sign_in = StringProperty("")
    today = StringProperty("")

    def show(self, state: State) -> None:
        """See the base."""
        airing, coming = just_ended(state), next_airing(state)
        self.title = _("This lesson is over")
        if airing is not None:
            parts = (heading_of(airing.lesson), subheading_of(airing.lesson))
            self.ended = "\u3000".join(part for part in parts if part)
        self.time = clock(state.now)
        self.count = str(signed_in_count(state, airing))
        self.count_label = _("Signed in")
        self.expected = _("of {expected} expected").format(expected=expected_count(state))
        self.sign_in, self.today = _("Sign in"), _("See today")
        if coming is None:
            return
        minutes = max(1, -(-(coming.start - state.now) // timedelta(minutes=1)))
        wait = _n("in {minutes} minute", "in {minutes} minutes", minutes).format(minutes=minutes)
        self.lead = "\u3000".join((_("Next"), clock(coming.start), wait))
        self.package = coming.package
        self.next_title, self.next_subtitle = heading_of(coming.lesson), subheading_of(coming.lesson)
        self.glyph, self.tone, self.status = readiness_words(state, coming)


load_kv(__file__)
