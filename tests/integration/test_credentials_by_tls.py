"""What a stolen, an old and a re-imaged box can still do: nothing, nothing, and begin anew beside its own past."""

import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from contentserver import boxes
from contentserver.attendance.models import Epoch, EventRow
from contentserver.boxes import Box
from contentserver.kernel import clock
from schedules.airings import AiringId
from schedules.wire import topics
from schedules.wire.messages import AiringEnded, Credentials
from tests.integration.conftest import RunningBroker
from tests.integration.office import SecureOffice
from tests.integration.test_broker import Client
from tests.serving import SECRET
from tests.tvclient.awaiting import eventually
from tvclient.adapters.identity import Vault
from tvclient.core.state import EnrolmentPhase
from tvclient.fleet import DarkBox


@pytest.fixture
def office(tmp_path: Path, broker: RunningBroker) -> Iterator[SecureOffice]:
    found = SecureOffice(tmp_path / "office", broker)
    yield found
    found.close()


@contextmanager
def _running(office: SecureOffice, data: Path, serial: str = "") -> Iterator[DarkBox]:
    with closing(DarkBox(office.url, data, serial)) as box:
        box.start()
        yield box


def _enrolled(office: SecureOffice, data: Path) -> Credentials:
    """Credentials of a box that was let in and is switched off again."""
    with _running(office, data) as box:
        office.welcome(box)
    kept = Vault(data / "secret").credentials()
    assert kept is not None
    return kept


@contextmanager
def _thief(office: SecureOffice, held: Credentials) -> Iterator[Client]:
    """Somebody at the broker with what was copied off a box."""
    name = held.broker.username
    client = Client(office.broker.secure_port, name, held.broker.password, name, held.authority)
    yield client
    client.close()


def test_a_box_speaks_and_hears_for_itself_alone(office: SecureOffice, tmp_path: Path) -> None:
    one, other = _enrolled(office, tmp_path / "one"), _enrolled(office, tmp_path / "other")
    with _thief(office, one) as box:
        assert not box.connected.is_failure
        for name in (topics.events, topics.reported, topics.proofs, topics.online, topics.replies, topics.clock):
            assert not box.publish(name(one.box)).is_failure
            assert box.publish(name(other.box)).is_failure
        for name in (topics.desired, topics.acks, topics.commands, topics.time):
            assert not box.subscribe(name(one.box)).is_failure
            assert box.subscribe(name(other.box)).is_failure
            assert box.publish(name(one.box)).is_failure
        for topic in (topics.ALL_EVENTS, topics.ALL_REPORTED, "yj/v1/boxes/+/desired", "yj/v1/boxes/#"):
            assert box.subscribe(topic).is_failure


def test_the_old_password_opens_nothing_once_the_new_one_is_used(office: SecureOffice, tmp_path: Path) -> None:
    old = _enrolled(office, tmp_path / "tv")
    with _running(office, tmp_path / "tv") as box:
        eventually(lambda: box.shell.state.online, "the box is at the broker")
        office.change(boxes.rotate, office.who, office.services.signer, SECRET, clock.now(), box=old.box)
        eventually(lambda: _password(tmp_path / "tv") != old.broker.password, "the box has the new password")
        eventually(lambda: _kept_number(office) == 2, "the broker has it too")
        eventually(lambda: box.shell.state.online, "and the box is there again")
    with _thief(office, old) as thief:
        assert thief.connected.is_failure


def _password(data: Path) -> str:
    kept = Vault(data / "secret").credentials()
    return kept.broker.password if kept else ""


def _kept_number(office: SecureOffice) -> int:
    """The number of the credential that the broker has confirmed; 0 while another one waits."""
    with office.services.database.reader() as session:
        box = session.get_one(Box, 1)
        return box.credential_no if box.rotated_at is None and not boxes.accounts_due([box], SECRET, None) else 0


def test_whoever_sits_on_an_ended_boxs_password_is_thrown_out(
    office: SecureOffice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("contentserver.boxes.rules.ENDED_GRACE", timedelta(seconds=1))
    held = _enrolled(office, tmp_path / "tv")
    with _thief(office, held) as thief:
        assert not thief.connected.is_failure
        office.change(boxes.end_enrolment, "被偷", office.who, office.services.signer, clock.now(), box=held.box)
        assert thief.ended()
    with _thief(office, held) as thief:
        assert thief.connected.is_failure


def _write(box: DarkBox, *names: str) -> None:
    for name in names:
        box.shell.record(AiringEnded(airing=AiringId(name), complete=True))


def _seen(office: SecureOffice) -> dict[str, tuple[int, int]]:
    """Each fact that the server has, by its airing: box and epoch."""
    with office.services.database.reader() as session:
        rows = session.scalars(select(EventRow).where(EventRow.kind == "airing_ended"))
        return {str(row.airing_id): (row.box_id, row.epoch) for row in rows}


def test_a_box_whose_disk_was_made_anew_begins_anew_and_its_past_stays(office: SecureOffice, tmp_path: Path) -> None:
    data = tmp_path / "tv"
    with _running(office, data, "YJ-9") as box:
        office.welcome(box)
        _write(box, "first", "second")
        eventually(lambda: len(_seen(office)) == 2, "what it saw")
    before = _seen(office)

    shutil.rmtree(data)  # a new image: another key, the same case with the same number
    with _running(office, data, "YJ-9") as box:
        eventually(lambda: box.shell.state.enrolment.phase is EnrolmentPhase.OFFERED, "it asks again")
        office.welcome(box)
        _write(box, "third")
        eventually(lambda: "third" in _seen(office), "what it sees now")
    after = _seen(office)
    assert {name: after[name] for name in before} == before
    assert after["third"][0] != before["first"][0]
    with office.services.database.reader() as session:
        assert [box.serial for box in session.scalars(select(Box).order_by(Box.id))] == ["YJ-9", "YJ-9"]


def test_a_box_that_kept_its_key_and_lost_its_journal_begins_a_new_epoch(office: SecureOffice, tmp_path: Path) -> None:
    data = tmp_path / "tv"
    with _running(office, data) as box:
        office.welcome(box)
        _write(box, "first")
        eventually(lambda: "first" in _seen(office), "what it saw")
    before = _seen(office)
    for file in data.glob("journal*"):
        file.unlink()
    with _running(office, data) as box:
        eventually(lambda: box.shell.state.online, "the box is at the broker")
        _write(box, "second")
        eventually(lambda: "second" in _seen(office), "what it sees now")
    after = _seen(office)
    assert after["first"] == before["first"]
    assert after["second"][0] == before["first"][0]
    assert after["second"][1] != before["first"][1]
    with office.services.database.reader() as session:
        assert len(session.scalars(select(Epoch.name).where(Epoch.box_id == 1)).all()) == 2
