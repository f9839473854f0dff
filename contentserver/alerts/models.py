"""Tables of alerts: the alerts and their regions, each region's signed documents, and the boxes' proofs.

What may become of an alert stands in `rules.py`.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from contentserver.kernel.db import Base, id_column


class AlertRecord(Base):
    """One alert, from draft to end. Rows of alerts that were sent are never deleted."""

    __tablename__ = "alerts"
    __table_args__ = (UniqueConstraint("cap_sender", "cap_identifier"),)

    id: Mapped[UUID] = id_column()
    state: Mapped[str] = mapped_column(String(12), index=True)
    kind: Mapped[str] = mapped_column(String(12))
    headline: Mapped[str] = mapped_column(Text)
    description: Mapped[str] = mapped_column(Text, default="")
    instructions: Mapped[str] = mapped_column(Text, default="[]")
    """JSON list, one step each."""
    event: Mapped[str] = mapped_column(Text, default="")
    sender_name: Mapped[str] = mapped_column(Text, default="")
    severity: Mapped[str] = mapped_column(String(12))
    urgency: Mapped[str] = mapped_column(String(12))
    effective: Mapped[datetime | None]
    """None: from the moment it is sent."""
    expires: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)
    source: Mapped[str] = mapped_column(String(8))
    cap_sender: Mapped[str | None] = mapped_column(String(200))
    cap_identifier: Mapped[str | None] = mapped_column(String(200))
    original: Mapped[str] = mapped_column(Text, default="")
    """The CAP file as it came."""
    area_text: Mapped[str] = mapped_column(Text, default="")
    """The regions in the file's own words, where not all of them were recognised."""
    replaces: Mapped[str] = mapped_column(Text, default="[]")
    """JSON list of the ids of alerts that end when this one is sent."""
    made_by: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    authors: Mapped[str] = mapped_column(Text)
    """JSON list of everybody who wrote or changed its words; none of them can be the second person."""
    made_at: Mapped[datetime] = mapped_column(index=True)
    approved_by: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))
    sent_at: Mapped[datetime | None]
    emergency_reason: Mapped[str] = mapped_column(Text, default="")
    """Why one person sent it alone; empty where two did."""
    return_note: Mapped[str] = mapped_column(Text, default="")
    ended_by: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str] = mapped_column(Text, default="")
    regions: Mapped[list["AlertRegion"]] = relationship(
        lazy="selectin", cascade="all, delete-orphan", order_by="AlertRegion.region_code"
    )


class AlertRegion(Base):
    """One region that an alert is for; `revision` is the region's document by which it went out, 0 before."""

    __tablename__ = "alert_regions"

    alert_id: Mapped[UUID] = mapped_column(ForeignKey("alerts.id", ondelete="CASCADE"), primary_key=True)
    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"), primary_key=True, index=True)
    revision: Mapped[int] = mapped_column(default=0)


class AlertLayer(Base):
    """The alerts of one region. `revision` is the newest document; `published` the newest the broker has confirmed."""

    __tablename__ = "alert_layers"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"), unique=True)
    revision: Mapped[int] = mapped_column(default=0)
    published: Mapped[int] = mapped_column(default=0)


class AlertRevision(Base):
    """What was published: the signed bytes, kept for ever."""

    __tablename__ = "alert_revisions"

    layer_id: Mapped[str] = mapped_column(ForeignKey("alert_layers.id"), primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    jws: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]


class AlertProof(Base):
    """A box's word: the newest revision of a region's alerts that is on its disk."""

    __tablename__ = "alert_proofs"

    box_id: Mapped[int] = mapped_column(ForeignKey("boxes.id"), primary_key=True, autoincrement=False)
    layer_id: Mapped[str] = mapped_column(ForeignKey("alert_layers.id"), primary_key=True)
    stored: Mapped[int] = mapped_column(default=0)
