"""The prepared sentences of a topic: one OK asks one."""

from kivy.properties import StringProperty

from schedules.asking import ANYTHING
from tvclient.core.pages import ask
from tvclient.core.state import State
from tvclient.ui.screens.ask import pinned_words, topic_words
from tvclient.ui.screens.view import ScreenView, load_kv
from tvclient.ui.texts import _, clock
from tvclient.ui.widgets.push_button import PushButton


def sentence_words(code: str) -> str:
    """A prepared sentence as it stands on its tile."""
    if code in ANYTHING or code == "call_back":
        return _for_all(code)
    return _of_topics(code)


def _for_all(code: str) -> str:
    match code:
        case "not_understood":
            return _("I did not understand this. Please explain it.")
        case "how_here":
            return _("How do we do this here?")
        case "send_expert":
            return _("Please send somebody to have a look.")
        case _call_back:
            return _("Please call me back.")


def _of_topics(code: str) -> str:
    words = {
        "soil_test": _("Where can I have my soil tested?"),
        "how_much_fertiliser": _("How much fertiliser do I need?"),
        "salty_soil": _("My field is salty. What helps?"),
        "rice_yellow": _("My rice turns yellow. Why?"),
        "rice_water": _("When do I let water in and out?"),
        "rice_seed": _("Which seed is good here?"),
        "which_pest": _("What eats my crop?"),
        "which_spray": _("What do I spray, and how much?"),
        "spots_on_leaves": _("There are spots on the leaves. What is it?"),
        "animal_ill": _("An animal is ill. What do I do?"),
        "animal_feed": _("What do I feed, and how much?"),
        "animal_vaccine": _("When are the vaccinations?"),
        "which_subsidy": _("Which subsidies can I get?"),
        "how_to_apply": _("How do I apply for it?"),
        "when_paid": _("When will the money come?"),
        "where_to_sell": _("Where can I sell this?"),
    }
    return words.get(code, code)


class SentencesScreen(ScreenView):
    """Six of them at most."""

    title = StringProperty("")
    pinned = StringProperty("")
    time = StringProperty("")
    hint = StringProperty("")
    back = StringProperty("")

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self._tiles = [PushButton(role="body", rest="ridge") for _at in ask.SENTENCES_AT]
        for tile in self._tiles:
            self.add_widget(tile)

    def show(self, state: State) -> None:
        """See the base."""
        self.title, self.time = topic_words(state.asking.topic), clock(state.now)
        self.pinned = pinned_words(state)
        known = ask.sentences(state)
        for place, tile in enumerate(self._tiles):
            code = known[place] if place < len(known) else ""
            tile.focus_id = ask.sentence(code) if code else f"no_sentence.{place}"
            tile.text = sentence_words(code) if code else ""
        self.hint = (
            _("OK asks it") if state.online else _("No line: the question waits here and leaves by itself later")
        )
        self.back = _("Another topic")


load_kv(__file__)
