"""Table of members: people who may sign in at a station."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from contentserver.kernel.db import Base, id_column


class Member(Base):
    """A person of a station's roll. `number` is what they type on the remote: three to six digits, unique there."""

    __tablename__ = "members"
    __table_args__ = (UniqueConstraint("station_id", "number"),)

    id: Mapped[UUID] = id_column()
    station_id: Mapped[UUID] = mapped_column(ForeignKey("stations.id"), index=True)
    name: Mapped[str] = mapped_column(String(64))
    number: Mapped[str] = mapped_column(String(6))
    card: Mapped[str] = mapped_column(String(20), default="")
    """What a reader types for their card, four to twenty digits, unique there; empty for none."""
    active: Mapped[bool] = mapped_column(default=True)
    phone_sealed: Mapped[str] = mapped_column(String(200), default="", server_default="")
    phone_mark: Mapped[str] = mapped_column(String(64), default="", server_default="", index=True)
    """Their mobile number, sealed, and the mark by which it is found (`kernel/sealing.py`)."""
    left_at: Mapped[datetime | None]
    """Since when they are no longer active, as far as the server noticed (`leaving.py`)."""
