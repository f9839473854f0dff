"""Table of stations: places where people watch."""

from uuid import UUID

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from contentserver.kernel.db import Base, id_column


class Station(Base):
    """A place where people watch; belongs to one region. `place` is the room, as one would tell a neighbour."""

    __tablename__ = "stations"

    id: Mapped[UUID] = id_column()
    name: Mapped[str] = mapped_column(String(100))
    kind: Mapped[str] = mapped_column(String(20), default="village")
    place: Mapped[str] = mapped_column(String(100), default="")
    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"), index=True)
