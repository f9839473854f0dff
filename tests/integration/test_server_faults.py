"""What the server stands on fails while boxes tell and somebody publishes: nothing is lost, nothing counts twice."""

import os
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from contentserver.attendance.models import EventRow, QuarantinedEvent
from contentserver.deploy import authority
from contentserver.kernel import clock
from contentserver.timetable.models import LayerRecord
from contentserver.timetable.publishing import delivery, revise
from contentserver.timetable.service import layer_of
from schedules.airings import AiringId
from schedules.layers import region_layer
from schedules.wire.messages import AiringEnded
from tests.demo.stack import ROOT, free_port, listens, wait_until
from tests.integration.conftest import RunningBroker
from tests.integration.office import SecureOffice
from tests.postgres import cluster, restart
from tests.small_disk import fill, small_disk
from tests.tvclient.awaiting import eventually
from tvclient.fleet import DarkBox

COUNTY, FACTS = "640221", 20


def _box(office: SecureOffice, folder: Path) -> DarkBox:
    found = DarkBox(office.url, folder, "")
    found.start()
    office.welcome(found)
    eventually(lambda: found.shell.state.station, "its station")
    return found


def _write(box: DarkBox, first: int) -> None:
    for number in range(first, first + FACTS):
        box.shell.record(AiringEnded(airing=AiringId(f"a{number}"), complete=True))


def _rows(office: SecureOffice) -> int:
    with office.services.database.reader() as session:
        return session.scalar(select(func.count()).where(EventRow.kind == "airing_ended")) or 0


def _publish(office: SecureOffice) -> None:
    with office.services.database.unit_of_work() as session:
        revise(session, layer_of(session, COUNTY), office.services.signer, None, clock.now())


def _applied(office: SecureOffice, boxes: int = 1) -> bool:
    with office.services.database.reader() as session:
        found = delivery(session, session.get_one(LayerRecord, region_layer(COUNTY)))
        return found.applied == boxes


@pytest.fixture
def postgresql() -> Iterator[str]:
    with cluster() as url:
        yield url


def test_postgresql_is_restarted_while_boxes_tell_and_somebody_publishes(
    broker: RunningBroker, postgresql: str, tmp_path: Path
) -> None:
    office = SecureOffice(tmp_path / "office", broker, postgresql)
    box = _box(office, tmp_path / "tv")
    try:
        for turn in range(3):
            _write(box, turn * FACTS)
            restart(postgresql)
            with suppress(DBAPIError):  # whoever publishes in this moment is told so, and presses the button again
                _publish(office)
            _publish(office)
        eventually(lambda: _rows(office) == 3 * FACTS and box.shell.untold() == 0, "every fact, once")
        eventually(lambda: _applied(office), "the newest revision is played by")
        with office.services.database.reader() as session:
            assert session.scalars(select(QuarantinedEvent)).all() == []
    finally:
        box.close()
        office.close()


def test_the_brokers_disk_is_full_for_a_while(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 8 << 20) as disk:
        broker = RunningBroker(disk / "broker", free_port(), free_port())
        broker.start()
        office = SecureOffice(tmp_path / "office", broker)
        boxes = [_box(office, tmp_path / "tv")]
        try:
            filler = fill(disk)
            _publish(office)
            _write(boxes[0], 0)
            boxes.append(_box(office, tmp_path / "another"))  # its account is made meanwhile
            eventually(lambda: _rows(office) == FACTS and boxes[0].shell.untold() == 0, "facts are taken in meanwhile")
            filler.unlink()
            broker.kill()  # what could not be written is lost with it
            broker.start()
            for number, box in enumerate(boxes, 1):
                _write(box, number * FACTS)
            eventually(lambda: _rows(office) == 3 * FACTS and not any(box.shell.untold() for box in boxes), "both tell")
            _publish(office)
            eventually(lambda: _applied(office, len(boxes)), "the newest revision is played by")
        finally:
            for box in boxes:
                box.close()
            office.close()
            broker.kill()


def test_the_databases_disk_is_full_for_a_while(broker: RunningBroker, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 64 << 20) as disk:
        office = SecureOffice(disk / "office", broker)
        box = _box(office, tmp_path / "tv")
        try:
            _write(box, 0)
            eventually(lambda: box.shell.untold() == 0, "what was told before")
            filler = fill(disk)
            with pytest.raises(DBAPIError, match="full"):
                _fill_up(office)
            _write(box, FACTS)
            eventually(lambda: box.shell.untold() >= FACTS, "the box keeps what nobody could take in")
            assert _rows(office) == FACTS
            filler.unlink()
            eventually(lambda: _rows(office) == 2 * FACTS and box.shell.untold() == 0, "every fact, once")
            _publish(office)
            eventually(lambda: _applied(office), "the newest revision is played by")
        finally:
            box.close()
            office.close()


def _fill_up(office: SecureOffice) -> None:
    """Write until the log of the database finds no room either."""
    while True:
        _publish(office)


def _handshake(port: int, trusted: Path) -> str:
    """What a television meets that trusts the authority: empty where it is let through."""
    context = ssl.create_default_context(cafile=str(trusted))
    try:
        with closing(socket.create_connection(("127.0.0.1", port), 10)) as line:
            context.wrap_socket(line, server_hostname="127.0.0.1").close()
    except ssl.SSLCertVerificationError as error:
        return error.verify_message
    return ""


def test_a_certificate_has_ended_and_is_renewed(broker: RunningBroker, tmp_path: Path) -> None:
    """The drill of docs/drills.md, by the command itself; Mosquitto takes the new one up without an end."""
    assert _handshake(broker.secure_port, broker.authority_file) == ""
    certificate = broker.keys / "server.pem"
    certificate.unlink()
    long_ago = clock.now() - authority.LIFE - timedelta(days=1)
    authority.issue(broker.authority_file, certificate, ("127.0.0.1",), long_ago)
    broker.kill()
    config = str(broker.folder / "mosquitto.conf")
    broker.process = subprocess.Popen(["mosquitto", "-c", config], stderr=subprocess.DEVNULL)
    wait_until(lambda: listens(broker.secure_port), "broker", 60)
    assert "expired" in _handshake(broker.secure_port, broker.authority_file)

    environment = {
        **os.environ,
        "YUANJIAO_SECRET_KEY": "s" * 40,
        "YUANJIAO_DATABASE_URL": f"sqlite:///{tmp_path}/server.db",
        "YUANJIAO_DATA_DIR": str(tmp_path),
        "YUANJIAO_BROKER_PASSWORD": "b",
        "YUANJIAO_SIGNING_KEY_FILE": str(broker.keys / "key.jwk"),
    }
    renew = [sys.executable, "-m", "contentserver", "admin", "renew-certificates"]
    done = subprocess.run(
        [*renew, "--reload", f"kill -HUP {broker.process.pid}"],
        cwd=ROOT, env=environment, check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert "Reloaded" in done.stdout
    eventually(lambda: _handshake(broker.secure_port, broker.authority_file) == "", "televisions are let through", 30)
    assert broker.process.poll() is None
    again = subprocess.run(renew, cwd=ROOT, env=environment, check=True, capture_output=True, text=True)
    assert "nothing was changed" in again.stdout
