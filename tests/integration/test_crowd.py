"""A crowd against the real link and broker: every revision is stored, proved, kept over a restart and a dead broker."""

import dataclasses
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from contentserver import boxes, regions, stations
from contentserver.admin import OWN_REGIONS
from contentserver.app import Services
from contentserver.ingest import Link
from contentserver.kernel import clock
from contentserver.timetable import LayerRecord, delivery
from contentserver.timetable.publishing import revise
from contentserver.timetable.service import layer_of
from schedules.layers import region_layer
from schedules.wire.messages import Credentials
from schedules.wire.signing import Signer, new_private_jwk
from tests.integration.conftest import PASSWORD, RunningBroker
from tests.serving import SECRET, services_in, write_key
from tests.tvclient.awaiting import eventually
from tvclient.crowd import Crowd

COUNTY, BOXES = "640221", 6


@pytest.fixture
def services(tmp_path: Path, broker: RunningBroker) -> Services:
    keys = broker.keys / "signing-key.jwk"
    write_key(keys)
    found = services_in(tmp_path, broker_password=PASSWORD, broker_port=broker.port, signing_key_file=keys)
    with found.database.unit_of_work() as session, OWN_REGIONS.open(encoding="utf-8-sig") as lines:
        regions.import_csv(session, lines)
        stations.add_village_stations(session, "640221203")
    return found


@pytest.fixture(params=[False, True], ids=["plain", "tls"])
def credentials(request: pytest.FixtureRequest, services: Services, broker: RunningBroker) -> list[Credentials]:
    with services.database.unit_of_work() as session:
        places = stations.stations_in(session, COUNTY)
        made = [
            boxes.enrol_for_trial(session, places[number], f"{number}", services.signer, SECRET, clock.now())
            for number in range(BOXES)
        ]
        introduction = dataclasses.replace(
            services.introduction, tls=request.param, broker_port=broker.secure_port if request.param else broker.port
        )
        return [boxes.credentials_of(box, SECRET, introduction) for box in made]


@contextmanager
def _running(services: Services, broker: RunningBroker) -> Iterator[None]:
    link = Link(services, broker.server("link"))
    thread = threading.Thread(target=link.run)
    thread.start()
    try:
        yield
    finally:
        link.stop()
        thread.join(20)


@contextmanager
def _crowd(given: list[Credentials], folder: Path) -> Iterator[Crowd]:
    crowd, stop = Crowd(given, folder, "http://127.0.0.1:1"), threading.Event()
    thread = threading.Thread(target=crowd.run, args=(stop.is_set,))
    thread.start()
    try:
        yield crowd
    finally:
        stop.set()
        thread.join(20)


def _publish(services: Services, signer: Signer | None = None) -> None:
    with services.database.unit_of_work() as session:
        revise(session, layer_of(session, COUNTY), signer or services.signer, None, clock.now())


def _proved(services: Services) -> tuple[int, int, int]:
    with services.database.reader() as session:
        found = delivery(session, session.get_one(LayerRecord, region_layer(COUNTY)))
        return found.revision, found.stored, found.applied


def test_every_box_proves_every_revision_through_restarts(
    services: Services, credentials: list[Credentials], broker: RunningBroker, tmp_path: Path
) -> None:
    with _running(services, broker):
        with _crowd(credentials, tmp_path / "crowd"):
            _publish(services)
            eventually(lambda: _proved(services) == (1, BOXES, BOXES), "all prove the first revision")
            broker.kill()
            _publish(services)
            broker.start()
            eventually(lambda: _proved(services) == (2, BOXES, BOXES), "all prove what came after the broker's end")
        _publish(services)
        with _crowd(credentials, tmp_path / "crowd") as again:
            stored = [box.documents.proofs()[region_layer(COUNTY)].revision for box in again.boxes]
            assert set(stored) <= {2, 3}
            eventually(lambda: _proved(services) == (3, BOXES, BOXES), "all prove what came while they were off")


def test_a_revision_by_another_key_is_neither_stored_nor_proved(
    services: Services, credentials: list[Credentials], broker: RunningBroker, tmp_path: Path
) -> None:
    with _running(services, broker), _crowd(credentials, tmp_path / "crowd") as crowd:
        _publish(services)
        eventually(lambda: _proved(services) == (1, BOXES, BOXES), "all prove the true revision")
        _publish(services, Signer(new_private_jwk()))
        _publish(services)
        eventually(lambda: _proved(services) == (3, BOXES, BOXES), "all prove the next true one")
        assert {box.documents.proofs()[region_layer(COUNTY)].revision for box in crowd.boxes} == {3}
