"""Tables of the audit trail: its rows, chained one to the next, and where the chain ends."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from contentserver.kernel.db import Base, id_column

ADDRESS_CHARS, REQUEST_CHARS = 45, 64


class AuditEntry(Base):
    """Who changed what, when, from where, from what to what, and for whom they stood in. Rows are only ever added.

    The database itself refuses to change or delete a row that has its number.

    Attributes:
        number: 1, 2, 3 …; empty only until the unit of work that added the row ends.
        for_account_id: in whose place somebody acted.
        address, request: of the caller, and the number under which nginx and the log know the request.
        hash: of this row and of the hash before it (`rules.link`).
    """

    __tablename__ = "audit_entries"

    id: Mapped[UUID] = id_column()
    at: Mapped[datetime] = mapped_column(index=True)
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"), index=True)
    for_account_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))
    action: Mapped[str] = mapped_column(String(64))
    subject: Mapped[str] = mapped_column(String(200), index=True)
    before: Mapped[str] = mapped_column(Text, default="")
    after: Mapped[str] = mapped_column(Text, default="")
    number: Mapped[int | None] = mapped_column(BigInteger, unique=True)
    address: Mapped[str] = mapped_column(String(ADDRESS_CHARS), default="", server_default="")
    request: Mapped[str] = mapped_column(String(REQUEST_CHARS), default="", server_default="")
    hash: Mapped[str] = mapped_column(String(64), default="", server_default="")


class AuditHead(Base):
    """The end of the chain, one row. Whoever adds to the chain locks it, last of all that they lock.

    Attributes:
        verified_at: when the whole chain was last looked at; `verified_number` is the last row that held then, and
            `broken_at` the first that did not, 0 where all was well.
    """

    __tablename__ = "audit_head"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[str] = mapped_column(String(64))
    verified_at: Mapped[datetime | None]
    verified_number: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    broken_at: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
