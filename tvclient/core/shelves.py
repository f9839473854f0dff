"""What of the library is looked at: values alone. They are a part of `state.py`; what is in it: `catalogue.py`."""

from collections.abc import Mapping

import msgspec

from schedules.airings import LessonId


class Shelf(msgspec.Struct, frozen=True):
    """Which part of the library is shown: the first subject, and the first course of each that is not the first."""

    top: int = 0
    offsets: Mapping[str, int] = msgspec.field(default_factory=dict)


NO_LESSON = LessonId("")


class CourseView(msgspec.Struct, frozen=True):
    """Which course is shown (`core/catalogue.py`), and of which of its lessons the details."""

    key: str = ""
    lesson: LessonId = NO_LESSON
