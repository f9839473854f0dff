"""The station itself: its stars, the hours it has shown this month, its members, and what is ready for today."""

from typing import Final

from msgspec.structs import replace

from schedules.airings import Airing
from tvclient.core.airtime import shown_ms
from tvclient.core.geometry import Focusable, FocusId, Rect
from tvclient.core.navigation import REFUSED, Outcome, climb
from tvclient.core.pages.page import Page
from tvclient.core.screens import Readiness, local, readiness
from tvclient.core.state import State

MISSING: Final = 3
"""So many lessons that are not stored stand on one page."""
MOST_STARS: Final = 5
BACK: Final = FocusId("back")
MORE: Final = FocusId("more")
"""The next page of what is missing."""
BACK_AT: Final = Rect(1404, 910, 420, 104)
MORE_AT: Final = Rect(952, 910, 420, 104)


def stars(state: State) -> int:
    """The station's stars, 1 to 5; 0 where nothing is said."""
    return min(max(state.station.stars, 0), MOST_STARS) if state.station else 0


def shown_minutes(state: State) -> int:
    """Whole minutes that this television has shown lessons this month."""
    return shown_ms(state.airtime, state.now) // 60_000


def quota_minutes(state: State) -> int:
    """Minutes that are asked of the station each month; 0 where nothing is said."""
    return max(0, state.station.quota_minutes) if state.station else 0


def of_today(state: State) -> tuple[Airing, ...]:
    """What is still shown today, each lesson once, in order."""
    today = local(state.now).date()
    lessons: dict[str, Airing] = {}
    for airing in state.timetable:
        if airing.end > state.now and local(airing.start).date() == today:
            lessons.setdefault(airing.package, airing)
    return tuple(lessons.values())


def missing(state: State) -> tuple[Airing, ...]:
    """What of it is not on the disk, in order."""
    return tuple(airing for airing in of_today(state) if readiness(state, airing) is not Readiness.STORED)


def pages(state: State) -> int:
    """How many pages name what is missing; one at least."""
    return max(1, -(-len(missing(state)) // MISSING))


def page_shown(state: State) -> int:
    """Which of them is shown, from 0."""
    return state.missing_page % pages(state)


def missing_shown(state: State) -> tuple[Airing, ...]:
    """What is named on the page that is shown."""
    return missing(state)[page_shown(state) * MISSING :][:MISSING]


def _things(state: State) -> tuple[Focusable, ...]:
    more = (Focusable(MORE, MORE_AT, "buttons"),) if pages(state) > 1 else ()
    return (Focusable(BACK, BACK_AT, "buttons"), *more)


def _activate(state: State, thing: FocusId) -> Outcome:
    match thing:
        case "back":
            return climb(state), ()
        case "more":
            return replace(state, missing_page=(page_shown(state) + 1) % pages(state)), ()
        case _:
            return state, REFUSED


PAGE: Final = Page(_things, _activate)
