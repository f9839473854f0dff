"""Tables of quizzes: questions with every version of their words, attached to a lesson or waiting in the bank."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from contentserver.kernel.db import Base, id_column


class QuizQuestionRow(Base):
    """A question of a region; its words are those of `version`.

    Attributes:
        lesson_id: the lesson that asks it; None for one that waits in the bank.
        at_ms: media time at which it is asked; None for the lesson's end.
        mode: a `QuizMode`.
        retired_at: since when it is asked no more; None while it is. What rooms answered stays.
    """

    __tablename__ = "quiz_questions"

    id: Mapped[UUID] = id_column()
    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"), index=True)
    subject: Mapped[str] = mapped_column(String(40), default="")
    lesson_id: Mapped[UUID | None] = mapped_column(ForeignKey("lessons.id"), index=True)
    at_ms: Mapped[int | None]
    mode: Mapped[str] = mapped_column(String(8), default="room")
    version: Mapped[int] = mapped_column(default=1)
    text: Mapped[str] = mapped_column(String(120), index=True)
    """The newest version's, for finding and listing."""
    made_by: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    made_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]


class QuizVersionRow(Base):
    """The words of one version; never changed. `options` is a JSON array, `right` below 0 where no answer is right."""

    __tablename__ = "quiz_versions"

    question_id: Mapped[UUID] = mapped_column(ForeignKey("quiz_questions.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    text: Mapped[str] = mapped_column(String(120))
    options: Mapped[str] = mapped_column(Text)
    right: Mapped[int]
    explanation: Mapped[str] = mapped_column(String(200), default="")
    by: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    at: Mapped[datetime]
