"""Prices by program: a secret, a list, an answer for each price; nothing without the secret, nothing twice."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver.accounts.models import Account
from contentserver.app import create_app
from contentserver.kernel import clock
from contentserver.kernel.auth import Role
from contentserver.kernel.errors import Conflict, Forbidden, Rejected, Unauthenticated
from contentserver.market import catalogue, feeds
from contentserver.market.catalogue import Named
from contentserver.market.models import Feed, Price
from contentserver.stations import Station
from tests.contentserver.conftest import NOW, person
from tests.contentserver.market.samples import COUNTY, OTHER, TOWNSHIP
from tests.serving import import_regions, services_in

HERE = "/api/v1/market/prices"


def test_a_feed_acts_for_whoever_made_it_as_long_as_they_may(session: Session, village: Station) -> None:
    keeper = person(session, Role.COUNTY_STAFF, COUNTY)
    row, secret = feeds.make(session, TOWNSHIP, " 集市 的 程序 ", 30, keeper, NOW)
    assert (row.name, secret[:4], secret in row.token_hash) == ("集市 的 程序", "yjm_", False)
    found, who = feeds.person_with(session, secret, NOW)
    assert (found, who.id, who.region_code) == (row, keeper.id, TOWNSHIP)
    account = session.get_one(Account, keeper.id)
    for change, back in (
        ({"active": False}, {"active": True}),
        ({"role": "reviewer"}, {"role": "county_staff"}),
        ({"region_code": OTHER}, {"region_code": COUNTY}),
    ):
        for name, value in change.items():
            setattr(account, name, value)
        with pytest.raises(Unauthenticated):
            feeds.person_with(session, secret, NOW)
        for name, value in back.items():
            setattr(account, name, value)
    with pytest.raises(Unauthenticated):
        feeds.person_with(session, secret, NOW + timedelta(days=30))
    with pytest.raises(Unauthenticated):
        feeds.person_with(session, secret + "x", NOW)
    feeds.end(session, row, keeper, NOW)
    feeds.end(session, row, keeper, NOW + timedelta(hours=1))
    assert row.revoked_at == NOW
    with pytest.raises(Unauthenticated):
        feeds.person_with(session, secret, NOW)


def test_a_feed_has_a_name_days_and_a_region_of_ones_own(session: Session, village: Station) -> None:
    keeper = person(session, Role.COUNTY_STAFF, COUNTY)
    for region, name, days, error in (
        (COUNTY, "", 30, Rejected),
        (COUNTY, "n" * 61, 30, Rejected),
        (COUNTY, "n", 0, Rejected),
        (COUNTY, "n", 367, Rejected),
        (OTHER, "n", 30, Forbidden),
    ):
        with pytest.raises(error):
            feeds.make(session, region, name, days, keeper, NOW)
    for _each in range(feeds.MOST):
        feeds.make(session, COUNTY, "n", 30, keeper, NOW)
    with pytest.raises(Conflict):
        feeds.make(session, COUNTY, "n", 30, keeper, NOW)
    assert len(feeds.feeds_of(session, COUNTY)) == feeds.MOST
    assert feeds.feeds_of(session, OTHER) == []


@pytest.fixture
def shop(tmp_path: Path) -> Iterator["Shop"]:
    made = Shop(tmp_path)
    yield made
    made.services.database.engine.dispose()


class Shop:
    """The application, and a program with a feed."""

    def __init__(self, folder: Path) -> None:
        self.services = services_in(folder)
        now = clock.now()
        with self.services.database.unit_of_work() as session:
            import_regions(session)
            keeper = person(session, Role.COUNTY_STAFF, COUNTY)
            catalogue.add_commodity(session, Named(COUNTY, "玉米", "斤"), keeper, now)
            catalogue.add_place(session, COUNTY, "平罗批发市场", keeper, now)
            self.secret = feeds.make(session, COUNTY, "n", 30, keeper, now)[1]
        self.client: FlaskClient = create_app(self.services.settings, self.services).test_client()

    def send(self, *prices: dict[str, Any], secret: str | None = None) -> tuple[int, dict[str, Any]]:
        answer = self.client.post(
            HERE, json={"prices": prices}, headers={"Authorization": f"Bearer {secret or self.secret}"}
        )
        return answer.status_code, answer.get_json()

    def kept(self) -> list[int]:
        with self.services.database.reader() as session:
            return sorted(session.scalars(select(Price.cents)))


def price(cents: Any = 118, back: int = 0, **other: Any) -> dict[str, Any]:
    day = clock.local(clock.now()).date() - timedelta(days=back)
    return {"commodity": "玉米", "market": "平罗批发市场", "day": day.isoformat(), "cents": cents, **other}


def test_prices_come_by_program_and_the_same_again_changes_nothing(shop: Shop) -> None:
    assert shop.send(price(), price(117, 1))[1] == {"new": 2, "corrected": 0, "same": 0, "doubted": 0, "refused": []}
    assert shop.send(price(), price(117, 1))[1]["same"] == 2
    assert shop.send(price(119))[1]["corrected"] == 1
    assert shop.send(price(118_000, 2))[1]["doubted"] == 1
    assert shop.kept() == [117, 119, 118_000]
    with shop.services.database.reader() as session:
        assert session.scalars(select(Feed)).one().used_at is not None


def test_each_price_that_is_refused_says_why_and_the_others_are_kept(shop: Shop) -> None:
    status, answer = shop.send(
        price(),
        price(119),
        price(0, 1),
        price(-5, 1),
        price(200_000_000, 1),
        price(118, -1),
        price(market="没有的"),
        price(commodity="没有的"),
    )
    assert (status, answer["new"]) == (200, 1)
    assert [(one["place"], one["code"]) for one in answer["refused"]] == [
        (1, "twice"),
        (2, "price_not_positive"),
        (3, "price_not_positive"),
        (4, "price_too_large"),
        (5, "price_future"),
        (6, "market_unknown"),
        (7, "commodity_unknown"),
    ]
    assert all(one["title"] for one in answer["refused"])
    assert shop.kept() == [118]


def test_a_feed_reaches_the_markets_of_its_region_alone(shop: Shop) -> None:
    now = clock.now()
    with shop.services.database.unit_of_work() as session:
        stranger = person(session, Role.COUNTY_STAFF, OTHER)
        catalogue.add_commodity(session, Named(OTHER, "枸杞", "斤"), stranger, now)
        catalogue.add_place(session, OTHER, "别处的市场", stranger, now)
        township = feeds.make(session, OTHER, "n", 30, stranger, now)[1]
    for sent in (price(market="别处的市场"), price(commodity="枸杞", market="别处的市场")):
        status, answer = shop.send(sent)
        assert (status, answer["refused"][0]["code"]) == (422, "market_unknown")
    assert shop.send(price(), secret=township)[1]["refused"][0]["code"] == "market_unknown"
    assert shop.kept() == []


def test_what_is_no_list_of_prices_keeps_nothing(shop: Shop) -> None:
    assert shop.send()[0] == 422
    assert shop.send(*[price(back=back % 300) for back in range(501)])[0] == 422
    assert shop.send(price(0))[0] == 422
    for wrong in (price("118"), price(1.5), price(True), price(10**30), price(day="yesterday"), {"cents": 1}):
        assert shop.send(wrong)[0] == 422, wrong
    for body in (b"", b"[]", b"\x00", b"{" * 5000):
        answer = shop.client.post(HERE, data=body, headers={"Authorization": f"Bearer {shop.secret}"})
        assert answer.status_code == 422
    assert shop.kept() == []


def test_nobody_without_the_secret_brings_anything(shop: Shop) -> None:
    assert shop.send(price(), secret="yjm_wrong")[0] == 401
    for headers in ({}, {"Authorization": "Basic x"}, {"Authorization": "Bearer "}):
        assert shop.client.post(HERE, json={"prices": [price()]}, headers=headers).status_code == 401
    assert shop.client.get(HERE).status_code == 405
    assert shop.kept() == []
