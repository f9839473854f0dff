"""What is said about moments of a lesson: written by reviewers, settled with an answer by whoever brings it, reopened.

A comment stays with the version it was written about. Numbers are given when a page is shown, in order of time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask_babel import lazy_gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contentserver.accounts import Account
from contentserver.audit import audit
from contentserver.courses.models import Lesson, LessonComment
from contentserver.courses.rules import LessonState
from contentserver.kernel.auth import Person
from contentserver.kernel.errors import Conflict, NotFound, Rejected

TEXT_AT_MOST = 500
UNDER_REVIEW = frozenset({LessonState.IN_REVIEW, LessonState.RETURNED})
"""While it is in one of these, comments are written and reopened; they are settled while it is not decided."""
DECIDED = frozenset({LessonState.APPROVED, LessonState.WITHDRAWN})


@dataclass(frozen=True, slots=True)
class CommentRow:
    """A comment as a page shows it; `number` counts those of the newest version from 1, and is 0 for older ones."""

    comment: LessonComment
    number: int
    author: str
    settler: str

    @property
    def open(self) -> bool:
        """Whether it waits for an answer."""
        return self.comment.settled_at is None


def comment_rows(session: Session, lesson: Lesson) -> tuple[list[CommentRow], list[CommentRow]]:
    """The comments on the newest version in order of time, and those on versions before it, the newest first."""
    query = select(LessonComment).where(LessonComment.lesson_id == lesson.id)
    found = session.scalars(query.order_by(LessonComment.at_ms, LessonComment.created_at, LessonComment.id)).all()
    ids = {one.author_id for one in found} | {one.settled_by for one in found if one.settled_by}
    names = {
        account.id: account.display_name for account in session.scalars(select(Account).where(Account.id.in_(ids)))
    }

    def row(comment: LessonComment, number: int) -> CommentRow:
        settler = names.get(comment.settled_by, "—") if comment.settled_by else ""
        return CommentRow(comment, number, names.get(comment.author_id, "—"), settler)

    newest = [one for one in found if one.version == lesson.version]
    older = sorted((one for one in found if one.version != lesson.version), key=lambda one: -one.version)
    return [row(one, number) for number, one in enumerate(newest, start=1)], [row(one, 0) for one in older]


def open_comments(session: Session, lesson_ids: Sequence[UUID]) -> dict[UUID, int]:
    """How many comments are open on lessons, of whatever version; lessons without one are left out."""
    query = (
        select(LessonComment.lesson_id, func.count())
        .where(LessonComment.lesson_id.in_(lesson_ids), LessonComment.settled_at.is_(None))
        .group_by(LessonComment.lesson_id)
    )
    return dict(session.execute(query).all())


def comment_with(session: Session, lesson: Lesson, comment_id: UUID) -> LessonComment:
    """A comment on a lesson.

    Raises:
        NotFound: there is none of this id on this lesson.
    """
    found = session.get(LessonComment, comment_id, with_for_update=True)
    if found is None or found.lesson_id != lesson.id:
        raise NotFound("comment_unknown", _("There is no such comment on this lesson."))
    return found


def write(
    session: Session, *, lesson: Lesson, at_ms: int | None, text: str, who: Person, now: datetime
) -> LessonComment:
    """Say something about a moment of the newest version.

    Args:
        at_ms: None where what was given is no time.

    Raises:
        Conflict: the lesson is not under review.
        Rejected: the time or the words are missing, too long, or outside the lesson.
    """
    if lesson.state not in UNDER_REVIEW:
        raise Conflict("not_under_review", _("Comments are written while a lesson is reviewed. This one is not."))
    if at_ms is None:
        raise Rejected("no_moment", _("Write the moment as minutes and seconds, for example 17:40."))
    if at_ms > lesson.duration_ms:
        raise Rejected("after_the_end", _("The lesson is over by then. Give a moment inside it."))
    made = LessonComment(
        lesson_id=lesson.id,
        version=lesson.version,
        at_ms=at_ms,
        text=_words(text, _("Write what should be changed, in at most 500 characters.")),
        author_id=who.id,
        created_at=now,
    )
    session.add(made)
    session.flush()
    _note(session, "comment.written", lesson, who, now, {"at_ms": at_ms, "text": made.text})
    return made


def settle(
    session: Session, *, lesson: Lesson, comment: LessonComment, answer: str, who: Person, now: datetime
) -> None:
    """Answer a comment: what it asked for is done, or why not.

    Raises:
        Conflict: it is settled, or the lesson is decided.
        Rejected: the answer is missing or too long.
    """
    if lesson.state in DECIDED:
        raise Conflict("decided", _("This lesson is decided already; its comments stay as they are."))
    if comment.settled_at is not None:
        raise Conflict("comment_settled", _("Somebody has answered this comment already. Load the page again."))
    comment.answer = _words(answer, _("Write what was changed, or why not, in at most 500 characters."))
    comment.settled_at, comment.settled_by = now, who.id
    _note(session, "comment.settled", lesson, who, now, {"comment": str(comment.id), "answer": comment.answer})


def reopen(session: Session, *, lesson: Lesson, comment: LessonComment, who: Person, now: datetime) -> None:
    """The answer does not do: the comment is open again; the answer stays beside it until the next one.

    Raises:
        Conflict: it is open, or the lesson is not under review.
    """
    if lesson.state not in UNDER_REVIEW:
        raise Conflict("not_under_review", _("Comments are written while a lesson is reviewed. This one is not."))
    if comment.settled_at is None:
        raise Conflict("comment_open", _("This comment is open already."))
    comment.settled_at = comment.settled_by = None
    _note(session, "comment.reopened", lesson, who, now, {"comment": str(comment.id)})


def _words(text: str, sentence: object) -> str:
    words = " ".join(text.split())
    if not words or len(words) > TEXT_AT_MOST:
        raise Rejected("no_words", sentence)
    return words


def _note(session: Session, action: str, lesson: Lesson, who: Person, now: datetime, after: object) -> None:
    audit(session, who=who, action=action, subject=f"lesson {lesson.id}", now=now, after=after)
