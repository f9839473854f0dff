"""Tables of messages: templates, saved groups, messages, their deliveries with each part's way, who wants none."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from contentserver.kernel.db import Base, id_column

TEXT_CHARS, TITLE_CHARS, NAME_CHARS, ERROR_CHARS = 500, 60, 40, 120


class MessageTemplate(Base):
    """Words to begin with, of a region and for everybody below it."""

    __tablename__ = "message_templates"

    id: Mapped[UUID] = id_column()
    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"), index=True)
    name: Mapped[str] = mapped_column(String(NAME_CHARS))
    text: Mapped[str] = mapped_column(String(TEXT_CHARS))
    made_by: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    made_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]


class MessageGroup(Base):
    """A rule that says to whom, under a name; who that is, is found whenever somebody asks. `audience`: JSON."""

    __tablename__ = "message_groups"

    id: Mapped[UUID] = id_column()
    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"), index=True)
    name: Mapped[str] = mapped_column(String(NAME_CHARS))
    audience: Mapped[str] = mapped_column(Text)
    made_by: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    made_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]


class Message(Base):
    """One message to many. Its deliveries are made when it is released, not before.

    Attributes:
        origin: what the server itself sends it about, once: `alert 0197…`; empty for what a person wrote.
        audience: JSON of `rules.Audience`.
        urgent: it goes at night too.
        not_before: empty for at once.
        recipients, parts: as the preview counted them, and after the release as they are.
    """

    __tablename__ = "messages"
    __table_args__ = (
        Index(
            "uq_messages_origin",
            "origin",
            unique=True,
            sqlite_where=text("origin <> ''"),
            postgresql_where=text("origin <> ''"),
        ),
    )

    id: Mapped[UUID] = id_column()
    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"), index=True)
    origin: Mapped[str] = mapped_column(String(100), default="")
    channel: Mapped[str] = mapped_column(String(8))
    title: Mapped[str] = mapped_column(String(TITLE_CHARS))
    text: Mapped[str] = mapped_column(String(TEXT_CHARS))
    audience: Mapped[str] = mapped_column(Text)
    urgent: Mapped[bool] = mapped_column(default=False)
    not_before: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(String(12), index=True)
    recipients: Mapped[int] = mapped_column(default=0)
    parts: Mapped[int] = mapped_column(default=0)
    made_by: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))
    made_at: Mapped[datetime] = mapped_column(index=True)
    released_by: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))
    released_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


WAITS = "state = 'waiting'"
"""Deliveries that are to be sent; queries that are to use their index say it with these words."""


class Delivery(Base):
    """One message to one address, once, however many people share the address.

    Attributes:
        kind, person_id: of the first of them, a member or an account.
        address_sealed, address_mark: the number or mail address, and what finds it.
        claimed_until: somebody is handing it to the gateway until then.
        error: what the gateway said.
    """

    __tablename__ = "message_deliveries"
    __table_args__ = (
        UniqueConstraint("message_id", "address_mark"),
        Index("ix_message_deliveries_waiting", "next_at", sqlite_where=text(WAITS), postgresql_where=text(WAITS)),
        Index("ix_message_deliveries_state", "message_id", "state"),
    )

    id: Mapped[UUID] = id_column()
    message_id: Mapped[UUID] = mapped_column(ForeignKey("messages.id"))
    kind: Mapped[str] = mapped_column(String(8))
    person_id: Mapped[UUID]
    address_sealed: Mapped[str] = mapped_column(String(600))
    address_mark: Mapped[str] = mapped_column(String(64), index=True)
    state: Mapped[str] = mapped_column(String(12))
    parts: Mapped[int] = mapped_column(default=1)
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    next_at: Mapped[datetime]
    claimed_until: Mapped[datetime | None]
    submitted_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(String(ERROR_CHARS), default="", server_default="")


class DeliveryPart(Base):
    """One short message of a long one, under the reference that the gateway gave it."""

    __tablename__ = "message_parts"

    delivery_id: Mapped[UUID] = mapped_column(ForeignKey("message_deliveries.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(70), index=True)
    state: Mapped[str] = mapped_column(String(12), default="submitted")


class OptOut(Base):
    """An address that wants no messages any more, urgent ones of the server itself apart. `how`: `reply` or `desk`."""

    __tablename__ = "message_opt_outs"

    address_mark: Mapped[str] = mapped_column(String(64), primary_key=True)
    address_sealed: Mapped[str] = mapped_column(String(600))
    since: Mapped[datetime]
    how: Mapped[str] = mapped_column(String(8))
    by: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))
