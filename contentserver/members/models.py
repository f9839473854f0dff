"""Tables of members: people, the branches they belong to, what they do there, and by what they are found."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from contentserver.kernel.db import Base, id_column


class Member(Base):
    """A person of a station's roll. `number` is what they type on the remote: three to six digits, unique there."""

    __tablename__ = "members"

    id: Mapped[UUID] = id_column()
    station_id: Mapped[UUID] = mapped_column(ForeignKey("stations.id"), index=True)
    name: Mapped[str] = mapped_column(String(64))
    number: Mapped[str] = mapped_column(String(6))
    card: Mapped[str] = mapped_column(String(20), default="")
    """What a reader types for their card, four to twenty digits, unique there; empty for none."""
    active: Mapped[bool] = mapped_column(default=True)
    phone_sealed: Mapped[str] = mapped_column(String(200), default="", server_default="")
    phone_mark: Mapped[str] = mapped_column(String(64), default="", server_default="", index=True)
    """Their mobile number, sealed, and the mark by which it is found (`kernel/sealing.py`)."""
    left_at: Mapped[datetime | None]
    """Since when they are no longer active, as far as the server noticed (`leaving.py`)."""
    identity_sealed: Mapped[str] = mapped_column(String(200), default="", server_default="")
    identity_mark: Mapped[str] = mapped_column(String(64), default="", server_default="", index=True)
    """Their identity number (GB 11643), in the same way."""
    birthday_sealed: Mapped[str] = mapped_column(String(200), default="", server_default="")
    address_sealed: Mapped[str] = mapped_column(String(800), default="", server_default="")
    branch_id: Mapped[UUID | None] = mapped_column(ForeignKey("branches.id"), index=True)
    own_link_hash: Mapped[str] = mapped_column(String(64), default="", server_default="", index=True)
    """Of the secret address of their own record; empty for none (`own_link.py`)."""
    merged_into: Mapped[UUID | None] = mapped_column(ForeignKey("members.id"))
    """The record that stands for this one as well (`merging.py`)."""

    __table_args__ = (
        UniqueConstraint("station_id", "number"),
        Index(
            "ix_members_merged_into",
            "merged_into",
            sqlite_where=text("merged_into IS NOT NULL"),
            postgresql_where=text("merged_into IS NOT NULL"),
        ),
    )


class MemberTerm(Base):
    """A word with which some way of writing a member begins, or goes on: what one types is its beginning.

    `searching.py` keeps them in step. PostgreSQL compares them by bytes, so that a beginning is a range of the index.
    """

    __tablename__ = "member_terms"
    __table_args__ = (Index("ix_member_terms_station_id_term", "station_id", "term"),)

    term: Mapped[str] = mapped_column(
        String(120).with_variant(String(120, collation="C"), "postgresql"), primary_key=True
    )
    member_id: Mapped[UUID] = mapped_column(ForeignKey("members.id"), primary_key=True, index=True)
    station_id: Mapped[UUID]


class Branch(Base):
    """An organisation of members: a node of a tree beside that of the regions.

    Attributes:
        region_code: the region to which it belongs; that of its parent, or below it.
        kind: a `rules.BranchKind`.
        dissolved_on: since when it takes nobody.
    """

    __tablename__ = "branches"

    id: Mapped[UUID] = id_column()
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("branches.id"), index=True)
    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"), index=True)
    name: Mapped[str] = mapped_column(String(60))
    kind: Mapped[str] = mapped_column(String(20))
    founded_on: Mapped[date | None]
    dissolved_on: Mapped[date | None]
    made_at: Mapped[datetime]


class RoleKind(Base):
    """Something that people do in branches; `name` is empty for those that come with the program (`words.py`)."""

    __tablename__ = "member_role_kinds"

    code: Mapped[str] = mapped_column(String(20), primary_key=True)
    name: Mapped[str] = mapped_column(String(40), default="")
    place: Mapped[int]
    retired_at: Mapped[datetime | None]


class MemberRole(Base):
    """What somebody does in a branch, from a day on; ended ones stay. `with_branch`: it ended as the branch did."""

    __tablename__ = "member_roles"

    id: Mapped[UUID] = id_column()
    member_id: Mapped[UUID] = mapped_column(ForeignKey("members.id"), index=True)
    branch_id: Mapped[UUID] = mapped_column(ForeignKey("branches.id"), index=True)
    role: Mapped[str] = mapped_column(ForeignKey("member_role_kinds.code"))
    since: Mapped[date]
    until: Mapped[date | None]
    with_branch: Mapped[bool] = mapped_column(default=False)


class MemberMerge(Base):
    """Two records that are one person's: `kept` stands for both until it is undone.

    Attributes:
        before: JSON of what `kept` and `absorbed` had in the columns that changed.
    """

    __tablename__ = "member_merges"

    id: Mapped[UUID] = id_column()
    kept_id: Mapped[UUID] = mapped_column(ForeignKey("members.id"), index=True)
    absorbed_id: Mapped[UUID] = mapped_column(ForeignKey("members.id"), index=True)
    reason: Mapped[str] = mapped_column(String(300))
    before: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
    by: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))


class Registration(Base):
    """Somebody asks by phone to be put on a station's roll; name and number go when it is decided."""

    __tablename__ = "member_registrations"

    id: Mapped[UUID] = id_column()
    station_id: Mapped[UUID] = mapped_column(ForeignKey("stations.id"), index=True)
    name: Mapped[str] = mapped_column(String(64))
    number: Mapped[str] = mapped_column(String(6), default="")
    phone_sealed: Mapped[str] = mapped_column(String(200))
    phone_mark: Mapped[str] = mapped_column(String(64), index=True)
    at: Mapped[datetime]
    member_id: Mapped[UUID | None] = mapped_column(ForeignKey("members.id"))
    decided_at: Mapped[datetime | None]
