"""Keep courses and lessons, take uploads over, approve and sign."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, selectinload

from contentserver.accounts import audit
from contentserver.courses import rules
from contentserver.courses.models import ApprovalRecord, Course, Lesson, Transcode, TranscodeChunk, TranscodeFile
from contentserver.courses.rules import ApprovalVerdict, ChunkState, FileKind, LessonState, TranscodeState
from contentserver.kernel.auth import Person
from contentserver.kernel.errors import Conflict, Forbidden, NotFound, Rejected
from contentserver.regions import ancestors_and_self, subtree_filter
from schedules.airings import LessonCard, LessonId, PackageName
from schedules.wire.messages import Approval
from schedules.wire.signing import Signer


def lesson_card(lesson: Lesson) -> LessonCard:
    """The lesson as it travels in layers and evidence."""
    return LessonCard(
        id=LessonId(str(lesson.id)),
        title=lesson.title,
        course=lesson.course.title,
        subject=lesson.course.subject,
        number=lesson.number,
        summary=lesson.summary,
    )


def courses_seen_from(session: Session, root: str) -> Sequence[Course]:
    """The courses of a region's subtree and of every region above it, newest first, with their lessons."""
    query = select(Course).options(selectinload(Course.lessons)).where(_seen_from(root))
    return session.scalars(query.order_by(Course.created_at.desc())).all()


def _seen_from(root: str) -> ColumnElement[bool]:
    below = subtree_filter(Course.region_code, root)
    return below | Course.region_code.in_(ancestors_and_self(root)) if root else below


def course_with(session: Session, course_id: UUID) -> Course:
    """The course with this id.

    Raises:
        NotFound: there is none.
    """
    course = session.get(Course, course_id)
    if course is None:
        raise NotFound("course_unknown", _("There is no such course."))
    return course


def add_course(
    session: Session, *, title: str, subject: str, audience: str, region_code: str, who: Person, now: datetime
) -> Course:
    """A new course."""
    course = Course(title=title, subject=subject, audience=audience, region_code=region_code, created_at=now)
    session.add(course)
    session.flush()
    audit(session, who=who, action="course.added", subject=f"course {course.id}", now=now, after={"title": title})
    return course


def lesson_with(session: Session, lesson_id: UUID) -> Lesson:
    """The lesson with this id.

    Raises:
        NotFound: there is none.
    """
    lesson = session.get(Lesson, lesson_id)
    if lesson is None:
        raise NotFound("lesson_unknown", _("There is no such lesson."))
    return lesson


def add_lesson(
    session: Session,
    *,
    course: Course,
    title: str,
    summary: str,
    source: str,
    who: Person,
    now: datetime,
    files: Sequence[tuple[FileKind, str, str]] = (),
    number: int | None = None,
) -> Lesson:
    """A new lesson of a course, from a recording that has arrived whole; its transcode waits for a worker.

    A recording makes one lesson: asked again for the same, the lesson that is there is the answer.

    Args:
        source: file name inside the uploads folder.
        files: captions and sound tracks: kind, file name there, language.
        number: its place in the course, from 1; at the end where none is given.

    Raises:
        Conflict: the course has a lesson of this number.
    """
    session.execute(select(Course.id).where(Course.id == course.id).with_for_update())
    made = session.scalars(select(Lesson).join(Transcode).where(Transcode.source == source)).first()
    if made is not None:
        return made
    taken = set(session.scalars(select(Lesson.number).where(Lesson.course_id == course.id)))
    if number in taken:
        raise Conflict("lesson_number_taken", _("The course has a lesson of this number already."))
    lesson = Lesson(
        course_id=course.id,
        number=number or max(taken, default=0) + 1,
        title=title,
        summary=summary,
        state=LessonState.TRANSCODING,
        uploader_id=who.id,
        created_at=now,
    )
    lesson.transcode = Transcode(source=source, state=TranscodeState.QUEUED, created_at=now)
    lesson.transcode.files = [
        TranscodeFile(number=place, kind=kind, file=file, language=language)
        for place, (kind, file, language) in enumerate(files)
    ]
    session.add(lesson)
    session.flush()
    audit(session, who=who, action="lesson.uploaded", subject=f"lesson {lesson.id}", now=now, after={"title": title})
    return lesson


def pieces(session: Session, lesson: Lesson) -> tuple[int, int]:
    """How many chunks of a lesson under way are done, and of how many; 0 of 0 while none are laid out."""
    states = session.scalars(select(TranscodeChunk.state).where(TranscodeChunk.lesson_id == lesson.id)).all()
    return sum(state == ChunkState.DONE for state in states), len(states)


def cancel_transcode(session: Session, lesson: Lesson, who: Person, now: datetime) -> None:
    """Stop preparing a lesson; the worker notices at its next heartbeat.

    Raises:
        Conflict: nothing is being prepared.
    """
    row = lesson.transcode
    if row is None or row.state not in {TranscodeState.QUEUED, TranscodeState.RUNNING}:
        raise Conflict("not_transcoding", _("This lesson is not being prepared at the moment."))
    row.state, row.finished_at, row.eta_s = TranscodeState.CANCELLED, now, None
    lesson.state = LessonState.DRAFT
    audit(session, who=who, action="transcode.cancelled", subject=f"lesson {lesson.id}", now=now)


