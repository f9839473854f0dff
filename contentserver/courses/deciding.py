"""Decisions about lessons: approve with the checklist, one or many; send back; another recording; on which days.

A decision is made on a locked row and about the version that the page showed: of two reviewers the second is told who
was first. What is signed and how stands in `service.py`; whether, in `rules.py`.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver.accounts import Account
from contentserver.audit import audit
from contentserver.courses import rules, service, words
from contentserver.courses.comments import open_comments
from contentserver.courses.models import (
    Course,
    EarlierVersion,
    Lesson,
    LessonOpened,
    LessonReview,
    Transcode,
    TranscodeFile,
)
from contentserver.courses.rules import (
    ApprovalVerdict,
    Decision,
    FileKind,
    LessonState,
    Origin,
    ReviewItem,
    Terms,
    TranscodeState,
)
from contentserver.kernel import clock, display
from contentserver.kernel.auth import Person
from contentserver.kernel.errors import Conflict, Forbidden, Refusal, Rejected
from contentserver.regions import subtree_filter
from schedules.wire.signing import Signer

REPLACEABLE = frozenset({LessonState.RETURNED, LessonState.FAILED, LessonState.DRAFT})
REASON_AT_MOST = 500


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one lesson of a batch; `refusal` is a sentence where it was not signed."""

    lesson: Lesson
    refusal: str = ""


def lesson_to_decide(session: Session, lesson_id: UUID, version: int | None = None) -> Lesson:
    """The lesson, locked and as it stands now.

    Args:
        version: which one the page showed; None for whichever there is.

    Raises:
        NotFound: there is none.
        Conflict: another version has come since.
    """
    service.lesson_with(session, lesson_id)
    session.execute(select(Lesson.id).where(Lesson.id == lesson_id).with_for_update())
    lesson = service.lesson_with(session, lesson_id)
    session.refresh(lesson)
    if version is not None and version != lesson.version:
        raise Conflict("version_moved_on", _("Another recording has come since you opened the page. Look at it first."))
    return lesson


def approve(
    session: Session,
    *,
    lesson: Lesson,
    ticked: Collection[str],
    reason: str,
    who: Person,
    signer: Signer,
    now: datetime,
) -> None:
    """Sign a lesson of which this person has confirmed everything on the checklist.

    Args:
        ticked: `ReviewItem`s.
        reason: why it may air although comments are open; may be empty where none is.

    Raises:
        Conflict: somebody has decided, or its days are over.
        Forbidden: the approver uploaded one of its versions.
        Rejected: something was not confirmed, or a comment is open and no reason is said.
    """
    _may_decide(session, lesson, who)
    waiting = open_comments(session, [lesson.id]).get(lesson.id, 0)
    today = clock.local(now).date()
    match rules.checklist_verdict(ticked, waiting, reason, lesson.terms, today):
        case ApprovalVerdict.UNCHECKED:
            raise Rejected("not_all_confirmed", _("Confirm everything on the list, or send the lesson back."))
        case ApprovalVerdict.OPEN_COMMENTS:
            raise Rejected(
                "open_comments", _("Comments are still open. Wait for the answers, or say why it may air all the same.")
            )
        case ApprovalVerdict.EXPIRED:
            raise Conflict("lesson_expired", _("Its last day is over. Set a later one first, if the rights allow it."))
        case _:
            service.approve(session, lesson=lesson, who=who, signer=signer, now=now)
    confirmed = [item.value for item in ReviewItem if item in ticked]
    _keep(session, lesson, Decision.APPROVED, confirmed, reason if waiting else "", who, now)


def send_back(session: Session, *, lesson: Lesson, reason: str, who: Person, now: datetime) -> None:
    """It does not air as it is: whoever uploaded it changes it and brings another recording.

    Raises:
        Conflict: somebody has decided already.
        Forbidden: the reviewer uploaded one of its versions.
        Rejected: no reason is said.
    """
    _may_decide(session, lesson, who)
    if not reason.strip() or len(reason.strip()) > REASON_AT_MOST:
        raise Rejected("no_reason", _("Say what must be changed, in at most 500 characters."))
    lesson.state = LessonState.RETURNED
    _keep(session, lesson, Decision.RETURNED, (), reason, who, now)
    after = {"version": lesson.version, "reason": reason.strip()}
    audit(session, who=who, action="lesson.returned", subject=f"lesson {lesson.id}", now=now, after=after)


