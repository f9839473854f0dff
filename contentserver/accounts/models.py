"""Tables of people who use the web pages: accounts, and how they sign in."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from contentserver.kernel.db import Base, id_column


class Account(Base):
    """A person with a password. Rights follow `role`, within the subtree of `region_code` (empty: everywhere).

    `password_hash` is empty until an invited person has chosen a password.
    """

    __tablename__ = "accounts"

    id: Mapped[UUID] = id_column()
    username: Mapped[str] = mapped_column(String(64), unique=True)
    display_name: Mapped[str] = mapped_column(String(64))
    password_hash: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(32))
    region_code: Mapped[str] = mapped_column(String(12), default="")
    mail: Mapped[str] = mapped_column(String(200), default="", server_default="")
    phone_sealed: Mapped[str] = mapped_column(String(200), default="", server_default="")
    phone_mark: Mapped[str] = mapped_column(String(64), default="", server_default="", index=True)
    active: Mapped[bool] = mapped_column(default=True)
    failed_sign_ins: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]
    created_at: Mapped[datetime]


class WebSession(Base):
    """One signed-in browser. The cookie holds the secret, this row its hash.

    Attributes:
        step: what is still asked for; empty once somebody is signed in (`rules.Step`).
        confirmed_at: when the password was last given.
        delegation_id: under which the person acts for somebody else at the moment.
    """

    __tablename__ = "web_sessions"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), index=True)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    address: Mapped[str] = mapped_column(String(45), default="", server_default="")
    agent: Mapped[str] = mapped_column(String(60), default="", server_default="")
    step: Mapped[str] = mapped_column(String(10), default="", server_default="")
    confirmed_at: Mapped[datetime | None]
    delegation_id: Mapped[UUID | None] = mapped_column(ForeignKey("delegations.id"))
    account: Mapped[Account] = relationship(lazy="joined")


class Invitation(Base):
    """A link by which the owner of an account chooses a password, once. It holds the secret, this row the hash."""

    __tablename__ = "invitations"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), index=True)
    made_by: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    made_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class SecondFactor(Base):
    """What makes the codes of somebody's phone; both secrets are sealed (`vault.py`).

    Attributes:
        secret: in use; empty while there is none.
        offered: shown to be taken over, in use once a code of it was given.
        last_step: of the last code that was taken; it and all before it are worth nothing any more.
    """

    __tablename__ = "second_factors"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    secret: Mapped[str] = mapped_column(String(300), default="")
    offered: Mapped[str] = mapped_column(String(300), default="")
    last_step: Mapped[int] = mapped_column(BigInteger, default=0)
    set_up_at: Mapped[datetime | None]


class RecoveryCode(Base):
    """One of ten codes on paper, for whoever has lost their phone; good once."""

    __tablename__ = "recovery_codes"

    id: Mapped[UUID] = id_column()
    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), index=True)
    code_hash: Mapped[str] = mapped_column(String(64))
    used_at: Mapped[datetime | None]


class Delegation(Base):
    """For some days somebody may act in another's place: with that one's role, in that one's region."""

    __tablename__ = "delegations"

    id: Mapped[UUID] = id_column()
    giver_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), index=True)
    taker_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), index=True)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    made_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
