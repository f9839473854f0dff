"""Tables of documents: what is sent and to whom, its versions and attachments, numbers, receipts, answers.

What may become of a document stands in `rules.py`.
"""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from contentserver.kernel.db import Base, id_column

IS_UNREAD = "read_at IS NULL"
UNANSWERED = "replied_at IS NULL"
OWED = "owes"
NAME_CHARS, WORD_CHARS = 120, 20


class Document(Base):
    """One document of an office, from draft to withdrawal.

    Attributes:
        region_code: the office that issues it.
        number: as it is printed; empty while it is a draft. `year` and `place` are what it is made of.
        options: what can be chosen, or what is asked for, one a line.
        read_due, reply_due: local dates, working days.
        forwards: the document of the office above that this one passes on.
        saved: counts every change; a form says on which one it stands.
    """

    __tablename__ = "documents"
    __table_args__ = (
        UniqueConstraint("region_code", "year", "place"),
        Index("ix_documents_changed", "changed_at", "id"),
    )

    id: Mapped[UUID] = id_column()
    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"), index=True)
    state: Mapped[str] = mapped_column(String(10))
    number: Mapped[str] = mapped_column(String(60), default="")
    year: Mapped[int | None]
    place: Mapped[int | None]
    title: Mapped[str] = mapped_column(String(NAME_CHARS))
    text: Mapped[str] = mapped_column(Text)
    to_offices: Mapped[bool] = mapped_column(default=True)
    to_stations: Mapped[bool] = mapped_column(default=True)
    read_days: Mapped[int | None]
    reply_days: Mapped[int | None]
    read_due: Mapped[date | None]
    reply_due: Mapped[date | None]
    reply: Mapped[str] = mapped_column(String(8))
    options: Mapped[str] = mapped_column(Text, default="")
    version: Mapped[int] = mapped_column(default=1)
    saved: Mapped[int] = mapped_column(default=1)
    forwards: Mapped[UUID | None] = mapped_column(ForeignKey("documents.id"))
    written_by: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    written_at: Mapped[datetime]
    sent_by: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))
    sent_at: Mapped[datetime | None] = mapped_column(index=True)
    changed_at: Mapped[datetime]
    """When its newest version was sent; of a draft, when it was begun. Lists are in its order."""
    withdrawn_by: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))
    withdrawn_at: Mapped[datetime | None]
    withdrawn_because: Mapped[str] = mapped_column(Text, default="")
    regions: Mapped[list["DocumentRegion"]] = relationship(
        lazy="selectin", cascade="all, delete-orphan", order_by="DocumentRegion.region_code"
    )
    groups: Mapped[list["DocumentGroup"]] = relationship(
        lazy="selectin", cascade="all, delete-orphan", order_by="DocumentGroup.group_id"
    )
    files: Mapped[list["DocumentFile"]] = relationship(
        lazy="selectin", cascade="all, delete-orphan", order_by="DocumentFile.at, DocumentFile.id"
    )


class DocumentRegion(Base):
    """A region to which a document goes: its office, and the stations below it."""

    __tablename__ = "document_regions"

    document_id: Mapped[UUID] = mapped_column(ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True)
    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"), primary_key=True)


class DocumentGroup(Base):
    """A group of stations to which a document goes."""

    __tablename__ = "document_groups"

    document_id: Mapped[UUID] = mapped_column(ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True)
    group_id: Mapped[UUID] = mapped_column(ForeignKey("station_groups.id"), primary_key=True)


class DocumentFile(Base):
    """An attachment; its bytes lie on the disk under their digest. `removed_at`: a newer version has it no more."""

    __tablename__ = "document_files"

    id: Mapped[UUID] = id_column()
    document_id: Mapped[UUID] = mapped_column(ForeignKey("documents.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(NAME_CHARS))
    digest: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(6))
    bytes: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime]
    removed_at: Mapped[datetime | None]


