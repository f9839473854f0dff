"""A remote is being learnt: one key after the other, drawn large, and what became of the last one."""

from kivy.properties import NumericProperty, StringProperty

from tvclient.core.events import Key
from tvclient.core.learning import ASKED, DIGITS, NEEDED, asked_for, enough
from tvclient.core.settled import Learning, LearnWord
from tvclient.core.state import State
from tvclient.ui.screens.view import ScreenView, load_kv
from tvclient.ui.texts import _
from tvclient.ui.widgets.row import COLOURED, key_word

_ARROWS = {Key.UP: "↑", Key.DOWN: "↓", Key.LEFT: "←", Key.RIGHT: "→"}


class LearningScreen(ScreenView):
    """The key that is asked for, and how far it is."""

    title = StringProperty("")
    cap = StringProperty("")
    cap_role = StringProperty("figure")
    cap_fill = StringProperty("raised")
    cap_tone = StringProperty("paper")
    glyph = StringProperty("")
    asked = StringProperty("")
    said = StringProperty("")
    said_glyph = StringProperty("")
    progress = StringProperty("")
    part = NumericProperty(0)
    stop = StringProperty("")
    skip = StringProperty("")
    finish = StringProperty("")
    close = StringProperty("")
    ends = StringProperty("")

    def show(self, state: State) -> None:
        """See the base."""
        learning, key = state.learning, asked_for(state)
        self.title = _("Teach a remote")
        self.stop, self.finish, self.close = _("Stop"), _("Done"), _("Good")
        self.skip = _("No number keys") if key in DIGITS else _("No such key")
        self.glyph = "" if key else "tick"
        if learning is None or key is None:
            self._over(learning)
            return
        self.cap = _ARROWS.get(key) or key_word(key)
        self.cap_role = "figure" if len(self.cap) <= 2 else "title"
        self.cap_fill, self.cap_tone = COLOURED.get(key, ("raised", "paper"))
        self.asked = _("Press {key} on the remote").format(key=name_of(key))
        self.said, self.said_glyph = _said(learning, name_of(key), enough=enough(state))
        place, of = (learning.place + 1, len(NEEDED)) if not enough(state) else (0, len(ASKED))
        self.progress = _("Key {number} of {count}").format(number=place, count=of) if place else ""
        self.part = learning.place / len(NEEDED) if place else 1
        self.ends = _("Without a key for 20 seconds it ends by itself")

    def _over(self, learning: Learning | None) -> None:
        taught = bool(learning and learning.codes)
        self.cap = self.said_glyph = self.progress = self.ends = ""
        self.cap_fill, self.part = "sprout", 1
        self.asked = _("The remote is learnt") if taught else _("This remote needs no teaching")
        self.said = _("Try it: the arrows and OK work now") if taught else _("All its keys are known already")


def _said(learning: Learning, key: str, *, enough: bool) -> tuple[str, str]:
    match learning.word:
        case LearnWord.USED:
            return _("That key is known already. Press {key}").format(key=key), "sorry"
        case LearnWord.OTHER:
            return _("That was another remote. Go on with the first one"), "sorry"
        case _ if enough:
            return _("The remote can be used now. These keys may be added"), "check"
        case LearnWord.TAKEN:
            return _("Good, go on"), "check"
        case _:
            return _("Point it at the television, press once"), ""


def name_of(key: Key) -> str:
    """A key in a sentence."""
    match key:
        case Key.OK:
            return _("the OK key")
        case Key.UP:
            return _("the arrow up")
        case Key.DOWN:
            return _("the arrow down")
        case Key.LEFT:
            return _("the arrow left")
        case Key.RIGHT:
            return _("the arrow right")
        case Key.BACK:
            return _("the Back key")
        case Key.GREEN:
            return _("the green key")
        case Key.RED:
            return _("the red key")
        case Key.YELLOW:
            return _("the yellow key")
        case Key.BLUE:
            return _("the blue key")
        case _:
            return _("the number key {digit}").format(digit=key.value)


load_kv(__file__)
