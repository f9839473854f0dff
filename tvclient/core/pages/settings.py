"""Settings: one large button for each, which says its present value; OK changes it, and nothing needs confirming."""

from datetime import timedelta
from enum import StrEnum
from typing import Final

from msgspec.structs import replace

from tvclient.core.effects import CheckLine, DescribeBox, Effect, Hush, KeepPreferences, TryVolume
from tvclient.core.geometry import Focusable, FocusId, Rect
from tvclient.core.learning import open_learning
from tvclient.core.navigation import REFUSED, Outcome
from tvclient.core.pages.page import Page
from tvclient.core.settled import LineCheck
from tvclient.core.state import Language, Preferences, Screen, State
from tvclient.core.volume import STEP, louder

LANGUAGE: Final = FocusId("language")
SIZE: Final = FocusId("size")
LABELS: Final = FocusId("labels")
QUIETER: Final = FocusId("quieter")
LOUDER: Final = FocusId("louder")
TRY: Final = FocusId("try_volume")
REMOTE: Final = FocusId("remote")
LINE: Final = FocusId("line")
ABOUT: Final = FocusId("about")

X, WIDTH, TOP, HEIGHT, PITCH = 96, 820, 180, 96, 125
"""Of the column of buttons, in design pixels."""
CHECK_FOR: Final = timedelta(seconds=10)
"""So long an answer about the line is waited for."""


def row_at(row: int) -> Rect:
    """The place of a button that fills its row."""
    return Rect(X, TOP + row * PITCH, WIDTH, HEIGHT)


_VOLUME_Y = TOP + 3 * PITCH
THINGS: Final = (
    Focusable(LANGUAGE, row_at(0), "settings"),
    Focusable(SIZE, row_at(1), "settings"),
    Focusable(LABELS, row_at(2), "settings"),
    Focusable(QUIETER, Rect(X, _VOLUME_Y, 150, HEIGHT), "settings"),
    Focusable(LOUDER, Rect(X + 330, _VOLUME_Y, 150, HEIGHT), "settings"),
    Focusable(TRY, Rect(X + 508, _VOLUME_Y, WIDTH - 508, HEIGHT), "settings"),
    Focusable(REMOTE, row_at(4), "settings"),
    Focusable(LINE, row_at(5), "settings"),
    Focusable(ABOUT, row_at(6), "settings"),
)


class LineState(StrEnum):
    """How far a look at the line is."""

    NEVER = "never"
    LOOKING = "looking"
    NO_ANSWER = "no_answer"
    """The box itself did not answer in time: it is busy with a line that hangs."""
    FOUND = "found"


def line_state(state: State) -> LineState:
    """How far a look at the line is."""
    check = state.line_check
    if check is None:
        return LineState.NEVER
    if check.facts is not None:
        return LineState.FOUND
    return LineState.LOOKING if timedelta(0) <= state.now - check.since < CHECK_FOR else LineState.NO_ANSWER


def preferences(state: State) -> Preferences:
    """What is chosen."""
    return Preferences(state.language, state.simple, state.labels)


def _things(_state: State) -> tuple[Focusable, ...]:
    return THINGS


def _activate(state: State, thing: FocusId) -> Outcome:
    match thing:
        case "language":
            other = Language.EN if state.language is Language.ZH else Language.ZH
            return _chosen(replace(state, language=other))
        case "size":
            return _chosen(replace(state, simple=not state.simple))
        case "labels":
            return _chosen(replace(state, labels=not state.labels), *((Hush(),) if state.labels else ()))
        case "quieter" | "louder":
            return louder(state, STEP if thing == LOUDER else -STEP)
        case "try_volume":
            return state, (TryVolume(state.volume.percent),)
        case "remote":
            return open_learning(state), ()
        case "line":
            if line_state(state) is LineState.LOOKING:
                return state, ()
            return replace(state, line_check=LineCheck(since=state.now)), (CheckLine(),)
        case "about":
            return state, (DescribeBox(),)
        case _:
            return state, REFUSED


def _chosen(state: State, *more: Effect) -> Outcome:
    return state, (KeepPreferences(preferences(state)), *more)


def focus(state: State) -> FocusId:
    """Which of them has the focus; the panel beside speaks of it."""
    known = state.focus.get(Screen.SETTINGS)
    return known if known is not None and known in {thing.id for thing in THINGS} else LANGUAGE


PAGE: Final = Page(_things, _activate, repeating=frozenset({QUIETER, LOUDER}))
