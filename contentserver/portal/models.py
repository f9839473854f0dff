"""Table of articles: news of a region, and reading for phones."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from contentserver.kernel.db import Base, id_column

TITLE_CHARS, SUMMARY_CHARS, TEXT_CHARS, CODE_CHARS = 60, 160, 12_000, 8


class Article(Base):
    """One article.

    Attributes:
        kind: of news, or reading to a lesson (`rules.Kind`).
        code: the end of its short address, as a short message has it.
        cover: the digest of its photograph; empty for none. `cover_says` tells what is on it, for whoever does not see.
        lesson_id: the lesson that it belongs to; empty for none.
        branch_id: the branch of which it tells; on that one's page once it is published, as `published_branch_id`.
        version: grows with each saving; `published` is what everybody reads: JSON of `rules.Words`, empty before.
        first_published_at: stays when newer words are published.
    """

    __tablename__ = "articles"
    __table_args__ = (Index("ix_articles_published", "kind", "first_published_at"),)

    id: Mapped[UUID] = id_column()
    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"), index=True)
    kind: Mapped[str] = mapped_column(String(8))
    code: Mapped[str] = mapped_column(String(CODE_CHARS), unique=True)
    title: Mapped[str] = mapped_column(String(TITLE_CHARS))
    summary: Mapped[str] = mapped_column(String(SUMMARY_CHARS), default="")
    text: Mapped[str] = mapped_column(Text, default="")
    cover: Mapped[str] = mapped_column(String(64), default="")
    cover_says: Mapped[str] = mapped_column(String(100), default="")
    lesson_id: Mapped[str] = mapped_column(String(36), default="", index=True)
    branch_id: Mapped[UUID | None] = mapped_column(ForeignKey("branches.id"))
    published_branch_id: Mapped[UUID | None] = mapped_column(ForeignKey("branches.id"), index=True)
    state: Mapped[str] = mapped_column(String(10), index=True)
    version: Mapped[int] = mapped_column(default=1)
    published: Mapped[str] = mapped_column(Text, default="")
    first_published_at: Mapped[datetime | None]
    made_by: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    changed_at: Mapped[datetime]
    why: Mapped[str] = mapped_column(String(200), default="")
    """Why it was taken back."""
