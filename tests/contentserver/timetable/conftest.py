"""Lessons and people for the timetable's tests."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy.orm import Session

from contentserver.courses import Course, Lesson, LessonState
from contentserver.kernel.auth import Person, Role
from contentserver.stations import Station
from contentserver.timetable.edits import AddSlot
from schedules.airings import Rank
from tests.contentserver.conftest import NOW, person

CITY, COUNTY = "6402", "640221"
EVENING = datetime(2026, 11, 23, 19, 30)  # noqa: DTZ001  # wall-clock time; NOW is 19:00 in Shanghai
EVENING_UTC = datetime(2026, 11, 23, 11, 30, tzinfo=UTC)

MakeLesson = Callable[..., Lesson]


@pytest.fixture
def editor(session: Session, village: Station) -> Person:
    return person(session, Role.SCHEDULER, COUNTY)


@pytest.fixture
def reviewer(session: Session, village: Station) -> Person:
    return person(session, Role.REVIEWER, COUNTY)


@pytest.fixture
def make_lesson(session: Session, editor: Person) -> MakeLesson:
    """Make a lesson of a course of its own, 40 minutes long, approved unless told."""
    count = 0

    def make(state: LessonState = LessonState.APPROVED, title: str = "看懂化验单", minutes: int = 40) -> Lesson:
        nonlocal count
        count += 1
        course = Course(title=f"测土配方施肥{count}", region_code=COUNTY, created_at=NOW)
        session.add(course)
        session.flush()
        ready = state not in {LessonState.TRANSCODING, LessonState.DRAFT}
        lesson = Lesson(
            course_id=course.id,
            number=1,
            title=title,
            state=state,
            uploader_id=editor.id,
            created_at=NOW,
            package_name=f"sha256-{count}" if ready else None,
            duration_ms=minutes * 60_000 if ready else 0,
        )
        session.add(lesson)
        session.flush()
        return lesson

    return make


def slot(*lessons: Lesson, start: datetime = EVENING, rule: str = "", rank: Rank = Rank.REGULAR) -> AddSlot:
    """The edit that adds these lessons."""
    return AddSlot(lessons=tuple(str(one.id) for one in lessons), local_start=start, rule=rule, rank=rank)
