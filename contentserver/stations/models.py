"""Tables of stations, places where people watch, and of groups of them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from contentserver.kernel.db import Base, id_column


class Station(Base):
    """A place where people watch; belongs to one region.

    Attributes:
        place: the room, as one would tell a neighbour.
        stars: how it was last assessed, 1 to 5; 0 before that.
        quota_minutes: so much it should show in a month, of the nearest quota above it (`timetable/quotas.py` keeps
            it); 0 where nothing is asked.
    """

    __tablename__ = "stations"

    id: Mapped[UUID] = id_column()
    name: Mapped[str] = mapped_column(String(100))
    kind: Mapped[str] = mapped_column(String(20), default="village")
    place: Mapped[str] = mapped_column(String(100), default="")
    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"), index=True)
    join_address: Mapped[str] = mapped_column(String(300), default="", index=True)
    """Where its people sign in by phone; the last part is a secret of the station. Empty until the upkeep gives one."""
    stars: Mapped[int] = mapped_column(default=0)
    quota_minutes: Mapped[int] = mapped_column(default=0)


class StationGroup(Base):
    """Stations of a region under a name: picked one by one, or every one that a rule holds for when it is asked.

    A group that was deleted keeps its row, so that it can be taken back and old notices still say whom they were for.

    Attributes:
        region_code: who owns it; only stations of this region and below belong to it, whatever else is written down.
        picked: its stations stand in `station_group_members`; else the rule says them.
        kinds: of the rule, kinds of stations with a space between; empty for all.
        below: of the rule, the part of the owner's region; empty for all of it.
        saved: counts changes of name and rule; a form says on which one it stands.
        filled: counts changes of the stations that were picked, so that whoever watches the row hears of them.
    """

    __tablename__ = "station_groups"
    __table_args__ = (
        Index(
            "uq_station_groups_standing_name",
            "region_code",
            "name",
            unique=True,
            sqlite_where=text("removed_at IS NULL"),
            postgresql_where=text("removed_at IS NULL"),
        ),
    )

    id: Mapped[UUID] = id_column()
    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"), index=True)
    name: Mapped[str] = mapped_column(String(60))
    picked: Mapped[bool]
    kinds: Mapped[str] = mapped_column(String(200), default="")
    below: Mapped[str] = mapped_column(String(12), default="")
    saved: Mapped[int] = mapped_column(default=1)
    filled: Mapped[int] = mapped_column(default=0)
    made_by: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    made_at: Mapped[datetime]
    removed_by: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))
    removed_at: Mapped[datetime | None]


class GroupMember(Base):
    """A station that somebody picked for a group."""

    __tablename__ = "station_group_members"

    group_id: Mapped[UUID] = mapped_column(ForeignKey("station_groups.id", ondelete="CASCADE"), primary_key=True)
    station_id: Mapped[UUID] = mapped_column(
        ForeignKey("stations.id", ondelete="CASCADE"), primary_key=True, index=True
    )
