"""Tables of reports: what people keep of them, the mail that goes out, and tokens for programs."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from contentserver.kernel.db import Base, id_column


class KeptReport(Base):
    """A report's filter that a person keeps under a name, and whether it comes by mail.

    Attributes:
        query: the arguments of its address.
        rhythm: a `rules.Rhythm`; empty for no mail. `since` is when it was chosen.
        locale: the language of the mail.
        removed_at: when it was taken away; what is taken away can be brought back.
    """

    __tablename__ = "kept_reports"

    id: Mapped[UUID] = id_column()
    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), index=True)
    name: Mapped[str] = mapped_column(String(60))
    query: Mapped[str] = mapped_column(Text)
    rhythm: Mapped[str] = mapped_column(String(10), default="")
    mail_to: Mapped[str] = mapped_column(String(200), default="")
    locale: Mapped[str] = mapped_column(String(8), default="zh_CN")
    since: Mapped[datetime | None]
    made_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]


class ReportMail(Base):
    """One period of a kept report that is to go out by mail. `state` is a `rules.MailState`."""

    __tablename__ = "report_mails"
    __table_args__ = (UniqueConstraint("report_id", "first", "last"),)

    id: Mapped[UUID] = id_column()
    report_id: Mapped[UUID] = mapped_column(ForeignKey("kept_reports.id"))
    first: Mapped[date]
    last: Mapped[date]
    state: Mapped[str] = mapped_column(String(10), index=True)
    attempts: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime]
    error: Mapped[str] = mapped_column(String(300), default="")
    sent_at: Mapped[datetime | None]


class ApiToken(Base):
    """A secret by which a program reads what its owner may see, within a region, until a day. Only its hash is kept."""

    __tablename__ = "api_tokens"

    id: Mapped[UUID] = id_column()
    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), index=True)
    name: Mapped[str] = mapped_column(String(60))
    region_code: Mapped[str] = mapped_column(String(12))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
