"""The lessons that this box knows, by subject and course: those on its disk, and those its timetable promises. Pure."""

from collections.abc import Iterable
from datetime import timedelta

import msgspec

from schedules.airings import Airing, LessonCard, LessonId, PackageName
from tvclient.core.expiry import expired
from tvclient.core.state import State, StoredLesson
from tvclient.core.watching import SEEN


class Entry(msgspec.Struct, frozen=True):
    """One lesson; `stored` is None while it is not on the disk."""

    lesson: LessonCard
    package: PackageName
    duration_ms: int
    stored: StoredLesson | None = None


class Course(msgspec.Struct, frozen=True):
    """Lessons that belong together, or one that stands alone.

    Attributes:
        key: names the course, whatever is added to it.
        title: of the course, or of the lone lesson.
    """

    key: str
    title: str
    subject: str
    entries: tuple[Entry, ...] = msgspec.field(default=())

    @property
    def stored(self) -> tuple[Entry, ...]:
        """Those on the disk."""
        return tuple(one for one in self.entries if one.stored)


def course_key(lesson: LessonCard) -> str:
    """Which course a lesson belongs to."""
    return f"{lesson.subject}/{lesson.course or lesson.title}"


def courses(state: State) -> tuple[Course, ...]:
    """Courses with a lesson on the disk, by subject and title."""
    return tuple(one for one in _grouped(_entries(state)) if one.stored)


def subjects(state: State) -> tuple[tuple[str, tuple[Course, ...]], ...]:
    """The same by subject, the fullest subject first."""
    found: dict[str, list[Course]] = {}
    for one in courses(state):
        found.setdefault(one.subject, []).append(one)
    order = sorted(found, key=lambda subject: (-sum(len(one.stored) for one in found[subject]), subject))
    return tuple((subject, tuple(found[subject])) for subject in order)


def course_of(state: State, key: str) -> Course | None:
    """A course with everything known of it, stored or promised."""
    return next((one for one in _grouped(_entries(state)) if one.key == key), None)


def next_to_see(state: State, course: Course) -> Entry | None:
    """The first stored lesson that nobody has watched to its end; the first one when all were."""
    unseen = (one for one in course.stored if state.places.get(one.package) != SEEN)
    return next(unseen, course.stored[0] if course.stored else None)


def _entries(state: State) -> Iterable[Entry]:
    known: dict[LessonId, Entry] = {}
    for one in (lesson for lesson in state.lessons if not expired(state, lesson.package)):
        known[one.lesson.id] = Entry(one.lesson, one.package, one.duration_ms, one)
    for airing in state.timetable:
        if airing.lesson.id not in known and airing.end > state.now - timedelta(days=7):
            known[airing.lesson.id] = _promised(airing)
    return known.values()


def _promised(airing: Airing) -> Entry:
    return Entry(airing.lesson, airing.package, airing.duration_ms)


def _grouped(entries: Iterable[Entry]) -> tuple[Course, ...]:
    found: dict[str, list[Entry]] = {}
    for one in entries:
        found.setdefault(course_key(one.lesson), []).append(one)
    grouped = []
    for key, ones in found.items():
        ordered = tuple(sorted(ones, key=lambda one: (one.lesson.number, one.lesson.title, one.lesson.id)))
        first = ordered[0].lesson
        grouped.append(Course(key, first.course or first.title, first.subject, ordered))
    return tuple(sorted(grouped, key=lambda one: (one.subject, one.title)))
