"""Tables of the forum: authors, threads, posts with words and pictures, reports, who hears of what, boards."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from contentserver.kernel.db import Base, id_column

TITLE_CHARS, TEXT_CHARS, REASON_CHARS, NAME_CHARS = 80, 4000, 200, 12


class Board(Base):
    """How posts of a region are looked at: by somebody `before` others read them, or `after`."""

    __tablename__ = "forum_boards"

    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"), primary_key=True)
    moderation: Mapped[str] = mapped_column(String(8))
    by: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    at: Mapped[datetime]


class Author(Base):
    """Whoever writes, or hears of what is written: an account or a member, whose id it has.

    Attributes:
        name: what a member chose to be called; empty for an account, and for a member who goes by their masked name.
        key: the name as it is compared, so that nobody has another's.
        blocked_until: until then a member writes nothing; `blocked_why` is read by them.
    """

    __tablename__ = "forum_authors"
    __table_args__ = (CheckConstraint("(account_id IS NULL) <> (member_id IS NULL)", name="one"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"), unique=True)
    member_id: Mapped[UUID | None] = mapped_column(ForeignKey("members.id"), unique=True)
    name: Mapped[str] = mapped_column(String(NAME_CHARS), default="")
    key: Mapped[str | None] = mapped_column(String(NAME_CHARS), unique=True)
    blocked_until: Mapped[datetime | None] = mapped_column(index=True)
    blocked_why: Mapped[str] = mapped_column(String(REASON_CHARS), default="")


class Thread(Base):
    """One subject that people talk about.

    Attributes:
        course_id, branch_id: what it belongs to; empty for a subject of its own.
        last_at: of the newest post that stands; lists are in its order.
        closed_at: nobody writes into it any more.
    """

    __tablename__ = "forum_threads"
    __table_args__ = (Index("ix_forum_threads_order", "pinned", "last_at"),)

    id: Mapped[UUID] = id_column()
    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"), index=True)
    course_id: Mapped[UUID | None] = mapped_column(ForeignKey("courses.id"), index=True)
    branch_id: Mapped[UUID | None] = mapped_column(ForeignKey("branches.id"), index=True)
    title: Mapped[str] = mapped_column(String(TITLE_CHARS))
    by: Mapped[UUID] = mapped_column(ForeignKey("forum_authors.id"))
    at: Mapped[datetime]
    last_at: Mapped[datetime]
    pinned: Mapped[bool] = mapped_column(default=False)
    closed_at: Mapped[datetime | None]


class Post(Base):
    """One contribution; `number` counts from 1 in its thread.

    Attributes:
        state: a `rules.State`.
        edited_at: its words were changed after others could read them.
        decided_by, why: who took it away or passed it on, and why; a member who took away their own is not named.
    """

    __tablename__ = "forum_posts"
    __table_args__ = (UniqueConstraint("thread_id", "number"),)

    id: Mapped[UUID] = id_column()
    thread_id: Mapped[UUID] = mapped_column(ForeignKey("forum_threads.id"))
    number: Mapped[int]
    by: Mapped[UUID] = mapped_column(ForeignKey("forum_authors.id"), index=True)
    at: Mapped[datetime]
    text: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(8), index=True)
    edited_at: Mapped[datetime | None]
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))
    decided_at: Mapped[datetime | None]
    why: Mapped[str] = mapped_column(String(REASON_CHARS), default="")


class PostPicture(Base):
    """A picture of a post, known by its content."""

    __tablename__ = "forum_pictures"

    post_id: Mapped[UUID] = mapped_column(ForeignKey("forum_posts.id"), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    width: Mapped[int]
    height: Mapped[int]


class PostWords(Base):
    """The words of a post that stands, cut apart, with spaces between. Its index: migration 0040."""

    __tablename__ = "forum_words"

    id: Mapped[int] = mapped_column(primary_key=True)
    post_id: Mapped[UUID] = mapped_column(unique=True)
    words: Mapped[str] = mapped_column(Text)


class PostReport(Base):
    """Somebody says that a post should not stand. One person reports a post once."""

    __tablename__ = "forum_reports"

    post_id: Mapped[UUID] = mapped_column(ForeignKey("forum_posts.id"), primary_key=True)
    by: Mapped[UUID] = mapped_column(ForeignKey("forum_authors.id"), primary_key=True)
    at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(String(REASON_CHARS))
    settled_at: Mapped[datetime | None]


class Notification(Base):
    """Somebody was named in a post, or a thread that they write in went on. `seen_at` when they opened the thread."""

    __tablename__ = "forum_notifications"
    __table_args__ = (Index("ix_forum_notifications_unseen", "author_id", "seen_at"),)

    post_id: Mapped[UUID] = mapped_column(ForeignKey("forum_posts.id"), primary_key=True)
    author_id: Mapped[UUID] = mapped_column(ForeignKey("forum_authors.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(8))
    seen_at: Mapped[datetime | None]
