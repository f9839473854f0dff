"""Prices in the database: one for each day, corrected with a trace, doubted ones apart, within one's own region."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver.audit import AuditEntry
from contentserver.kernel.auth import Role
from contentserver.kernel.errors import Conflict, Forbidden, NotFound, Rejected
from contentserver.market import catalogue, service
from contentserver.market.catalogue import Named
from contentserver.market.models import Price
from contentserver.market.rules import Doubt, Source, Trend
from contentserver.market.service import Asked, Entry, Kept
from contentserver.stations import Station
from tests.contentserver.conftest import NOW, person
from tests.contentserver.market.samples import COUNTY, OTHER, TODAY, TOWNSHIP, trade


def audited(session: Session, action: str) -> list[AuditEntry]:
    return list(session.scalars(select(AuditEntry).where(AuditEntry.action == action)))


def test_a_price_is_kept_once_and_another_one_corrects_it_with_a_trace(session: Session, village: Station) -> None:
    made = trade(session)
    assert made.keep(118) == Kept(new=1)
    assert made.keep(118) == Kept(same=1)
    assert made.keep(120, source=Source.FEED) == Kept(corrected=1)
    row = session.scalars(select(Price)).one()
    assert (row.cents, row.day, row.source, row.doubt) == (120, TODAY, "feed", "")
    (corrected,) = audited(session, "market.price_corrected")
    assert ("118" in corrected.before, "120" in corrected.after) == (True, True)
    assert len(audited(session, "market.prices_kept")) == 1


@pytest.mark.parametrize(
    ("cents", "back", "code"),
    [
        (0, 0, "price_not_positive"),
        (-118, 0, "price_not_positive"),
        (100_000_001, 0, "price_too_large"),
        (118, -1, "price_future"),
        (118, 500, "price_too_old"),
    ],
)
def test_what_cannot_be_a_price_keeps_nothing_of_the_whole_list(
    session: Session, village: Station, cents: int, back: int, code: str
) -> None:
    made = trade(session)
    good = Entry(made.rice.id, made.county.id, TODAY, 300)
    bad = Entry(made.corn.id, made.county.id, TODAY - timedelta(days=back), cents)
    with pytest.raises(Rejected) as refused:
        service.keep(session, [good, bad], Source.FORM, made.keeper, NOW)
    assert refused.value.code == code
    assert session.scalars(select(Price)).all() == []


def test_a_thousandfold_is_kept_and_shown_to_nobody_until_it_is_confirmed(session: Session, village: Station) -> None:
    made = trade(session)
    for back in range(1, 6):
        made.keep(118, back)
    assert made.keep(118_000) == Kept(new=1, doubted=1)
    listed = service.listed(session, COUNTY, Asked(), 1).rows
    assert [(one.price.cents, one.price.day) for one in listed] == [(118, TODAY - timedelta(days=1))]
    (doubted,) = service.doubtful(session, COUNTY, 1).rows
    assert (doubted.price.doubt, doubted.before) == (Doubt.ANOTHER_UNIT, 118)
    with pytest.raises(Conflict):
        service.confirm(session, doubted.price, 118, made.keeper, NOW)
    service.confirm(session, doubted.price, 118_000, made.keeper, NOW)
    with pytest.raises(Conflict):
        service.confirm(session, doubted.price, 118_000, made.keeper, NOW)
    (newest,) = service.listed(session, COUNTY, Asked(), 1).rows
    assert (newest.price.cents, newest.before, newest.trend, newest.change) == (118_000, 118, Trend.UP, 117_882)
    assert service.doubtful(session, COUNTY, 1).total == 0


def test_a_correction_takes_the_doubt_away_and_may_bring_it(session: Session, village: Station) -> None:
    made = trade(session)
    made.keep(118, 1)
    made.keep(11_800)
    assert made.keep(119) == Kept(corrected=1)
    assert service.doubtful(session, COUNTY, 1).total == 0
    assert made.keep(1) == Kept(corrected=1, doubted=1)
    assert [one.price.cents for one in service.listed(session, COUNTY, Asked(), 1).rows] == [118]


def test_the_first_price_of_a_market_is_compared_with_other_markets(session: Session, village: Station) -> None:
    made = trade(session)
    made.keep(118)
    assert made.keep(118_000, at=made.township) == Kept(new=1, doubted=1)


def test_days_that_come_together_are_compared_with_each_other(session: Session, village: Station) -> None:
    made = trade(session)
    entries = [Entry(made.corn.id, made.county.id, TODAY - timedelta(days=back), 118) for back in range(9)]
    entries[4] = Entry(made.corn.id, made.county.id, entries[4].day, 118_000)
    assert service.keep(session, entries, Source.SHEET, made.keeper, NOW) == Kept(new=9, doubted=1)


def test_a_price_that_was_a_mistake_goes_with_a_trace(session: Session, village: Station) -> None:
    made = trade(session)
    made.keep(118)
    row = session.scalars(select(Price)).one()
    with pytest.raises(Conflict):
        service.remove(session, row, 119, made.keeper, NOW)
    service.remove(session, row, 118, made.keeper, NOW)
    assert session.scalars(select(Price)).all() == []
    assert "118" in audited(session, "market.price_removed")[0].before


def test_prices_are_listed_by_commodity_market_and_day(session: Session, village: Station) -> None:
    made = trade(session)
    for back, cents in ((2, 100), (1, 110), (0, 110)):
        made.keep(cents, back)
    made.keep(300, 1, of=made.rice)
    made.keep(120, 0, at=made.township)
    newest = service.listed(session, COUNTY, Asked(), 1)
    assert {(one.commodity.name, one.place.name, one.price.cents) for one in newest.rows} == {
        ("玉米", "平罗批发市场", 110),
        ("大米", "平罗批发市场", 300),
        ("玉米", "崇岗集市", 120),
    }
    (corn,) = service.listed(session, COUNTY, Asked(made.corn.id, made.county.id), 1).rows
    assert (corn.before, corn.trend, corn.days[-3:]) == (110, Trend.EVEN, (100, 110, 110))
    yesterday = service.listed(session, COUNTY, Asked(day=TODAY - timedelta(days=1)), 1)
    assert {one.price.cents for one in yesterday.rows} == {110, 300}
    assert service.listed(session, OTHER, Asked(), 1).total == 0
    assert service.listed(session, f"{TOWNSHIP}205", Asked(), 1).total == 3
    assert service.listed(session, "", Asked(), 1).total == 3
    assert service.listed(session, "", Asked(), 99).number == 1


def test_nobody_keeps_prices_of_another_region(session: Session, village: Station) -> None:
    made = trade(session)
    stranger, below = person(session, Role.COUNTY_STAFF, OTHER), person(session, Role.SCHEDULER, TOWNSHIP)
    entry = Entry(made.corn.id, made.county.id, TODAY, 118)
    for who in (stranger, below):
        with pytest.raises(Forbidden):
            service.keep(session, [entry], Source.FORM, who, NOW)
    theirs = Entry(made.corn.id, made.township.id, TODAY, 118)
    assert service.keep(session, [theirs], Source.FORM, below, NOW) == Kept(new=1)
    with pytest.raises(Forbidden):
        catalogue.commodity_asked(session, made.corn.id, stranger)
    assert catalogue.commodity_asked(session, made.corn.id, below) is made.corn
    with pytest.raises(NotFound):
        service.keep(session, [Entry(uuid4(), made.county.id, TODAY, 1)], Source.FORM, made.keeper, NOW)
    with pytest.raises(NotFound):
        service.keep(session, [Entry(made.corn.id, uuid4(), TODAY, 1)], Source.FORM, made.keeper, NOW)
    goji = catalogue.add_commodity(session, Named(OTHER, "枸杞", "斤"), stranger, NOW)
    with pytest.raises(Rejected, match="commodity_elsewhere"):
        service.keep(session, [Entry(goji.id, made.county.id, TODAY, 1)], Source.FORM, made.keeper, NOW)


def test_a_name_is_there_once_and_short(session: Session, village: Station) -> None:
    made = trade(session)
    with pytest.raises(Conflict):
        catalogue.add_commodity(session, Named(TOWNSHIP, "玉米", "斤"), made.keeper, NOW)
    with pytest.raises(Conflict):
        catalogue.add_place(session, COUNTY, "平罗批发市场", made.keeper, NOW)
    for named, field in ((Named(COUNTY, "", "斤"), "name"), (Named(COUNTY, "麦", ""), "unit")):
        with pytest.raises(Rejected) as refused:
            catalogue.add_commodity(session, named, made.keeper, NOW)
        assert list(refused.value.fields) == [field]
    with pytest.raises(Rejected):
        catalogue.add_place(session, COUNTY, "一" * 11, made.keeper, NOW)
    with pytest.raises(Forbidden):
        catalogue.add_place(session, OTHER, "集市", made.keeper, NOW)
    catalogue.change_keywords(session, made.corn, "苞谷", made.keeper, NOW)
    assert made.corn.keywords == "苞谷"
