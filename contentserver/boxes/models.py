"""Tables of boxes: enrolments that wait for their code, enrolled boxes, what they are to do and what they report."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from contentserver.kernel.db import Base, id_column

IS_UNSENT = text("desired_published < desired_version")
HAS_ENDED = text("revoked_at IS NOT NULL")


class Box(Base):
    """One enrolled box.

    `id` is a small integer, the first part of every event's key. The broker password is derived from the server's
    secret, `id` and `credential_no`, never stored. `desired_version` grows whenever `desired_jws` changes.
    """

    __tablename__ = "boxes"
    __table_args__ = (
        Index("ix_boxes_unsent", "id", sqlite_where=IS_UNSENT, postgresql_where=IS_UNSENT),
        Index("ix_boxes_ended", "revoked_at", sqlite_where=HAS_ENDED, postgresql_where=HAS_ENDED),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    station_id: Mapped[UUID] = mapped_column(ForeignKey("stations.id"), index=True)
    public_key: Mapped[str] = mapped_column(String(64), unique=True)
    serial: Mapped[str] = mapped_column(String(64), default="")
    http_token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    http_token_hash_before: Mapped[str | None] = mapped_column(String(64), index=True)
    """The token before this one; it holds until the new one was used once."""
    credential_no: Mapped[int] = mapped_column(default=1)
    rotated_at: Mapped[datetime | None]
    """Since when a new credential stands that the box has not used; until then the broker keeps the one before."""
    enrolled_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    ended_reason: Mapped[str] = mapped_column(Text, default="")
    """Why it was revoked, as its screen says it."""
    desired_version: Mapped[int] = mapped_column(default=0)
    desired_jws: Mapped[str] = mapped_column(Text, default="")
    desired_fingerprint: Mapped[str] = mapped_column(Text, default="")
    desired_published: Mapped[int] = mapped_column(default=0)
    account_kept: Mapped[str] = mapped_column(String(64), default="", index=True)
    """Fingerprint of the account that the broker has confirmed."""
    online: Mapped[bool] = mapped_column(default=False)
    seen_at: Mapped[datetime | None]
    reported_at: Mapped[datetime | None]
    reported: Mapped[str] = mapped_column(Text, default="")
    """The last `Reported` message as JSON; a line measured before the box began anew stays in it."""
    renditions: Mapped[str] = mapped_column(Text, default="{}")
    """JSON of package to rendition: where a smaller one than the best is wanted of the box."""
    fetching: Mapped[str] = mapped_column(Text, default="{}")
    """JSON of `FetchRules`: quiet hours and budget of its line."""
    release: Mapped[str | None] = mapped_column(ForeignKey("releases.version"))
    """The program that it is to run; None leaves it what it has."""


class ReleaseRow(Base):
    """One release of the television's program, as the wire's `Release` says it; its archive lies with the packages."""

    __tablename__ = "releases"

    version: Mapped[str] = mapped_column(String(40), primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    bytes: Mapped[int]
    needs: Mapped[str] = mapped_column(String(64))
    added_at: Mapped[datetime]


class BoxStation(Base):
    """Where a box has stood since when; a row is added when it is enrolled or moved, never changed."""

    __tablename__ = "box_stations"

    box_id: Mapped[int] = mapped_column(ForeignKey("boxes.id"), primary_key=True, autoincrement=False)
    since: Mapped[datetime] = mapped_column(primary_key=True)
    station_id: Mapped[UUID] = mapped_column(ForeignKey("stations.id"))


class ExpectedBox(Base):
    """A box that somebody has announced by its serial number: it is let in without a claim code, once."""

    __tablename__ = "expected_boxes"

    serial: Mapped[str] = mapped_column(String(64), primary_key=True)
    station_id: Mapped[UUID] = mapped_column(ForeignKey("stations.id"), index=True)
    note: Mapped[str] = mapped_column(Text, default="")
    added_by: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    added_at: Mapped[datetime]
    box_id: Mapped[int | None] = mapped_column(ForeignKey("boxes.id"))


class Presence(Base):
    """One stretch during which the broker held a box's connection; `until` is None while it lasts."""

    __tablename__ = "box_presence"

    box_id: Mapped[int] = mapped_column(ForeignKey("boxes.id"), primary_key=True, autoincrement=False)
    since: Mapped[datetime] = mapped_column(primary_key=True)
    until: Mapped[datetime | None] = mapped_column(index=True)


class Enrolment(Base):
    """A box that shows a claim code and waits; `box_id` is set when somebody has entered the code.

    `claim_code` is known once the box has revealed its nonce (`schedules/claim.py`); the stem finds the row again.
    """

    __tablename__ = "enrolments"

    id: Mapped[UUID] = id_column()
    public_key: Mapped[str] = mapped_column(String(64), index=True)
    serial: Mapped[str] = mapped_column(String(64), default="")
    claim_stem: Mapped[str] = mapped_column(String(5), unique=True)
    commitment: Mapped[str] = mapped_column(String(64))
    server_nonce: Mapped[str] = mapped_column(String(64))
    claim_code: Mapped[str | None] = mapped_column(String(8))
    poll_token_hash: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    box_id: Mapped[int | None] = mapped_column(ForeignKey("boxes.id"))
