"""What a county and its villages say to each other: a question of a lesson, with the county's mark in its words."""

from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy.orm import Session

from contentserver.courses.models import Lesson
from contentserver.quizzes.models import QuizQuestionRow, QuizVersionRow
from tests.contentserver.scope.county import County


def quizzes(session: Session, made: County, lesson: Lesson, who: UUID, now: datetime) -> None:
    """A question that the lesson asks."""
    row = QuizQuestionRow(
        region_code=made.township, lesson_id=lesson.id, text=f"{made.mark}question", made_by=who, made_at=now
    )
    session.add(row)
    session.flush()
    options = msgspec.json.encode((f"{made.mark}option", "other")).decode()
    session.add(QuizVersionRow(question_id=row.id, version=1, text=row.text, options=options, right=0, by=who, at=now))
    session.flush()
    made.named["question_id"] = str(row.id)
