"""What televisions get of the market: prices of their region and above it, offers of their county, nothing doubtful."""

from datetime import timedelta

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver import market, papers, stations
from contentserver.kernel.auth import Role
from contentserver.market import bulletin, catalogue
from contentserver.market.catalogue import Named
from contentserver.market.publishing import MOST_LINES, nearest_first
from contentserver.regions import Region
from contentserver.stations import Station
from schedules.wire.messages import Market, OfferKind, PaperKind
from tests.contentserver.conftest import NOW, VILLAGE, person
from tests.contentserver.market.samples import COUNTY, OTHER, TODAY, trade, words


def paper_of(session: Session, station: Station) -> Market | None:
    found = papers.of_kind(session, station.id, PaperKind.MARKET)
    return msgspec.json.decode(found[1], type=Market) if found else None


def elsewhere(session: Session) -> Station:
    """A station of another county."""
    code = session.scalars(
        select(Region.code).where(Region.level == "village", Region.code.startswith(OTHER)).order_by(Region.code)
    ).first()
    assert code
    station = Station(name="别处", region_code=code)
    session.add(station)
    session.flush()
    return station


def test_a_station_gets_the_prices_above_it_the_county_first(session: Session, village: Station) -> None:
    made, other = trade(session), elsewhere(session)
    made.keep(110, 2)
    made.keep(118)
    made.keep(119, at=made.township)
    made.keep(118_000, 1)
    assert market.lay_out(session, NOW) > 0
    paper = paper_of(session, village)
    assert paper is not None
    assert [(one.market, one.cents) for one in paper.prices] == [("平罗批发市场", 118), ("崇岗集市", 119)]
    corn = paper.prices[0]
    assert (corn.commodity, corn.unit, corn.day, corn.before_cents) == ("玉米", "斤", TODAY, 110)
    assert (len(corn.days), corn.days[-3:]) == (30, (110, None, 118))
    assert paper_of(session, other) is None
    assert market.lay_out(session, NOW) == 0


def test_prices_of_more_than_a_month_ago_are_no_news(session: Session, village: Station) -> None:
    made = trade(session)
    made.keep(118, 29)
    market.lay_out(session, NOW)
    assert paper_of(session, village) is not None
    market.lay_out(session, NOW + timedelta(days=1))
    assert paper_of(session, village) is None


def test_at_most_two_dozen_prices_go_to_a_television(session: Session, village: Station) -> None:
    made = trade(session)
    for number in range(30):
        good = catalogue.add_commodity(session, Named(COUNTY, f"品种{number:02}", "斤"), made.keeper, NOW)
        made.keep(100, of=good)
    made.keep(100, at=made.township)
    market.lay_out(session, NOW)
    paper = paper_of(session, village)
    assert paper is not None
    assert len(paper.prices) == MOST_LINES
    assert {one.market for one in paper.prices} == {"平罗批发市场"}


def test_offers_go_to_the_county_while_they_stand(session: Session, village: Station) -> None:
    keeper, neighbour = person(session, Role.COUNTY_STAFF, COUNTY), person(session, Role.STATION_ADMIN, VILLAGE)
    other = elsewhere(session)
    shown, refused, gone = (
        bulletin.post(session, village.id, words(title, kind="demand"), neighbour, NOW)
        for title in ("收玉米秸秆", "骂人", "卖完了")
    )
    bulletin.post(session, village.id, words("还没看"), neighbour, NOW)
    for row in (shown, gone):
        bulletin.approve(session, row, 1, keeper, NOW)
    bulletin.refuse(session, refused, 1, "不合适", keeper, NOW)
    bulletin.withdraw(session, gone, neighbour, NOW)
    market.lay_out(session, NOW)
    paper = paper_of(session, village)
    assert paper is not None
    (card,) = paper.offers
    assert (card.title, card.kind, card.place, card.until) == (
        "收玉米秸秆",
        OfferKind.DEMAND,
        village.name,
        shown.until,
    )
    assert (card.contact, card.posted_at) == ("村委会王主任", NOW)
    beside = next(one for one in stations.stations_in(session, COUNTY) if one.id != village.id)
    assert paper_of(session, beside) is not None
    assert paper_of(session, other) is None
    market.lay_out(session, shown.until)
    assert paper_of(session, village) is None


def test_a_station_of_a_city_reads_what_its_counties_offer(session: Session, village: Station) -> None:
    keeper = person(session, Role.COUNTY_STAFF, COUNTY)
    office = Station(name="市里", region_code=COUNTY[:4])
    session.add(office)
    session.flush()
    bulletin.approve(session, bulletin.post(session, village.id, words(), keeper, NOW), 1, keeper, NOW)
    market.lay_out(session, NOW)
    assert paper_of(session, office) is not None


def test_the_nearest_large_region_comes_first() -> None:
    assert nearest_first(VILLAGE) == ("640221", "6402", "64", "640221203", VILLAGE)
    assert nearest_first("64") == ("64",)
