"""Sign-in by name: surnames at the left, twelve names beside them; OK signs in, OK again takes it back."""

from typing import Final

from msgspec.structs import replace

from schedules.wire.messages import RosterMember, SignInMethod
from tvclient.core import roll
from tvclient.core.geometry import Direction, Focusable, FocusId, Rect
from tvclient.core.navigation import REFUSED, Outcome
from tvclient.core.pages.page import Page
from tvclient.core.signing_in import open_number, toggle
from tvclient.core.state import NameList, Screen, State

COLUMNS, ROWS = 3, roll.PAGE // 3
NAMES_AT: Final = tuple(
    Rect(436 + column * 352, 187 + row * 190, 316, 154) for row in range(ROWS) for column in range(COLUMNS)
)
SURNAMES_AT: Final = tuple(Rect(96 + column * 158, 187 + row * 125, 130, 97) for row in range(6) for column in range(2))
NUMBER: Final = FocusId("by_number")
NUMBER_AT: Final = Rect(1540, 779, 256, 104)
EMPTY: Final = FocusId("no_names")
EMPTY_AT: Final = Rect(436, 187, 1020, 154)
"""Where a station has no members yet."""

_SURNAME, _MEMBER = "surname.", "member."


def button(name: str) -> FocusId:
    """The button of a surname."""
    return FocusId(_SURNAME + name)


def tile(member: RosterMember) -> FocusId:
    """The tile of a member."""
    return FocusId(_MEMBER + member.id)


def chosen(state: State) -> tuple[RosterMember, ...]:
    """Everybody behind the chosen surname."""
    return roll.of_surname(state.roster.members, state.names.surname)


def shown(state: State) -> tuple[RosterMember, ...]:
    """The members on the page that is shown; the last page where there are fewer by now."""
    members = chosen(state)
    page = min(state.names.page, roll.pages(len(members)) - 1)
    return members[page * roll.PAGE :][: roll.PAGE]


def _things(state: State) -> tuple[Focusable, ...]:
    members = shown(state)
    number = Focusable(NUMBER, NUMBER_AT, "number")
    if not members:
        return (Focusable(EMPTY, EMPTY_AT, "names"), number)
    names = (Focusable(tile(one), at, "names") for one, at in zip(members, NAMES_AT, strict=False))
    buttons = zip(roll.surnames(state.roster.members), SURNAMES_AT, strict=False)
    return (*names, *(Focusable(button(name), at, "surnames") for name, at in buttons), number)


def _activate(state: State, thing: FocusId) -> Outcome:
    if thing.startswith(_SURNAME):
        first = shown(state)
        return (_focused_on(state, first[0]), ()) if first else (state, REFUSED)
    if thing == NUMBER:
        return open_number(state)
    member = next((one for one in shown(state) if tile(one) == thing), None)
    return toggle(state, member, SignInMethod.NAME) if member else (state, REFUSED)


def _arrived(state: State, thing: FocusId) -> State:
    """A surname shows its names as soon as the focus is on it."""
    if not thing.startswith(_SURNAME) or thing == button(state.names.surname):
        return state
    remembered = {place: known for place, known in state.remembered.items() if place != (Screen.NAMES, "names")}
    return replace(state, names=NameList(surname=thing.removeprefix(_SURNAME)), remembered=remembered)


def _beyond(state: State, direction: Direction) -> State | None:
    """Beyond the last row is the next page, beyond the first the one before; the column stays."""
    members, focus = chosen(state), state.focus.get(Screen.NAMES)
    places = {tile(one): place for place, one in enumerate(shown(state))}
    if direction not in (Direction.UP, Direction.DOWN) or (focus is not None and focus not in places):
        return None
    step = 1 if direction is Direction.DOWN else -1
    page = min(state.names.page, roll.pages(len(members)) - 1) + step
    if not 0 <= page < roll.pages(len(members)):
        return None
    turned = replace(state, names=replace(state.names, page=page))
    there = shown(turned)
    column = places.get(focus, 0) % COLUMNS if focus is not None else 0
    place = column if step > 0 else (ROWS - 1) * COLUMNS + column
    return _focused_on(turned, there[min(place, len(there) - 1)])


def _focused_on(state: State, member: RosterMember) -> State:
    here = tile(member)
    return replace(
        state,
        focus={**state.focus, Screen.NAMES: here},
        remembered={**state.remembered, (Screen.NAMES, "names"): here},
    )


PAGE: Final = Page(_things, _activate, _arrived, _beyond)
