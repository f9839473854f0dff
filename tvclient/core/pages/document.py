"""One document in large letters, a page at a time; on its last page somebody confirms that it was read, then answers.

Confirming is one fact for each version, each answer is one more: the newest stands.
"""

from typing import Final

from msgspec.structs import replace

from schedules.alerts import lines_of
from schedules.wire.messages import DocumentCard, DocumentRead, DocumentReplied, ReplyWay
from tvclient.core.effects import Record, Sound, Sounded
from tvclient.core.geometry import Direction, Focusable, FocusId, Rect
from tvclient.core.navigation import REFUSED, Outcome, climb, open_above
from tvclient.core.pages.notice import pages_of
from tvclient.core.pages.page import Page
from tvclient.core.reading import read_as, reply_of, with_reply
from tvclient.core.state import Screen, State

TITLE_SIMPLE, TITLE_FULL, TITLE_WIDTH = 72, 56, 1728
NEXT: Final = FocusId("next")
"""The next page of the text."""
CONFIRM: Final = FocusId("confirm")
ANSWER: Final = FocusId("answer")
"""From the last page of what was confirmed to the answers."""
BACK: Final = FocusId("back")
FIRST_AT: Final = Rect(952, 910, 420, 104)
BACK_AT: Final = Rect(1404, 910, 420, 104)
MOST_OPTIONS: Final = 4
OPTIONS_AT: Final = tuple(Rect(96 + 908 * (place % 2), 400 + 200 * (place // 2), 820, 152) for place in range(4))
_OPTION: Final = "option."


def option(place: int) -> FocusId:
    """The tile of an answer."""
    return FocusId(f"{_OPTION}{place}")


def shown(state: State) -> DocumentCard | None:
    """The document that is open; None when it is not there any more."""
    wanted = state.reading.document
    return next((one for one in state.papers.documents.documents if one.id == wanted), None)


def is_read(state: State, document: DocumentCard) -> bool:
    """Whether its newest version was read: confirmed here, or known to the server."""
    here = read_as(document.id, document.version) in state.reading.opened
    return here or document.read_version >= document.version


def reply_here(state: State, document: DocumentCard) -> str:
    """The answer that stands: the last one given here, else what the server knows; empty for none."""
    return reply_of(state.reading.opened, document.id) or document.replied


def title_lines(document: DocumentCard, *, simple: bool) -> tuple[str, ...]:
    """Its title, as far as two lines hold it."""
    return tuple(lines_of(document.title, TITLE_SIMPLE if simple else TITLE_FULL, TITLE_WIDTH)[:2])


def text_pages(state: State) -> tuple[tuple[str, ...], ...]:
    """The pages of its text; a long title takes lines from each."""
    document = shown(state)
    if document is None or document.recalled:
        return ((),)
    less = len(title_lines(document, simple=state.simple)) - 1
    return pages_of(document.text, simple=state.simple, less=less + 1)


def options(state: State) -> tuple[str, ...]:
    """What can be chosen by the remote."""
    document = shown(state)
    asked = document is not None and document.reply is ReplyWay.KEYS and not document.recalled
    return document.options[:MOST_OPTIONS] if document is not None and asked else ()


def pages(state: State) -> int:
    """How many pages it has: those of its text, and one for the answer, once it was read."""
    document = shown(state)
    answers = document is not None and bool(options(state)) and is_read(state, document)
    return len(text_pages(state)) + answers


def page_shown(state: State) -> int:
    """Which of them is shown, from 0."""
    return min(state.reading.document_page, pages(state) - 1)


def answering(state: State) -> bool:
    """Whether the page of the answers is shown."""
    return page_shown(state) >= len(text_pages(state))


def open_document(state: State, document: DocumentCard) -> Outcome:
    """Somebody wants to read it."""
    return open_above(
        replace(state, reading=replace(state.reading, document=document.id, document_page=0)), Screen.DOCUMENT
    ), ()


def _things(state: State) -> tuple[Focusable, ...]:
    document, back = shown(state), Focusable(BACK, BACK_AT, "buttons")
    if document is None or document.recalled:
        return (back,)
    if answering(state):
        tiles = zip(range(len(options(state))), OPTIONS_AT, strict=False)
        return (*(Focusable(option(place), at, "options") for place, at in tiles), back)
    if page_shown(state) + 1 < len(text_pages(state)):
        return (Focusable(NEXT, FIRST_AT, "buttons"), back)
    if not is_read(state, document):
        return (Focusable(CONFIRM, FIRST_AT, "buttons"), back)
    return (Focusable(ANSWER, FIRST_AT, "buttons"), back) if options(state) else (back,)


def _activate(state: State, thing: FocusId) -> Outcome:
    document = shown(state)
    if thing == BACK:
        return climb(state), ()
    if document is None:
        return state, REFUSED
    if thing.startswith(_OPTION):
        return _answered(state, document, int(thing.removeprefix(_OPTION)))
    match thing:
        case "next" | "answer":
            return _turned(state, 1) or state, ()
        case "confirm":
            known = read_as(document.id, document.version)
            read = replace(state, reading=replace(state.reading, opened=state.reading.opened | {known}))
            told = Record(DocumentRead(document=document.id, version=document.version))
            return _turned(read, 1) or read, (told, Sounded(Sound.TICK))
        case _:
            return state, REFUSED


def _answered(state: State, document: DocumentCard, place: int) -> Outcome:
    """An answer was chosen; the one that stands already is no new fact."""
    answer = options(state)[place]
    if reply_here(state, document) == answer:
        return state, (Sounded(Sound.TICK),)
    opened = with_reply(state.reading.opened, document.id, answer)
    said = DocumentReplied(document=document.id, version=document.version, choice=place, answer=answer)
    answered = replace(state, reading=replace(state.reading, opened=opened))
    return answered, (Record(said), Sounded(Sound.TICK))


def _beyond(state: State, direction: Direction) -> State | None:
    """Down is the next page, up the one before."""
    match direction:
        case Direction.DOWN:
            return _turned(state, 1)
        case Direction.UP:
            return _turned(state, -1)
        case _:
            return None


def _turned(state: State, by: int) -> State | None:
    there = page_shown(state) + by
    if not 0 <= there < pages(state):
        return None
    return replace(state, reading=replace(state.reading, document_page=there))


PAGE: Final = Page(_things, _activate, beyond=_beyond)
