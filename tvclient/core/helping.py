"""Help from afar, and only with a yes: who asks, who answered, how long it lasts, what ends it. Pure.

The question never hides a lesson, and nobody answers it by accident: OK counts once it has been on the screen for a
second, Back says no, and so does a minute of silence. While help lasts a sign stands on the screen; the red key, or
Back twice, ends it. What support presses goes the way of every other key (`keys.py`), and only then.
"""

from datetime import timedelta
from typing import Final

from msgspec.structs import replace

from tvclient.core.effects import Effect, HelpSaid, HelpWord, Sound, Sounded
from tvclient.core.events import HelpAsked, HelpHeard, HelpWithdrawn, Key
from tvclient.core.screens import current_screen
from tvclient.core.state import EnrolmentPhase, Help, Screen, State

ASKED_FOR: Final = timedelta(seconds=60)
READ_AT_LEAST: Final = timedelta(seconds=1)
"""An OK that was on its way when the question came is none: nobody can have read it."""
UNHEARD: Final = timedelta(seconds=60)
"""Nothing has reached the server for so long: the help is over."""
TWICE: Final = timedelta(seconds=3)
"""Back pressed a second time within this ends the help."""

Outcome = tuple[State, tuple[Effect, ...]]
_REFUSED: Final[tuple[Effect, ...]] = (Sounded(Sound.BLOCKED),)
_ANSWERS: Final = frozenset({Key.OK, Key.BACK, Key.UP, Key.DOWN, Key.LEFT, Key.RIGHT, Key.HOME, Key.MENU})
"""Keys that mean the question while it is shown; digits and colours go on to the lesson and to signing in."""
_IN_PEACE: Final = frozenset(
    {Screen.NAMES, Screen.SIGN_IN, Screen.LEARNING, Screen.ALERT, Screen.ENROLMENT, Screen.ENDED}
)
"""There OK means something else, or something more urgent: the question waits."""


def question_shown(state: State) -> bool:
    """Whether the question stands on the screen and has the focus."""
    return state.help is not None and not state.help.agreed and current_screen(state) not in _IN_PEACE


def lasts(state: State, help_id: str) -> bool:
    """Whether this help was agreed to and goes on."""
    return state.help is not None and state.help.agreed and state.help.id == help_id


def minutes_left(state: State) -> int:
    """Of the help that lasts, begun ones counted; 0 where none does."""
    if state.help is None or state.help.ends_at is None:
        return 0
    return max(1, -(-int((state.help.ends_at - state.now).total_seconds()) // 60))


def said_of_help(state: State, event: HelpAsked | HelpWithdrawn | HelpHeard) -> Outcome:
    """What the server says: somebody asks, or is done, or has seen a picture."""
    known = state.help
    match event:
        case HelpAsked(help_id, helper, minutes):
            return _asked(state, Help(help_id, helper, minutes, since=state.now))
        case HelpWithdrawn(help_id) if known is not None and known.id == help_id:
            return _over(state, HelpWord.WITHDRAWN)
        case HelpHeard(help_id) if known is not None and known.id == help_id and known.agreed:
            return replace(state, help=replace(known, heard_at=state.now)), ()
        case _:
            return state, ()


def by_hand(state: State, key: Key, *, repeat: bool) -> Outcome | None:
    """What a key of the people there means for a help; None where it means what it always does, or that as well."""
    if not question_shown(state) or key not in _ANSWERS:
        return _stop(state) if state.help and state.help.agreed and _ends(state, key, repeat=repeat) else None
    if repeat or key not in (Key.OK, Key.BACK):
        return state, () if repeat else _REFUSED
    if key is Key.BACK:
        return _over(state, HelpWord.DECLINED)
    return _agree(state)


def remembered_back(state: State, key: Key, *, repeat: bool) -> State:
    """The state that knows when Back was last pressed by hand while help lasts."""
    if repeat or state.help is None or not state.help.agreed:
        return state
    return replace(state, help=replace(state.help, back_at=state.now if key is Key.BACK else None))


def follow_help(state: State) -> Outcome:
    """What time does to a help: a question is shown or runs out, a help ends."""
    known = state.help
    if known is None:
        return state, ()
    if state.enrolment.phase is not EnrolmentPhase.ENROLLED:
        return _over(state, HelpWord.LOST if known.agreed else HelpWord.NOT_NOW)
    if known.ends_at is None:
        if state.now - known.since >= ASKED_FOR:
            return _over(state, HelpWord.UNANSWERED)
        shown = question_shown(state)
        if shown != (known.shown_since is not None):
            state = replace(state, help=replace(known, shown_since=state.now if shown else None))
        return state, ()
    if state.now >= known.ends_at:
        return _over(state, HelpWord.RUN_OUT)
    if state.now - (known.heard_at or known.since) >= UNHEARD:
        return _over(state, HelpWord.LOST)
    return state, ()


def _asked(state: State, asked: Help) -> Outcome:
    if state.help is not None:
        return state, () if state.help.id == asked.id else (HelpSaid(asked.id, HelpWord.BUSY),)
    if state.enrolment.phase is not EnrolmentPhase.ENROLLED:
        return state, (HelpSaid(asked.id, HelpWord.NOT_NOW),)
    quiet = current_screen(state) is Screen.BROADCAST
    return replace(state, help=asked), () if quiet else (Sounded(Sound.CHIME),)


def _agree(state: State) -> Outcome:
    known = state.help
    if known is None or known.shown_since is None or timedelta(0) <= state.now - known.shown_since < READ_AT_LEAST:
        return state, _REFUSED
    agreed = replace(known, ends_at=state.now + timedelta(minutes=known.minutes), heard_at=state.now)
    return replace(state, help=agreed), (HelpSaid(known.id, HelpWord.AGREED),)


def _ends(state: State, key: Key, *, repeat: bool) -> bool:
    before = state.help.back_at if state.help else None
    twice = key is Key.BACK and before is not None and timedelta(0) <= state.now - before <= TWICE
    return not repeat and (key is Key.RED or twice)


def _stop(state: State) -> Outcome:
    return _over(state, HelpWord.STOPPED)


def _over(state: State, word: HelpWord) -> Outcome:
    said = (HelpSaid(state.help.id, word),) if state.help else ()
    return replace(state, help=None), said
