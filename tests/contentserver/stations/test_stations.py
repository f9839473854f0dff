"""Stations: named as people call them, one for every village, added once."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver import stations
from contentserver.audit import AuditEntry
from contentserver.kernel.auth import Role
from contentserver.kernel.errors import Forbidden, Rejected
from contentserver.stations import Station
from contentserver.stations.rules import station_name
from tests.contentserver.conftest import NOW, VILLAGE, person


@pytest.mark.parametrize(
    ("region", "station"),
    [
        ("马场村委会", "马场村"),
        ("桥东社区居民委员会", "桥东社区"),
        ("前进村民委员会", "前进村"),
        ("新村社区居委会", "新村社区"),
        ("苗木繁育中心生活区", "苗木繁育中心生活区"),
        ("村委会", "村委会"),
    ],
)
def test_a_station_is_called_as_people_call_the_place(region: str, station: str) -> None:
    assert station_name(region) == station


def test_adding_stations_again_adds_none(session: Session, village: Station) -> None:
    assert stations.add_village_stations(session, "640221203") == 0
    assert stations.stations_in(session, VILLAGE) == [village]


def test_stars_are_noted_once_by_somebody_of_the_region_and_never_more_than_five(
    session: Session, village: Station
) -> None:
    who = person(session, Role.SYSTEM_ADMIN, "640221")
    for stars in (-1, 6, 10**9):
        with pytest.raises(Rejected):
            stations.note_stars(session, village, stars, who, NOW)
    with pytest.raises(Forbidden):
        stations.note_stars(session, village, 4, person(session, Role.SYSTEM_ADMIN, "640202"), NOW)
    assert stations.station_card(village).stars == 0
    for stars in (4, 4, 0):
        stations.note_stars(session, village, stars, who, NOW)
        assert stations.station_card(village).stars == stars
    session.flush()
    noted = session.scalars(select(AuditEntry.action).where(AuditEntry.subject == f"station {village.id}")).all()
    assert noted == ["station.stars"] * 2
