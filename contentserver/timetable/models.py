"""Tables of the timetable: layers, their slots, their signed revisions, and the boxes' proofs."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from contentserver.kernel.db import Base, id_column


class LayerRecord(Base):
    """The layer of one region. `revision` is the newest one; `published` the newest the broker has confirmed."""

    __tablename__ = "layers"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"), unique=True)
    revision: Mapped[int] = mapped_column(default=0)
    published: Mapped[int] = mapped_column(default=0)
    window_end: Mapped[datetime | None]
    changed: Mapped[bool] = mapped_column(default=False)
    """Slots were edited since the newest revision."""


class SlotRecord(Base):
    """A rule in a layer: this lesson, at this local time, on these days."""

    __tablename__ = "slots"

    id: Mapped[UUID] = id_column()
    layer_id: Mapped[str] = mapped_column(ForeignKey("layers.id"), index=True)
    lesson_id: Mapped[UUID] = mapped_column(ForeignKey("lessons.id"), index=True)
    local_start: Mapped[str] = mapped_column(String(19))
    """Naive wall-clock time, ISO 8601 to the second."""
    zone: Mapped[str] = mapped_column(String(40))
    rule: Mapped[str] = mapped_column(String(200), default="")
    exceptions: Mapped[str] = mapped_column(Text, default="[]")
    rank: Mapped[str] = mapped_column(String(12))
    version: Mapped[int] = mapped_column(default=1)
    created_by: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    created_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]
    in_force: Mapped[bool] = mapped_column(default=False)
    """It stood in the newest revision that a person published, whatever the draft has done to it since."""
    layer: Mapped[LayerRecord] = relationship(lazy="joined")


class LayerRevision(Base):
    """What was published: the signed bytes, kept for ever."""

    __tablename__ = "layer_revisions"

    layer_id: Mapped[str] = mapped_column(ForeignKey("layers.id"), primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True)
    jws: Mapped[str] = mapped_column(Text)
    published_by: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))
    created_at: Mapped[datetime]


class LayerProofRecord(Base):
    """A box's word about a layer: what is stored on its disk, what its timetable is made of."""

    __tablename__ = "layer_proofs"

    box_id: Mapped[int] = mapped_column(ForeignKey("boxes.id"), primary_key=True)
    layer_id: Mapped[str] = mapped_column(ForeignKey("layers.id"), primary_key=True)
    stored: Mapped[int] = mapped_column(default=0)
    stored_at: Mapped[datetime | None]
    applied: Mapped[int] = mapped_column(default=0)
