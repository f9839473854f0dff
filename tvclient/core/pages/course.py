"""A course: its lessons at the left, and what there is to know of the one that has the focus; OK shows it now."""

from typing import Final

from msgspec.structs import replace

from schedules.airings import Airing, LessonId
from tvclient.core.catalogue import Course, Entry, course_key, course_of
from tvclient.core.geometry import Direction, Focusable, FocusId, Rect
from tvclient.core.navigation import REFUSED, Outcome, go_home, open_above
from tvclient.core.pages.page import Page
from tvclient.core.screens import on_air
from tvclient.core.shelves import CourseView
from tvclient.core.state import Screen, State
from tvclient.core.watching import choose, may_choose, missed

ROWS: Final = 5
ROWS_AT: Final = tuple(Rect(96, 216 + row * 154, 780, 126) for row in range(ROWS))
PLAY: Final = FocusId("play")
OVER: Final = FocusId("over")
"""From the beginning, where somebody stopped in the middle."""
PLAY_AT: Final = Rect(952, 910, 460, 104)
OVER_AT: Final = Rect(1448, 910, 376, 104)
NONE: Final = FocusId("no_course")
NONE_AT: Final = Rect(96, 216, 780, 126)

_LESSON: Final = "lesson."


def row(lesson: LessonId) -> FocusId:
    """The row of a lesson."""
    return FocusId(_LESSON + lesson)


def open_course(state: State, key: str, lesson: LessonId | None) -> State:
    """Open a course with this lesson in focus."""
    opened = replace(open_above(state, Screen.COURSE), course=CourseView(key, lesson or LessonId("")))
    return _focused(opened, lesson) if lesson else opened


def open_lesson_of(state: State, airing: Airing) -> State:
    """Open the course of an airing's lesson."""
    return open_course(state, course_key(airing.lesson), airing.lesson.id)


def course_shown(state: State) -> Course | None:
    """The course on the screen; None when nothing of it is known any more."""
    return course_of(state, state.course.key)


def entry_shown(state: State) -> Entry | None:
    """The lesson whose details are shown."""
    course = course_shown(state)
    entries = course.entries if course else ()
    return next((one for one in entries if one.lesson.id == state.course.lesson), entries[0] if entries else None)


def page_shown(state: State) -> tuple[Entry, ...]:
    """The lessons in the list: the page with the one in focus."""
    course, here = course_shown(state), entry_shown(state)
    if course is None or here is None:
        return ()
    place = course.entries.index(here)
    return course.entries[place // ROWS * ROWS :][:ROWS]


def missed_airing(state: State, entry: Entry) -> Airing | None:
    """The airing that showing this lesson now would make up for."""
    return next((one for one in missed(state) if one.lesson.id == entry.lesson.id), None)


def place_in(state: State, entry: Entry) -> int:
    """Where it goes on, in milliseconds; 0 from the beginning."""
    return max(0, state.places.get(entry.package, 0))


def is_on_air(state: State, entry: Entry) -> bool:
    """Whether it fills the television right now."""
    current = on_air(state)
    return current is not None and current.lesson.id == entry.lesson.id


def can_play(state: State, entry: Entry) -> bool:
    """Whether OK would show it."""
    return is_on_air(state, entry) or (entry.stored is not None and may_choose(state))


def _things(state: State) -> tuple[Focusable, ...]:
    here, page = entry_shown(state), page_shown(state)
    if here is None:
        return (Focusable(NONE, NONE_AT, "list"),)
    rows = [Focusable(row(one.lesson.id), at, "list") for one, at in zip(page, ROWS_AT, strict=False)]
    rows.sort(key=lambda thing: thing.id != row(here.lesson.id))
    buttons = []
    if can_play(state, here):
        buttons.append(Focusable(PLAY, PLAY_AT, "buttons"))
        if place_in(state, here) and not is_on_air(state, here):
            buttons.append(Focusable(OVER, OVER_AT, "buttons"))
    return (*rows, *buttons)


def _activate(state: State, thing: FocusId) -> Outcome:
    here = entry_shown(state)
    if here is None:
        return state, REFUSED
    if is_on_air(state, here):
        return go_home(state), ()
    if here.stored is None:
        return state, REFUSED
    return choose(state, here.stored, 0 if thing == OVER else place_in(state, here), missed_airing(state, here))


def _arrived(state: State, thing: FocusId) -> State:
    if not thing.startswith(_LESSON):
        return state
    return replace(state, course=replace(state.course, lesson=LessonId(thing.removeprefix(_LESSON))))


def _beyond(state: State, direction: Direction) -> State | None:
    """Beyond the last row is the next page."""
    course, here = course_shown(state), entry_shown(state)
    focus = state.focus.get(Screen.COURSE)
    if course is None or here is None or direction not in (Direction.UP, Direction.DOWN):
        return None
    if focus is not None and focus != row(here.lesson.id):
        return None
    there = course.entries.index(here) + (1 if direction is Direction.DOWN else -1)
    if not 0 <= there < len(course.entries):
        return None
    lesson = course.entries[there].lesson.id
    return _focused(replace(state, course=replace(state.course, lesson=lesson)), lesson)


def _focused(state: State, lesson: LessonId) -> State:
    here = row(lesson)
    return replace(
        state,
        focus={**state.focus, Screen.COURSE: here},
        remembered={**state.remembered, (Screen.COURSE, "list"): here},
    )


PAGE: Final = Page(_things, _activate, _arrived, _beyond)