def approve_many(
    session: Session,
    chosen: Sequence[tuple[UUID, int]],
    *,
    clean: Collection[UUID],
    ticked: Collection[str],
    who: Person,
    signer: Signer,
    now: datetime,
) -> list[Outcome]:
    """Sign each of some lessons (id, version) on its own; what speaks against one does not hold up the others.

    Args:
        clean: the lessons whose measured checks found nothing.

    Raises:
        NotFound: one of them is no lesson; then none is signed.
        Forbidden: one of them lies outside the person's region; likewise, and nothing is said of it.
        Rejected: the checklist is not confirmed, or nothing was chosen.
    """
    if not chosen:
        raise Rejected("nothing_chosen", _("Choose at least one lesson."))
    if not set(ReviewItem) <= set(ticked):
        raise Rejected("not_all_confirmed", _("Confirm everything on the list, or send the lesson back."))
    found = []
    opened = opened_by(session, who.id)
    for lesson_id, version in dict.fromkeys(chosen):
        lesson = lesson_to_decide(session, lesson_id)
        if not who.reaches(lesson.course.region_code):
            raise Forbidden("out_of_scope", _("This lies outside your region."))
        try:
            if lesson.state == LessonState.IN_REVIEW:
                _require_looked_at(lesson, version, opened.get(lesson.id), clean)
            approve(session, lesson=lesson, ticked=ticked, reason="", who=who, signer=signer, now=now)
        except Refusal as refusal:
            found.append(Outcome(lesson, str(refusal.sentence)))
        else:
            found.append(Outcome(lesson))
    return found


def _require_looked_at(lesson: Lesson, version: int, opened: int | None, clean: Collection[UUID]) -> None:
    if version != lesson.version:
        raise Conflict("version_moved_on", _("Another recording has come since you opened the page. Look at it first."))
    if opened != version:
        raise Rejected("not_opened", _("You have not opened this version. Look at it first."))
    if lesson.id not in clean:
        raise Rejected("checks_not_clean", _("Its checks found something. Decide about it on its own page."))


def replace_recording(
    session: Session,
    *,
    lesson: Lesson,
    source: str,
    who: Person,
    now: datetime,
    files: Sequence[tuple[FileKind, str, str]] = (),
    sha256: str = "",
    lost: bool = False,
) -> None:
    """Another recording of the same lesson; wake a worker after the commit. Comments stay with the version they are on.

    Posted twice, the second changes nothing.

    Args:
        source, files, sha256: as for a new lesson (`service.add_lesson`).
        lost: the package is not on the disk any more.

    Raises:
        Conflict: the lesson was not sent back, nor did its preparation fail, nor is its package lost.
    """
    row = lesson.transcode
    if row is not None and row.source == source:
        return
    if lesson.state not in REPLACEABLE and not (lost and lesson.state in service.MENDABLE):
        raise Conflict("not_returned", _("Another recording can be brought after the lesson was sent back."))
    if lesson.package_name:
        session.add(
            EarlierVersion(
                lesson_id=lesson.id,
                version=lesson.version,
                uploader_id=lesson.uploader_id,
                package_name=lesson.package_name,
                replaced_at=now,
            )
        )
        lesson.version += 1
    service.end_approval(session, lesson)
    if row is not None:
        session.delete(row)
        session.flush()
        session.refresh(lesson, ["transcode"])
    lesson.transcode = Transcode(source=source, sha256=sha256, state=TranscodeState.QUEUED, created_at=now)
    lesson.transcode.files = [
        TranscodeFile(number=place, kind=kind, file=file, language=language)
        for place, (kind, file, language) in enumerate(files)
    ]
    lesson.package_name, lesson.duration_ms, lesson.package_bytes = None, 0, 0
    lesson.state, lesson.uploader_id = LessonState.TRANSCODING, who.id
    session.flush()
    after = {"version": lesson.version}
    audit(session, who=who, action="lesson.replaced", subject=f"lesson {lesson.id}", now=now, after=after)


def set_terms(
    session: Session,
    *,
    lesson: Lesson,
    origin: Origin,
    origin_name: str,
    rights: str,
    terms: Terms,
    who: Person,
    signer: Signer,
    now: datetime,
) -> bool:
    """Whose recording it is, and on which days it may air. An approved lesson is signed anew where its last day moves.

    Returns:
        Whether the days have changed; tell `OnLessonChanged` then.

    Raises:
        Forbidden: it is approved, and this person uploaded one of its versions.
    """
    moved = terms != lesson.terms
    if moved and lesson.state == LessonState.APPROVED and who.id in service.uploaders(session, lesson):
        raise Forbidden("own_upload", _("Somebody else must approve what you uploaded yourself."))
    before = {"from": lesson.airable_from, "to": lesson.expires_on, "rights": lesson.rights}
    lesson.origin, lesson.origin_name, lesson.rights = origin, origin_name, rights
    lesson.airable_from, lesson.expires_on = terms.first, terms.last
    if moved and lesson.state == LessonState.APPROVED:
        service.sign_again(lesson, who, signer, now)
    audit(
        session,
        who=who,
        action="lesson.terms_set",
        subject=f"lesson {lesson.id}",
        now=now,
        before=before,
        after={"from": terms.first, "to": terms.last, "rights": rights, "origin": origin},
    )
    return moved


