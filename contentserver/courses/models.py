"""Tables of courses, lessons, transcodes, of what reviewers say and decide, and of approvals."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from contentserver.courses.rules import Origin, Terms
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
    """One recording. `state` is a `rules.LessonState`; `package_name` is set once it is transcoded.

    Another recording of the same lesson makes its next version; `uploader_id` is who brought the newest.
    """

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
    version: Mapped[int] = mapped_column(default=1)
    origin: Mapped[str] = mapped_column(String(12), default=Origin.OWN)
    origin_name: Mapped[str] = mapped_column(String(100), default="")
    """Whose recording it is, where it is not one's own."""
    rights: Mapped[str] = mapped_column(String(300), default="")
    airable_from: Mapped[date | None]
    """Day of the stations."""
    expires_on: Mapped[date | None]
    """The last day of the stations on which it may air."""
    course: Mapped[Course] = relationship(back_populates="lessons", lazy="joined")
    transcode: Mapped["Transcode | None"] = relationship(back_populates="lesson", uselist=False)
    approval: Mapped["ApprovalRecord | None"] = relationship(back_populates="lesson", uselist=False)

    @property
    def terms(self) -> Terms:
        """The days on which it may air."""
        return Terms(self.airable_from, self.expires_on)


class EarlierVersion(Base):
    """A version of a lesson that another recording has taken the place of."""

    __tablename__ = "lesson_versions"

    lesson_id: Mapped[UUID] = mapped_column(ForeignKey("lessons.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    uploader_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    package_name: Mapped[str] = mapped_column(String(80), default="")
    replaced_at: Mapped[datetime]


class LessonComment(Base):
    """What a reviewer says about a moment of one version; open until it is settled with an answer."""

    __tablename__ = "lesson_comments"

    id: Mapped[UUID] = id_column()
    lesson_id: Mapped[UUID] = mapped_column(ForeignKey("lessons.id"), index=True)
    version: Mapped[int]
    at_ms: Mapped[int]
    text: Mapped[str] = mapped_column(String(500))
    author_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    created_at: Mapped[datetime]
    answer: Mapped[str] = mapped_column(String(500), default="")
    settled_at: Mapped[datetime | None]
    """None while it is open."""
    settled_by: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))


class LessonOpened(Base):
    """Somebody who may decide has opened a version of a lesson."""

    __tablename__ = "lesson_openings"

    lesson_id: Mapped[UUID] = mapped_column(ForeignKey("lessons.id"), primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    version: Mapped[int]
    opened_at: Mapped[datetime]


class LessonReview(Base):
    """One decision about one version, with what was confirmed for it; rows are only ever added."""

    __tablename__ = "lesson_reviews"

    id: Mapped[UUID] = id_column()
    lesson_id: Mapped[UUID] = mapped_column(ForeignKey("lessons.id"), index=True)
    version: Mapped[int]
    decision: Mapped[str] = mapped_column(String(12))
    ticked: Mapped[str] = mapped_column(String(200), default="")
    """The `rules.ReviewItem`s that were confirmed, with spaces between."""
    reason: Mapped[str] = mapped_column(String(500), default="")
    """Why it was sent back, or why it may air although comments are open."""
    reviewer_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    decided_at: Mapped[datetime]


class Transcode(Base):
    """The one running or last transcode of a lesson. huey only wakes a worker; this row is the truth.

    A worker holds the row by a lease that it renews with each heartbeat; a lease that ran out may be taken by another.
    """

    __tablename__ = "transcodes"

    lesson_id: Mapped[UUID] = mapped_column(ForeignKey("lessons.id"), primary_key=True)
    state: Mapped[str] = mapped_column(String(12), index=True)
    source: Mapped[str] = mapped_column(String(300))
    """File name inside the uploads folder."""
    sha256: Mapped[str] = mapped_column(String(64), default="", index=True)
    """Of the recording, in hexadecimal; empty where it was brought without one."""
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


class UploadQuota(Base):
    """How many bytes the courses of a region and of everything below it may hold; a row where somebody set it."""

    __tablename__ = "upload_quotas"

    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"), primary_key=True)
    limit_bytes: Mapped[int] = mapped_column(BigInteger)
    set_by: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    set_at: Mapped[datetime]
