"""The bulletin: put in, looked at, shown, taken back, over by its day; each wrong step says so and changes nothing."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from contentserver.kernel.auth import Person, Role
from contentserver.kernel.errors import Conflict, Forbidden, NotFound, Rejected
from contentserver.kernel.ids import new_id
from contentserver.market import bulletin
from contentserver.market.bulletin import OfferRefused, Sought
from contentserver.market.rules import OfferState
from contentserver.stations import Station
from tests.contentserver.conftest import NOW, VILLAGE, person
from tests.contentserver.market.samples import COUNTY, OTHER, words


@pytest.fixture
def keeper(session: Session, village: Station) -> Person:
    return person(session, Role.COUNTY_STAFF, COUNTY)


@pytest.fixture
def neighbour(session: Session, village: Station) -> Person:
    return person(session, Role.STATION_ADMIN, VILLAGE)


def test_an_offer_waits_is_shown_and_ends_by_its_day(
    session: Session, village: Station, keeper: Person, neighbour: Person
) -> None:
    row = bulletin.post(session, village.id, words(days=5), neighbour, NOW)
    assert bulletin.state_of(row, NOW) is OfferState.WAITING
    assert bulletin.waiting_count(session, COUNTY, NOW) == 1
    bulletin.approve(session, row, row.version, keeper, NOW)
    assert (bulletin.state_of(row, NOW), row.decided_by) == (OfferState.SHOWN, keeper.id)
    later = NOW + timedelta(days=5)
    assert bulletin.state_of(row, later) is OfferState.OVER
    with pytest.raises(Conflict):
        bulletin.approve(session, row, row.version, keeper, later)
    with pytest.raises(Conflict):
        bulletin.withdraw(session, row, neighbour, later)
    with pytest.raises(Conflict):
        bulletin.change(session, row, words(), row.version, neighbour, later)
    assert row.state == OfferState.SHOWN


def test_what_was_refused_is_mended_and_waits_again(
    session: Session, village: Station, keeper: Person, neighbour: Person
) -> None:
    row = bulletin.post(session, village.id, words(), neighbour, NOW)
    for reason in ("", "长" * 101):
        with pytest.raises(Rejected) as wrong:
            bulletin.refuse(session, row, row.version, reason, keeper, NOW)
        assert "reason" in wrong.value.fields
    bulletin.refuse(session, row, row.version, "请写明价钱", keeper, NOW)
    assert (bulletin.state_of(row, NOW), row.reason) == (OfferState.REFUSED, "请写明价钱")
    with pytest.raises(Conflict):
        bulletin.approve(session, row, row.version, keeper, NOW)
    bulletin.change(session, row, words("滩羊四十只，一千一只"), row.version, neighbour, NOW)
    assert (row.state, row.reason, row.version, row.decided_by) == ("waiting", "", 2, None)


def test_nobody_approves_what_they_have_not_read(
    session: Session, village: Station, keeper: Person, neighbour: Person
) -> None:
    row = bulletin.post(session, village.id, words(), neighbour, NOW)
    bulletin.change(session, row, words("别的"), 1, neighbour, NOW)
    with pytest.raises(Conflict):
        bulletin.approve(session, row, 1, keeper, NOW)
    with pytest.raises(Conflict):
        bulletin.change(session, row, words("又别的"), 1, neighbour, NOW)
    assert (row.state, row.title) == ("waiting", "别的")


def test_what_was_taken_back_stays_so(session: Session, village: Station, keeper: Person, neighbour: Person) -> None:
    row = bulletin.post(session, village.id, words(), neighbour, NOW)
    bulletin.withdraw(session, row, neighbour, NOW)
    with pytest.raises(Conflict):
        bulletin.approve(session, row, row.version, keeper, NOW)
    with pytest.raises(Conflict):
        bulletin.withdraw(session, row, neighbour, NOW)
    assert bulletin.state_of(row, NOW + timedelta(days=99)) is OfferState.WITHDRAWN


def test_an_offer_says_what_fits_the_screen_and_is_of_ones_own_station(
    session: Session, village: Station, neighbour: Person
) -> None:
    with pytest.raises(OfferRefused) as refused:
        bulletin.post(session, village.id, words("", days=-1, contact="", text="长" * 121), neighbour, NOW)
    assert set(refused.value.fields) == {"title", "text", "contact", "until"}
    stranger = person(session, Role.COUNTY_STAFF, OTHER)
    with pytest.raises(Forbidden):
        bulletin.post(session, village.id, words(), stranger, NOW)
    with pytest.raises(NotFound):
        bulletin.post(session, new_id(), words(), neighbour, NOW)
    row = bulletin.post(session, village.id, words(), neighbour, NOW)
    with pytest.raises(Forbidden):
        bulletin.offer_asked(session, row.id, stranger)
    with pytest.raises(NotFound):
        bulletin.offer_asked(session, new_id(), stranger)


def test_offers_are_found_by_state_and_words(
    session: Session, village: Station, keeper: Person, neighbour: Person
) -> None:
    sheep = bulletin.post(session, village.id, words(), neighbour, NOW)
    straw = bulletin.post(session, village.id, words("收玉米秸秆", days=2, kind="demand"), neighbour, NOW)
    bulletin.approve(session, straw, 1, keeper, NOW)

    def found(sought: Sought, root: str = COUNTY, days: int = 0) -> list[str]:
        return [one.title for one in bulletin.offers_page(session, root, sought, NOW + timedelta(days=days), 1).rows]

    assert found(Sought()) == ["收玉米秸秆", "滩羊四十只"]
    assert found(Sought(OfferState.WAITING)) == ["滩羊四十只"]
    assert found(Sought(OfferState.SHOWN)) == ["收玉米秸秆"]
    assert found(Sought(OfferState.OVER), days=3) == ["收玉米秸秆"]
    assert found(Sought(text="秸秆")) == ["收玉米秸秆"]
    assert found(Sought(text="%")) == []
    assert found(Sought(), OTHER) == []
    assert bulletin.offer_locked(session, sheep.id) is sheep
