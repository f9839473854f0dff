"""Tables of stars: what a station has of the five ones, the rules by version, rounds with results, checks, appeals.

Rows of the five ones and of the rules are only ever added. A result carries the evidence that it was counted from.
"""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from contentserver.kernel.db import Base, id_column


class OneEntry(Base):
    """What somebody noted about one of a station's five ones; the newest of each counts, the others are its history.

    Attributes:
        fields: the JSON of what was written, by the names in `rules.FIELDS`.
        since: the day from which it is so.
    """

    __tablename__ = "one_entries"

    id: Mapped[UUID] = id_column()
    station_id: Mapped[UUID] = mapped_column(ForeignKey("stations.id"), index=True)
    one: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(10))
    fields: Mapped[str] = mapped_column(Text)
    since: Mapped[date | None]
    at: Mapped[datetime]
    by: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))


class Photograph(Base):
    """A photograph of one of the five ones, or of a spot check (`round_id`); one that was removed can be put back.

    The picture lies under `digest`, the SHA-256 of its bytes (`photographs.py`).
    """

    __tablename__ = "photographs"

    id: Mapped[UUID] = id_column()
    station_id: Mapped[UUID] = mapped_column(ForeignKey("stations.id"), index=True)
    one: Mapped[str] = mapped_column(String(20), default="")
    round_id: Mapped[UUID | None] = mapped_column(ForeignKey("star_rounds.id"))
    digest: Mapped[str] = mapped_column(String(64))
    width: Mapped[int]
    height: Mapped[int]
    bytes: Mapped[int]
    at: Mapped[datetime]
    by: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    removed_at: Mapped[datetime | None]
    removed_by: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))


class StarRules(Base):
    """A version of the rules that a region gave itself and everything below it; the highest number is in force.

    The empty region is everywhere.
    """

    __tablename__ = "star_rules"

    region_code: Mapped[str] = mapped_column(String(12), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    document: Mapped[str] = mapped_column(Text)
    why: Mapped[str] = mapped_column(String(300))
    at: Mapped[datetime]
    by: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))


class StarRound(Base):
    """A year's stars of a region: a draft until it is published.

    Attributes:
        first, last: the days whose evidence counts, both included.
        document: the rules as they stood when the round began; `rules_region` and `rules_number` name their version.
        seed, population: from what the spot checks were drawn, so that anybody can draw them again: the JSON of
            (station, township) pairs (`sampling.py`).
        counted_at: when the evidence was last read.
    """

    __tablename__ = "star_rounds"
    __table_args__ = (UniqueConstraint("region_code", "year"),)

    id: Mapped[UUID] = id_column()
    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"))
    year: Mapped[int]
    first: Mapped[date]
    last: Mapped[date]
    rules_region: Mapped[str] = mapped_column(String(12))
    rules_number: Mapped[int]
    document: Mapped[str] = mapped_column(Text)
    seed: Mapped[str] = mapped_column(String(40))
    population: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime]
    made_by: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    counted_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    published_by: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))


class StarResult(Base):
    """One station's stars in a round.

    Attributes:
        evidence: the JSON of what was counted: for each criterion how much, of how much.
        points: hundredths of a point; `counted`: the stars that follow; `stars`: those that hold.
        reason: why they hold otherwise than counted.
        appeal_until: the last day on which the station may appeal; None in a draft.
    """

    __tablename__ = "star_results"

    round_id: Mapped[UUID] = mapped_column(ForeignKey("star_rounds.id"), primary_key=True)
    station_id: Mapped[UUID] = mapped_column(ForeignKey("stations.id"), primary_key=True, index=True)
    region_code: Mapped[str] = mapped_column(String(12))
    evidence: Mapped[str] = mapped_column(Text)
    points: Mapped[int]
    counted: Mapped[int]
    stars: Mapped[int]
    reason: Mapped[str] = mapped_column(String(300), default="")
    changed_at: Mapped[datetime | None]
    changed_by: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))
    appeal_until: Mapped[date | None]


class StarCheck(Base):
    """A station that was drawn for a spot check, and what was found there.

    Attributes:
        outcome: empty while it is open, then `done` or `not_done`.
        answers: the JSON of one truth for each item of the rules; empty while it is open.
    """

    __tablename__ = "star_checks"

    round_id: Mapped[UUID] = mapped_column(ForeignKey("star_rounds.id"), primary_key=True)
    station_id: Mapped[UUID] = mapped_column(ForeignKey("stations.id"), primary_key=True)
    township: Mapped[str] = mapped_column(String(12))
    outcome: Mapped[str] = mapped_column(String(10), default="")
    answers: Mapped[str] = mapped_column(Text, default="")
    note: Mapped[str] = mapped_column(String(500), default="")
    at: Mapped[datetime | None]
    by: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))


class StarAppeal(Base):
    """A station's objection to its published stars, and what the county decided."""

    __tablename__ = "star_appeals"

    id: Mapped[UUID] = id_column()
    round_id: Mapped[UUID] = mapped_column(ForeignKey("star_rounds.id"), index=True)
    station_id: Mapped[UUID] = mapped_column(ForeignKey("stations.id"))
    text: Mapped[str] = mapped_column(String(1000))
    at: Mapped[datetime]
    by: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    stars_before: Mapped[int]
    stars_after: Mapped[int | None]
    answer: Mapped[str] = mapped_column(String(1000), default="")
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))
