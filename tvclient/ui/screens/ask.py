"""What somebody wants to ask about: six topics, and a square for whoever would rather write on the phone."""

from kivy.properties import StringProperty

from schedules.asking import TOPICS
from tvclient.core.pages import ask
from tvclient.core.state import State
from tvclient.ui.screens.view import ScreenView, load_kv
from tvclient.ui.texts import _, clock, heading_of
from tvclient.ui.widgets.push_button import PushButton


def topic_words(code: str) -> str:
    """A topic as it stands on its tile."""
    match code:
        case "soil":
            return _("Soil and fertiliser")
        case "rice":
            return _("Rice")
        case "pests":
            return _("Pests and diseases")
        case "animals":
            return _("Animals")
        case "policy":
            return _("Policy")
        case "other":
            return _("Something else")
        case _newer:
            return code


def pinned_words(state: State) -> str:
    """To which minute of which lesson a question belongs; empty for none."""
    asking = state.asking
    if asking.lesson is None:
        return ""
    if asking.position_ms is None:
        return _("About: {lesson}").format(lesson=heading_of(asking.lesson))
    return _("About: {lesson}, minute {minute}").format(
        lesson=heading_of(asking.lesson), minute=asking.position_ms // 60_000 + 1
    )


class AskScreen(ScreenView):
    """Topics at the left, the phone at the right."""

    title = StringProperty("")
    pinned = StringProperty("")
    time = StringProperty("")
    address = StringProperty("")
    phone = StringProperty("")
    phone_more = StringProperty("")
    mine = StringProperty("")
    back = StringProperty("")

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self._tiles = {code: PushButton(focus_id=ask.topic(code), role="card", rest="ridge") for code in TOPICS}
        for tile in self._tiles.values():
            self.add_widget(tile)

    def show(self, state: State) -> None:
        """See the base."""
        self.title, self.time = _("What do you want to ask about?"), clock(state.now)
        self.pinned = pinned_words(state)
        for code, tile in self._tiles.items():
            tile.text = topic_words(code)
        self.address = state.papers.green_channel.ask if state.online else ""
        self.phone = _("Or by phone") if self.address else ""
        self.phone_more = _("Scan it to write, speak or take a picture") if self.address else ""
        self.mine, self.back = _("What we asked"), _("Back")


load_kv(__file__)
