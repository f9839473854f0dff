"""Tables of the online school: what browsers said that they played, and what is derived from it.

Viewings and their spans are the record. What counts, and how far somebody has come, can be derived from them again.
"""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from contentserver.kernel.db import Base


class Viewing(Base):
    """One opening of a lesson's page in one browser; `id` is made there.

    Attributes:
        member_id: whose seat it was; it never changes. `person_id`: for whom it counts, where records were merged.
        package_name, length_ms: of the recording that was shown.
        opened_at: when the server gave the page out, by its own clock.
        until_at: the end of the last span, on the same clock.
    """

    __tablename__ = "viewings"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    member_id: Mapped[UUID] = mapped_column(ForeignKey("members.id"), index=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("members.id"), index=True)
    lesson_id: Mapped[UUID] = mapped_column(ForeignKey("lessons.id"))
    package_name: Mapped[str] = mapped_column(String(80))
    length_ms: Mapped[int]
    opened_at: Mapped[datetime]
    until_at: Mapped[datetime]


class ViewingSpan(Base):
    """What played without a break, as the browser told it; `at_ms` counts from the opening of its page."""

    __tablename__ = "viewing_spans"

    viewing_id: Mapped[UUID] = mapped_column(ForeignKey("viewings.id"), primary_key=True)
    sequence: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    from_ms: Mapped[int]
    to_ms: Mapped[int]
    at_ms: Mapped[int]
    clock_ms: Mapped[int]
    arrived_at: Mapped[datetime]


class SchoolLine(Base):
    """What one day added to somebody's hours of a lesson; derived. `at`: when they began to look on that day."""

    __tablename__ = "school_lines"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("members.id"), primary_key=True)
    lesson_id: Mapped[UUID] = mapped_column(ForeignKey("lessons.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    credit_ms: Mapped[int]


class SchoolProgress(Base):
    """How far somebody has come with a lesson; derived.

    Attributes:
        seen_ms: lesson time that played, whatever of it counts.
        present_ms: lesson time seen that is not counted elsewhere at the same time.
        stopped_ms: where the lesson stood when it last played.
        last_at: when that was.
    """

    __tablename__ = "school_progress"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("members.id"), primary_key=True)
    lesson_id: Mapped[UUID] = mapped_column(ForeignKey("lessons.id"), primary_key=True)
    length_ms: Mapped[int]
    seen_ms: Mapped[int]
    present_ms: Mapped[int]
    credit_ms: Mapped[int]
    stopped_ms: Mapped[int]
    last_at: Mapped[datetime]
