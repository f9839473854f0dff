"""Before a lesson and in it: the countdown, and the controls over the picture."""

from typing import Final

from msgspec.structs import replace

from tvclient.core.effects import ChooseCaptions, ChooseSound
from tvclient.core.geometry import Focusable, FocusId, Rect
from tvclient.core.navigation import Outcome, open_from_home
from tvclient.core.pages import quiz
from tvclient.core.pages.ask import begin
from tvclient.core.pages.page import Page
from tvclient.core.screens import Picture, controls_visible, is_private, picture
from tvclient.core.signing_in import open_sign_in
from tvclient.core.state import Screen, State
from tvclient.core.tracks import OFF, next_captions, next_sound
from tvclient.core.watching import SKIP, leave, pause_or_go_on, skip

SIGN_IN: Final = FocusId("sign_in")
CAPTIONS: Final = FocusId("captions")
SOUND: Final = FocusId("sound")
SIZE: Final = FocusId("size")
PAUSE: Final = FocusId("pause")
LEAVE: Final = FocusId("leave")
BACKWARD: Final = FocusId("backward")
FORWARD: Final = FocusId("forward")
BACKWARD_AT: Final = Rect(96, 342, 348, 104)
FORWARD_AT: Final = Rect(480, 342, 348, 104)
TODAY: Final = FocusId("today")
SIGN_IN_AT: Final = Rect(96, 910, 302, 104)
TODAY_AT: Final = Rect(452, 910, 352, 104)
OVER_SIGN_IN_AT: Final = Rect(96, 58, 302, 104)
OVER_TODAY_AT: Final = Rect(434, 58, 352, 104)
OVER_THIRD_AT: Final = Rect(822, 58, 352, 104)
ASK: Final = FocusId("ask")
LANGUAGES_AT: Final = tuple(Rect(96 + 246 * place, 198, 210, 104) for place in range(4))
"""Over a lesson the buttons stand at the top, opposite the sign-in strip, so that captions stay free."""


def _beside(_state: State) -> tuple[Focusable, ...]:
    return (Focusable(SIGN_IN, SIGN_IN_AT, "buttons"), Focusable(TODAY, TODAY_AT, "buttons"))


def _over(state: State) -> tuple[Focusable, ...]:
    if not controls_visible(state):
        return ()
    choices = (
        *((CAPTIONS,) if state.tracks.captions else ()),
        *((SOUND,) if len(state.tracks.sounds) > 1 else ()),
        *((SIZE,) if state.tracks.captions and state.tracks.caption != OFF else ()),
        *((ASK,) if state.chosen is None else ()),
    )
    if picture(state) is not Picture.MOVING:
        choices = ()
    return (
        *quiz.over_picture(state),
        *_buttons(state),
        *(Focusable(choice, at, "languages") for choice, at in zip(choices, LANGUAGES_AT, strict=False)),
    )


def _buttons(state: State) -> tuple[Focusable, ...]:
    """Of a lesson on the air; of one that the village has chosen, which may be paused, skipped and left."""
    if state.chosen is None:
        return (Focusable(SIGN_IN, OVER_SIGN_IN_AT, "buttons"), Focusable(TODAY, OVER_TODAY_AT, "buttons"))
    first = () if is_private(state.chosen.airing) else (SIGN_IN,)
    places = (OVER_SIGN_IN_AT, OVER_TODAY_AT, OVER_THIRD_AT)
    return (
        *(Focusable(name, at, "buttons") for name, at in zip((*first, PAUSE, LEAVE), places, strict=False)),
        Focusable(BACKWARD, BACKWARD_AT, "skips"),
        Focusable(FORWARD, FORWARD_AT, "skips"),
    )


def _activate(state: State, thing: FocusId) -> Outcome:
    match thing:
        case "sign_in":
            return open_sign_in(state)
        case "today":
            return open_from_home(state, Screen.TODAY), ()
        case "pause":
            return pause_or_go_on(state)
        case "leave":
            return leave(state)
        case "backward":
            return skip(state, -SKIP)
        case "forward":
            return skip(state, SKIP)
        case "ask":
            return begin(state)
        case "captions":
            chosen = next_captions(state.tracks)
            return replace(state, tracks=chosen), (ChooseCaptions(chosen.caption),)
        case "sound":
            chosen = next_sound(state.tracks)
            return replace(state, tracks=chosen), (ChooseSound(chosen.sound),)
        case "size":
            return replace(state, tracks=replace(state.tracks, large=not state.tracks.large)), ()
        case _:
            return quiz.activate(state, thing)


COUNTDOWN: Final = Page(_beside, _activate)
BROADCAST: Final = Page(_over, _activate)
