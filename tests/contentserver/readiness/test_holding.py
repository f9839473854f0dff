"""How many stations have which rendition of a package, below a region, on both databases."""

from collections.abc import Sequence

import pytest
from sqlalchemy.orm import Session

from contentserver import stations
from contentserver.boxes import Box
from contentserver.courses import Holdings
from contentserver.readiness import holdings
from contentserver.stations import Station
from schedules.airings import PackageName
from schedules.wire.messages import PackageReport, PackageState
from tests.contentserver.conftest import NOW, enrolled_box
from tests.contentserver.readiness.furnishing import STORED, WAITING, fetching, report

PACKAGE, OTHER = PackageName("sha256-" + "a" * 64), PackageName("sha256-" + "b" * 64)
LADDER = ("720p", "360p", "low", "sound")
TOWNSHIP = "640221203"


def whole(rendition: str, *, wanted: int = 0) -> PackageReport:
    return PackageReport(state=PackageState.FETCHING, playable=True, rendition=rendition, wanted_bytes=wanted)


@pytest.fixture
def villages(session: Session, village: Station) -> Sequence[Station]:
    return stations.stations_in(session, TOWNSHIP)


def add(session: Session, station: Station, key: str, package: PackageReport | None, name: str = PACKAGE) -> Box:
    """A box; with a package it has reported that."""
    box = enrolled_box(session, station, key)
    if package is not None:
        report(session, box, NOW, packages={PackageName(name): package})
    return box


def test_each_station_counts_once_with_the_best_that_is_whole_there(
    session: Session, villages: Sequence[Station]
) -> None:
    add(session, villages[0], "a", whole("360p"))
    add(session, villages[0], "b", whole("720p"))
    add(session, villages[0], "c", None)
    add(session, villages[1], "d", whole("360p"))
    add(session, villages[2], "e", WAITING)
    add(session, villages[3], "f", fetching(9))
    add(session, villages[4], "g", PackageReport(state=PackageState.REFUSED, rendition="360p", playable=True))
    add(session, villages[5], "h", PackageReport(state=PackageState.STORED))
    add(session, villages[6], "i", STORED, OTHER)
    add(session, villages[7], "j", None)
    found = holdings(session, PACKAGE, TOWNSHIP, LADDER)
    assert found == Holdings(stations=8, best={"720p": 1, "360p": 1, "": 1}, coming=2, refused=1)
    assert found.elsewhere == 2


def test_only_what_lies_below_the_region_counts_and_no_box_that_was_ended(
    session: Session, villages: Sequence[Station]
) -> None:
    add(session, villages[0], "a", STORED)
    ended = add(session, villages[1], "b", STORED)
    ended.revoked_at = NOW
    session.flush()
    for root in ("", "64", "640221", TOWNSHIP, villages[0].region_code):
        assert holdings(session, PACKAGE, root, LADDER) == Holdings(stations=1, best={"720p": 1})
    for root in ("640202", villages[1].region_code):
        assert holdings(session, PACKAGE, root, LADDER) == Holdings(stations=0, best={})


def test_a_name_that_sql_would_read_as_a_pattern_matches_nothing_else(
    session: Session, villages: Sequence[Station]
) -> None:
    add(session, villages[0], "a", STORED)
    assert holdings(session, "sha256-%", TOWNSHIP, LADDER) == Holdings(stations=1, best={})
