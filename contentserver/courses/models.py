"""Tables of courses, lessons, transcodes and approvals."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from contentserver.kernel.db import Base, id_column


class Course(Base):
    """An ordered set of lessons, owned by a region."""

    __tablename__ = "courses"

    id: Mapped[UUID] = id_column()
    title: Mapped[str] = mapped_column(String(100))
    subject: Mapped[str] = mapped_column(String(40), default="")
    audience: Mapped[str] = mapped_column(String(40), default="")
    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"), index=True)
    created_at: Mapped[datetime]
    lessons: Mapped[list["Lesson"]] = relationship(order_by="Lesson.number", back_populates="course")


class Lesson(Base):
    """One recording. `state` is a `rules.LessonState`; `package_name` is set once it is transcoded."""

    __tablename__ = "lessons"
    __table_args__ = (UniqueConstraint("course_id", "number"),)

    id: Mapped[UUID] = id_column()
    course_id: Mapped[UUID] = mapped_column(ForeignKey("courses.id"), index=True)
    number: Mapped[int]
    title: Mapped[str] = mapped_column(String(100))
    summary: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[str] = mapped_column(String(20), index=True)
    uploader_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    created_at: Mapped[datetime]
    package_name: Mapped[str | None] = mapped_column(String(80), index=True)
    duration_ms: Mapped[int] = mapped_column(default=0)
    package_bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    course: Mapped[Course] = relationship(back_populates="lessons", lazy="joined")
    transcode: Mapped["Transcode | None"] = relationship(back_populates="lesson", uselist=False)
    approval: Mapped["ApprovalRecord | None"] = relationship(back_populates="lesson", uselist=False)


class Transcode(Base):
    """The one running or last transcode of a lesson. huey only wakes a worker; this row is the truth.

    A worker holds the row by a lease that it renews with each heartbeat; a lease that ran out may be taken by another.
    """

    __tablename__ = "transcodes"

    lesson_id: Mapped[UUID] = mapped_column(ForeignKey("lessons.id"), primary_key=True)
    state: Mapped[str] = mapped_column(String(12), index=True)
    source: Mapped[str] = mapped_column(String(300))
    """File name inside the uploads folder."""
    stage: Mapped[str] = mapped_column(String(20), default="")
    fraction: Mapped[float] = mapped_column(default=0.0)
    speed: Mapped[float] = mapped_column(default=0.0)
    eta_s: Mapped[float | None]
    error_code: Mapped[str] = mapped_column(String(40), default="")
    error_detail: Mapped[str] = mapped_column(Text, default="")
    attempts: Mapped[int] = mapped_column(default=0)
    worker: Mapped[str] = mapped_column(String(64), default="")
    lease_until: Mapped[datetime | None]
    heartbeat_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    lesson: Mapped[Lesson] = relationship(back_populates="transcode")
    files: Mapped[list["TranscodeFile"]] = relationship(
        order_by="TranscodeFile.number", cascade="all, delete-orphan", passive_deletes=True
    )


class TranscodeFile(Base):
    """What goes into a package beside the recording: captions or a sound track; `kind` is a `rules.FileKind`."""

    __tablename__ = "transcode_files"

    lesson_id: Mapped[UUID] = mapped_column(ForeignKey("transcodes.lesson_id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(12))
    file: Mapped[str] = mapped_column(String(300))
    """File name inside the uploads folder."""
    language: Mapped[str] = mapped_column(String(20))


class TranscodeChunk(Base):
    """One chunk of a transcode under way, held by a worker through a lease. The rows go when all chunks are there."""

    __tablename__ = "transcode_chunks"

    lesson_id: Mapped[UUID] = mapped_column(ForeignKey("transcodes.lesson_id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    folder: Mapped[str] = mapped_column(String(200))
    """Of the job, inside the packages folder."""
    state: Mapped[str] = mapped_column(String(12))
    worker: Mapped[str] = mapped_column(String(100), default="")
    lease_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    fraction: Mapped[float] = mapped_column(default=0.0)
    error_detail: Mapped[str] = mapped_column(Text, default="")


class ApprovalRecord(Base):
    """The signed word that a lesson's package may air, and by whom it was given."""

    __tablename__ = "approvals"

    lesson_id: Mapped[UUID] = mapped_column(ForeignKey("lessons.id"), primary_key=True)
    package_name: Mapped[str] = mapped_column(String(80), index=True)
    jws: Mapped[str] = mapped_column(Text)
    approved_at: Mapped[datetime]
    approver_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    lesson: Mapped[Lesson] = relationship(back_populates="approval")