def retry_transcode(session: Session, lesson: Lesson, who: Person, now: datetime) -> None:
    """Prepare a lesson anew after a failure or a cancellation; wake a worker after the commit.

    Raises:
        Conflict: its preparation has not ended, or has succeeded.
    """
    row = lesson.transcode
    if row is None or row.state not in {TranscodeState.FAILED, TranscodeState.CANCELLED}:
        raise Conflict("not_failed", _("There is nothing to repeat."))
    row.state, row.attempts, row.stage, row.fraction = TranscodeState.QUEUED, 0, "", 0.0
    row.error_code, row.error_detail, row.finished_at, row.eta_s = "", "", None, None
    lesson.state = LessonState.TRANSCODING
    audit(session, who=who, action="transcode.repeated", subject=f"lesson {lesson.id}", now=now)


def approve(session: Session, *, lesson: Lesson, who: Person, signer: Signer, now: datetime) -> None:
    """Sign the lesson's package: from now on it may air.

    Raises:
        Conflict: the lesson does not wait for review.
        Forbidden: the approver uploaded it.
    """
    match rules.approval_verdict(lesson.state, lesson.uploader_id, who.id):
        case ApprovalVerdict.NOT_IN_REVIEW:
            raise Conflict("not_in_review", _("This lesson does not wait for review."))
        case ApprovalVerdict.OWN_UPLOAD:
            raise Forbidden("own_upload", _("Somebody else must approve what you uploaded yourself."))
        case ApprovalVerdict.ALLOWED:
            pass
    package = PackageName(lesson.package_name or "")
    word = Approval(package=package, lesson=lesson_card(lesson), approved_at=now, approved_by=who.display_name)
    lesson.approval = ApprovalRecord(
        package_name=package, jws=signer.sign(word).decode(), approved_at=now, approver_id=who.id
    )
    lesson.state = LessonState.APPROVED
    audit(
        session, who=who, action="lesson.approved", subject=f"lesson {lesson.id}", now=now, after={"package": package}
    )


def withdraw(session: Session, *, lesson: Lesson, reason: str, who: Person, now: datetime) -> None:
    """An approved lesson may not air any more; tell `OnLessonChanged` afterwards.

    Raises:
        Conflict: it is not approved.
        Rejected: no reason is given.
    """
    if lesson.state != LessonState.APPROVED:
        raise Conflict("not_approved", _("Only an approved lesson can be withdrawn."))
    if not reason.strip():
        raise Rejected("no_reason", _("Say why it is withdrawn."))
    lesson.state = LessonState.WITHDRAWN
    subject = f"lesson {lesson.id}"
    audit(session, who=who, action="lesson.withdrawn", subject=subject, now=now, after={"reason": reason.strip()[:500]})


def review_again(session: Session, lesson: Lesson, who: Person, now: datetime) -> None:
    """A withdrawn lesson goes back to review; its earlier approval ends.

    Raises:
        Conflict: it was not withdrawn.
    """
    if lesson.state != LessonState.WITHDRAWN:
        raise Conflict("not_withdrawn", _("This lesson was not withdrawn."))
    if lesson.approval is not None:
        session.delete(lesson.approval)
        session.flush()
        session.refresh(lesson, ["approval"])
    lesson.state = LessonState.IN_REVIEW
    audit(session, who=who, action="lesson.reviewed_again", subject=f"lesson {lesson.id}", now=now)


def approval_of(session: Session, package: str) -> ApprovalRecord:
    """The signed word for a package.

    Raises:
        NotFound: there is no such package, or it is not approved (any more).
    """
    query = (
        select(ApprovalRecord)
        .join(Lesson, Lesson.id == ApprovalRecord.lesson_id)
        .where(ApprovalRecord.package_name == package, Lesson.state == LessonState.APPROVED)
    )
    found = session.scalars(query).first()
    if found is None:
        raise NotFound("package_unknown", _("There is no such lesson package, or it is not approved."))
    return found


def running_transcodes(session: Session, root: str) -> Sequence[Lesson]:
    """The lessons seen from a region that are being prepared or wait for it, the longest waiting first."""
    waiting = Transcode.state.in_([TranscodeState.QUEUED, TranscodeState.RUNNING])
    query = select(Lesson).join(Transcode).join(Course).where(waiting, _seen_from(root))
    return session.scalars(query.order_by(Transcode.created_at)).all()


def lessons_in_review(session: Session, root: str) -> Sequence[Lesson]:
    """The lessons seen from a region that wait for a reviewer, the longest waiting first."""
    query = select(Lesson).join(Course).where(Lesson.state == LessonState.IN_REVIEW, _seen_from(root))
    return session.scalars(query.order_by(Lesson.created_at)).all()
