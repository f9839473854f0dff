"""Tables of notices: what is told and to whom, and what televisions said of its being read.

What may become of a notice stands in `rules.py`.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from contentserver.kernel.db import Base, id_column


class NoticeRow(Base):
    """One notice to the stations of regions and groups, from draft to end.

    Attributes:
        region_code: the region in which everybody lies whom it is for; whoever acts for it may write the notice.
    """

    __tablename__ = "notices"

    id: Mapped[UUID] = id_column()
    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"), index=True)
    state: Mapped[str] = mapped_column(String(10), index=True)
    title: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    """Paragraphs, with a line break between."""
    issuer: Mapped[str] = mapped_column(Text)
    important: Mapped[bool] = mapped_column(default=False)
    valid_from: Mapped[datetime | None]
    """None: from the moment it is published."""
    valid_until: Mapped[datetime | None]
    """None: until it is withdrawn."""
    version: Mapped[int] = mapped_column(default=1)
    """Counts up when the words of a published notice change."""
    saved: Mapped[int] = mapped_column(default=1)
    """Counts every change; a form says on which one it stands."""
    written_by: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    written_at: Mapped[datetime] = mapped_column(index=True)
    published_by: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))
    published_at: Mapped[datetime | None]
    """When it was published first."""
    withdrawn_by: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))
    withdrawn_at: Mapped[datetime | None]
    withdrawn_because: Mapped[str] = mapped_column(Text, default="")
    regions: Mapped[list["NoticeRegion"]] = relationship(
        lazy="selectin", cascade="all, delete-orphan", order_by="NoticeRegion.region_code"
    )
    groups: Mapped[list["NoticeGroup"]] = relationship(
        lazy="selectin", cascade="all, delete-orphan", order_by="NoticeGroup.group_id"
    )


class NoticeRegion(Base):
    """A region that a notice is for, with everything below it."""

    __tablename__ = "notice_regions"

    notice_id: Mapped[UUID] = mapped_column(ForeignKey("notices.id", ondelete="CASCADE"), primary_key=True)
    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"), primary_key=True, index=True)


class NoticeGroup(Base):
    """A group of stations that a notice is for."""

    __tablename__ = "notice_groups"

    notice_id: Mapped[UUID] = mapped_column(ForeignKey("notices.id", ondelete="CASCADE"), primary_key=True)
    group_id: Mapped[UUID] = mapped_column(ForeignKey("station_groups.id"), primary_key=True, index=True)


class NoticeReading(Base):
    """A television's word that a version of a notice was opened, under the key of its event.

    Where that was stands in the event, since it may be settled later on (`attendance`).
    """

    __tablename__ = "notice_readings"

    box_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    epoch: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sequence: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    notice_id: Mapped[UUID] = mapped_column(ForeignKey("notices.id", ondelete="CASCADE"), index=True)
    version: Mapped[int]
    read_at: Mapped[datetime]
    received_at: Mapped[datetime] = mapped_column(index=True)
