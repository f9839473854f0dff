"""Tables of evidence: events exactly as boxes observed them, and the sessions derived from them.

Events are the record. Sessions, sign-ins and every number above can be rebuilt from events to the same values.
"""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, text
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
    through: Mapped[int] = mapped_column(BigInteger, default=0)
    """Up to here at least nothing of it is missing: nobody counts these rows again (`acknowledging.py`)."""


IS_ENTRY = text("kind = 'station_entered'")
IS_EXCHANGE = text(
    "kind IN ('quiz_answered', 'question_asked', 'answer_read', 'notice_read', 'document_read', 'document_replied')"
)
"""Written out in every query, so that both databases know the index for it."""


class EventRow(Base):
    """One fact a box observed, under its natural key. `body` is the JSON as it came.

    `station_id` is derived: where the journal stood at this row (`whereabouts.py`).
    """

    __tablename__ = "events"
    __table_args__ = (
        Index("ix_events_airing_station", "airing_id", "station_id"),
        Index(
            "ix_events_station_entered",
            "box_id",
            "epoch",
            "sequence",
            sqlite_where=IS_ENTRY,
            postgresql_where=IS_ENTRY,
        ),
        Index("ix_events_exchanged", "kind", "received_at", sqlite_where=IS_EXCHANGE, postgresql_where=IS_EXCHANGE),
    )

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
    """A body whose key was already taken by another one, or a station in which its box never stood.

    Kept and shown, never counted; `seen_at` is set when somebody has looked at it, and nothing deletes it before.
    """

    __tablename__ = "quarantined_events"

    id: Mapped[UUID] = id_column()
    box_id: Mapped[int] = mapped_column(index=True)
    epoch: Mapped[str] = mapped_column(String(64))
    sequence: Mapped[int] = mapped_column(BigInteger)
    reason: Mapped[str] = mapped_column(String(20))
    body: Mapped[str] = mapped_column(Text)
    received_at: Mapped[datetime] = mapped_column(index=True)
    seen_at: Mapped[datetime | None]
    seen_by: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))


class SessionRow(Base):
    """One airing at one station, derived from its events."""

    __tablename__ = "sessions"
    __table_args__ = (Index("ix_sessions_lesson_station", "lesson_id", "station_id"),)

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
    live_ms: Mapped[int] = mapped_column(default=0)
    """Of `shown_ms`, what was on the screen before the planned end."""
    damaged_ms: Mapped[int] = mapped_column(default=0)
    complete: Mapped[bool] = mapped_column(default=False)
    missed_reason: Mapped[str] = mapped_column(String(40), default="")
    expected: Mapped[int] = mapped_column(default=0)
    """Members on the station's roll when the session was first seen."""
    present: Mapped[int] = mapped_column(default=0)
    head_count: Mapped[int | None]
    present_seen: Mapped[int] = mapped_column(default=0)
    """`present` and `head_count` are with corrections; these are what the facts alone say."""
    head_count_seen: Mapped[int | None]
    corrected: Mapped[int] = mapped_column(default=0)
    """How many corrections are in force."""
    credit_ms: Mapped[int] = mapped_column(default=0)
    """Lesson time that counts, of all who came together."""
    phrases: Mapped[str] = mapped_column(String(200), default="")
    """What was said at the end: codes with a space between."""

    quiz: Mapped[str] = mapped_column(Text, default="")
    """Tally of the quiz, JSON: by question, how many gave which answer; empty where none was held."""
    doubts: Mapped[str] = mapped_column(String(100), default="")
    """Why somebody should ask in the village: codes with a space between, in order (`doubts.py`)."""

    @property
    def guests(self) -> int:
        """People who were counted in the room and did not sign in."""
        return max(0, (self.head_count or 0) - self.present)


class SignInRow(Base):
    """One person's arrival in a session, the earliest that was not taken back; or by a correction.

    Attributes:
        left_at: when they went; None for the end, as far as anybody knows.
        correction: the number of the correction that put them here or changed when they were; 0 for none.
    """

    __tablename__ = "sign_ins"
    __table_args__ = (Index("ix_sign_ins_member_id_station_id", "member_id", "station_id"),)

    airing_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    station_id: Mapped[UUID] = mapped_column(ForeignKey("stations.id"), primary_key=True)
    member_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    at: Mapped[datetime]
    method: Mapped[str] = mapped_column(String(10))
    left_at: Mapped[datetime | None]
    correction: Mapped[int] = mapped_column(default=0)
    present_ms: Mapped[int] = mapped_column(default=0)
    credit_ms: Mapped[int] = mapped_column(default=0)


class CorrectionRow(Base):
    """One correction of a session's roll (`corrections.py`). Rows are only ever added; to undo is to add one.

    Attributes:
        number: from 1 in its session.
        means: how a member came onto the roll: by hand, from a paper roll, as a guest who has a name now.
        sheet: the number of the first correction of the same paper roll; 0 where it stands alone.
        revokes: the number of the correction that does not hold; 0 for none.
        held: JSON of `corrections.Held` where the session was held without a box; else empty.
    """

    __tablename__ = "corrections"

    airing_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    station_id: Mapped[UUID] = mapped_column(ForeignKey("stations.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(10))
    member_id: Mapped[str] = mapped_column(String(36), default="")
    means: Mapped[str] = mapped_column(String(10), default="hand")
    sheet: Mapped[int] = mapped_column(default=0)
    from_minute: Mapped[int | None]
    to_minute: Mapped[int | None]
    people: Mapped[int | None]
    revokes: Mapped[int] = mapped_column(default=0)
    held: Mapped[str] = mapped_column(Text, default="")
    reason: Mapped[str] = mapped_column(String(300))
    at: Mapped[datetime]
    by: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))


class DoubtReview(Base):
    """Somebody has looked at a session's doubts: at which, when, and what was found out."""

    __tablename__ = "doubt_reviews"

    airing_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    station_id: Mapped[UUID] = mapped_column(ForeignKey("stations.id"), primary_key=True)
    doubts: Mapped[str] = mapped_column(String(100))
    note: Mapped[str] = mapped_column(String(300), default="")
    at: Mapped[datetime]
    by: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))


class CreditRuleRow(Base):
    """From a day of the stations' time on, hours count by this (`counting.py`)."""

    __tablename__ = "credit_rules"

    first_day: Mapped[date] = mapped_column(primary_key=True)
    share_percent: Mapped[int]
    grace_min: Mapped[int]
    reason: Mapped[str] = mapped_column(String(300))
    at: Mapped[datetime]
    by: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))


class StaleDay(Base):
    """A mark that sessions of a station changed on a day: whoever keeps figures of them computes that day anew.

    Written where a session is derived, in the same transaction; a mark more does no harm.
    """

    __tablename__ = "stale_days"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    station_id: Mapped[UUID]
    day: Mapped[date]


class ServerGeneration(Base):
    """Names this life of the database. A restore makes a new one, and boxes then send again what they still have."""

    __tablename__ = "server_generation"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(32))
