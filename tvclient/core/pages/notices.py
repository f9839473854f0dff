"""Notices to the station: which of them hold at this moment, and the list from which one is opened.

Those that hold are judged by the television's own time, so that one ends at its minute without a line. What a notice
says: `notice.py`; the strip above today's programme that leads here: `today.py`.
"""

from typing import Final

from msgspec.structs import replace

from schedules.wire.messages import NoticeCard
from tvclient.core.geometry import Focusable, FocusId, Rect
from tvclient.core.navigation import REFUSED, Outcome, climb, open_above
from tvclient.core.pages.documents import held
from tvclient.core.pages.notice import open_notice
from tvclient.core.pages.page import Page
from tvclient.core.reading import opened_as
from tvclient.core.state import Screen, State

ROWS: Final = 4
ROWS_AT: Final = tuple(Rect(96, 216 + 164 * place, 1640, 136) for place in range(ROWS))
"""Not as wide as there is room: what has the focus grows to the right."""
BACK: Final = FocusId("back")
DOCUMENTS: Final = FocusId("documents")
DOCUMENTS_AT: Final = Rect(500, 910, 420, 104)
MORE: Final = FocusId("more")
"""The next page of the list."""
BACK_AT: Final = Rect(1404, 910, 420, 104)
MORE_AT: Final = Rect(952, 910, 420, 104)
_NOTICE: Final = "notice."


def row(notice: NoticeCard) -> FocusId:
    """The row of a notice."""
    return FocusId(_NOTICE + notice.id)


def holding(state: State) -> tuple[NoticeCard, ...]:
    """The notices that hold now: important ones first, then the newest."""
    now = [
        one
        for one in state.papers.notices.notices
        if one.valid_from <= state.now and (one.valid_until is None or state.now < one.valid_until)
    ]
    newest = sorted(now, key=lambda one: (one.published_at, one.id), reverse=True)
    return tuple(sorted(newest, key=lambda one: not one.important))


def is_opened(state: State, notice: NoticeCard) -> bool:
    """Whether somebody has opened it here, in the version that holds."""
    return opened_as(notice.id, notice.version) in state.reading.opened


def not_opened(state: State) -> tuple[NoticeCard, ...]:
    """Those that nobody has opened yet, in the same order."""
    return tuple(one for one in holding(state) if not is_opened(state, one))


def pages(state: State) -> int:
    """How many pages the list has; one at least."""
    return max(1, -(-len(holding(state)) // ROWS))


def page_shown(state: State) -> int:
    """Which of them is shown, from 0."""
    return min(state.reading.list_page, pages(state) - 1)


def shown(state: State) -> tuple[NoticeCard, ...]:
    """The notices on the page that is shown."""
    return holding(state)[page_shown(state) * ROWS :][:ROWS]


def _things(state: State) -> tuple[Focusable, ...]:
    rows = (Focusable(row(one), at, "rows") for one, at in zip(shown(state), ROWS_AT, strict=False))
    more = (Focusable(MORE, MORE_AT, "buttons"),) if pages(state) > 1 else ()
    documents = (Focusable(DOCUMENTS, DOCUMENTS_AT, "buttons"),) if held(state) else ()
    return (*rows, *documents, *more, Focusable(BACK, BACK_AT, "buttons"))


def _activate(state: State, thing: FocusId) -> Outcome:
    match thing:
        case "back":
            return climb(state), ()
        case "documents":
            return open_above(state, Screen.DOCUMENTS), ()
        case "more":
            turned = (page_shown(state) + 1) % pages(state)
            return replace(state, reading=replace(state.reading, list_page=turned)), ()
        case _:
            chosen = next((one for one in shown(state) if row(one) == thing), None)
            return open_notice(state, chosen) if chosen else (state, REFUSED)


PAGE: Final = Page(_things, _activate)
