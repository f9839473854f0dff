"""The doctor says what stands well, what to look at, what is wrong, and what to do; in both languages, and as JSON."""

import argparse
import json
import os
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from structlog.testing import capture_logs

from contentserver import deploy
from contentserver.admin import migrate
from contentserver.deploy import authority
from contentserver.kernel import clock, pulse
from contentserver.operation import backup, doctor, installation, machine
from contentserver.operation.asking import Asking
from contentserver.operation.findings import Finding, State, speaking
from contentserver.settings import Settings
from tests.contentserver.operation.conftest import House
from tests.demo.stack import free_port


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """An installation that is set up, and in which nothing runs."""
    (tmp_path / "data" / "packages").mkdir(parents=True)
    (tmp_path / "data" / "uploads").mkdir()
    made = Settings(
        secret_key="s" * 40,
        database_url=f"sqlite:///{tmp_path}/server.db",
        data_dir=tmp_path / "data",
        broker_password="b" * 20,
        broker_port=free_port(),
        box_broker_port=free_port(),
        public_url=f"https://127.0.0.1:{free_port()}",
        signing_key_file=tmp_path / "keys" / "key.jwk",
    )
    made.keys_dir.mkdir()
    authority.write_secret(made.signing_key_file, b"{}")
    authority.write_secret(made.journal_key_file, b"x")
    authority.make_authority(made.authority_file, clock.now())
    authority.issue(made.authority_file, made.certificate_file, ("127.0.0.1",), clock.now())
    migrate(made.database_url)
    return made


def states(found: "Iterator[Finding] | list[Finding]") -> dict[str, State]:
    return {one.code: one.state for one in found}


def test_a_server_in_order(settings: Settings, tmp_path: Path) -> None:
    for name in (pulse.LINK, pulse.WORKER):
        pulse.beat(settings.data_dir, name)
    backup.make(settings, tmp_path / "backups", backup.Asked(passphrase="long enough words"), clock.now())
    broker = deploy.write_broker(
        tmp_path / "broker", plain=deploy.Listener("127.0.0.1", 1883), username="x", password="y"
    ).parent
    asking = Asking(settings, broker=broker, backups=tmp_path / "backups")
    for check in (
        installation.settings,
        installation.keys,
        installation.certificates,
        installation.database,
        installation.programs,
        installation.backups,
        machine.versions,
    ):
        assert {one.code: one.state for one in check(asking) if one.state is not State.OK} == {}, check
    limits = states(list(installation._limits(broker / "mosquitto.conf")))
    assert limits == {"broker.limits": State.OK}


def test_nothing_runs(settings: Settings) -> None:
    found = states(machine.ports(Asking(settings)))
    assert found == {"port.broker": State.WRONG, "port.boxes": State.WRONG, "port.pages": State.WRONG}
    found = states(installation.programs(Asking(settings)))
    assert found == {"program.worker": State.WRONG, "program.link": State.WRONG}
    with capture_logs():
        assert states(installation.broker(Asking(settings)))["broker.away"] is State.WRONG


def test_a_port_that_another_program_has(settings: Settings) -> None:
    with closing(socket.create_server(("127.0.0.1", settings.broker_port))):
        found = {one.code: one for one in machine.ports(Asking(settings))}
        assert found["port.broker"].state is State.WRONG
        assert machine.listener(settings.broker_port) in str(Path("/proc/self/comm").read_text())


def test_a_program_that_stands_still(settings: Settings) -> None:
    pulse.beat(settings.data_dir, pulse.WORKER)
    old = time.time() - 600
    os.utime(settings.data_dir / pulse.FOLDER / pulse.WORKER, (old, old))
    assert states(installation.programs(Asking(settings)))["program.worker"] is State.WRONG


Spoil = Callable[[Settings], object]


def _ending(days: int) -> Spoil:
    def spoil(settings: Settings) -> None:
        made = clock.now() - authority.LIFE + timedelta(days=days, hours=1)
        settings.certificate_file.unlink()
        authority.issue(settings.authority_file, settings.certificate_file, ("127.0.0.1",), made)

    return spoil


def _of_another(settings: Settings) -> None:
    other = settings.keys_dir / "other.pem"
    authority.make_authority(other, clock.now())
    settings.certificate_file.unlink()
    authority.issue(other, settings.certificate_file, ("127.0.0.1",), clock.now())


def _for_others(settings: Settings) -> None:
    authority.issue(settings.authority_file, settings.certificate_file, ("county.example",), clock.now())


@pytest.mark.parametrize(
    ("spoil", "code", "state"),
    [
        (_ending(20), "certificate.ends", State.LOOK),
        (_ending(3), "certificate.ends", State.WRONG),
        (_ending(-2), "certificate.ended", State.WRONG),
        (_of_another, "certificate.chain", State.WRONG),
        (_for_others, "certificate.host", State.WRONG),
        (lambda settings: settings.certificate_file.unlink(), "certificate.missing", State.WRONG),
        (lambda settings: settings.certificate_file.write_text("?"), "certificate.missing", State.WRONG),
    ],
)
def test_certificates(settings: Settings, spoil: Spoil, code: str, state: State) -> None:
    spoil(settings)
    assert states(installation.certificates(Asking(settings)))[code] is state


@pytest.mark.parametrize(
    "spoil",
    [
        lambda settings: settings.signing_key_file.chmod(0o644),
        lambda settings: settings.signing_key_file.unlink(),
        lambda settings: settings.journal_key_file.unlink(),
        lambda settings: settings.authority_file.with_suffix(".key").unlink(),
    ],
)
def test_keys(settings: Settings, spoil: Spoil) -> None:
    spoil(settings)
    assert states(installation.keys(Asking(settings))) == {"keys": State.WRONG}


