"""Letting the box in: three steps, a code to be scanned or read out; at first boot, or when the server has lost it."""

from kivy.properties import BooleanProperty, StringProperty

from tvclient.core.state import EnrolmentPhase, State
from tvclient.ui.screens.view import ScreenView, load_kv
from tvclient.ui.texts import _


class EnrolmentScreen(ScreenView):
    """Says what to do until the box is let in."""

    product = StringProperty("")
    title = StringProperty("")
    first = StringProperty("")
    first_more = StringProperty("")
    second = StringProperty("")
    second_more = StringProperty("")
    third = StringProperty("")
    third_more = StringProperty("")
    check = StringProperty("")
    label = StringProperty("")
    code = StringProperty("")
    address = StringProperty("")
    reaching = BooleanProperty(False)
    reaching_words = StringProperty("")
    line_words = StringProperty("")
    clock_words = StringProperty("")

    def show(self, state: State) -> None:
        """See the base."""
        enrolment = state.enrolment
        self.product = _("Yuanjiao")
        again = enrolment.phase is EnrolmentPhase.AGAIN
        self.title = _("Enter this code again") if again else _("Set up this TV in three steps")
        self.first, self.first_more = _("Scan the code with a phone"), _("The station administrator does it")
        self.second = _("Choose village, check the code")
        self.second_more = _("The phone must show the same code")
        self.third = _("Wait until the television is ready")
        soon = _("About a minute. Lessons come by themselves")
        self.third_more = _("Stored lessons go on meanwhile") if again else soon
        self.check = _("Check now")
        self.label = _("Code of this television")
        self.reaching = enrolment.phase is EnrolmentPhase.REACHING
        self.reaching_words = _("Looking for the server. The code comes by itself")
        self.code = enrolment.claim_code.replace("-", "[color=8d8170]-[/color]")
        self.address = enrolment.claim_url
        reached = enrolment.phase is not EnrolmentPhase.REACHING
        self.line_words = _("Line is up") if reached else ""
        self.clock_words = _("Clock is right") if reached and not state.clock_unsure else ""


load_kv(__file__)
