"""Keep courses and lessons, take uploads over, approve and sign."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, selectinload

from contentserver.audit import audit
from contentserver.courses import rules
from contentserver.courses.checking import CHECKSUM_WRONG
from contentserver.courses.models import (
    ApprovalRecord,
    Course,
    EarlierVersion,
    Lesson,
    Transcode,
    TranscodeChunk,
    TranscodeFile,
)
from contentserver.courses.rules import ApprovalVerdict, ChunkState, FileKind, LessonState, TranscodeState
from contentserver.courses.scanning import INFECTED
from contentserver.kernel.auth import Person
from contentserver.kernel.errors import Conflict, Forbidden, NotFound, Rejected
from contentserver.regions import ancestors_and_self, subtree_filter
from schedules.airings import LessonCard, LessonId, PackageName
from schedules.wire.messages import Approval
from schedules.wire.signing import Signer

NOT_REPEATABLE = frozenset({INFECTED, CHECKSUM_WRONG})
"""What a recording itself is the reason of: to prepare it again ends the same."""
MENDABLE = frozenset({LessonState.IN_REVIEW, LessonState.RETURNED, LessonState.WITHDRAWN})
"""States of a lesson whose package is lost in which it may be made anew: what is approved is withdrawn first."""


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


def where_course(session: Session, course_id: UUID) -> str:
    """The code of the region to which a course belongs.

    Raises:
        NotFound: there is none.
    """
    return course_with(session, course_id).region_code


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


def where_lesson(session: Session, lesson_id: UUID) -> str:
    """The code of the region to which a lesson's course belongs.

    Raises:
        NotFound: there is none.
    """
    return lesson_with(session, lesson_id).course.region_code


def lesson_asked(session: Session, lesson_id: UUID, who: Person) -> Lesson:
    """A lesson that somebody may look at: of their region, or of one above it.

    Raises:
        NotFound: there is none.
        Forbidden: it is another region's.
    """
    found = lesson_with(session, lesson_id)
    region = found.course.region_code
    if not who.reaches(region) and not who.region_code.startswith(region):
        raise Forbidden("out_of_scope", _("This lies outside your region."))
    return found


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
    sha256: str = "",
) -> Lesson:
    """A new lesson of a course, from a recording that has arrived whole; its transcode waits for a worker.

    A recording makes one lesson: asked again for the same, the lesson that is there is the answer.

    Args:
        source: file name inside the uploads folder.
        files: captions and sound tracks: kind, file name there, language.
        number: its place in the course, from 1; at the end where none is given.
        sha256: of the recording, in hexadecimal, where it is known.

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
    lesson.transcode = Transcode(source=source, sha256=sha256, state=TranscodeState.QUEUED, created_at=now)
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


def retry_transcode(session: Session, lesson: Lesson, who: Person, now: datetime, *, lost: bool = False) -> None:
    """Prepare a lesson anew after a failure or a cancellation, or as its package is lost; wake a worker afterwards.

    Args:
        lost: its package is not on the disk any more. What was approved of it counts no more.

    Raises:
        Conflict: its preparation has not ended, or has succeeded and the package is there; or it fails by its recording
            however often it is repeated.
    """
    row, mends = lesson.transcode, lost and lesson.state in MENDABLE
    if row is None or not (mends or row.state in {TranscodeState.FAILED, TranscodeState.CANCELLED}):
        raise Conflict("not_failed", _("There is nothing to repeat."))
    if row.error_code == INFECTED:
        raise Conflict("infected", _("The file was put aside, so it cannot be prepared. Bring a clean copy of it."))
    if row.error_code == CHECKSUM_WRONG:
        raise Conflict("checksum_wrong", _("What arrived is not what was sent. Bring the recording again."))
    if mends:
        end_approval(session, lesson)
        lesson.package_name, lesson.duration_ms, lesson.package_bytes = None, 0, 0
    row.state, row.attempts, row.stage, row.fraction = TranscodeState.QUEUED, 0, "", 0.0
    row.error_code, row.error_detail, row.finished_at, row.eta_s = "", "", None, None
    lesson.state = LessonState.TRANSCODING
    audit(session, who=who, action="transcode.repeated", subject=f"lesson {lesson.id}", now=now)


def approve(session: Session, *, lesson: Lesson, who: Person, signer: Signer, now: datetime) -> None:
    """Sign the lesson's package: from now on it may air.

    Raises:
        Conflict: the lesson does not wait for review.
        Forbidden: the approver uploaded it, or one of its earlier versions.
    """
    match rules.approval_verdict(lesson.state, uploaders(session, lesson), who.id):
        case ApprovalVerdict.NOT_IN_REVIEW:
            raise Conflict("not_in_review", _("This lesson does not wait for review."))
        case ApprovalVerdict.OWN_UPLOAD:
            raise Forbidden("own_upload", _("Somebody else must approve what you uploaded yourself."))
        case _:
            pass
    package = PackageName(lesson.package_name or "")
    lesson.approval = ApprovalRecord(
        package_name=package, jws=_signed(lesson, who, signer, now), approved_at=now, approver_id=who.id
    )
    lesson.state = LessonState.APPROVED
    audit(
        session, who=who, action="lesson.approved", subject=f"lesson {lesson.id}", now=now, after={"package": package}
    )


def sign_again(lesson: Lesson, who: Person, signer: Signer, now: datetime) -> None:
    """Sign an approved lesson's package once more, as the days on which it may air have moved."""
    if lesson.approval is not None:
        lesson.approval.jws = _signed(lesson, who, signer, now)
        lesson.approval.approved_at, lesson.approval.approver_id = now, who.id


def _signed(lesson: Lesson, who: Person, signer: Signer, now: datetime) -> str:
    word = Approval(
        package=PackageName(lesson.package_name or ""),
        lesson=lesson_card(lesson),
        approved_at=now,
        approved_by=who.display_name,
        expires_at=lesson.terms.ends_at,
    )
    return signer.sign(word).decode()


def uploaders(session: Session, lesson: Lesson) -> set[UUID]:
    """Everybody who uploaded a version of a lesson."""
    earlier = select(EarlierVersion.uploader_id).where(EarlierVersion.lesson_id == lesson.id)
    return {lesson.uploader_id, *session.scalars(earlier)}


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
    end_approval(session, lesson)
    lesson.state = LessonState.IN_REVIEW
    audit(session, who=who, action="lesson.reviewed_again", subject=f"lesson {lesson.id}", now=now)


def end_approval(session: Session, lesson: Lesson) -> None:
    """What was signed of a lesson that airs no more counts no more."""
    if lesson.approval is not None:
        session.delete(lesson.approval)
        session.flush()
        session.refresh(lesson, ["approval"])


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
