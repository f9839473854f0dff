"""One notice in large letters, a few lines at a time: nothing scrolls, and opening it is one fact for each version.

Where its lines break is decided here, by the same rule as an alert's, so that pages can be counted without a window.
"""

from typing import Final

from msgspec.structs import replace

from schedules.alerts import lines_of
from schedules.wire.messages import NoticeCard, NoticeRead
from tvclient.core.effects import Effect, Record
from tvclient.core.geometry import Direction, Focusable, FocusId, Rect
from tvclient.core.navigation import REFUSED, Outcome, climb, open_above
from tvclient.core.pages.page import Page
from tvclient.core.reading import opened_as
from tvclient.core.state import Screen, State

NEXT: Final = FocusId("next")
"""The next page of the text."""
BACK: Final = FocusId("back")
NEXT_AT: Final = Rect(952, 910, 420, 104)
BACK_AT: Final = Rect(1404, 910, 420, 104)
TEXT_WIDTH: Final = 1640
SIMPLE: Final = (48, 7)
FULL: Final = (40, 9)
"""Design pixels of the letters, and lines of one page, in the simple and in the full mode (`ui/theme.py`: `large`)."""


def shown(state: State) -> NoticeCard | None:
    """The notice that is open; None when it was taken back meanwhile, or its time is over."""
    return next(
        (
            one
            for one in state.papers.notices.notices
            if one.id == state.reading.notice and (one.valid_until is None or state.now < one.valid_until)
        ),
        None,
    )


def pages_of(text: str, *, simple: bool, less: int = 0) -> tuple[tuple[str, ...], ...]:
    """A text in pages of lines, with an empty line between paragraphs; no page begins or ends with one.

    Args:
        less: so many lines fewer have room below a long title.
    """
    size, most = SIMPLE if simple else FULL
    most -= less
    pages: list[list[str]] = [[]]
    for paragraph in text.split("\n"):
        if pages[-1]:
            pages[-1].append("")
        for line in lines_of(paragraph, size, TEXT_WIDTH):
            if len(pages[-1]) >= most:
                pages.append([])
            pages[-1].append(line)
    for page in pages:
        while page and not page[-1]:
            page.pop()
    return tuple(tuple(page) for page in pages if page) or ((),)


def pages(state: State) -> tuple[tuple[str, ...], ...]:
    """The pages of the notice that is open."""
    notice = shown(state)
    return pages_of(notice.text, simple=state.simple) if notice else ((),)


def page_shown(state: State) -> int:
    """Which of them is shown, from 0."""
    return min(state.reading.page, len(pages(state)) - 1)


def open_notice(state: State, notice: NoticeCard) -> Outcome:
    """Somebody wants to read it; that is a fact the first time."""
    known = opened_as(notice.id, notice.version)
    new = known not in state.reading.opened
    reading = replace(state.reading, opened=state.reading.opened | {known}, notice=notice.id, page=0)
    told: tuple[Effect, ...] = (Record(NoticeRead(notice=notice.id, version=notice.version)),) if new else ()
    return open_above(replace(state, reading=reading), Screen.NOTICE), told


def _things(state: State) -> tuple[Focusable, ...]:
    further = page_shown(state) + 1 < len(pages(state))
    following = (Focusable(NEXT, NEXT_AT, "buttons"),) if further else ()
    return (*following, Focusable(BACK, BACK_AT, "buttons"))


def _activate(state: State, thing: FocusId) -> Outcome:
    match thing:
        case "next":
            return _turned(state, 1) or state, ()
        case "back":
            return climb(state), ()
        case _:
            return state, REFUSED


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
    if not 0 <= there < len(pages(state)):
        return None
    return replace(state, reading=replace(state.reading, page=there))


PAGE: Final = Page(_things, _activate, beyond=_beyond)
