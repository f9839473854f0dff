"""Tables of the timetable: layers, the drafts of their plans, signed revisions, proofs; templates, quotas, holidays.

Plans are kept as documents in JSON (`plans.py`): what is drafted, submitted and published is always one whole.
"""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from contentserver.kernel.db import Base, id_column


class LayerRecord(Base):
    """The layer of one region. `revision` is the newest one; `published` the newest the broker has confirmed."""

    __tablename__ = "layers"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"), unique=True)
    revision: Mapped[int] = mapped_column(default=0)
    published: Mapped[int] = mapped_column(default=0)
    published_at: Mapped[datetime | None]
    """When the broker confirmed `published`."""
    window_end: Mapped[datetime | None]
    plan: Mapped[str] = mapped_column(Text, default="")
    """The plan in force."""
    plan_version: Mapped[int] = mapped_column(default=0)
    """The draft that is in force."""
    draft_version: Mapped[int] = mapped_column(default=0)
    """The newest draft; 0 before the first edit."""
    changed: Mapped[bool] = mapped_column(default=False)
    """The newest draft differs from what is in force."""
    submitted_version: Mapped[int | None]
    """The draft that waits for another person's word."""
    submitted_by: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))
    submitted_at: Mapped[datetime | None]
    sent_back: Mapped[str] = mapped_column(Text, default="")
    """Why the last submission was sent back; empty once there is another."""
    passed_over: Mapped[str] = mapped_column(Text, default="[]")
    """Ids of airings of series that did not show their lesson, since it was displaced."""
    caught_up_to: Mapped[datetime | None]


class LayerDraft(Base):
    """One state of a layer's draft. An edit makes the next one; `parent` is the one that undoing leads to, -1 none."""

    __tablename__ = "layer_drafts"

    layer_id: Mapped[str] = mapped_column(ForeignKey("layers.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    parent: Mapped[int] = mapped_column(default=0)
    plan: Mapped[str] = mapped_column(Text)
    action: Mapped[str] = mapped_column(String(40))
    """The edit's name, such as `move_evening`."""
    subject: Mapped[str] = mapped_column(String(200), default="")
    """The lesson it was about."""
    made_by: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))
    made_at: Mapped[datetime]


class LayerRevision(Base):
    """What was published: the signed bytes and the plan they were made of, kept for ever."""

    __tablename__ = "layer_revisions"
    __table_args__ = (Index("ix_layer_revisions_created_at", "created_at", "layer_id", "revision"),)

    layer_id: Mapped[str] = mapped_column(ForeignKey("layers.id"), primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True)
    jws: Mapped[str] = mapped_column(Text)
    plan: Mapped[str] = mapped_column(Text, default="")
    airings: Mapped[int] = mapped_column(default=0)
    submitted_by: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))
    published_by: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))
    """Who approved it; nobody where the same plan was only carried on to later days."""
    created_at: Mapped[datetime]


class LayerProofRecord(Base):
    """A box's word about a layer: what is stored on its disk, what its timetable is made of."""

    __tablename__ = "layer_proofs"

    box_id: Mapped[int] = mapped_column(ForeignKey("boxes.id"), primary_key=True)
    layer_id: Mapped[str] = mapped_column(ForeignKey("layers.id"), primary_key=True)
    stored: Mapped[int] = mapped_column(default=0)
    stored_at: Mapped[datetime | None]
    applied: Mapped[int] = mapped_column(default=0)
    received_at: Mapped[datetime | None]
    """When the server last heard the box speak of this layer."""


class LayerTemplate(Base):
    """A week to be used again: slots as of the week of Monday, 1 January 2001."""

    __tablename__ = "layer_templates"

    id: Mapped[UUID] = id_column()
    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"), index=True)
    name: Mapped[str] = mapped_column(String(60))
    plan: Mapped[str] = mapped_column(Text)
    made_by: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    made_at: Mapped[datetime]


class Quota(Base):
    """What every station of a region's subtree should show each month; the nearest region above decides."""

    __tablename__ = "quotas"

    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"), primary_key=True)
    sessions: Mapped[int]
    hours: Mapped[int]


class HolidayRow(Base):
    """One line of the editable table of holidays; counts over the published one. `kind` is `holidays.DayKind`."""

    __tablename__ = "holidays"

    day: Mapped[date] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    name: Mapped[str] = mapped_column(String(40), default="")
