"""Tables of commands to boxes, and of what is more about those that offer help. What a state means: `rules.py`."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from contentserver.kernel.db import Base, id_column


class CommandRow(Base):
    """One command as it was signed, and what became of it."""

    __tablename__ = "commands"

    id: Mapped[UUID] = id_column()
    box_id: Mapped[int] = mapped_column(ForeignKey("boxes.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    body: Mapped[str] = mapped_column(Text)
    """JSON of the wire's `CommandBody`."""
    jws: Mapped[str] = mapped_column(Text)
    asked_by: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))
    """None where somebody without an account asked, by a station's page for phones."""
    asked_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    """When the broker confirmed it; None before, and where the box fetched it over HTTP first."""
    state: Mapped[str] = mapped_column(String(12), index=True)
    replied_at: Mapped[datetime | None]
    detail: Mapped[str] = mapped_column(Text, default="")
    help: Mapped["HelpRow | None"] = relationship(lazy="selectin", uselist=False)


class HelpRow(Base):
    """What is more about a command that offers help. `heard_at` is when its box last showed a sign of life."""

    __tablename__ = "helps"

    id: Mapped[UUID] = mapped_column(ForeignKey("commands.id", ondelete="CASCADE"), primary_key=True)
    reason: Mapped[str] = mapped_column(Text)
    minutes: Mapped[int]
    agreed_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    heard_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str] = mapped_column(String(12), default="")
