"""Tables of projects: what lessons are tied to, who takes part, what was noted, with its photographs."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from contentserver.kernel.db import Base, id_column

NAME_CHARS, TEXT_CHARS, AIM_CHARS, REASON_CHARS = 60, 500, 300, 200


class Project(Base):
    """Lessons tied to a base, an association or members, and to households that try what they saw.

    Attributes:
        model: which of the two teaching models (`rules.Model`).
        base, association: the demonstration base, and the association or the members who lead; in words.
        crop: what is grown or raised, for whose yield numbers stand: `小麦`.
        baseline_dkg: yield before, in tenths of a kilogram for each mu; 0 where none is measured.
        ended_on: empty while it is under way; `lessons_learnt` says what came of it.
    """

    __tablename__ = "projects"

    id: Mapped[UUID] = id_column()
    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"), index=True)
    model: Mapped[str] = mapped_column(String(12))
    name: Mapped[str] = mapped_column(String(NAME_CHARS))
    aim: Mapped[str] = mapped_column(String(AIM_CHARS), default="")
    base: Mapped[str] = mapped_column(String(NAME_CHARS), default="")
    association: Mapped[str] = mapped_column(String(NAME_CHARS), default="")
    crop: Mapped[str] = mapped_column(String(20), default="")
    baseline_dkg: Mapped[int] = mapped_column(default=0)
    begun_on: Mapped[date]
    ended_on: Mapped[date | None]
    lessons_learnt: Mapped[str] = mapped_column(String(TEXT_CHARS), default="")
    version: Mapped[int] = mapped_column(default=1)
    made_by: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    made_at: Mapped[datetime]


class ProjectLesson(Base):
    """A lesson that the project teaches. Its title is kept: a deleted lesson leaves the report as it was."""

    __tablename__ = "project_lessons"

    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id"), primary_key=True)
    lesson_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    title: Mapped[str] = mapped_column(String(100))
    place: Mapped[int]


class Household(Base):
    """A household that takes part, known by one of its members on a station's roll."""

    __tablename__ = "project_households"
    __table_args__ = (UniqueConstraint("project_id", "member_id"),)

    id: Mapped[UUID] = id_column()
    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id"), index=True)
    station_id: Mapped[UUID] = mapped_column(ForeignKey("stations.id"))
    member_id: Mapped[UUID] = mapped_column(ForeignKey("members.id"))
    land_cmu: Mapped[int]
    joined_on: Mapped[date]
    left_on: Mapped[date | None]


class ProjectNote(Base):
    """One fact about a project or one of its households: a visit, an input, an adoption, a result.

    Attributes:
        land_cmu: on how much land, in hundredths of a mu.
        yield_dkg: tenths of a kilogram for each mu.
        income_fen: gained compared with before, may be negative; `cost_fen` was spent.
        withdrawn_at: it does not count any more, and `why` says why; the row stays.
    """

    __tablename__ = "project_notes"
    __table_args__ = (Index("ix_project_notes_project_day", "project_id", "day"),)

    id: Mapped[UUID] = id_column()
    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id"))
    household_id: Mapped[UUID | None] = mapped_column(ForeignKey("project_households.id"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    day: Mapped[date]
    text: Mapped[str] = mapped_column(String(TEXT_CHARS), default="")
    lesson_id: Mapped[str] = mapped_column(String(36), default="")
    land_cmu: Mapped[int | None]
    yield_dkg: Mapped[int | None]
    income_fen: Mapped[int | None] = mapped_column(BigInteger)
    cost_fen: Mapped[int | None] = mapped_column(BigInteger)
    by: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))
    why: Mapped[str] = mapped_column(String(REASON_CHARS), default="")


class ProjectPhoto(Base):
    """A photograph of a note, known by its content."""

    __tablename__ = "project_photos"

    note_id: Mapped[UUID] = mapped_column(ForeignKey("project_notes.id"), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    width: Mapped[int]
    height: Mapped[int]
