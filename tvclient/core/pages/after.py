"""A lesson has ended: how many are in the room, what they said, and one button that writes it down."""

from typing import Final

from msgspec.structs import replace

from schedules.phrases import NO_DISCUSSION, PHRASES
from schedules.wire.messages import HeadCounted
from tvclient.core.effects import Record, Sound, Sounded
from tvclient.core.geometry import Focusable, FocusId, Rect
from tvclient.core.navigation import REFUSED, Outcome, climb
from tvclient.core.pages.page import Page
from tvclient.core.screens import counted, to_be_noted
from tvclient.core.signing_in import open_sign_in
from tvclient.core.state import HeadCount, State

MOST_PEOPLE: Final = 999
LESS: Final = FocusId("less")
MORE: Final = FocusId("more")
NOTE: Final = FocusId("note")
LATE: Final = FocusId("late")
"""Somebody has forgotten to sign in."""
ON: Final = FocusId("on")
"""It is written down: go on."""

LESS_AT: Final = Rect(140, 424, 136, 136)
MORE_AT: Final = Rect(572, 424, 136, 136)
LATE_AT: Final = Rect(140, 712, 568, 104)
NOTE_AT: Final = Rect(1404, 910, 420, 104)
PHRASES_AT: Final = tuple(
    Rect(808 + column * 526, 348 + row * 164, 490, 132) for row in range(3) for column in range(2)
)
_PHRASE: Final = "phrase."


def phrase(code: str) -> FocusId:
    """The tile of a phrase."""
    return FocusId(_PHRASE + code)


def entry(state: State) -> HeadCount | None:
    """What is being noted now."""
    airing = to_be_noted(state)
    return counted(state, airing) if airing else None


def _things(state: State) -> tuple[Focusable, ...]:
    noted = entry(state)
    if noted is not None and noted.noted_at is not None:
        return (Focusable(ON, NOTE_AT, "buttons"),)
    tiles = (Focusable(phrase(code), at, "phrases") for code, at in zip(PHRASES, PHRASES_AT, strict=True))
    return (
        Focusable(MORE, MORE_AT, "count"),
        Focusable(LESS, LESS_AT, "count"),
        Focusable(LATE, LATE_AT, "late"),
        *tiles,
        Focusable(NOTE, NOTE_AT, "buttons"),
    )


def _activate(state: State, thing: FocusId) -> Outcome:
    noted = entry(state)
    if noted is None:
        return state, REFUSED
    if thing.startswith(_PHRASE):
        return _chosen(state, noted, thing.removeprefix(_PHRASE)), ()
    match thing:
        case "less" | "more":
            people = noted.people + (1 if thing == MORE else -1)
            if not 0 <= people <= MOST_PEOPLE:
                return state, REFUSED
            return replace(state, head_count=replace(noted, people=people)), ()
        case "late":
            return open_sign_in(state)
        case "note":
            written = replace(noted, noted_at=state.now)
            phrases = tuple(code for code in PHRASES if code in noted.phrases)
            fact = HeadCounted(airing=noted.airing, people=noted.people, phrases=phrases)
            return replace(state, head_count=written), (Record(fact), Sounded(Sound.TICK))
        case "on":
            return climb(state), ()
        case _:
            return state, REFUSED


def _chosen(state: State, noted: HeadCount, code: str) -> State:
    """Tick a phrase or take the tick back; that nothing was said goes with no other phrase."""
    if code in noted.phrases:
        phrases = noted.phrases - {code}
    elif code == NO_DISCUSSION:
        phrases = frozenset({code})
    else:
        phrases = noted.phrases - {NO_DISCUSSION} | {code}
    return replace(state, head_count=replace(noted, phrases=phrases))


PAGE: Final = Page(_things, _activate, repeating=frozenset({LESS, MORE}))
