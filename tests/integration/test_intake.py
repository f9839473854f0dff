"""Several processes share the events of all boxes: each batch goes to one, one may die, nothing is lost or doubled."""

import os
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from contentserver.app import Services
from contentserver.attendance import SessionRow
from contentserver.attendance.models import EventRow
from contentserver.boxes import Box
from contentserver.ingest import Link
from schedules.wire import topics
from schedules.wire.codec import decode
from schedules.wire.messages import Ack
from schedules.wire.topics import BoxId
from tests import processes
from tests.demo.stack import ROOT
from tests.integration.box_end import BoxEnd, furnish, linked, seconds_shown
from tests.integration.conftest import PASSWORD, RunningBroker
from tests.postgres import cluster, restart
from tests.serving import SECRET, services_in
from tests.tvclient.awaiting import eventually

pytestmark = pytest.mark.timeout(240)
EVENTS, OF_A_BATCH = 300, 5
AGAIN_S = 5.0


@pytest.fixture
def services(tmp_path: Path, broker: RunningBroker) -> Iterator[Services]:
    """A furnished server on PostgreSQL with one box that the broker knows; its link has ended."""
    with cluster() as url:
        found = services_in(tmp_path, database_url=url, broker_password=PASSWORD, broker_port=broker.port)
        furnish(found)
        with linked(found, broker):
            eventually(lambda: _desired_is_out(found), "the box has its account", 60)
        yield found
        found.database.engine.dispose()


def _desired_is_out(services: Services) -> bool:
    with services.database.reader() as session:
        box = session.get_one(Box, 1)
        return box.desired_published == box.desired_version


def _beside(services: Services, name: str) -> subprocess.Popen[bytes]:
    """A process that takes in events, as an operator starts it."""
    settings = services.settings
    environment = {
        "YUANJIAO_SECRET_KEY": SECRET,
        "YUANJIAO_DATABASE_URL": settings.database_url,
        "YUANJIAO_DATA_DIR": str(settings.data_dir),
        "YUANJIAO_BROKER_PORT": str(settings.broker_port),
        "YUANJIAO_BROKER_PASSWORD": PASSWORD,
        "YUANJIAO_SIGNING_KEY_FILE": str(settings.signing_key_file),
    }
    with (settings.data_dir.parent / f"{name}.log").open("wb") as log:
        argv = [sys.executable, "-m", "contentserver", "ingest", "--beside", name]
        return subprocess.Popen(argv, cwd=ROOT, env={**os.environ, **environment}, stdout=log, stderr=log)


def _batch(first: int) -> bytes:
    return seconds_shown(*range(first, first + OF_A_BATCH))


def _acknowledged(box: BoxEnd, bodies: list[bytes], through: int) -> None:
    """Send batches until all are acknowledged, as a box does: again where no word comes."""
    topic = topics.acks(BoxId(1))
    while True:
        for body in bodies:
            box.say(topics.events(BoxId(1)), body)
        try:
            box.wait_for(topic, lambda data: decode(data, Ack).through >= through, AGAIN_S)
        except queue.Empty:
            continue
        return


def test_they_share_and_one_may_die(services: Services, broker: RunningBroker) -> None:
    bodies = [_batch(first) for first in range(1, EVENTS + 1, OF_A_BATCH)]
    third = len(bodies) // 3
    with processes.ending(_beside(services, "one")) as one, processes.ending(_beside(services, "two")):
        box = BoxEnd(services, broker.port)
        try:
            box.wait_for(topics.desired(BoxId(1)))
            _acknowledged(box, bodies[:third], third * OF_A_BATCH)
            for body in bodies[third : 2 * third]:
                box.say(topics.events(BoxId(1)), body)
            one.kill()
            one.wait(20)
            _acknowledged(box, bodies[third:], EVENTS)
        finally:
            box.close()
    with services.database.reader() as session:
        assert session.scalar(select(func.count()).select_from(EventRow)) == EVENTS
        assert session.scalars(select(SessionRow.shown_ms)).one() == EVENTS * 1000


def test_the_link_shares_too(services: Services, broker: RunningBroker) -> None:
    link = Link(services, broker.server("link"))
    thread = threading.Thread(target=link.run)
    thread.start()
    try:
        with processes.ending(_beside(services, "one")) as other:
            box = BoxEnd(services, broker.port)
            try:
                box.wait_for(topics.desired(BoxId(1)))
                _acknowledged(box, [_batch(1)], OF_A_BATCH)
                other.kill()
                other.wait(20)
                _acknowledged(box, [_batch(1 + OF_A_BATCH)], 2 * OF_A_BATCH)
            finally:
                box.close()
    finally:
        link.stop()
        thread.join(20)


def test_postgresql_is_restarted_while_two_take_in(services: Services, broker: RunningBroker) -> None:
    url, bodies = services.settings.database_url, [_batch(first) for first in range(1, EVENTS + 1, OF_A_BATCH)]
    restart(url)
    logs = [services.settings.data_dir.parent / f"{name}.log" for name in ("one", "two")]
    third = len(bodies) // 3
    with processes.ending(_beside(services, "one")), processes.ending(_beside(services, "two")):
        box = BoxEnd(services, broker.port)
        try:
            eventually(lambda: all("broker.connected" in one.read_text() for one in logs), "both take in", 120)
            box.wait_for(topics.desired(BoxId(1)))
            for turn in range(3):
                for body in bodies[turn * third : (turn + 1) * third]:
                    box.say(topics.events(BoxId(1)), body)
                restart(url)
            _acknowledged(box, bodies, EVENTS)
        finally:
            box.close()
    services.database.engine.dispose()
    with services.database.reader() as session:
        assert session.scalar(select(func.count()).select_from(EventRow)) == EVENTS
        assert session.scalars(select(SessionRow.shown_ms)).one() == EVENTS * 1000
