"""Keep questions and their versions, attach them to lessons, lay them out for the stations that show these."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from flask_babel import lazy_gettext as _
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from contentserver.audit import audit
from contentserver.courses import Lesson, LessonState, lesson_with
from contentserver.kernel.auth import Person
from contentserver.kernel.errors import Conflict, Forbidden, NotFound, Rejected
from contentserver.papers import lay_out as lay_papers_out
from contentserver.quizzes import rules
from contentserver.quizzes.models import QuizQuestionRow, QuizVersionRow
from contentserver.quizzes.rules import Fault, Words
from contentserver.regions import ancestors_and_self, subtree_filter
from contentserver.stations import Station
from schedules.airings import LessonId
from schedules.wire.messages import Paper, PaperKind, QuizMode, QuizQuestion, Quizzes

FAULTS = {
    Fault.NO_TEXT: _("Write the question."),
    Fault.TEXT_LONG: _(
        "The question is too long: at most %(number)s Chinese characters, or twice as many letters, fit the screen.",
        number=rules.TEXT_MAX,
    ),
    Fault.FEW_OPTIONS: _("Give at least two answers to choose from."),
    Fault.MANY_OPTIONS: _("The remote answers with four keys: give at most four answers."),
    Fault.OPTION_LONG: _(
        "An answer is too long: at most %(number)s Chinese characters, or twice as many letters, fit the screen.",
        number=rules.OPTION_MAX,
    ),
    Fault.OPTION_TWICE: _("Two answers say the same."),
    Fault.RIGHT_UNKNOWN: _("The right answer is none of those above."),
    Fault.EXPLANATION_LONG: _(
        "The explanation is too long: at most %(number)s Chinese characters, or twice as many letters, fit the screen.",
        number=rules.EXPLANATION_MAX,
    ),
    Fault.BEYOND_THE_END: _("The lesson is not that long."),
    Fault.TOO_MANY: _("A lesson asks at most %(number)s questions.", number=rules.MOST_OF_A_LESSON),
}
ASKED_OF = (LessonState.APPROVED,)


@dataclass(frozen=True, slots=True)
class Place:
    """Where and how a lesson asks a question: at a media time, or at its end (None)."""

    at_ms: int | None = None
    mode: QuizMode = QuizMode.ROOM


def question_with(session: Session, question_id: UUID) -> QuizQuestionRow:
    """The question with this id.

    Raises:
        NotFound: there is none.
    """
    found = session.get(QuizQuestionRow, question_id)
    if found is None:
        raise NotFound("question_unknown", _("There is no such question."))
    return found


def where_question(session: Session, question_id: UUID) -> str:
    """The code of the region to which a question belongs.

    Raises:
        NotFound: there is none.
    """
    return question_with(session, question_id).region_code


def words_of(session: Session, row: QuizQuestionRow, version: int | None = None) -> Words:
    """The words of one version, the newest unless another is asked for."""
    return words_in(session.get_one(QuizVersionRow, (row.id, version or row.version)))


def versions_of(session: Session, row: QuizQuestionRow) -> Sequence[tuple[QuizVersionRow, Words]]:
    """Every version with its words, the newest first."""
    query = select(QuizVersionRow).where(QuizVersionRow.question_id == row.id).order_by(QuizVersionRow.version.desc())
    return [(one, words_in(one)) for one in session.scalars(query)]


def bank(root: str, *, words: str = "", free: bool = False) -> Select[Any]:
    """The questions of a region's subtree that may be asked, the newest first.

    Args:
        words: only those whose text has this.
        free: only those that no lesson asks.
    """
    query = select(QuizQuestionRow).where(
        subtree_filter(QuizQuestionRow.region_code, root), QuizQuestionRow.retired_at.is_(None)
    )
    if words:
        query = query.where(QuizQuestionRow.text.icontains(words, autoescape=True))
    if free:
        query = query.where(QuizQuestionRow.lesson_id.is_(None))
    return query.order_by(QuizQuestionRow.made_at.desc(), QuizQuestionRow.id.desc())


def of_lesson(session: Session, lesson_id: UUID) -> Sequence[QuizQuestionRow]:
    """What a lesson asks: by the minute, and what it asks at its end last."""
    query = select(QuizQuestionRow).where(QuizQuestionRow.lesson_id == lesson_id, QuizQuestionRow.retired_at.is_(None))
    return sorted(session.scalars(query), key=_when)


def add(
    session: Session,
    words: Words,
    who: Person,
    now: datetime,
    *,
    region_code: str,
    subject: str = "",
    lesson: Lesson | None = None,
    place: Place | None = None,
) -> QuizQuestionRow:
    """A new question, in the bank or in a lesson.

    Raises:
        Rejected: it cannot be asked, or not there.
    """
    _require(words)
    place = place or Place()
    if lesson is not None:
        _require_place(session, lesson, place)
    row = QuizQuestionRow(
        region_code=region_code,
        subject=subject,
        lesson_id=lesson.id if lesson else None,
        at_ms=place.at_ms if lesson else None,
        mode=place.mode.value,
        text=words.text,
        made_by=who.id,
        made_at=now,
    )
    session.add(row)
    session.flush()
    _keep(session, row, words, who, now)
    audit(session, who=who, action="quiz.added", subject=f"question {row.id}", now=now, after=words)
    return row


def change(session: Session, row: QuizQuestionRow, words: Words, standing_on: int, who: Person, now: datetime) -> bool:
    """Give a question other words: its next version. What rooms answered to the earlier ones stays theirs.

    Args:
        standing_on: the version that the person saw.

    Returns:
        Whether anything changed.

    Raises:
        Rejected: it cannot be asked.
        Conflict: somebody else has changed it meanwhile, or it is asked no more.
    """
    _require(words)
    if row.retired_at is not None:
        raise Conflict("question_retired", _("This question is asked no more."))
    before = words_of(session, row)
    if words == before:
        return False
    if standing_on != row.version:
        raise Conflict(
            "question_changed", _("Somebody else has changed this question meanwhile. Load the page again and repeat.")
        )
    row.version, row.text = row.version + 1, words.text
    _keep(session, row, words, who, now)
    audit(session, who=who, action="quiz.changed", subject=f"question {row.id}", now=now, before=before, after=words)
    return True


def attach(session: Session, row: QuizQuestionRow, lesson: Lesson, place: Place, who: Person, now: datetime) -> None:
    """Let a lesson ask a question of the bank; one that a lesson asks already is copied, so that each keeps its own.

    Raises:
        Rejected: not there.
    """
    if row.lesson_id is not None and row.lesson_id != lesson.id:
        add(
            session,
            words_of(session, row),
            who,
            now,
            region_code=lesson.course.region_code,
            subject=row.subject,
            lesson=lesson,
            place=place,
        )
        return
    _require_place(session, lesson, place, beside=row.id)
    before = {"lesson": row.lesson_id, "at_ms": row.at_ms, "mode": row.mode}
    row.lesson_id, row.at_ms, row.mode = lesson.id, place.at_ms, place.mode.value
    after = {"lesson": row.lesson_id, "at_ms": row.at_ms, "mode": row.mode}
    audit(session, who=who, action="quiz.placed", subject=f"question {row.id}", now=now, before=before, after=after)


def retire(session: Session, row: QuizQuestionRow, who: Person, now: datetime) -> None:
    """Ask a question no more; twice changes nothing."""
    if row.retired_at is None:
        row.retired_at = now
        audit(session, who=who, action="quiz.retired", subject=f"question {row.id}", now=now)


def bring_back(session: Session, row: QuizQuestionRow, who: Person, now: datetime) -> None:
    """Undo that.

    Raises:
        Rejected: its lesson asks enough without it.
    """
    if row.retired_at is None:
        return
    if row.lesson_id is not None:
        lesson = lesson_with(session, row.lesson_id)
        _require_place(session, lesson, Place(row.at_ms, QuizMode(row.mode)), beside=row.id)
    row.retired_at = None
    audit(session, who=who, action="quiz.brought_back", subject=f"question {row.id}", now=now)


def require_lesson_of(who: Person, lesson: Lesson) -> None:
    """Refuse whoever may not change what a lesson asks.

    Raises:
        Forbidden: the lesson belongs to another region, or to one above theirs.
    """
    if not who.reaches(lesson.course.region_code):
        raise Forbidden("out_of_scope", _("This lies outside your region."))


def lay_out(session: Session) -> int:
    """Write every station's paper: the questions of the approved lessons of its region and of those above it."""
    query = (
        select(QuizQuestionRow, QuizVersionRow, Lesson)
        .join(
            QuizVersionRow,
            (QuizVersionRow.question_id == QuizQuestionRow.id) & (QuizVersionRow.version == QuizQuestionRow.version),
        )
        .join(Lesson, Lesson.id == QuizQuestionRow.lesson_id)
        .where(QuizQuestionRow.retired_at.is_(None), Lesson.state.in_(ASKED_OF))
    )
    owned: dict[str, list[tuple[QuizQuestionRow, QuizQuestion]]] = {}
    for row, version, lesson in session.execute(query):
        owned.setdefault(lesson.course.region_code, []).append((row, _on_the_wire(row, words_in(version))))
    if not owned:
        return lay_papers_out(session, PaperKind.QUIZZES, {})
    papers: dict[UUID, Paper] = {}
    for station_id, region in session.execute(select(Station.id, Station.region_code)):
        mine = [one for code in ancestors_and_self(region) for one in owned.get(code, ())]
        if mine:
            mine.sort(key=lambda one: (one[1].lesson, *_when(one[0])))
            papers[station_id] = Quizzes(version="", questions=tuple(asked for _row, asked in mine))
    return lay_papers_out(session, PaperKind.QUIZZES, papers)


