"""Tables of processes: what goes through several hands, and each of its steps."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from contentserver.kernel.db import Base, id_column

TITLE_CHARS, REASON_CHARS = 120, 300


class Process(Base):
    """One matter on its way through the hands that decide about it.

    Attributes:
        kind: of the slice that began it (`ports.Kind.code`).
        subject: what it is about, as the audit trail writes it: `member 0197…`.
        title: in words, without anybody's whole name.
        facts: what the kind keeps of its own, JSON.
        region_code: where it began.
        outcome: empty while it is under way; a value of `rules.Outcome`.
    """

    __tablename__ = "processes"

    id: Mapped[UUID] = id_column()
    kind: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(200), index=True)
    title: Mapped[str] = mapped_column(String(TITLE_CHARS))
    facts: Mapped[str] = mapped_column(Text, default="")
    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"), index=True)
    begun_by: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"), index=True)
    begun_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    outcome: Mapped[str] = mapped_column(String(12), default="")

    steps: Mapped[list["ProcessStep"]] = relationship(order_by="ProcessStep.place", lazy="selectin")


IS_OPEN = "due_on IS NOT NULL AND decided_at IS NULL"
"""A step that waits for somebody now; queries that are to use its index say it with these words."""


class ProcessStep(Base):
    """One step: who decides, until when, and what they decided. `place` counts from 0.

    Attributes:
        right: what one must be allowed to do to decide.
        region_code: the region to which the decision belongs: whoever reaches it may decide.
        desk: where it waits now: the nearest region upwards in which somebody may decide, further up when it is late.
        others_only: whoever began the process may not decide.
        due_on: the local date by which it should be decided; empty before its turn and when it never has one.
    """

    __tablename__ = "process_steps"
    __table_args__ = (
        Index(
            "ix_process_steps_open", "right", "region_code", postgresql_where=text(IS_OPEN), sqlite_where=text(IS_OPEN)
        ),
    )

    process_id: Mapped[UUID] = mapped_column(ForeignKey("processes.id"), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40))
    right: Mapped[str] = mapped_column(String(40))
    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"))
    desk: Mapped[str] = mapped_column(String(12))
    others_only: Mapped[bool] = mapped_column(default=True)
    days: Mapped[int]
    due_on: Mapped[date | None]
    escalations: Mapped[int] = mapped_column(default=0)
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))
    verdict: Mapped[str] = mapped_column(String(12), default="")
    reason: Mapped[str] = mapped_column(String(REASON_CHARS), default="")
