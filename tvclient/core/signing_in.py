"""Signing in: a name or digits become a member, OK becomes a fact in the journal, OK again takes it back. Pure.

A number is exact: it finds somebody only when it equals the digits. Which airing counts: `screens.airing_for_sign_in`.
"""

from msgspec.structs import replace

from schedules.airings import Airing
from schedules.wire.messages import RosterMember, SignedIn, SignInMethod, SignInUndone
from tvclient.core.effects import Record, Sound, Sounded
from tvclient.core.geometry import FocusId
from tvclient.core.navigation import REFUSED, Outcome, open_above
from tvclient.core.screens import airing_for_sign_in, fresh
from tvclient.core.state import NameList, NumberEntry, NumberVerdict, Screen, State

MAX_DIGITS = 6
LOOKED_UP_FROM = 3
CONFIRM = FocusId("confirm")
"""Where the focus goes as soon as somebody was found."""


def open_sign_in(state: State, digits: str = "") -> Outcome:
    """Open the list of names, or the number where a digit was typed; refused when there is nothing to sign in to."""
    airing = airing_for_sign_in(state)
    if airing is None:
        return state, REFUSED
    if digits:
        return open_number(state, digits)
    return replace(open_above(state, Screen.NAMES), sign_in_for=airing.id, names=NameList()), ()


def open_number(state: State, digits: str = "") -> Outcome:
    """Open the pad, with digits typed already; refused when there is nothing to sign in to."""
    airing = airing_for_sign_in(state)
    if airing is None:
        return state, REFUSED
    return type_digits(replace(open_above(state, Screen.SIGN_IN), sign_in_for=airing.id, number=NumberEntry()), digits)


def toggle(state: State, member: RosterMember, method: SignInMethod) -> Outcome:
    """Sign a member in, or take the sign-in back; refused when there is nothing to sign in to."""
    airing = airing_for_sign_in(state)
    if airing is None:
        return state, REFUSED
    if member.id in state.signed_in.get(airing.id, frozenset()):
        return _undo(state, airing, member)
    return _sign_in(state, airing, member, method)


def type_digits(state: State, digits: str) -> Outcome:
    """Append digits; a seventh is refused."""
    typed = state.number.digits + digits
    if len(typed) > MAX_DIGITS:
        return state, REFUSED
    return _looked_up(state, typed), ()


def delete_digit(state: State) -> Outcome:
    """Take the last digit back."""
    if not state.number.digits:
        return state, REFUSED
    return _looked_up(state, state.number.digits[:-1]), ()


def start_again(state: State) -> Outcome:
    """Forget all digits."""
    return replace(state, number=NumberEntry()), ()


def confirm(state: State) -> Outcome:
    """Sign the found member in, or take the sign-in back."""
    entry = state.number
    if entry.member is None or entry.verdict not in (NumberVerdict.FOUND, NumberVerdict.ALREADY):
        return state, REFUSED
    changed, effects = toggle(state, entry.member, SignInMethod.NUMBER)
    if effects == REFUSED:
        return state, REFUSED
    undone = entry.verdict is NumberVerdict.ALREADY
    changed = fresh(replace(changed, number=NumberEntry(done=entry.member, undone=undone)), Screen.SIGN_IN)
    return changed, effects


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


def _sign_in(state: State, airing: Airing, member: RosterMember, method: SignInMethod) -> Outcome:
    present = state.signed_in.get(airing.id, frozenset()) | {member.id}
    fact = SignedIn(airing=airing.id, lesson=airing.lesson, member=member.id, method=method)
    done = refreshed(replace(state, signed_in={**state.signed_in, airing.id: present}))
    return done, (Record(fact), Sounded(Sound.TICK))


def _undo(state: State, airing: Airing, member: RosterMember) -> Outcome:
    present = state.signed_in.get(airing.id, frozenset()) - {member.id}
    fact = SignInUndone(airing=airing.id, member=member.id)
    undone = refreshed(replace(state, signed_in={**state.signed_in, airing.id: present}))
    return undone, (Record(fact), Sounded(Sound.TICK))
