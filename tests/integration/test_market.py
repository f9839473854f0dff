"""A price and an offer go through the link to the television that is concerned, and stand on its screen."""

import threading
from datetime import timedelta
from pathlib import Path

import msgspec
from sqlalchemy.orm import Session

from contentserver import papers, stations
from contentserver.boxes import Box
from contentserver.ingest import Link
from contentserver.kernel import clock
from contentserver.kernel.auth import Role
from contentserver.market import bulletin, catalogue, service
from contentserver.market.catalogue import Named
from contentserver.market.rules import OfferWords, Source
from contentserver.market.service import Entry
from contentserver.stations import Station
from schedules.wire.codec import decode
from schedules.wire.messages import Desired, Market, PaperKind
from tests.contentserver.conftest import person
from tests.integration.conftest import PASSWORD, RunningBroker
from tests.serving import import_regions, services_in
from tests.tvclient.awaiting import eventually
from tests.tvclient.evening import Television
from tvclient.core import events
from tvclient.core.pages import market as screen

TOWNSHIP = "640221203"


def trade(session: Session, station: Station) -> None:
    """Corn for three days, and lambs that somebody has approved."""
    now, keeper = clock.now(), person(session, Role.COUNTY_STAFF, TOWNSHIP[:6])
    corn = catalogue.add_commodity(session, Named(TOWNSHIP[:6], "玉米", "斤"), keeper, now)
    place = catalogue.add_place(session, TOWNSHIP[:6], "平罗批发市场", keeper, now)
    today = clock.local(now).date()
    entries = [Entry(corn.id, place.id, today - timedelta(days=back), 118 - back) for back in range(3)]
    service.keep(session, entries, Source.FORM, keeper, now)
    words = OfferWords("supply", "滩羊羔四十只", "三个月大。", "王主任", now + timedelta(days=9))
    row = bulletin.post(session, station.id, words, keeper, now)
    bulletin.approve(session, row, row.version, keeper, now)


def test_prices_and_offers_reach_the_television(tmp_path: Path, broker: RunningBroker) -> None:
    services, now = services_in(tmp_path, broker_password=PASSWORD, broker_port=broker.port), clock.now()
    with services.database.unit_of_work() as session:
        import_regions(session)
        stations.add_village_stations(session, TOWNSHIP)
        station = stations.stations_in(session, TOWNSHIP)[0]
        box = Box(station_id=station.id, public_key="key", http_token_hash="hash", enrolled_at=now)
        session.add(box)
        session.flush()
        trade(session, station)

    def told() -> str:
        with services.database.reader() as looking:
            wanted = looking.get_one(Box, box.id).desired_fingerprint
        return msgspec.json.decode(wanted, type=Desired).papers.get("market", "") if wanted else ""

    link = Link(services, broker.server("link"))
    thread = threading.Thread(target=link.run)
    thread.start()
    try:
        eventually(lambda: bool(told()), "the television is told of its paper")
    finally:
        link.stop()
        thread.join(20)
    with services.database.reader() as session:
        found = papers.of_kind(session, station.id, PaperKind.MARKET)
    services.database.engine.dispose()
    assert found is not None
    assert found[0] == told()
    television = Television(clock.now())
    television.take(events.PaperChanged(decode(found[1], Market)))
    (corn,), (lambs,) = screen.prices(television.state), screen.offers(television.state)
    assert (corn.cents, corn.before_cents, corn.days[-3:]) == (118, 117, (116, 117, 118))
    assert (lambs.title, lambs.place) == ("滩羊羔四十只", station.name)
