"""Tables of how long data is kept: days that somebody chose, and what each night took away."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from contentserver.kernel.db import Base, id_column


class RetentionRule(Base):
    """For a kind of data other days than the usual ones; `kind` is a `rules.Kind`."""

    __tablename__ = "retention_rules"

    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    days: Mapped[int]
    reason: Mapped[str] = mapped_column(String(300))
    at: Mapped[datetime]
    by: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))


class RetentionRun(Base):
    """One time that old data was taken away.

    Attributes:
        ended_at: None while it lasts, or where the program was ended in the middle of it.
        taken: JSON of kind to [things, bytes], brought up to date with every part that went.
    """

    __tablename__ = "retention_runs"

    id: Mapped[UUID] = id_column()
    begun_at: Mapped[datetime] = mapped_column(index=True)
    ended_at: Mapped[datetime | None]
    taken: Mapped[str] = mapped_column(Text, default="{}")
