"""Tables of papers: one row for each station and kind, written out as its boxes fetch it; and which kinds are due."""

from uuid import UUID

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from contentserver.kernel.db import Base


class PaperRow(Base):
    """A paper of a station. `body` is the message's JSON, `version` its content's name (`schedules.wire.papers`)."""

    __tablename__ = "papers"

    station_id: Mapped[UUID] = mapped_column(ForeignKey("stations.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    version: Mapped[str] = mapped_column(String(16))
    body: Mapped[str] = mapped_column(Text)


class PaperMark(Base):
    """Something of which papers of a kind are made has changed; gone as soon as they are laid out anew."""

    __tablename__ = "paper_marks"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
