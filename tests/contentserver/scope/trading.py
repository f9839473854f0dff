"""What a county's market has: a commodity, a market, a price that is doubted, one that is not, an offer, a feed."""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from sqlalchemy.orm import Session

from contentserver.kernel import clock
from contentserver.kernel.ids import token_hash
from contentserver.market.models import Commodity, Feed, MarketPlace, Offer, Price
from contentserver.market.rules import Doubt, OfferState, Source
from contentserver.stations import Station
from schedules.wire.messages import OfferKind
from tests.contentserver.scope.county import County


def market(session: Session, made: County, station: Station, who: UUID, now: datetime) -> None:
    """One of each, in the township and the station."""
    where = {"region_code": made.township, "made_by": who, "made_at": now}
    commodity = Commodity(name=f"{made.mark}goods", unit="kg", keywords=f"{made.mark}words", **where)
    place = MarketPlace(name=f"{made.mark}market", **where)
    session.add_all([commodity, place])
    session.flush()
    today = clock.local(now).date()
    prices = [
        Price(
            commodity_id=commodity.id,
            place_id=place.id,
            day=today - timedelta(days=back),
            cents=100,
            doubt=doubt,
            source=Source.FORM.value,
            by=who,
            at=now,
        )
        for back, doubt in ((0, Doubt.FAR.value), (1, ""))
    ]
    offer = Offer(
        station_id=station.id,
        region_code=made.village,
        kind=OfferKind.SUPPLY.value,
        title=f"{made.mark}offer",
        text=f"{made.mark}text",
        contact=f"{made.mark}contact",
        until=now + timedelta(days=9),
        state=OfferState.WAITING.value,
        posted_by=made.people["station_admin"].id,
        posted_at=now,
    )
    feed = Feed(
        name=f"{made.mark}feed",
        token_hash=token_hash(f"{made.mark}-feed"),
        expires_at=now + timedelta(days=9),
        **where,
    )
    session.add_all([*prices, offer, feed])
    session.flush()
    made.named |= {
        "commodity_id": str(commodity.id),
        "place_id": str(place.id),
        "price_id": str(prices[0].id),
        "offer_id": str(offer.id),
        "feed_id": str(feed.id),
    }
    made.form |= {
        "market": str(place.id),
        "commodity": str(commodity.id),
        "cents": "100",
        f"price-{commodity.id}": "1.20",
        "priced": msgspec.json.encode([[str(commodity.id), str(place.id), today.isoformat(), 120]]).decode(),
    }
