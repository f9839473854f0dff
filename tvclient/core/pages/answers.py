"""What the room has asked, the newest first, and how far each question has come; OK opens one."""

from datetime import timedelta
from typing import Final

from msgspec.structs import replace

from schedules.wire.messages import CaseCard, CaseState
from tvclient.core.consulting import answer_opened_as
from tvclient.core.geometry import Focusable, FocusId, Rect
from tvclient.core.navigation import REFUSED, Outcome, climb
from tvclient.core.pages.answer import open_answer
from tvclient.core.pages.ask import begin
from tvclient.core.pages.page import Page
from tvclient.core.state import State

ROWS: Final = 4
ROWS_AT: Final = tuple(Rect(96, 256 + 160 * place, 1640, 132) for place in range(ROWS))
BACK: Final = FocusId("back")
MORE: Final = FocusId("more")
ASK: Final = FocusId("ask")
BACK_AT: Final = Rect(1404, 910, 420, 104)
MORE_AT: Final = Rect(952, 910, 420, 104)
ASK_AT: Final = Rect(96, 910, 420, 104)
JUST_ASKED: Final = timedelta(minutes=2)
"""So long the screen says that a question was taken."""
_CASE: Final = "case."


def row(case: CaseCard) -> FocusId:
    """The row of a question."""
    return FocusId(_CASE + case.id)


def not_opened(state: State) -> tuple[CaseCard, ...]:
    """Answers that nobody has opened here yet, in the order of the paper."""
    return tuple(
        one
        for one in state.papers.green_channel.cases
        if one.state is CaseState.ANSWERED and answer_opened_as(one.id) not in state.reading.opened
    )


def just_asked(state: State) -> bool:
    """Whether somebody has asked a moment ago."""
    at = state.asking.asked_at
    return at is not None and timedelta(0) <= state.now - at < JUST_ASKED


def pages(state: State) -> int:
    """How many pages the list has; one at least."""
    return max(1, -(-len(state.papers.green_channel.cases) // ROWS))


def page_shown(state: State) -> int:
    """Which of them is shown, from 0."""
    return min(state.asking.list_page, pages(state) - 1)


def shown(state: State) -> tuple[CaseCard, ...]:
    """The questions on the page that is shown."""
    return state.papers.green_channel.cases[page_shown(state) * ROWS :][:ROWS]


def _things(state: State) -> tuple[Focusable, ...]:
    rows = (Focusable(row(one), at, "rows") for one, at in zip(shown(state), ROWS_AT, strict=False))
    more = (Focusable(MORE, MORE_AT, "buttons"),) if pages(state) > 1 else ()
    return (*rows, Focusable(ASK, ASK_AT, "buttons"), *more, Focusable(BACK, BACK_AT, "buttons"))


def _activate(state: State, thing: FocusId) -> Outcome:
    match thing:
        case "back":
            return climb(state), ()
        case "ask":
            return begin(state)
        case "more":
            turned = (page_shown(state) + 1) % pages(state)
            return replace(state, asking=replace(state.asking, list_page=turned)), ()
        case _:
            chosen = next((one for one in shown(state) if row(one) == thing), None)
            return open_answer(state, chosen) if chosen else (state, REFUSED)


PAGE: Final = Page(_things, _activate)
