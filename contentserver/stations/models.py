"""Table of stations: places where people watch."""

from uuid import UUID

from sqlalchemy import ForeignKey, String
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
