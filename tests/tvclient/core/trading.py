"""The market's paper for tests: so many prices, so many entries of the bulletin."""

from datetime import date, datetime, timedelta

from schedules.wire.messages import Market, OfferCard, OfferKind, PriceLine


def market_of(prices: int, offers: int, now: datetime, version: str = "1") -> Market:
    """A paper; the entries stay for a day."""
    return Market(
        version=version,
        prices=tuple(price(place) for place in range(prices)),
        offers=tuple(offer(place, now + timedelta(days=1)) for place in range(offers)),
    )


def price(place: int) -> PriceLine:
    """The price of one commodity."""
    return PriceLine(
        commodity=f"c{place}",
        market="m",
        unit="kg",
        day=date(2026, 11, 23),
        cents=100 + place,
        before_cents=100,
        days=(*(None,) * 28, 100, 100 + place),
    )


def offer(place: int, until: datetime) -> OfferCard:
    """One entry, by turns of somebody who sells and somebody who buys."""
    kind = OfferKind.DEMAND if place % 2 else OfferKind.SUPPLY
    return OfferCard(id=f"o{place}", kind=kind, title=f"t{place}", place="p", until=until)
