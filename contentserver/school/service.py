"""What the online school shows: which lessons are open to somebody, how far they have come, what counts of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from flask_babel import lazy_gettext as _
from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session

from contentserver.courses import Course, Lesson, LessonState
from contentserver.kernel.errors import NotFound
from contentserver.members import Member, ids_of
from contentserver.regions import ancestors_and_self
from contentserver.school.models import SchoolLine, SchoolProgress, Viewing, ViewingSpan
from contentserver.stations import Station

NEARLY_PERCENT = 97
"""Whoever has come so far has seen the lesson: nobody watches the last picture fade."""


@dataclass(frozen=True, slots=True)
class Online:
    """What one day added to somebody's hours of a lesson, with what the lesson is called today."""

    lesson_id: UUID
    lesson: str
    course: str
    at: datetime
    credit_ms: int


@dataclass(frozen=True, slots=True)
class Going:
    """A lesson that somebody has begun, and how far they have come."""

    lesson: Lesson
    progress: SchoolProgress

    @property
    def percent(self) -> int:
        """How much of it has played."""
        return percent(self.progress)


def region_of(session: Session, member: Member) -> str:
    """The code of the region in which a member's station lies."""
    return session.get_one(Station, member.station_id).region_code


def lessons_open(region_code: str, day: date, typed: str = "", subject: str = "") -> Select[Lesson]:
    """The lessons that people of a region may watch on a day: approved, of their region or one above, course by course.

    With every word that was typed.
    """
    query = (
        select(Lesson)
        .join(Course, Course.id == Lesson.course_id)
        .where(
            Lesson.state == LessonState.APPROVED,
            Lesson.package_name.is_not(None),
            Course.region_code.in_(ancestors_and_self(region_code)),
            or_(Lesson.airable_from.is_(None), Lesson.airable_from <= day),
            or_(Lesson.expires_on.is_(None), Lesson.expires_on >= day),
        )
    )
    if subject:
        query = query.where(Course.subject == subject)
    for word in typed.split():
        places = (Lesson.title, Lesson.summary, Course.title, Course.subject)
        query = query.where(or_(*(place.contains(word, autoescape=True) for place in places)))
    return query.order_by(Course.created_at.desc(), Course.id, Lesson.number)


def lesson_open(session: Session, lesson_id: UUID, region_code: str, day: date) -> Lesson:
    """A lesson that people of a region may watch.

    Raises:
        NotFound: there is none, it is another region's, or it may not be shown any more.
    """
    row = session.scalars(lessons_open(region_code, day).where(Lesson.id == lesson_id)).first()
    if row is None:
        raise NotFound("lesson_unknown", _("This lesson is not shown here, or not any more."))
    return row


def subjects(session: Session, region_code: str, day: date) -> Sequence[str]:
    """What the lessons are about that people of a region may watch."""
    about = lessons_open(region_code, day).with_only_columns(Course.subject).where(Course.subject != "")
    return session.scalars(about.order_by(None).distinct().order_by(Course.subject)).all()


def neighbours(session: Session, lesson: Lesson, region_code: str, day: date) -> Sequence[Lesson]:
    """The lessons of its course that may be watched, itself among them, in order."""
    return session.scalars(lessons_open(region_code, day).where(Lesson.course_id == lesson.course_id)).all()


def progress_of(session: Session, member: Member, lessons: Iterable[Lesson]) -> dict[UUID, SchoolProgress]:
    """How far somebody has come with some lessons; those that they never began have no entry."""
    row = SchoolProgress
    mine = select(row).where(row.person_id == member.id, row.lesson_id.in_([one.id for one in lessons]))
    return {one.lesson_id: one for one in session.scalars(mine)}


def going_on(session: Session, member: Member, region_code: str, day: date, most: int) -> list[Going]:
    """What somebody began and has not seen to its end, the last first."""
    mine = and_(SchoolProgress.lesson_id == Lesson.id, SchoolProgress.person_id == member.id)
    query = lessons_open(region_code, day).join(SchoolProgress, mine).add_columns(SchoolProgress)
    unseen = 100 * SchoolProgress.seen_ms < NEARLY_PERCENT * SchoolProgress.length_ms
    rows = session.execute(query.where(unseen).order_by(None).order_by(SchoolProgress.last_at.desc()).limit(most))
    return [Going(lesson, progress) for lesson, progress in rows]


def percent(progress: SchoolProgress) -> int:
    """How much of a lesson has played; the last few seconds are not asked for."""
    share = 100 * progress.seen_ms // max(progress.length_ms, 1)
    return 100 if share >= NEARLY_PERCENT else share


def go_on_at(progress: SchoolProgress | None) -> int:
    """The second at which to go on; 0 from the beginning, where nothing was seen or it stood at the end."""
    if progress is None or 100 * progress.stopped_ms >= NEARLY_PERCENT * progress.length_ms:
        return 0
    return progress.stopped_ms // 1000


def watched_by(session: Session, member_id: UUID) -> list[Online]:
    """What of somebody's lessons in the browser counts, day by day, the newest first."""
    rows = session.execute(
        select(SchoolLine, Lesson.title, Course.title)
        .join(Lesson, Lesson.id == SchoolLine.lesson_id)
        .join(Course, Course.id == Lesson.course_id)
        .where(SchoolLine.person_id == member_id)
        .order_by(SchoolLine.at.desc(), SchoolLine.lesson_id)
    )
    return [Online(line.lesson_id, lesson, course, line.at, line.credit_ms) for line, lesson, course in rows]


def sums_of(session: Session, members: Sequence[Member]) -> Mapping[UUID, tuple[int, int]]:
    """Of each of some members, how many lines there are and what they come to; those without have no entry."""
    rows = session.execute(
        select(SchoolLine.person_id, func.count(), func.sum(SchoolLine.credit_ms))
        .where(SchoolLine.person_id.in_([member.id for member in members]))
        .group_by(SchoolLine.person_id)
    )
    return {person: (lines, int(credit)) for person, lines, credit in rows}


def spans_of(session: Session, member_id: UUID) -> list[tuple[Viewing, ViewingSpan, str]]:
    """All that browsers told of a member, as it came, with the lessons' titles."""
    rows = session.execute(
        select(Viewing, ViewingSpan, Lesson.title)
        .join(ViewingSpan, ViewingSpan.viewing_id == Viewing.id)
        .join(Lesson, Lesson.id == Viewing.lesson_id)
        .where(Viewing.member_id.in_(ids_of(session, member_id)))
        .order_by(Viewing.opened_at, Viewing.id, ViewingSpan.sequence)
    )
    return [(viewing, span, title) for viewing, span, title in rows]
