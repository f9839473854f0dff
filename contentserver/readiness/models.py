"""Tables of readiness: announced power cuts, and what the administrators of stations were told.

Presence of boxes and the renditions wanted of them are facts about boxes and lie in `boxes`. Verdicts are never stored.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from contentserver.kernel.db import Base, id_column


class PowerCut(Base):
    """An announced power cut in a region and everything below it; removed ones stay for the audit."""

    __tablename__ = "power_cuts"

    id: Mapped[UUID] = id_column()
    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"), index=True)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime] = mapped_column(index=True)
    reason: Mapped[str] = mapped_column(String(200), default="")
    made_by: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    made_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]


class StationNote(Base):
    """One thing that a station's administrator was told: once for each station, airing and kind of reason.

    `params` is the JSON of a `rules.Reason`; `delivered_by` is the account that read it, or the way it went.
    """

    __tablename__ = "station_notes"
    __table_args__ = (UniqueConstraint("station_id", "airing_id", "code"),)

    id: Mapped[UUID] = id_column()
    station_id: Mapped[UUID] = mapped_column(ForeignKey("stations.id"))
    airing_id: Mapped[str] = mapped_column(String(36))
    airing_start: Mapped[datetime] = mapped_column(index=True)
    lesson_title: Mapped[str] = mapped_column(String(100))
    code: Mapped[str] = mapped_column(String(30))
    params: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime]
    made_by: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))
    delivered_at: Mapped[datetime | None]
    delivered_by: Mapped[str] = mapped_column(String(64), default="")
