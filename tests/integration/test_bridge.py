"""Two real brokers, county and city, bridged: a cut line, a wiped broker; nothing is lost or doubled."""

import argparse
import queue
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import func, select

from contentserver import admin, boxes, deploy
from contentserver.adapters.broker import Broker
from contentserver.app import Services
from contentserver.attendance import SessionRow
from contentserver.attendance.models import EventRow, QuarantinedEvent
from contentserver.box_accounts import doors_of
from contentserver.boxes import Box
from contentserver.ingest import Link
from contentserver.kernel import clock
from contentserver.settings import Settings
from contentserver.timetable.publishing import revise
from contentserver.timetable.service import layer_of
from schedules.layers import region_layer
from schedules.wire import topics
from schedules.wire.codec import decode
from schedules.wire.messages import Ack, LayerMessage
from schedules.wire.signing import Verifier, jwk_set
from schedules.wire.topics import BoxId
from tests import processes
from tests.demo.stack import free_port, listens, wait_until
from tests.integration.box_end import COUNTY, BoxEnd, furnish, linked, seconds_shown
from tests.integration.conftest import PASSWORD, RunningBroker
from tests.serving import SECRET, services_in
from tests.tvclient.awaiting import eventually

pytestmark = pytest.mark.timeout(240)
NAME, BRIDGED = "bridge-pingluo", "the bridge's password"
EVENTS, OF_A_BATCH = 3000, 20
HOUR_S, EVERY_S = 3600, 5


