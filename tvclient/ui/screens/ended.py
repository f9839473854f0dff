"""The server has ended the enrolment: what happened, why, whom to ask, and one button to begin anew."""

from kivy.properties import StringProperty

from tvclient.core.state import State
from tvclient.ui.screens.view import ScreenView, load_kv
from tvclient.ui.texts import _, plain


class EndedScreen(ScreenView):
    """Calm and final; nothing plays behind it."""

    title = StringProperty("")
    station = StringProperty("")
    why = StringProperty("")
    reason = StringProperty("")
    ask = StringProperty("")
    kept = StringProperty("")
    again = StringProperty("")

    def show(self, state: State) -> None:
        """See the base."""
        self.title = _("This TV is no longer connected")
        self.station = plain(state.station.name) if state.station else ""
        self.why = _("The county's office says why:")
        self.reason = plain(state.enrolment.reason) or _("No reason was given.")
        self.ask = _("Questions? Ask the station administrator or the county's office.")
        self.kept = _("What was recorded here is kept. It is sent when this TV is connected again.")
        self.again = _("Connect this TV again")


load_kv(__file__)
