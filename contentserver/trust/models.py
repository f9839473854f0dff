"""Tables of the keys that sign: one row for each key and purpose, and the sets that boxes were given."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from contentserver.kernel.db import Base


class SigningKeyRow(Base):
    """What a key is for one purpose; `state` is a `rules.KeyState`. Where its private half lies: `place`."""

    __tablename__ = "signing_keys"

    kid: Mapped[str] = mapped_column(String(64), primary_key=True)
    purpose: Mapped[str] = mapped_column(String(12), primary_key=True)
    state: Mapped[str] = mapped_column(String(10))
    public: Mapped[str] = mapped_column(String(64))
    """The raw public key, base64url without padding."""
    place: Mapped[str] = mapped_column(String(300))
    """`file:` and a name in the folder of the keys, or `token:` and a label."""
    from_no: Mapped[int] = mapped_column(default=0)
    """The first set in which it was trusted for the purpose."""
    made_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    """When it was retired or revoked."""
    changed_by: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))


class KeySetRow(Base):
    """Each set of trusted keys since the first, whose number is 0 and which has no row."""

    __tablename__ = "key_sets"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    made_at: Mapped[datetime]