def test_tables_of_another_release(settings: Settings, tmp_path: Path) -> None:
    other = msgspec.structs.replace(settings, database_url=f"sqlite:///{tmp_path}/old.db")
    migrate(other.database_url, "0020")
    found = list(doctor.findings(Asking(other)))
    assert states(found)["database.revision"] is State.WRONG
    away = msgspec.structs.replace(settings, database_url="postgresql+psycopg://x@127.0.0.1:1/x")
    assert states(installation.database(Asking(away)))["database"] is State.WRONG


def test_a_clock_that_is_behind_what_was_written(
    house: House, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = datetime(2026, 1, 1, tzinfo=UTC)
    monkeypatch.setattr(clock, "now", lambda: before)
    found = states(installation.database(Asking(house.settings)))
    assert found["clock.audit"] is State.WRONG
    monkeypatch.setattr("time.time", before.timestamp)
    assert states(machine.clocks(Asking(settings)))["clock.behind"] is State.WRONG
    monkeypatch.setattr("time.time", lambda: datetime(1970, 1, 2, tzinfo=UTC).timestamp())
    assert states(machine.clocks(Asking(settings)))["clock.year"] is State.WRONG


@contextmanager
def time_server(ahead_s: float) -> Iterator[int]:
    """Answers one question as RFC 5905 says, with a clock that is so far ahead."""
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(10)

        def answer() -> None:
            _question, whom = server.recvfrom(512)
            now = time.time() + ahead_s + machine._NTP_EPOCH
            stamp = struct.pack("!II", int(now), int(now % 1 * 2**32))
            server.sendto(b"\x24" + 31 * b"\0" + stamp + stamp, whom)

        thread = threading.Thread(target=answer)
        thread.start()
        yield server.getsockname()[1]
        thread.join()


@pytest.mark.parametrize(("ahead", "state"), [(0.0, State.OK), (5.0, State.LOOK), (-120.0, State.WRONG)])
def test_a_time_server_is_asked(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, ahead: float, state: State
) -> None:
    asked = machine.ntp_offset
    with time_server(ahead) as port:
        monkeypatch.setattr(machine, "ntp_offset", lambda host: asked(host, port))
        found = states(machine.clocks(Asking(settings, ntp="127.0.0.1")))
    assert found["clock.ntp"] is state


def test_disks_that_fill_up_and_folders_that_are_gone(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    (settings.data_dir / "uploads").rmdir()
    assert states(machine.places(Asking(settings)))["place.missing"] is State.WRONG
    monkeypatch.setattr(machine, "FREE_WRONG", 1 << 60)
    assert states(machine.places(Asking(settings)))["disk.full"] is State.WRONG
    monkeypatch.setattr(machine, "FREE_WRONG", 0)
    monkeypatch.setattr(machine, "FREE_LOOK", 1 << 60)
    assert states(machine.places(Asking(settings)))["disk.filling"] is State.LOOK


@pytest.mark.parametrize(
    ("age", "state"),
    [(timedelta(hours=1), State.OK), (timedelta(days=2), State.LOOK), (timedelta(days=9), State.WRONG)],
)
def test_backups_that_grow_old(settings: Settings, tmp_path: Path, age: timedelta, state: State) -> None:
    asking = Asking(settings, backups=tmp_path / "backups")
    assert states(installation.backups(asking)) == {"backup": State.WRONG}
    backup.make(settings, tmp_path / "backups", backup.Asked(), clock.now() - age)
    found = states(installation.backups(asking))
    assert found == {"backup": state, "backup.keys": State.LOOK}


def test_limits_that_lose_messages(tmp_path: Path) -> None:
    file = tmp_path / "mosquitto.conf"
    file.write_text("max_queued_messages 100\nmax_inflight_messages 0\npersistence false\n")
    (found,) = installation._limits(file)
    assert found.state is State.WRONG
    with speaking("en"):
        said = str(found.sentence)
    assert "max_queued_messages 100" in said
    assert "max_packet_size —" in said
    assert "persistence false" in said
    assert "max_inflight_messages" not in said


def _asked(**changes: object) -> argparse.Namespace:
    given = {"language": "en", "json": False, "broker": None, "backups": None, "ntp": ""}
    return argparse.Namespace(**{**given, **changes})


def test_what_it_prints(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    with capture_logs():
        assert doctor.run(settings, _asked()) == 1
    lines = capsys.readouterr().out.splitlines()
    assert any(line.startswith("[wrong] Nobody answers on 127.0.0.1:") for line in lines)
    assert any(line.startswith("      → Start mosquitto") for line in lines)
    with capture_logs():
        doctor.run(settings, _asked(json=True))
    told = json.loads(capsys.readouterr().out)
    assert {"code", "state", "sentence", "advice"} == set(told[0])
    assert {one["state"] for one in told} == {"ok", "look", "wrong"}
    assert all(one["advice"] for one in told if one["state"] != "ok")


def test_one_look_that_fails_keeps_no_other_back(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_asking: Asking) -> list[Finding]:
        raise RuntimeError("as it happens")

    monkeypatch.setattr(doctor, "CHECKS", (broken, installation.settings))
    with capture_logs() as said:
        assert states(doctor.findings(Asking(settings))) == {"broken.failed": State.WRONG, "settings": State.OK}
    assert said[0]["event"] == "doctor.failed"
