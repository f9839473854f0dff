"""Tables of boxes: enrolments that wait for their code, enrolled boxes, what they are to do and what they report."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from contentserver.kernel.db import Base, id_column


class Box(Base):
    """One enrolled box.

    `id` is a small integer, the first part of every event's key. The broker password is derived from the server's
    secret, `id` and `credential_no`, never stored. `desired_version` grows whenever `desired_jws` changes.
    """

    __tablename__ = "boxes"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    station_id: Mapped[UUID] = mapped_column(ForeignKey("stations.id"), index=True)
    public_key: Mapped[str] = mapped_column(String(64), unique=True)
    serial: Mapped[str] = mapped_column(String(64), default="")
    http_token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    credential_no: Mapped[int] = mapped_column(default=1)
    enrolled_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    desired_version: Mapped[int] = mapped_column(default=0)
    desired_jws: Mapped[str] = mapped_column(Text, default="")
    desired_fingerprint: Mapped[str] = mapped_column(Text, default="")
    desired_published: Mapped[int] = mapped_column(default=0)
    account_kept: Mapped[str] = mapped_column(String(64), default="")
    """Fingerprint of the account that the broker has confirmed."""
    online: Mapped[bool] = mapped_column(default=False)
    seen_at: Mapped[datetime | None]
    reported_at: Mapped[datetime | None]
    reported: Mapped[str] = mapped_column(Text, default="")
    """The last `Reported` message as JSON; a line measured before the box began anew stays in it."""
    renditions: Mapped[str] = mapped_column(Text, default="{}")
    """JSON of package to rendition: where a smaller one than the best is wanted of the box."""


class Presence(Base):
    """One stretch during which the broker held a box's connection; `until` is None while it lasts."""

    __tablename__ = "box_presence"

    box_id: Mapped[int] = mapped_column(ForeignKey("boxes.id"), primary_key=True, autoincrement=False)
    since: Mapped[datetime] = mapped_column(primary_key=True)
    until: Mapped[datetime | None] = mapped_column(index=True)


class Enrolment(Base):
    """A box that shows a claim code and waits; `box_id` is set when somebody has entered the code."""

    __tablename__ = "enrolments"

    id: Mapped[UUID] = id_column()
    public_key: Mapped[str] = mapped_column(String(64), index=True)
    serial: Mapped[str] = mapped_column(String(64), default="")
    claim_code: Mapped[str] = mapped_column(String(8), unique=True)
    poll_token_hash: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    box_id: Mapped[int | None] = mapped_column(ForeignKey("boxes.id"))