def note_opened(session: Session, lesson: Lesson, who: Person, now: datetime) -> None:
    """Remember that somebody who may decide has opened the newest version."""
    known = session.get(LessonOpened, (lesson.id, who.id))
    if known is None:
        session.add(LessonOpened(lesson_id=lesson.id, account_id=who.id, version=lesson.version, opened_at=now))
    elif known.version != lesson.version:
        known.version, known.opened_at = lesson.version, now


def has_opened(session: Session, lesson: Lesson, who: Person) -> bool:
    """Whether somebody has opened the newest version."""
    known = session.get(LessonOpened, (lesson.id, who.id))
    return known is not None and known.version == lesson.version


def opened_by(session: Session, account_id: UUID) -> dict[UUID, int]:
    """Which version of which lessons somebody opened last."""
    query = select(LessonOpened.lesson_id, LessonOpened.version).where(LessonOpened.account_id == account_id)
    return dict(session.execute(query).all())


def decisions(session: Session, lesson: Lesson) -> list[tuple[LessonReview, str]]:
    """What was decided about a lesson, the newest first, and the name of who did."""
    query = (
        select(LessonReview, Account.display_name)
        .join(Account, Account.id == LessonReview.reviewer_id)
        .where(LessonReview.lesson_id == lesson.id)
        .order_by(LessonReview.decided_at.desc(), LessonReview.id.desc())
    )
    return [(review, name) for review, name in session.execute(query)]


def waiting_for(session: Session, who: Person) -> list[Lesson]:
    """The lessons in review that somebody may decide about, the longest waiting first."""
    query = select(Lesson).join(Course).where(Lesson.state == LessonState.IN_REVIEW)
    query = query.where(subtree_filter(Course.region_code, who.region_code))
    found = session.scalars(query.order_by(Lesson.created_at, Lesson.id)).all()
    theirs = set(session.scalars(select(EarlierVersion.lesson_id).where(EarlierVersion.uploader_id == who.id)))
    return [lesson for lesson in found if lesson.uploader_id != who.id and lesson.id not in theirs]


def expiring(session: Session, root: str, now: datetime) -> Sequence[Lesson]:
    """The approved lessons of a subtree whose last day is among the coming thirty, the nearest first."""
    today = clock.local(now).date()
    query = (
        select(Lesson)
        .join(Course)
        .where(
            Lesson.state == LessonState.APPROVED,
            Lesson.expires_on >= today,
            Lesson.expires_on <= today + rules.EXPIRES_SOON,
        )
    )
    query = query.where(subtree_filter(Course.region_code, root))
    return session.scalars(query.order_by(Lesson.expires_on, Lesson.id)).all()


def _may_decide(session: Session, lesson: Lesson, who: Person) -> None:
    match rules.approval_verdict(lesson.state, service.uploaders(session, lesson), who.id):
        case ApprovalVerdict.NOT_IN_REVIEW:
            raise Conflict("not_in_review", _decided_already(session, lesson))
        case ApprovalVerdict.OWN_UPLOAD:
            raise Forbidden("own_upload", _("Somebody else must approve what you uploaded yourself."))


def _decided_already(session: Session, lesson: Lesson) -> str:
    """Who was first, where it was a decision that took it out of review."""
    last = next(iter(decisions(session, lesson)), None)
    if last is None or lesson.state not in {LessonState.APPROVED, LessonState.RETURNED}:
        return str(gettext("This lesson does not wait for review."))
    review, name = last
    return str(
        gettext(
            "%(name)s has decided about this lesson already: %(decision)s, %(moment)s. Nothing was changed.",
            name=name,
            decision=words.DECISIONS[Decision(review.decision)],
            moment=display.moment(review.decided_at),
        )
    )


def _keep(
    session: Session,
    lesson: Lesson,
    decision: Decision,
    ticked: Sequence[str],
    reason: str,
    who: Person,
    now: datetime,
) -> None:
    session.add(
        LessonReview(
            lesson_id=lesson.id,
            version=lesson.version,
            decision=decision,
            ticked=" ".join(ticked),
            reason=reason.strip()[:REASON_AT_MOST],
            reviewer_id=who.id,
            decided_at=now,
        )
    )
    session.flush()
