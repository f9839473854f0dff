"""Stations: named as people call them, one for every village, added once."""

import pytest
from sqlalchemy.orm import Session

from contentserver import stations
from contentserver.stations import Station
from contentserver.stations.rules import station_name
from tests.contentserver.conftest import VILLAGE


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
