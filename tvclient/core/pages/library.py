"""The library: two subjects at a time, four courses of each; what lies beyond comes as the focus goes there."""

from typing import Final

from msgspec.structs import replace

from tvclient.core.catalogue import Course, next_to_see, subjects
from tvclient.core.geometry import Direction, Focusable, FocusId, Rect
from tvclient.core.navigation import REFUSED, Outcome
from tvclient.core.pages.course import open_course
from tvclient.core.pages.page import Page
from tvclient.core.state import Screen, State

ROWS: Final = 2
COLUMNS: Final = 4
POSTERS_AT: Final = tuple(
    tuple(Rect(96 + 456 * column, 256 + 420 * row, 360, 203) for column in range(COLUMNS)) for row in range(ROWS)
)
EMPTY: Final = FocusId("no_lessons")
EMPTY_AT: Final = Rect(96, 256, 1728, 154)

_COURSE: Final = "course."


def poster(course: Course) -> FocusId:
    """The poster of a course."""
    return FocusId(_COURSE + course.key)


def rows(state: State) -> tuple[tuple[str, tuple[Course, ...], tuple[Course, ...]], ...]:
    """The subjects on the screen: name, the courses of it that are shown, and all of them."""
    every = subjects(state)
    top = min(state.shelf.top, max(0, len(every) - ROWS))
    return tuple(
        (subject, ones[_first(state, subject, ones) :][:COLUMNS], ones) for subject, ones in every[top:][:ROWS]
    )


def below(state: State) -> tuple[str, ...]:
    """Subjects further down."""
    return tuple(subject for subject, _ones in subjects(state)[min(state.shelf.top, len(subjects(state))) + ROWS :])


def right(state: State, subject: str, ones: tuple[Course, ...]) -> int:
    """How many courses of a subject lie further right."""
    return max(0, len(ones) - _first(state, subject, ones) - COLUMNS)


def _first(state: State, subject: str, ones: tuple[Course, ...]) -> int:
    return min(state.shelf.offsets.get(subject, 0), max(0, len(ones) - COLUMNS))


def _things(state: State) -> tuple[Focusable, ...]:
    found = tuple(
        Focusable(poster(course), at, f"row.{subject}")
        for (subject, shown, _ones), places in zip(rows(state), POSTERS_AT, strict=False)
        for course, at in zip(shown, places, strict=False)
    )
    return found or (Focusable(EMPTY, EMPTY_AT, "empty"),)


def _activate(state: State, thing: FocusId) -> Outcome:
    course = next((one for _s, shown, _o in rows(state) for one in shown if poster(one) == thing), None)
    if course is None:
        return state, REFUSED
    first = next_to_see(state, course)
    return open_course(state, course.key, first.lesson.id if first else None), ()


def _beyond(state: State, direction: Direction) -> State | None:
    focus, shown = state.focus.get(Screen.LIBRARY), rows(state)
    if not shown:
        return None
    row, column = next(
        ((r, c) for r, (_s, ones, _o) in enumerate(shown) for c, one in enumerate(ones) if poster(one) == focus), (0, 0)
    )
    subject, _ones, every = shown[row]
    match direction:
        case Direction.RIGHT | Direction.LEFT:
            step = 1 if direction is Direction.RIGHT else -1
            first = _first(state, subject, every) + step
            if not 0 <= first <= len(every) - COLUMNS:
                return None
            offsets = {**state.shelf.offsets, subject: first}
            return _focused(replace(state, shelf=replace(state.shelf, offsets=offsets)), row, column)
        case Direction.DOWN | Direction.UP:
            step = 1 if direction is Direction.DOWN else -1
            top = min(state.shelf.top, max(0, len(subjects(state)) - ROWS)) + step
            if not 0 <= top <= len(subjects(state)) - ROWS:
                return None
            return _focused(replace(state, shelf=replace(state.shelf, top=top)), row, column)


def _focused(state: State, row: int, column: int) -> State:
    subject, ones, _every = rows(state)[row]
    here = poster(ones[min(column, len(ones) - 1)])
    return replace(
        state,
        focus={**state.focus, Screen.LIBRARY: here},
        remembered={**state.remembered, (Screen.LIBRARY, f"row.{subject}"): here},
    )


PAGE: Final = Page(_things, _activate, beyond=_beyond)
