"""Tables of the ledger: kinds that a county adds, entries with their history, photographs, drafts, and what is due.

An entry is never silently changed: `LedgerChange` keeps what it said before. What kinds are: `kinds.py`.
"""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from contentserver.kernel.db import Base, id_column

STANDS = text("removed_at IS NULL")
"""Written out in every query, so that both databases know the index for it."""


class LedgerEntry(Base):
    """One entry of a station's work book.

    Attributes:
        region_code: where the station lay when it was written.
        kind, version: the kind, and the version of it that the values were held against, `region:number`.
        month: the first day of the month that `day` lies in.
        title: the headline, taken from the values.
        fields: the JSON of the values, by the names of the kind's fields.
        signers: who signed, one name a line.
        source, origin: from what it arose by itself; both empty where somebody wrote it.
        note: what a person added to an entry that arose by itself.
        saved: counts every change; a form says on which one it stands.
        late: it was written or changed after its month was closed.
    """

    __tablename__ = "ledger_entries"
    __table_args__ = (
        Index(
            "ix_ledger_entries_month_kind_station",
            "month",
            "kind",
            "station_id",
            "region_code",
            sqlite_where=STANDS,
            postgresql_where=STANDS,
        ),
        Index("ix_ledger_entries_station_month", "station_id", "month", "day"),
        Index(
            "ix_ledger_entries_month_day",
            "month",
            "day",
            "id",
            "region_code",
            sqlite_where=STANDS,
            postgresql_where=STANDS,
        ),
        Index(
            "uq_ledger_entries_source_origin",
            "source",
            "origin",
            unique=True,
            sqlite_where=text("origin <> ''"),
            postgresql_where=text("origin <> ''"),
        ),
    )

    id: Mapped[UUID] = id_column()
    station_id: Mapped[UUID] = mapped_column(ForeignKey("stations.id"))
    region_code: Mapped[str] = mapped_column(String(12))
    kind: Mapped[str] = mapped_column(String(20))
    version: Mapped[str] = mapped_column(String(24))
    day: Mapped[date]
    month: Mapped[date]
    title: Mapped[str] = mapped_column(String(120))
    fields: Mapped[str] = mapped_column(Text)
    signers: Mapped[str] = mapped_column(Text, default="")
    note: Mapped[str] = mapped_column(String(500), default="")
    source: Mapped[str] = mapped_column(String(20), default="")
    origin: Mapped[str] = mapped_column(String(120), default="")
    written_at: Mapped[datetime]
    written_by: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))
    changed_at: Mapped[datetime | None]
    saved: Mapped[int] = mapped_column(default=1)
    late: Mapped[bool] = mapped_column(default=False)
    removed_at: Mapped[datetime | None]


class LedgerChange(Base):
    """What an entry said before it was changed, when, by whom and why. Rows are only ever added.

    Attributes:
        number: from 1 in its entry.
        what: `corrected`, `noted`, `removed`, `put_back`, `arose_anew`.
        before: the JSON of `rules.Said`.
        late: the month was closed by then.
        by: None where what it arose from has changed.
    """

    __tablename__ = "ledger_changes"

    entry_id: Mapped[UUID] = mapped_column(ForeignKey("ledger_entries.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    what: Mapped[str] = mapped_column(String(12))
    before: Mapped[str] = mapped_column(Text)
    why: Mapped[str] = mapped_column(String(300), default="")
    late: Mapped[bool]
    at: Mapped[datetime]
    by: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))


class LedgerDraft(Base):
    """What somebody has typed so far of a new entry; it goes when the entry is written."""

    __tablename__ = "ledger_drafts"
    __table_args__ = (UniqueConstraint("station_id", "kind", "by"),)

    id: Mapped[UUID] = id_column()
    station_id: Mapped[UUID] = mapped_column(ForeignKey("stations.id"))
    kind: Mapped[str] = mapped_column(String(20))
    by: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), index=True)
    typed: Mapped[str] = mapped_column(Text)
    saved_at: Mapped[datetime]


class LedgerPhotograph(Base):
    """A photograph of an entry or of a draft, or a photographed sheet of signatures (`signature`).

    The picture lies under `digest`. One that a correction took away keeps its row.
    """

    __tablename__ = "ledger_photographs"

    id: Mapped[UUID] = id_column()
    entry_id: Mapped[UUID | None] = mapped_column(ForeignKey("ledger_entries.id"), index=True)
    draft_id: Mapped[UUID | None] = mapped_column(ForeignKey("ledger_drafts.id"), index=True)
    signature: Mapped[bool] = mapped_column(default=False)
    digest: Mapped[str] = mapped_column(String(64))
    width: Mapped[int]
    height: Mapped[int]
    bytes: Mapped[int]
    at: Mapped[datetime]
    by: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    removed_at: Mapped[datetime | None]


class LedgerMark(Base):
    """Something of which an entry arises has changed: whoever keeps the ledger derives it anew (`arising.py`)."""

    __tablename__ = "ledger_marks"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    source: Mapped[str] = mapped_column(String(20))
    key: Mapped[str] = mapped_column(String(120))