def _on_the_wire(row: QuizQuestionRow, words: Words) -> QuizQuestion:
    return QuizQuestion(
        id=str(row.id),
        version=row.version,
        lesson=LessonId(str(row.lesson_id)),
        text=words.text,
        options=words.options,
        right=words.right,
        explanation=words.explanation,
        at_ms=row.at_ms,
        mode=QuizMode(row.mode),
    )


def _when(row: QuizQuestionRow) -> tuple[bool, int, datetime, UUID]:
    return row.at_ms is None, row.at_ms or 0, row.made_at, row.id


def words_in(row: QuizVersionRow) -> Words:
    """What a version says."""
    return Words(row.text, msgspec.json.decode(row.options, type=tuple[str, ...]), row.right, row.explanation)


def _keep(session: Session, row: QuizQuestionRow, words: Words, who: Person, now: datetime) -> None:
    session.add(
        QuizVersionRow(
            question_id=row.id,
            version=row.version,
            text=words.text,
            options=msgspec.json.encode(words.options).decode(),
            right=words.right,
            explanation=words.explanation,
            by=who.id,
            at=now,
        )
    )
    session.flush()


def _require(words: Words) -> None:
    for _field, fault in rules.faults(words):
        raise Rejected(f"quiz_{fault}", FAULTS[fault])


def _require_place(session: Session, lesson: Lesson, place: Place, beside: UUID | None = None) -> None:
    counted = select(func.count()).where(
        QuizQuestionRow.lesson_id == lesson.id, QuizQuestionRow.retired_at.is_(None), QuizQuestionRow.id != beside
    )
    others = session.scalar(counted) or 0
    fault = rules.place_fault(place.at_ms, lesson.duration_ms, others)
    if fault is not None:
        raise Rejected(f"quiz_{fault}", FAULTS[fault])
