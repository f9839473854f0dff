"""How rooms answered, added up from the tallies of sessions: by question, by course, by region."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver.attendance import SessionRow, quiz_of
from contentserver.kernel import clock
from contentserver.quizzes.models import QuizVersionRow
from contentserver.quizzes.rules import NONE_RIGHT, Answers, Words, added_up
from contentserver.quizzes.service import words_in
from contentserver.regions import Region, subtree_filter


class By(StrEnum):
    """What one line of the results is."""

    QUESTION = "question"
    COURSE = "course"
    REGION = "region"


@dataclass(frozen=True, slots=True)
class Asked:
    """One question in one session: what the room answered.

    Attributes:
        words: None for a question or version that this server does not know (a database that was restored).
    """

    question: str
    version: int
    words: Words | None
    counts: tuple[int, ...]
    course: str
    lesson: str
    region: str

    @property
    def judged(self) -> int:
        """Answers of which it can be said whether they are right."""
        return sum(self.counts) if self.words and self.words.right != NONE_RIGHT else 0

    @property
    def right(self) -> int:
        """How many of them are."""
        place = self.words.right if self.words else NONE_RIGHT
        return self.counts[place] if 0 <= place < len(self.counts) else 0


@dataclass(frozen=True, slots=True)
class Line:
    """One line: what it is of, in how many rooms, how many answers, and how many of those that can be judged are right.

    Attributes:
        key: a question's id, a region's code; empty where it leads nowhere.
        under: said below the name, e.g. the lesson.
    """

    name: str
    under: str
    key: str
    rooms: int
    answers: int
    judged: int
    right: int


def of_version(session: Session, question_id: UUID, version: int, options: int) -> Answers:
    """How all rooms together answered one version of a question."""
    wanted = (str(question_id), version)
    rows = session.scalars(select(SessionRow.quiz).where(SessionRow.quiz.contains(wanted[0], autoescape=True)))
    counted = (one.counts for text in rows for one in quiz_of(text) if (one.question, one.version) == wanted)
    return added_up(counted, options)


def of_session(session: Session, text: str) -> Sequence[tuple[Words | None, Answers]]:
    """What one room answered, question by question, in the order in which they were first answered.

    Args:
        text: a session's tally as its row keeps it.
    """
    found = quiz_of(text)
    known = _known(session, {one.question for one in found})
    told = []
    for one in found:
        words = known.get((one.question, one.version))
        told.append((words, added_up([one.counts], len(words.options) if words else len(one.counts))))
    return told


def asked(
    session: Session, root: str, first: date, last: date, *, course: str = "", region: str = ""
) -> Sequence[Asked]:
    """Every question that a room of a region answered in some days of the stations' time, both included."""
    begins, ends = clock.instants_of(first, last)
    query = select(SessionRow).where(
        SessionRow.quiz != "",
        subtree_filter(SessionRow.region_code, region or root),
        SessionRow.planned_start >= begins,
        SessionRow.planned_start < ends,
    )
    if course:
        query = query.where(SessionRow.course_title == course)
    found = [
        Asked(one.question, one.version, None, one.counts, row.course_title, row.lesson_title, row.region_code)
        for row in session.scalars(query)
        for one in quiz_of(row.quiz)
    ]
    known = _known(session, {one.question for one in found})
    return [replace(one, words=known.get((one.question, one.version))) for one in found]


def lines(session: Session, found: Sequence[Asked], by: By, root: str) -> list[Line]:
    """The results, a line for each question, course, or region just below `root`; most answers first."""
    match by:
        case By.QUESTION:
            made = [_line_of_question(group) for group in _grouped(found, lambda one: (one.question, one.version))]
        case By.COURSE:
            made = [_line(group, group[0].course or group[0].lesson, "", "") for group in _grouped(found, _course_of)]
        case By.REGION:
            below = select(Region.code, Region.name).where(Region.parent_code == (root or None))
            names = dict(session.execute(below).all())
            groups = _grouped(found, lambda one: _below(one.region, names))
            codes = [_below(group[0].region, names) for group in groups]
            made = [
                _line(group, names.get(code) or _own(session, root), "", code)
                for group, code in zip(groups, codes, strict=True)
            ]
    return sorted(made, key=lambda line: (-line.answers, line.name))


def courses_asked(found: Iterable[Asked]) -> list[str]:
    """The titles of the courses that are among them."""
    return sorted({one.course for one in found if one.course})


def _below(region: str, codes: Iterable[str]) -> str:
    """Which of these regions another one lies in; empty for none."""
    return next((code for code in codes if region.startswith(code)), "")


def _own(session: Session, root: str) -> str:
    region = session.get(Region, root) if root else None
    return region.name if region else ""


def _known(session: Session, questions: set[str]) -> dict[tuple[str, int], Words]:
    ids = [found for text in questions if (found := _uuid(text)) is not None]
    rows = session.scalars(select(QuizVersionRow).where(QuizVersionRow.question_id.in_(ids)))
    return {(str(row.question_id), row.version): words_in(row) for row in rows}


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _course_of(one: Asked) -> str:
    return one.course or one.lesson


def _grouped(found: Iterable[Asked], key: Callable[[Asked], Hashable]) -> list[list[Asked]]:
    groups: dict[Hashable, list[Asked]] = defaultdict(list)
    for one in found:
        groups[key(one)].append(one)
    return list(groups.values())


def _line_of_question(group: Sequence[Asked]) -> Line:
    first = group[0]
    return _line(group, first.words.text if first.words else "", first.lesson, first.question if first.words else "")


def _line(group: Sequence[Asked], name: str, under: str, key: str) -> Line:
    return Line(
        name=name,
        under=under,
        key=key,
        rooms=len(group),
        answers=sum(sum(one.counts) for one in group),
        judged=sum(one.judged for one in group),
        right=sum(one.right for one in group),
    )
