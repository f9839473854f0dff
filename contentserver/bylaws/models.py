"""Tables of bylaws."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from contentserver.kernel.db import Base


class Bylaw(Base):
    """A version of a document that a region laid down for itself; the highest number is in force.

    Attributes:
        matter: of what it is one, as the slice names it: `ledger_kind`.
        document: JSON of the slice's own type.
    """

    __tablename__ = "bylaws"

    matter: Mapped[str] = mapped_column(String(20), primary_key=True)
    region_code: Mapped[str] = mapped_column(String(12), primary_key=True)
    code: Mapped[str] = mapped_column(String(20), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    document: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
    by: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
