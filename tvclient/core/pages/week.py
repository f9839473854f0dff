"""The coming week: seven days at the left, five airings of the chosen day beside them; the focus turns the pages.

Nothing here is remembered but the focus itself: the day is the one whose button had it last, the page the one on which
the last row stands; until then it is today, and the page on which something is on the air or comes next.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from msgspec.structs import replace

from schedules.airings import Airing
from tvclient.core.geometry import Direction, Focusable, FocusId, Rect
from tvclient.core.navigation import REFUSED, Outcome, go_home
from tvclient.core.pages.course import open_lesson_of
from tvclient.core.pages.page import Page
from tvclient.core.screens import local, on_air
from tvclient.core.state import Screen, State
from tvclient.core.watching import next_showing

DAYS: Final = 7
ROWS: Final = 5
DAYS_AT: Final = tuple(Rect(96, 216 + row * 110, 300, 82) for row in range(DAYS))
ROWS_AT: Final = tuple(Rect(496, 216 + row * 154, 1328, 126) for row in range(ROWS))

_DAY, _AIRING = "day.", "airing."
_DAYS, _ROWS = "days", "rows"


class Fate(StrEnum):
    """What became of an airing, as its row says it."""

    COMING = "coming"
    ON_AIR = "on_air"
    SHOWN = "shown"
    MISSED = "missed"


def button(day: date) -> FocusId:
    """The button of a day."""
    return FocusId(_DAY + day.isoformat())


def row(airing: Airing) -> FocusId:
    """The row of an airing."""
    return FocusId(_AIRING + airing.id)


def days(state: State) -> tuple[date, ...]:
    """Today and the six days after it, by the village's calendar."""
    today = local(state.now).date()
    return tuple(today + timedelta(days=ahead) for ahead in range(DAYS))


def chosen_day(state: State) -> date:
    """The day whose airings are listed."""
    last = _last(state, _DAYS, _DAY)
    return next((day for day in days(state) if button(day) == last), days(state)[0])


def airings_of(state: State, day: date) -> tuple[Airing, ...]:
    """What begins on a day, in order."""
    return tuple(airing for airing in state.timetable if local(airing.start).date() == day)


def pages(count: int) -> int:
    """How many pages so many airings take; one at least."""
    return max(1, -(-count // ROWS))


def page_shown(state: State) -> int:
    """Which page of the day is shown, from 0."""
    return _place(state, airings_of(state, chosen_day(state))) // ROWS


def shown(state: State) -> tuple[Airing, ...]:
    """The airings on the page that is shown."""
    airings = airings_of(state, chosen_day(state))
    return airings[_place(state, airings) // ROWS * ROWS :][:ROWS]


def fate(state: State, airing: Airing) -> Fate:
    """What became of an airing here, by this box's own journal."""
    current = on_air(state)
    if current is not None and current.id == airing.id:
        return Fate.ON_AIR
    if airing.start > state.now:
        return Fate.COMING
    return Fate.SHOWN if airing.id in state.started else Fate.MISSED


def shown_again(state: State, airing: Airing) -> Airing | None:
    """The next airing of the same lesson that is still to come."""
    return next_showing(state, airing.lesson, airing.start)


def chosen(state: State, airing: Airing) -> Outcome:
    """Somebody pressed OK on an airing: the one on the air is gone back to, of others the lesson is shown."""
    return (go_home(state) if fate(state, airing) is Fate.ON_AIR else open_lesson_of(state, airing)), ()


def _things(state: State) -> tuple[Focusable, ...]:
    """The chosen day comes first, since its airings are what one sees."""
    here = button(chosen_day(state))
    buttons = [Focusable(button(day), at, _DAYS) for day, at in zip(days(state), DAYS_AT, strict=True)]
    buttons.sort(key=lambda thing: thing.id != here)
    rows = (Focusable(row(airing), at, _ROWS) for airing, at in zip(shown(state), ROWS_AT, strict=False))
    return (*buttons, *rows)


def _activate(state: State, thing: FocusId) -> Outcome:
    here = shown(state)
    if thing.startswith(_DAY):
        airings = airings_of(state, chosen_day(state))
        return (_focused_on(state, airings[_place(state, airings)]), ()) if airings else (state, REFUSED)
    airing = next((one for one in here if row(one) == thing), None)
    return chosen(state, airing) if airing else (state, REFUSED)


def _arrived(state: State, thing: FocusId) -> State:
    """A day shows its airings as soon as the focus comes to it from another one."""
    last = state.remembered.get((Screen.WEEK, _ROWS))
    if not thing.startswith(_DAY) or last is None:
        return state
    if any(row(airing) == last for airing in airings_of(state, chosen_day(state))):
        return state
    remembered = {place: known for place, known in state.remembered.items() if place != (Screen.WEEK, _ROWS)}
    return replace(state, remembered=remembered)


def _beyond(state: State, direction: Direction) -> State | None:
    """Beyond the last row is the next page, beyond the first the one before."""
    airings = airings_of(state, chosen_day(state))
    focus = state.focus.get(Screen.WEEK)
    here = next((place for place, airing in enumerate(airings) if row(airing) == focus), None)
    if here is None or direction not in (Direction.UP, Direction.DOWN):
        return None
    there = here + (1 if direction is Direction.DOWN else -1)
    return _focused_on(state, airings[there]) if 0 <= there < len(airings) else None


def _place(state: State, airings: Sequence[Airing]) -> int:
    """Of the row that had the focus last; else of what is on the air or comes next; 0 where the day is over."""
    last = _last(state, _ROWS, _AIRING)
    for place, airing in enumerate(airings):
        if row(airing) == last:
            return place
    return next((place for place, airing in enumerate(airings) if airing.end > state.now), 0)


def _last(state: State, region: str, prefix: str) -> FocusId | None:
    """What of a region has the focus, or had it last."""
    focus = state.focus.get(Screen.WEEK)
    return focus if focus and focus.startswith(prefix) else state.remembered.get((Screen.WEEK, region))


def _focused_on(state: State, airing: Airing) -> State:
    here = row(airing)
    kept = {(Screen.WEEK, _DAYS): button(chosen_day(state)), (Screen.WEEK, _ROWS): here}
    return replace(state, focus={**state.focus, Screen.WEEK: here}, remembered={**state.remembered, **kept})


PAGE: Final = Page(_things, _activate, _arrived, _beyond, columns=frozenset({_DAYS, _ROWS}))