class DocumentVersion(Base):
    """The words of a version of a document that was sent."""

    __tablename__ = "document_versions"

    document_id: Mapped[UUID] = mapped_column(ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(NAME_CHARS))
    text: Mapped[str] = mapped_column(Text)
    files: Mapped[str] = mapped_column(Text)
    """Names of its attachments, one a line."""
    at: Mapped[datetime]
    by: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))


class DocumentScheme(Base):
    """How an office counts the documents of a year: `word` stands before the year, `last` is the place given last."""

    __tablename__ = "document_schemes"

    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    word: Mapped[str] = mapped_column(String(WORD_CHARS))
    last: Mapped[int] = mapped_column(default=0)


class DocumentRecipient(Base):
    """An office or a station to which a document was sent, fixed at that moment; and how far it has come there.

    Attributes:
        region_code: the office's region, or where the station lay when it was sent.
        station_id: None for an office.
        read_version: the newest version that was opened there.
        replied_at: of the newest answer that counts.
    """

    __tablename__ = "document_recipients"
    __table_args__ = (
        Index("ix_document_recipients_region_document", "region_code", "document_id"),
        Index("ix_document_recipients_station_document", "station_id", "document_id"),
        Index(
            "ix_document_recipients_unanswered",
            "document_id",
            postgresql_where=text(UNANSWERED),
            sqlite_where=text(UNANSWERED),
        ),
        Index("ix_document_recipients_owed", "region_code", postgresql_where=text(OWED), sqlite_where=text(OWED)),
        Index(
            "ix_document_recipients_owed_station",
            "station_id",
            postgresql_where=text(OWED),
            sqlite_where=text(OWED),
        ),
    )

    id: Mapped[UUID] = id_column()
    document_id: Mapped[UUID] = mapped_column(ForeignKey("documents.id", ondelete="CASCADE"), index=True)
    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"))
    station_id: Mapped[UUID | None] = mapped_column(ForeignKey("stations.id"))
    received_at: Mapped[datetime | None]
    received_by: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))
    read_at: Mapped[datetime | None]
    read_by: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))
    """None where the television says so."""
    read_version: Mapped[int] = mapped_column(default=0)
    replied_at: Mapped[datetime | None]
    owes: Mapped[bool] = mapped_column(default=True)
    """The newest version was not read, or an answer is owed: what waits is found by these alone (`rules.owes`)."""


class DocumentReply(Base):
    """One answer; the newest that counts stands, all are kept.

    Attributes:
        by: None where it came from the television.
        answer: the words, or for fields one a line, in their order.
        counts: false where it came after the document was withdrawn.
    """

    __tablename__ = "document_replies"

    id: Mapped[UUID] = id_column()
    recipient_id: Mapped[UUID] = mapped_column(ForeignKey("document_recipients.id", ondelete="CASCADE"), index=True)
    version: Mapped[int]
    at: Mapped[datetime]
    by: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))
    answer: Mapped[str] = mapped_column(Text, default="")
    counts: Mapped[bool] = mapped_column(default=True)
    file_name: Mapped[str] = mapped_column(String(NAME_CHARS), default="")
    file_digest: Mapped[str] = mapped_column(String(64), default="")
    file_kind: Mapped[str] = mapped_column(String(6), default="")
    file_bytes: Mapped[int] = mapped_column(BigInteger, default=0)


class DocumentSaid(Base):
    """A television's word about a document, under the key of its event, so that it is taken once."""

    __tablename__ = "document_said"

    box_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    epoch: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sequence: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    document_id: Mapped[UUID] = mapped_column(ForeignKey("documents.id", ondelete="CASCADE"), index=True)
    received_at: Mapped[datetime] = mapped_column(index=True)


class DocumentWords(Base):
    """The words of a document, cut apart, with spaces between. Its index: migration 0036."""

    __tablename__ = "document_words"

    id: Mapped[int] = mapped_column(primary_key=True)
    document_id: Mapped[UUID] = mapped_column(ForeignKey("documents.id", ondelete="CASCADE"), unique=True)
    words: Mapped[str] = mapped_column(Text)
