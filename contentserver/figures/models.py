"""Tables of figures: buckets, small numbers for sets, and which days and stations the timetable counts for."""

from datetime import date
from uuid import UUID

from sqlalchemy import BigInteger, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from contentserver.kernel.db import Base


class Bucket(Base):
    """Sums over sessions; recomputed as a whole, never incremented.

    Attributes:
        node: a station's id, or a region's code.
        grain: `day` or `month`.
        first: the day, or the first day of the month, in the stations' time.
        course: the course's title; empty for all courses together.
        planned, kept, timetable_ms: see `rules.Sums`.
        reasons: why planned airings were not shown, as JSON: how many by code; empty for none.
        stations: those that showed something, as a Roaring bitmap of their ordinals; empty for none.
        people: who came, as a Roaring bitmap of their ordinals, so that people are counted once whatever is joined.
    """

    __tablename__ = "buckets"

    node: Mapped[str] = mapped_column(String(36), primary_key=True)
    grain: Mapped[str] = mapped_column(String(5), primary_key=True)
    first: Mapped[date] = mapped_column(primary_key=True)
    course: Mapped[str] = mapped_column(String(100), primary_key=True)
    sessions: Mapped[int]
    held: Mapped[int]
    whole: Mapped[int]
    on_time: Mapped[int]
    missed: Mapped[int]
    expected: Mapped[int] = mapped_column(BigInteger)
    present: Mapped[int] = mapped_column(BigInteger)
    guests: Mapped[int] = mapped_column(BigInteger)
    planned_ms: Mapped[int] = mapped_column(BigInteger)
    shown_ms: Mapped[int] = mapped_column(BigInteger)
    credit_ms: Mapped[int] = mapped_column(BigInteger)
    planned: Mapped[int] = mapped_column(default=0)
    kept: Mapped[int] = mapped_column(default=0)
    timetable_ms: Mapped[int] = mapped_column(BigInteger, default=0)
    reasons: Mapped[str] = mapped_column(Text, default="")
    stations: Mapped[bytes] = mapped_column(LargeBinary, default=b"")
    people: Mapped[bytes] = mapped_column(LargeBinary)


class PersonOrdinal(Base):
    """A small number for each person, by which bitmaps know them; given once, never again."""

    __tablename__ = "person_ordinals"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    member_id: Mapped[str] = mapped_column(String(36), unique=True)


class StationOrdinal(Base):
    """A small number for each station, by which bitmaps know it; given once, never again."""

    __tablename__ = "station_ordinals"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    station_id: Mapped[UUID] = mapped_column(unique=True)


class PlannedDay(Base):
    """A day that is over, and whose timetable is counted."""

    __tablename__ = "planned_days"

    day: Mapped[date] = mapped_column(primary_key=True)


class PlannedSince(Base):
    """The first day from which a station is asked to show what is in its timetable."""

    __tablename__ = "planned_since"

    station_id: Mapped[UUID] = mapped_column(primary_key=True)
    since: Mapped[date]