class Line:
    """The county's line to the city: one port that passes bytes on, and can be cut."""

    def __init__(self, to: int) -> None:
        self._to, self.cut = to, threading.Event()
        self._ends: list[socket.socket] = []
        self._guard = threading.Lock()
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._door.getsockname()[1]
        threading.Thread(target=self._let_in, daemon=True).start()

    def break_off(self) -> None:
        """From now on nothing passes, and nobody is told so kindly."""
        self.cut.set()
        with self._guard:
            for end in self._ends:
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
                end.close()
            self._ends.clear()

    def mend(self) -> None:
        self.cut.clear()

    def close(self) -> None:
        self._door.close()
        self.break_off()

    def _let_in(self) -> None:
        while True:
            try:
                here, _address = self._door.accept()
            except OSError:
                return
            if self.cut.is_set():
                here.close()
                continue
            there = socket.create_connection(("127.0.0.1", self._to))
            with self._guard:
                self._ends += [here, there]
            for one, other in ((here, there), (there, here)):
                threading.Thread(target=self._pass, args=(one, other), daemon=True).start()

    def _pass(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while piece := one.recv(1 << 16):
                other.sendall(piece)
        for end in (one, other):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


class CountyBroker:
    """The county's broker, as `write-county-broker` writes it."""

    def __init__(self, folder: Path, to: int) -> None:
        self.folder, self.port, self._to = folder, free_port(), to
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        config = deploy.write_broker(
            self.folder,
            plain=deploy.Listener("127.0.0.1", self.port),
            username="contentserver",
            password=PASSWORD,
            bridge=deploy.Bridge(NAME, BRIDGED, deploy.Listener("127.0.0.1", self._to)),
        )
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(["mosquitto", "-c", str(config)], stderr=log)
        wait_until(lambda: listens(self.port), "the county's broker", 60)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def wipe(self) -> None:
        """All that it knew is lost, but for its configuration."""
        for file in self.folder.glob("*"):
            file.unlink()


@pytest.fixture
def line(broker: RunningBroker) -> Iterator[Line]:
    """To the city's broker, at which the bridge has its account."""
    own = broker.server("admin")
    own.start((), lambda _topic, _payload: None, lambda: None)
    assert own.connected.wait(30)
    own.keep_bridge(NAME, BRIDGED, deploy.UP, deploy.DOWN)
    own.keep_bridge(NAME, BRIDGED, deploy.UP, deploy.DOWN)
    own.stop()
    found = Line(broker.port)
    yield found
    found.close()


@pytest.fixture
def county(tmp_path: Path, line: Line) -> Iterator[CountyBroker]:
    found = CountyBroker(tmp_path / "county", line.port)
    found.start()
    yield found
    found.kill()


@pytest.fixture
def services(tmp_path: Path, broker: RunningBroker, county: CountyBroker) -> Services:
    """A server at the city's broker, with one box whose broker is the county's."""
    found = services_in(
        tmp_path,
        broker_password=PASSWORD,
        broker_port=broker.port,
        box_brokers=f"mqtt://contentserver:{PASSWORD.replace(' ', '%20')}@127.0.0.1:{county.port}",
    )
    furnish(found)
    return found


def _link(services: Services, broker: RunningBroker) -> AbstractContextManager[Link]:
    return linked(services, broker, doors_of(services.settings))


@contextmanager
def _box(services: Services, county: CountyBroker) -> Iterator[BoxEnd]:
    eventually(lambda: _account_is_kept(services), "the box has its account at the county's broker", 60)
    found = BoxEnd(services, county.port)
    try:
        yield found
    finally:
        found.close()


def _account_is_kept(services: Services) -> bool:
    with services.database.reader() as session:
        return session.get_one(Box, 1).account_kept not in ("", "lacking")


def _batch(first: int) -> bytes:
    return seconds_shown(*range(first, first + OF_A_BATCH))


def _events(services: Services) -> int:
    with services.database.reader() as session:
        return session.scalar(select(func.count()).select_from(EventRow)) or 0


def _all_is_there_once(services: Services, number: int) -> None:
    with services.database.reader() as session:
        assert session.scalar(select(func.count()).select_from(EventRow)) == number
        assert session.scalar(select(func.count()).select_from(QuarantinedEvent)) == 0
        assert session.scalars(select(SessionRow.shown_ms)).one() == number * 1000


def test_layers_come_down_and_events_go_up(services: Services, broker: RunningBroker, county: CountyBroker) -> None:
    with _link(services, broker), _box(services, county) as box:
        box.wait_for(topics.desired(BoxId(1)))
        box.wait_for(topics.layer(region_layer(COUNTY)))
        box.say(topics.events(BoxId(1)), _batch(1))
        box.wait_for(topics.acks(BoxId(1)), lambda data: decode(data, Ack).through >= OF_A_BATCH)
    _all_is_there_once(services, OF_A_BATCH)


def test_a_cut_line_loses_nothing_and_doubles_nothing(
    services: Services, broker: RunningBroker, county: CountyBroker, line: Line
) -> None:
    with _link(services, broker), _box(services, county) as box:
        box.wait_for(topics.layer(region_layer(COUNTY)))
        line.break_off()
        with services.database.unit_of_work() as session:
            revise(session, layer_of(session, COUNTY), services.signer, None, clock.now())
        batches = [_batch(first) for first in range(1, EVENTS + 1, OF_A_BATCH)]
        for batch in batches:
            box.say(topics.events(BoxId(1)), batch)
        assert _events(services) == 0
        line.mend()
        eventually(lambda: _events(services) == EVENTS, "what waited at the county has come", 90)
        box.wait_for(topics.layer(region_layer(COUNTY)), within_s=90)
        box.wait_for(topics.acks(BoxId(1)), lambda data: decode(data, Ack).through == EVENTS)
        box.say(topics.events(BoxId(1)), batches[-1])
        box.wait_for(topics.acks(BoxId(1)), lambda data: decode(data, Ack).through == EVENTS)
    _all_is_there_once(services, EVENTS)


@pytest.mark.long
@pytest.mark.timeout(2 * HOUR_S)
def test_an_hour_without_the_line(services: Services, broker: RunningBroker, county: CountyBroker, line: Line) -> None:
    """The box speaks on, the county publishes twice; after an hour the bridge tries again by itself, soon."""
    with _link(services, broker), _box(services, county) as box:
        box.wait_for(topics.layer(region_layer(COUNTY)))
        line.break_off()
        begun, number = time.monotonic(), 0
        while time.monotonic() - begun < HOUR_S:
            number += 1
            box.say(topics.events(BoxId(1)), seconds_shown(number))
            if number in (100, 200):
                with services.database.unit_of_work() as session:
                    revise(session, layer_of(session, COUNTY), services.signer, None, clock.now())
            time.sleep(EVERY_S)
        assert _events(services) == 0
        line.mend()
        mended = time.monotonic()
        eventually(lambda: _events(services) == number, "what waited at the county has come", 120)
        all_in_s = time.monotonic() - mended
        verifier = Verifier(jwk_set([services.signer.public_jwk]))
        newest = box.wait_for(
            topics.layer(region_layer(COUNTY)), lambda data: verifier.read(data, LayerMessage).revision == 3, 90
        )
        assert newest
        box.wait_for(topics.acks(BoxId(1)), lambda data: decode(data, Ack).through == number)
    _all_is_there_once(services, number)
    sys.stdout.write(f"{number} facts waited {HOUR_S} s; all were in {all_in_s:.1f} s after the line was back\n")


def test_a_countys_broker_that_was_wiped_is_whole_again(
    services: Services, broker: RunningBroker, county: CountyBroker
) -> None:
    with _link(services, broker), _box(services, county) as box:
        box.wait_for(topics.layer(region_layer(COUNTY)))
        county.kill()
        county.wipe()
        county.start()
        box.wait_for(topics.layer(region_layer(COUNTY)), within_s=90)
        box.say(topics.events(BoxId(1)), _batch(1))
        box.wait_for(topics.acks(BoxId(1)), lambda data: decode(data, Ack).through >= OF_A_BATCH)


def test_a_county_that_is_away_holds_up_nobody_and_gets_its_accounts_later(
    services: Services, broker: RunningBroker, county: CountyBroker
) -> None:
    county.kill()
    with _link(services, broker):
        eventually(lambda: _published(services), "the city's broker has the box's wishes", 60)
        assert not _account_is_kept(services)
        county.start()
        with _box(services, county) as box:
            box.wait_for(topics.desired(BoxId(1)), within_s=90)


def test_a_box_that_is_let_go_is_forgotten_at_the_countys_broker(
    services: Services, broker: RunningBroker, county: CountyBroker
) -> None:
    with _link(services, broker), _box(services, county) as box:
        box.wait_for(topics.desired(BoxId(1)))
        with services.database.unit_of_work() as session:
            found = session.get_one(Box, 1)
            found.revoked_at = clock.now() - timedelta(minutes=1)
            boxes.refresh_desired(session, found, services.signer)
        door = Broker("127.0.0.1", county.port, "contentserver", PASSWORD, "looking", lasting=False)
        door.start((), lambda _topic, _payload: None, lambda: None)
        try:
            assert door.connected.wait(30)
            eventually(lambda: not any(name.startswith("box") for name in door.account_names()), "it is gone", 60)
        finally:
            door.stop()
        with suppress(queue.Empty):
            box.inbox.get_nowait()


def _published(services: Services) -> bool:
    with services.database.reader() as session:
        box = session.get_one(Box, 1)
        return box.desired_published == box.desired_version


def test_a_command_makes_a_countys_broker_that_comes_by_tls(tmp_path: Path, broker: RunningBroker) -> None:
    settings = Settings(
        secret_key=SECRET,
        database_url=f"sqlite:///{tmp_path}/server.db",
        data_dir=tmp_path / "data",
        broker_password=PASSWORD,
        broker_port=broker.port,
        signing_key_file=broker.keys / "key.jwk",
    )
    parser, port, folder = argparse.ArgumentParser(), free_port(), tmp_path / "county"
    admin.add_arguments(parser)
    argv = ["write-county-broker", str(folder), "--name", "pingluo", "--hosts", "127.0.0.1"]
    secure = free_port()
    argv += ["--to", f"127.0.0.1:{broker.secure_port}", "--mqtts", f"127.0.0.1:{secure}"]
    given = parser.parse_args([*argv, "--mqtt", f"127.0.0.1:{port}"])
    assert admin.run(settings, given) == 0
    assert (folder / "mosquitto.conf").stat().st_mode & 0o077 == 0
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(["mosquitto", "-c", str(folder / "mosquitto.conf")], stderr=log)
    with processes.ending(process, 5):
        wait_until(lambda: listens(port), "the county's broker", 60)
        here = Broker("127.0.0.1", port, "contentserver", PASSWORD, "here", lasting=False)
        came: queue.Queue[str] = queue.Queue()
        here.start((topics.layer(region_layer(COUNTY)),), lambda topic, _payload: came.put(topic), lambda: None)
        named = f"mqtts://contentserver:{PASSWORD.replace(' ', '%20')}@127.0.0.1:{secure}"
        (door,) = doors_of(msgspec.structs.replace(settings, box_brokers=named))
        door.start((), lambda _topic, _payload: None, lambda: None)
        above = broker.server("above")
        above.start((), lambda _topic, _payload: None, lambda: None)
        try:
            assert here.connected.wait(30)
            assert above.connected.wait(30)
            assert door.connected.wait(30)
            assert "contentserver" in door.account_names()
            above.publish(topics.layer(region_layer(COUNTY)), b"layer", retain=True)
            assert came.get(timeout=60) == topics.layer(region_layer(COUNTY))
        finally:
            for one in (here, above, door):
                one.stop()
    broker.kill()
    assert admin.run(settings, given) == 1
