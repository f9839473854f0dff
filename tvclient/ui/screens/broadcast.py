"""The lesson fills the television: captions, the sign-in strip, controls when a key asks for them, nothing else.

Where there is no picture, one plain sentence says why.
"""

from collections.abc import Callable
from datetime import timedelta

from kivy.animation import Animation
from kivy.properties import BooleanProperty, NumericProperty, ObjectProperty, StringProperty

from tvclient.core import quizzing
from tvclient.core.pages import quiz, things_of_screen
from tvclient.core.screens import Picture, controls_visible, is_private, on_air, picture, signed_in_count
from tvclient.core.state import State
from tvclient.core.tracks import OFF, TrackName
from tvclient.ui.screens.quiz import dress, short_hint_of
from tvclient.ui.screens.view import ScreenView, load_kv
from tvclient.ui.texts import _, _n, heading_of, plain
from tvclient.ui.theme import STRIP_IN_SECONDS, STRIP_OUT_SECONDS
from tvclient.ui.widgets.option_bar import OptionBar, Spot

STRIP_FOR = timedelta(minutes=5)
"""Latecomers sit down in the first minutes; after them the strip comes with the controls only."""

DRIFT_EVERY = timedelta(minutes=3)
DRIFT = (0, 2, 4, 2)


class BroadcastScreen(ScreenView):
    """Over the video. `caption_at` gives the caption of a media time, its lines broken."""

    caption_at = ObjectProperty(None, allownone=True)
    caption = StringProperty("")
    count = StringProperty("")
    invitation = StringProperty("")
    strip_shown = BooleanProperty(False)
    strip_opacity = NumericProperty(0)
    drift = NumericProperty(0)
    controls = BooleanProperty(False)
    sign_in = StringProperty("")
    today = StringProperty("")
    own = BooleanProperty(False)
    pause = StringProperty("")
    leave = StringProperty("")
    backward = StringProperty("")
    forward = StringProperty("")
    captions = StringProperty("")
    sound = StringProperty("")
    size_words = StringProperty("")
    large = BooleanProperty(False)
    line_words = StringProperty("")
    line_top = NumericProperty(198)
    heading = StringProperty("")
    trouble = StringProperty("")
    trouble_more = StringProperty("")
    opening = BooleanProperty(False)
    veiled = BooleanProperty(False)
    ask = StringProperty("")
    asked = StringProperty("")
    asked_hint = StringProperty("")

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self._options = [OptionBar(role="small", at=[rect.x, rect.y, rect.w, rect.h]) for rect in quiz.OVER_OPTIONS_AT]
        for place, bar in enumerate(self._options):
            self.add_widget(bar)
            self.add_widget(Spot(focus_id=quiz.option(place)))

    def show(self, state: State) -> None:
        """See the base."""
        airing, shown = on_air(state), picture(state)
        moving = shown is Picture.MOVING
        self.veiled, self.opening = not moving, shown is Picture.OPENING
        self.trouble, self.trouble_more = _trouble(shown)
        self.heading = heading_of(airing.lesson) if airing and not moving else ""
        if not moving:
            self.caption = ""
        here = signed_in_count(state, airing)
        self.count = _n("[b]{count}[/b] signed in", "[b]{count}[/b] signed in", here).format(count=here)
        self.invitation = "" if quizzing.question_on_screen(state) else _("{green} to sign in")
        self.controls = controls_visible(state)
        fresh = airing is not None and state.now < airing.start + STRIP_FOR
        private = airing is not None and is_private(airing)
        self.strip_shown = (self.controls or fresh) and not private
        self.drift = DRIFT[int(state.now.timestamp() // DRIFT_EVERY.total_seconds()) % len(DRIFT)]
        self.sign_in, self.today = _("Sign in"), _("See today")
        self._own(state)
        self._languages(state)
        self.ask = "\n".join((_("Ask"), _("blue key")))
        self._quiz(state)
        offline = self.controls and not state.online
        self.line_words = _("No line, reconnecting. Lessons play as usual") if offline else ""

    def _quiz(self, state: State) -> None:
        """A question of this minute stands over the picture, which goes on."""
        question = quizzing.question_on_screen(state)
        self.asked = plain(question.text) if question else ""
        self.asked_hint = short_hint_of(state, question) if question else ""
        for place, bar in enumerate(self._options):
            dress(bar, state, question, place)

    def _own(self, state: State) -> None:
        """A lesson that the village has chosen itself has controls of its own."""
        chosen = state.chosen
        self.own = chosen is not None
        self.pause = _("Go on") if chosen and chosen.paused_at else _("Pause")
        self.leave = _("Enough of it")
        self.backward, self.forward = _("Back half a minute"), _("On half a minute")

    def _languages(self, state: State) -> None:
        chosen = state.tracks
        off = chosen.caption == OFF or not chosen.captions
        shown = _("off") if off else track_words(chosen.captions[chosen.caption])
        heard = track_words(chosen.sounds[chosen.sound]) if chosen.sounds else ""
        self.captions = "\n".join((_("Captions"), shown))
        self.sound = "\n".join((_("Sound"), heard))
        self.size_words = "\n".join((_("Letters"), _("large") if chosen.large else _("usual")))
        self.large = chosen.large
        regions = {thing.region for thing in things_of_screen(state)}
        self.line_top = 486 if "skips" in regions else 342 if "languages" in regions else 198

    def animate(self, position_ms: int) -> None:
        """Show the caption of this media time."""
        ask: Callable[[int], str] | None = self.caption_at
        self.caption = ask(position_ms) if ask and not self.veiled else ""

    def on_strip_shown(self, *_: object) -> None:
        """Fade the strip in or out."""
        Animation.cancel_all(self, "strip_opacity")
        seconds = STRIP_IN_SECONDS if self.strip_shown else STRIP_OUT_SECONDS
        Animation(strip_opacity=1 if self.strip_shown else 0, d=seconds).start(self)


def track_words(track: TrackName) -> str:
    """A track as people name it: the label it came with, else its language."""
    if track.label:
        return plain(track.label)
    match track.language.lower().partition("-")[0]:
        case "zh" | "cmn":
            return _("Chinese")
        case "en":
            return _("English")
        case "":
            return _("the first")
        case other:
            return plain(other)


def _trouble(shown: Picture) -> tuple[str, str]:
    """Why there is no picture, and what will happen."""
    match shown:
        case Picture.MOVING:
            return "", ""
        case Picture.OPENING:
            return _("The lesson is being opened"), ""
        case Picture.FETCHING:
            return _("This lesson is not stored yet"), _("It starts as soon as it has arrived")
        case Picture.DAMAGED:
            return _("A short piece of this lesson is damaged"), _("It goes on by itself in a moment")
        case Picture.REFUSED:
            return _("This lesson cannot be shown"), _("It was not approved, or was changed on the way")
        case Picture.EXPIRED:
            return _("This lesson has expired"), _("It may not be shown any more. The next lesson comes on time")
        case Picture.NO_PLAYER:
            return _("This television cannot show lessons"), _("A part of its program is missing. Call the county")
        case Picture.FAILED:
            return _("This lesson cannot be shown"), _("Its file is damaged. The next lesson comes on time")


load_kv(__file__)
