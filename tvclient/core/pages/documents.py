"""Documents to the station: which wait to be read or answered, and the list from which one is opened.

What a document says, and how it is confirmed and answered: `document.py`; the strip that leads here: `today.py`.
"""

from typing import Final

from msgspec.structs import replace

from schedules.wire.messages import DocumentCard, ReplyWay
from tvclient.core.geometry import Focusable, FocusId, Rect
from tvclient.core.navigation import REFUSED, Outcome, climb
from tvclient.core.pages.document import is_read, open_document, reply_here
from tvclient.core.pages.page import Page
from tvclient.core.state import State

ROWS: Final = 4
ROWS_AT: Final = tuple(Rect(96, 216 + 164 * place, 1640, 136) for place in range(ROWS))
"""Not as wide as there is room: what has the focus grows to the right."""
BACK: Final = FocusId("back")
MORE: Final = FocusId("more")
"""The next page of the list."""
BACK_AT: Final = Rect(1404, 910, 420, 104)
MORE_AT: Final = Rect(952, 910, 420, 104)
_ROW: Final = "document."


def row(document: DocumentCard) -> FocusId:
    """The row of a document."""
    return FocusId(_ROW + document.id)


def held(state: State) -> tuple[DocumentCard, ...]:
    """The documents, those that wait for somebody first, else the newest."""
    return tuple(sorted(state.papers.documents.documents, key=lambda one: not waits(state, one)))


def waits(state: State, document: DocumentCard) -> bool:
    """Whether a document is still to be read, or to be answered by the remote."""
    if document.recalled:
        return False
    return not is_read(state, document) or (
        document.reply is ReplyWay.KEYS and bool(document.options) and not reply_here(state, document)
    )


def waiting(state: State) -> tuple[DocumentCard, ...]:
    """Those that wait, the newest first."""
    return tuple(one for one in held(state) if waits(state, one))


def pages(state: State) -> int:
    """How many pages the list has; one at least."""
    return max(1, -(-len(held(state)) // ROWS))


def page_shown(state: State) -> int:
    """Which of them is shown, from 0."""
    return min(state.reading.documents_page, pages(state) - 1)


def shown(state: State) -> tuple[DocumentCard, ...]:
    """The documents on the page that is shown."""
    return held(state)[page_shown(state) * ROWS :][:ROWS]


def _things(state: State) -> tuple[Focusable, ...]:
    rows = (Focusable(row(one), at, "rows") for one, at in zip(shown(state), ROWS_AT, strict=False))
    more = (Focusable(MORE, MORE_AT, "buttons"),) if pages(state) > 1 else ()
    return (*rows, *more, Focusable(BACK, BACK_AT, "buttons"))


def _activate(state: State, thing: FocusId) -> Outcome:
    match thing:
        case "back":
            return climb(state), ()
        case "more":
            turned = (page_shown(state) + 1) % pages(state)
            return replace(state, reading=replace(state.reading, documents_page=turned)), ()
        case _:
            chosen = next((one for one in shown(state) if row(one) == thing), None)
            return open_document(state, chosen) if chosen else (state, REFUSED)


PAGE: Final = Page(_things, _activate)
