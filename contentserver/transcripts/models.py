"""Table of what members ask to have set right: "I was there on that evening"."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from contentserver.kernel.db import Base, id_column


class CorrectionRequest(Base):
    """A member says that they were at a session whose roll does not have them; `state` is an `asking.State`.

    Rows are only ever added and decided once; what a decision changes on the roll is a correction (`attendance`).
    """

    __tablename__ = "correction_requests"

    id: Mapped[UUID] = id_column()
    member_id: Mapped[UUID] = mapped_column(ForeignKey("members.id"), index=True)
    airing_id: Mapped[str] = mapped_column(String(36))
    station_id: Mapped[UUID] = mapped_column(ForeignKey("stations.id"))
    text: Mapped[str] = mapped_column(String(300))
    state: Mapped[str] = mapped_column(String(10), index=True)
    at: Mapped[datetime]
    by: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))
    """Who wrote it down; None where the member asked by phone."""
    answer: Mapped[str] = mapped_column(String(300), default="")
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))
