"""Sign-in by number: digits from the remote or the pad on the screen, a name, one OK; one more undoes a mistake."""

from kivy.properties import BooleanProperty, StringProperty

from schedules.wire.messages import RosterMember
from tvclient.core.screens import airing_for_sign_in, expected_count, on_air, signed_in_count
from tvclient.core.state import NumberEntry, NumberVerdict, State
from tvclient.ui.screens.view import ScreenView, load_kv
from tvclient.ui.texts import _

PLACES = 6


def shown_name(member: RosterMember) -> str:
    """王*芳: enough to know oneself by on a screen that everybody sees."""
    name = member.name
    return name[0] + "*" + (name[-1] if len(name) > 2 else "") if len(name) > 1 else name


class SignInScreen(ScreenView):
    """Shows the digits typed so far and what they mean."""

    title = StringProperty("")
    counts = StringProperty("")
    lead = StringProperty("")
    name = StringProperty("")
    ticked = BooleanProperty(False)
    answering = BooleanProperty(False)
    confirm = StringProperty("")
    again = StringProperty("")
    delete = StringProperty("")
    legend_digits = StringProperty("")
    legend_names = StringProperty("")
    legend_back = StringProperty("")

    def show(self, state: State) -> None:
        """See the base."""
        entry = state.number
        self.title = _("Enter your number")
        self.counts = _("Here [b]{here}[/b] [color=d8ccb8]/ expected {expected}[/color]").format(
            here=signed_in_count(state, airing_for_sign_in(state)), expected=expected_count(state)
        )
        for place in range(PLACES):
            box = self.ids[f"place_{place}"]
            box.digit = entry.digits[place : place + 1]
            box.waiting = place == len(entry.digits)
        self.lead, member = _verdict(entry)
        self.name = shown_name(member) if member else ""
        self.ticked = member is not None and entry.verdict in (NumberVerdict.TYPING, NumberVerdict.ALREADY)
        self.answering = entry.verdict in (NumberVerdict.FOUND, NumberVerdict.ALREADY)
        self.confirm = _("Take it back") if entry.verdict is NumberVerdict.ALREADY else _("Confirm")
        self.again = _("Start again")
        self.delete = _("Delete")
        self.legend_digits = _("The [b]number keys[/b] on the remote work too")
        self.legend_names = _("{yellow} Find the name instead")
        self.legend_back = _("{back} Back to the lesson") if on_air(state) else _("{back} Back")


def _verdict(entry: NumberEntry) -> tuple[str, RosterMember | None]:
    """The sentence about the digits, and whose name stands below it."""
    match entry.verdict:
        case NumberVerdict.FOUND:
            return _("Found. Is this you?"), entry.member
        case NumberVerdict.ALREADY:
            return _("Signed in already"), entry.member
        case NumberVerdict.NOBODY:
            return _("Nobody has this number, please look again"), None
        case NumberVerdict.TYPING if entry.done:
            return _("Signed in. Next one, please"), entry.done
        case NumberVerdict.TYPING if entry.undone:
            return _("Taken back. Enter the number again"), None
        case NumberVerdict.TYPING:
            return _("Your name will appear here"), None


load_kv(__file__)
