"""Tables of evidence: events exactly as boxes observed them, and the sessions derived from them.

Events are the record. Sessions, sign-ins and every number above can be rebuilt from events to the same values.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from contentserver.kernel.db import Base, id_column


class Epoch(Base):
    """One life of a box's journal; a re-imaged box begins a new one. Gives the epoch its small integer."""

    __tablename__ = "epochs"

    box_id: Mapped[int] = mapped_column(ForeignKey("boxes.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(64))
    first_seen_at: Mapped[datetime]
    station_id: Mapped[UUID] = mapped_column(ForeignKey("stations.id"))


class EventRow(Base):
    """One fact a box observed, under its natural key. `body` is the JSON as it came."""

    __tablename__ = "events"
    __table_args__ = (Index("ix_events_airing_station", "airing_id", "station_id"),)

    box_id: Mapped[int] = mapped_column(primary_key=True)
    epoch: Mapped[int] = mapped_column(primary_key=True)
    sequence: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    station_id: Mapped[UUID]
    at: Mapped[datetime]
    uncertainty_ms: Mapped[int]
    kind: Mapped[str] = mapped_column(String(32))
    airing_id: Mapped[str | None] = mapped_column(String(36))
    body: Mapped[str] = mapped_column(Text)
    received_at: Mapped[datetime]


class QuarantinedEvent(Base):
    """An event whose key was already taken by another body, or that could not be read.

    Kept and shown, never counted.
    """

    __tablename__ = "quarantined_events"

    id: Mapped[UUID] = id_column()
    box_id: Mapped[int] = mapped_column(index=True)
    epoch: Mapped[str] = mapped_column(String(64))
    sequence: Mapped[int] = mapped_column(BigInteger)
    reason: Mapped[str] = mapped_column(String(20))
    body: Mapped[str] = mapped_column(Text)
    received_at: Mapped[datetime]


class SessionRow(Base):
    """One airing at one station, derived from its events."""

    __tablename__ = "sessions"

    airing_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    station_id: Mapped[UUID] = mapped_column(ForeignKey("stations.id"), primary_key=True)
    region_code: Mapped[str] = mapped_column(String(12), index=True)
    lesson_id: Mapped[str] = mapped_column(String(36))
    lesson_title: Mapped[str] = mapped_column(String(100))
    course_title: Mapped[str] = mapped_column(String(100))
    planned_start: Mapped[datetime] = mapped_column(index=True)
    planned_ms: Mapped[int]
    late_ms: Mapped[int | None]
    shown_ms: Mapped[int] = mapped_column(default=0)
    complete: Mapped[bool] = mapped_column(default=False)
    missed_reason: Mapped[str] = mapped_column(String(40), default="")
    expected: Mapped[int] = mapped_column(default=0)
    """Members on the station's roll when the session was first seen."""
    present: Mapped[int] = mapped_column(default=0)
    head_count: Mapped[int | None]


class SignInRow(Base):
    """One person's arrival in a session, the earliest that was not taken back."""

    __tablename__ = "sign_ins"

    airing_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    station_id: Mapped[UUID] = mapped_column(ForeignKey("stations.id"), primary_key=True)
    member_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    at: Mapped[datetime]
    method: Mapped[str] = mapped_column(String(10))


class ServerGeneration(Base):
    """Names this life of the database. A restore makes a new one, and boxes then send again what they still have."""

    __tablename__ = "server_generation"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(32))
