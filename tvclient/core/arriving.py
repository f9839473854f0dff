"""Signing in without the screen's help: by phone, through the server, and by a card reader that types digits. Pure.

Both only ever sign in; whoever is signed in stays so, however often they hold up a phone or a card. A reader types a
card's digits and OK faster than any hand, which is how it is known from one.
"""

from typing import Final

from msgspec.structs import replace

from schedules.wire.messages import RosterMember, SignInMethod
from tvclient.core.effects import PhoneAnswered, PhoneWord
from tvclient.core.events import Key, PhoneSignedIn
from tvclient.core.navigation import REFUSED, Outcome
from tvclient.core.screens import airing_for_sign_in, current_screen, fresh
from tvclient.core.signing_in import open_number, toggle
from tvclient.core.state import NumberEntry, NumberVerdict, Screen, State

FASTER_THAN_MS: Final = 50
"""Between two keys; a quick hand takes twice as long."""
CARD_MIN, CARD_MAX = 4, 20
NUMBER_MAX: Final = 6
"""So many digits of a card may be a member's number."""


def by_phone(state: State, asked: PhoneSignedIn) -> Outcome:
    """Sign a member in, or take it back, and answer; asked again, the answer is that nothing has changed."""
    airing = airing_for_sign_in(state)
    member = next((one for one in state.roster.members if one.id == asked.member), None)
    if airing is None:
        return _answered(state, asked, PhoneWord.NOTHING_ON)
    if member is None:
        return _answered(state, asked, PhoneWord.NOT_ON_ROLL)
    present = member.id in state.signed_in.get(airing.id, frozenset())
    if present is not asked.undo:
        return _answered(state, asked, PhoneWord.ALREADY if present else PhoneWord.NOTHING_ON)
    changed, effects = toggle(state, member, SignInMethod.PHONE)
    word = PhoneWord.TAKEN_BACK if asked.undo else PhoneWord.DONE
    return changed, (*effects, PhoneAnswered(asked.command, word))


def watched_burst(state: State, key: Key, since_ms: int | None) -> tuple[State, str]:
    """The state that remembers what a reader types, and the card once it is whole: its OK is no OK of a person.

    Args:
        since_ms: after the key before; None where nobody knows, and for a key that repeats.
    """
    quick = since_ms is not None and 0 <= since_ms < FASTER_THAN_MS
    if key.isdigit():
        typed = state.burst + key.value if quick else key.value
        return replace(state, burst=typed[: CARD_MAX + 1]), ""
    whole = key is Key.OK and quick and CARD_MIN <= len(state.burst) <= CARD_MAX
    return replace(state, burst="") if state.burst else state, state.burst if whole else ""


def by_card(state: State, card: str) -> Outcome:
    """Sign in whose card this is, or whose number; nobody's is said, and under an alert no card is read."""
    if current_screen(state) is Screen.ALERT:
        return state, ()
    airing = airing_for_sign_in(state)
    if airing is None:
        return state, REFUSED
    if current_screen(state) is not Screen.SIGN_IN:
        state, _opened = open_number(state)
    member = _holder(state, card)
    if member is None:
        digits = card if len(card) <= NUMBER_MAX else ""
        return replace(state, number=NumberEntry(digits, NumberVerdict.NOBODY)), REFUSED
    present = member.id in state.signed_in.get(airing.id, frozenset())
    changed, effects = (state, ()) if present else toggle(state, member, SignInMethod.CARD)
    return fresh(replace(changed, number=NumberEntry(done=member)), Screen.SIGN_IN), effects


def _holder(state: State, card: str) -> RosterMember | None:
    """A card belongs to the one member who has it; without one, a short one may be a number."""
    members = state.roster.members
    hits = [one for one in members if one.card == card] or [one for one in members if one.number == card]
    return hits[0] if len(hits) == 1 else None


def _answered(state: State, asked: PhoneSignedIn, word: PhoneWord) -> Outcome:
    return state, (PhoneAnswered(asked.command, word),)
