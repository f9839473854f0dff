"""Sign-in by number: digits become a member, OK becomes a fact in the journal. Pure.

A number is exact: it finds somebody only when it equals the digits. Which airing counts: `screens.airing_for_sign_in`.
"""

from dataclasses import replace

from schedules.airings import Airing
from schedules.wire.messages import RosterMember, SignedIn, SignInMethod, SignInUndone
from tvclient.core.effects import Effect, Record, Sound, Sounded
from tvclient.core.geometry import FocusId
from tvclient.core.layout import CONFIRM
from tvclient.core.screens import airing_for_sign_in, fresh
from tvclient.core.state import NumberEntry, NumberVerdict, Screen, State

MAX_DIGITS = 6
LOOKED_UP_FROM = 3

Outcome = tuple[State, tuple[Effect, ...]]
_REFUSED: tuple[Effect, ...] = (Sounded(Sound.BLOCKED),)


def open_sign_in(state: State, digits: str = "") -> Outcome:
    """Open the sign-in screen, with digits typed already; refused when there is nothing to sign in to."""
    airing = airing_for_sign_in(state)
    if airing is None:
        return state, _REFUSED
    below = tuple(screen for screen in state.over_home if screen is not Screen.SIGN_IN)
    opened = replace(
        fresh(state, Screen.SIGN_IN),
        over_home=(*below, Screen.SIGN_IN),
        sign_in_for=airing.id,
        number=NumberEntry(),
        revealed_until=None,
    )
    return type_digits(opened, digits) if digits else (opened, ())


def type_digits(state: State, digits: str) -> Outcome:
    """Append digits; a seventh is refused."""
    typed = state.number.digits + digits
    if len(typed) > MAX_DIGITS:
        return state, _REFUSED
    return _looked_up(state, typed), ()


def delete_digit(state: State) -> Outcome:
    """Take the last digit back."""
    if not state.number.digits:
        return state, _REFUSED
    return _looked_up(state, state.number.digits[:-1]), ()


def start_again(state: State) -> Outcome:
    """Forget all digits."""
    return replace(state, number=NumberEntry()), ()


def confirm(state: State) -> Outcome:
    """Sign the found member in, or take the sign-in back."""
    airing, entry = airing_for_sign_in(state), state.number
    if airing is None or entry.member is None:
        return state, _REFUSED
    match entry.verdict:
        case NumberVerdict.FOUND:
            return _sign_in(state, airing, entry.member)
        case NumberVerdict.ALREADY:
            return _undo(state, airing, entry.member)
        case _:
            return state, _REFUSED


def refreshed(state: State) -> State:
    """The same digits judged anew, after the roster or the sign-ins changed."""
    if not state.number.digits:
        return state
    verdict, member = _verdict(state, state.number.digits)
    if (verdict, member) == (state.number.verdict, state.number.member):
        return state
    return replace(state, number=replace(state.number, verdict=verdict, member=member))


def _looked_up(state: State, digits: str) -> State:
    verdict, member = _verdict(state, digits)
    entry = NumberEntry(digits=digits, verdict=verdict, member=member)
    focus = state.focus
    if member is not None:
        focus = {**state.focus, Screen.SIGN_IN: CONFIRM}
    return replace(state, number=entry, focus=focus)


def _verdict(state: State, digits: str) -> tuple[NumberVerdict, RosterMember | None]:
    if len(digits) < LOOKED_UP_FROM:
        return NumberVerdict.TYPING, None
    hits = [member for member in state.roster.members if member.number == digits]
    if len(hits) == 1:
        airing = airing_for_sign_in(state)
        present = airing is not None and hits[0].id in state.signed_in.get(airing.id, frozenset())
        return (NumberVerdict.ALREADY if present else NumberVerdict.FOUND), hits[0]
    if any(member.number.startswith(digits) for member in state.roster.members) and len(digits) < MAX_DIGITS:
        return NumberVerdict.TYPING, None
    return NumberVerdict.NOBODY, None


def _sign_in(state: State, airing: Airing, member: RosterMember) -> Outcome:
    present = state.signed_in.get(airing.id, frozenset()) | {member.id}
    fact = SignedIn(airing=airing.id, lesson=airing.lesson, member=member.id, method=SignInMethod.NUMBER)
    done = replace(
        state,
        signed_in={**state.signed_in, airing.id: present},
        number=NumberEntry(done=member),
        focus=_unfocused(state),
    )
    return done, (Record(fact), Sounded(Sound.TICK))


def _undo(state: State, airing: Airing, member: RosterMember) -> Outcome:
    present = state.signed_in.get(airing.id, frozenset()) - {member.id}
    fact = SignInUndone(airing=airing.id, member=member.id)
    entry = NumberEntry(done=member, undone=True)
    undone = replace(state, signed_in={**state.signed_in, airing.id: present}, number=entry, focus=_unfocused(state))
    return undone, (Record(fact), Sounded(Sound.TICK))


def _unfocused(state: State) -> dict[Screen, FocusId]:
    return {screen: focused for screen, focused in state.focus.items() if screen != Screen.SIGN_IN}
