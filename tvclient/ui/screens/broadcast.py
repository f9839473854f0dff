"""The lesson fills the television: captions, the sign-in strip, controls when a key asks for them, nothing else.

Where there is no picture, one plain sentence says why.
"""

from collections.abc import Callable
from datetime import timedelta

from kivy.animation import Animation
from kivy.properties import BooleanProperty, NumericProperty, ObjectProperty, StringProperty

from tvclient.core.screens import Picture, controls_visible, on_air, picture, signed_in_count
from tvclient.core.state import State
from tvclient.ui.screens.view import ScreenView, load_kv
from tvclient.ui.texts import _, _n, heading_of
from tvclient.ui.theme import STRIP_IN_SECONDS, STRIP_OUT_SECONDS

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
    line_words = StringProperty("")
    heading = StringProperty("")
    trouble = StringProperty("")
    trouble_more = StringProperty("")
    opening = BooleanProperty(False)
    veiled = BooleanProperty(False)

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
        self.invitation = _("{green} to sign in")
        self.controls = controls_visible(state)
        self.strip_shown = self.controls or (airing is not None and state.now < airing.start + STRIP_FOR)
        self.drift = DRIFT[int(state.now.timestamp() // DRIFT_EVERY.total_seconds()) % len(DRIFT)]
        self.sign_in, self.today = _("Sign in"), _("See today")
        offline = self.controls and not state.online
        self.line_words = _("No line, reconnecting. Lessons play as usual") if offline else ""

    def animate(self, position_ms: int) -> None:
        """Show the caption of this media time."""
        ask: Callable[[int], str] | None = self.caption_at
        self.caption = ask(position_ms) if ask and not self.veiled else ""

    def on_strip_shown(self, *_: object) -> None:
        """Fade the strip in or out."""
        Animation.cancel_all(self, "strip_opacity")
        seconds = STRIP_IN_SECONDS if self.strip_shown else STRIP_OUT_SECONDS
        Animation(strip_opacity=1 if self.strip_shown else 0, d=seconds).start(self)


def _trouble(shown: Picture) -> tuple[str, str]:
    """Why there is no picture, and what will happen."""
    match shown:
        case Picture.MOVING:
            return "", ""
        case Picture.OPENING:
            return _("The lesson is being opened"), ""
        case Picture.FETCHING:
            return _("This lesson is not stored yet"), _("It starts as soon as it has arrived")
        case Picture.REFUSED:
            return _("This lesson cannot be shown"), _("It was not approved, or was changed on the way")
        case Picture.FAILED:
            return _("This lesson cannot be shown"), _("Its file is damaged. The next lesson comes on time")


load_kv(__file__)
