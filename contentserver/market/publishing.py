"""What televisions show of the market: the paper of each station, laid out anew in the link's upkeep.

Prices are those of markets in the station's region and above it, the nearest ones of a county or more in front; offers
those of its county. Nothing that is doubted, waits, was refused or is over is among them.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver import papers
from contentserver.kernel import clock
from contentserver.market import rules
from contentserver.market.models import Commodity, MarketPlace, Offer, Price
from contentserver.market.rules import COMPARED_DAYS, OfferState
from contentserver.regions import ancestors_and_self
from contentserver.stations import Station
from schedules.wire.messages import Market, OfferCard, OfferKind, PaperKind, PriceLine

MOST_LINES, MOST_OFFERS = 24, 40
COUNTY_DIGITS = 6


def lay_out(session: Session, now: datetime) -> int:
    """Write every station's paper of the market; gives back how many have changed."""
    lines, offers = _lines(session, clock.local(now).date()), _offers(session, now)
    found = {}
    for station_id, region in session.execute(select(Station.id, Station.region_code)):
        prices = [line for code in nearest_first(region) for line in lines.get(code, ())][:MOST_LINES]
        cards = _of_county(offers, region[:COUNTY_DIGITS])[:MOST_OFFERS]
        if prices or cards:
            found[station_id] = Market(version="", prices=tuple(prices), offers=tuple(cards))
    return papers.lay_out(session, PaperKind.MARKET, found)


def nearest_first(region: str) -> tuple[str, ...]:
    """The regions whose prices a station shows: its county and what is above it, then township and village."""
    chain = ancestors_and_self(region)
    large = [code for code in reversed(chain) if len(code) <= COUNTY_DIGITS]
    return (*large, *(code for code in chain if len(code) > COUNTY_DIGITS))


def _of_county(offers: Mapping[str, Sequence[OfferCard]], code: str) -> Sequence[OfferCard]:
    """A county's offers; of a city those of all its counties."""
    if len(code) == COUNTY_DIGITS:
        return offers.get(code, ())
    below = (one for county, ones in offers.items() if county.startswith(code) for one in ones)
    return sorted(below, key=lambda one: one.id, reverse=True)


def _lines(session: Session, today: date) -> Mapping[str, Sequence[PriceLine]]:
    """The newest price of each commodity on each market, by the market's region; a month without one ends it."""
    days: dict[tuple[UUID, UUID], dict[date, int]] = defaultdict(dict)
    query = select(Price.commodity_id, Price.place_id, Price.day, Price.cents).where(
        Price.doubt == "", Price.day > today - timedelta(days=2 * COMPARED_DAYS), Price.day <= today
    )
    for commodity_id, place_id, day, cents in session.execute(query):
        days[(commodity_id, place_id)][day] = cents
    goods = {one.id: one for one in session.scalars(select(Commodity))}
    places = {one.id: one for one in session.scalars(select(MarketPlace))}
    found: dict[str, list[PriceLine]] = defaultdict(list)
    for (commodity_id, place_id), known in days.items():
        last, cents, before = rules.newest(known)
        if today - last < timedelta(days=COMPARED_DAYS):
            commodity, place = goods[commodity_id], places[place_id]
            line = PriceLine(
                commodity=commodity.name,
                market=place.name,
                unit=commodity.unit,
                day=last,
                cents=cents,
                before_cents=before,
                days=rules.drawn(known, last),
            )
            found[place.region_code].append(line)
    return {code: sorted(ones, key=lambda one: (one.market, one.commodity)) for code, ones in found.items()}


def _offers(session: Session, now: datetime) -> Mapping[str, Sequence[OfferCard]]:
    """What is offered and looked for, by the county of its station, the newest first."""
    query = (
        select(Offer, Station.name)
        .join(Station, Station.id == Offer.station_id)
        .where(Offer.state == OfferState.SHOWN, Offer.until > now)
        .order_by(Offer.posted_at.desc(), Offer.id.desc())
    )
    found: dict[str, list[OfferCard]] = defaultdict(list)
    for row, place in session.execute(query):
        found[row.region_code[:COUNTY_DIGITS]].append(
            OfferCard(
                id=str(row.id),
                kind=OfferKind(row.kind),
                title=row.title,
                place=place,
                until=row.until,
                text=row.text,
                contact=row.contact,
                posted_at=row.posted_at,
            )
        )
    return found
