"""What the county says of a station stands on its television: stars and hours, over the real link and broker."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from contentserver import stations, timetable
from contentserver.boxes import Box, refresh_desired
from contentserver.kernel import clock
from contentserver.timetable import quotas
from tests.integration.conftest import RunningBroker
from tests.integration.office import VILLAGE, SecureOffice
from tests.tvclient.awaiting import eventually
from tvclient.core.pages import station as page
from tvclient.fleet import DarkBox


@pytest.fixture
def office(tmp_path: Path, broker: RunningBroker) -> Iterator[SecureOffice]:
    found = SecureOffice(tmp_path / "office", broker)
    yield found
    found.close()


def test_stars_and_hours_reach_the_television_and_outlive_its_program(office: SecureOffice, tmp_path: Path) -> None:
    def said(session: Session) -> None:
        quotas.set_quota(session, VILLAGE, 4, 30, office.who, clock.now())
        timetable.tell_stations(session)
        stations.note_stars(session, stations.stations_in(session, VILLAGE)[0], 4, office.who, clock.now())
        for box in session.query(Box):
            refresh_desired(session, box, office.services.signer)

    with closing(DarkBox(office.url, tmp_path / "tv", "YJ-1")) as box:
        box.start()
        office.welcome(box)
        eventually(lambda: box.shell.state.station is not None, "the box knows its station")
        assert page.stars(box.shell.state) == 0
        office.change(said)
        eventually(lambda: page.stars(box.shell.state) == 4, "the stars are there")
        assert page.quota_minutes(box.shell.state) == 1800
    with closing(DarkBox(office.url, tmp_path / "tv", "YJ-1")) as again:
        again.start()
        eventually(lambda: page.stars(again.shell.state) == 4, "they are still there")
