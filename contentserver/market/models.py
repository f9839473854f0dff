"""Tables of market: commodities, markets, prices by day, the bulletin's offers, and the feeds that bring prices."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from contentserver.kernel.db import Base, id_column


class Commodity(Base):
    """Something that is sold, known in its region, below it and above. `keywords`: words of lessons about it."""

    __tablename__ = "market_commodities"
    __table_args__ = (UniqueConstraint("region_code", "name"),)

    id: Mapped[UUID] = id_column()
    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"), index=True)
    name: Mapped[str] = mapped_column(String(20))
    unit: Mapped[str] = mapped_column(String(10))
    """What one pays a price for, e.g. 斤."""
    keywords: Mapped[str] = mapped_column(String(200), default="")
    made_by: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    made_at: Mapped[datetime]


class MarketPlace(Base):
    """Where it is sold; its prices are for the televisions of its region."""

    __tablename__ = "market_places"
    __table_args__ = (UniqueConstraint("region_code", "name"),)

    id: Mapped[UUID] = id_column()
    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"), index=True)
    name: Mapped[str] = mapped_column(String(20))
    made_by: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    made_at: Mapped[datetime]


class Price(Base):
    """What one commodity cost on one market on one day, in cents of one yuan for one unit.

    Attributes:
        doubt: why somebody should confirm it (`rules.Doubt`); empty once it is good.
        source: a `rules.Source`.
        by: who entered it, or who made the feed that brought it.
    """

    __tablename__ = "market_prices"
    __table_args__ = (
        UniqueConstraint("commodity_id", "place_id", "day"),
        Index("ix_market_prices_day", "place_id", "day"),
    )

    id: Mapped[UUID] = id_column()
    commodity_id: Mapped[UUID] = mapped_column(ForeignKey("market_commodities.id"))
    place_id: Mapped[UUID] = mapped_column(ForeignKey("market_places.id"))
    day: Mapped[date]
    cents: Mapped[int]
    doubt: Mapped[str] = mapped_column(String(12), default="", index=True)
    source: Mapped[str] = mapped_column(String(8))
    by: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    at: Mapped[datetime]


class Offer(Base):
    """One entry of the bulletin. `state` is a `rules.OfferState`; `version` counts up whenever its words change."""

    __tablename__ = "market_offers"

    id: Mapped[UUID] = id_column()
    station_id: Mapped[UUID] = mapped_column(ForeignKey("stations.id"), index=True)
    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"), index=True)
    """Of the station, when it was put in."""
    kind: Mapped[str] = mapped_column(String(8))
    title: Mapped[str] = mapped_column(String(40))
    text: Mapped[str] = mapped_column(String(200), default="")
    contact: Mapped[str] = mapped_column(String(60), default="")
    until: Mapped[datetime] = mapped_column(index=True)
    state: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(String(200), default="")
    """Why it was refused."""
    version: Mapped[int] = mapped_column(default=1)
    posted_by: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    posted_at: Mapped[datetime]
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))
    decided_at: Mapped[datetime | None]


class Feed(Base):
    """A secret by which a program brings prices of a region's markets, until a day. Only its hash is kept."""

    __tablename__ = "market_feeds"

    id: Mapped[UUID] = id_column()
    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"), index=True)
    name: Mapped[str] = mapped_column(String(60))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    made_by: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
