"""Real boxes, a real server and broker by TLS: let in, deceived, counted up, ended, lost and found again."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from flask import Flask, Response, request
from sqlalchemy import func, select
from werkzeug.serving import make_server

from contentserver import boxes
from contentserver.attendance.models import EventRow
from contentserver.boxes import Box
from contentserver.boxes.models import BoxStation, Enrolment
from contentserver.deploy import authority
from contentserver.kernel import clock
from contentserver.kernel.errors import Conflict
from schedules.airings import AiringId
from schedules.wire.messages import AiringEnded
from tests.integration.conftest import RunningBroker
from tests.integration.office import SecureOffice
from tests.serving import SECRET
from tests.tvclient.awaiting import eventually
from tvclient.adapters import api, standing
from tvclient.adapters.api import Api
from tvclient.adapters.errors import Revoked, ServerUnreachable, Unknown
from tvclient.adapters.identity import Vault
from tvclient.adapters.trust import trusting
from tvclient.core.state import EnrolmentPhase
from tvclient.fleet import DarkBox

REASON = "机顶盒换过了。"


@pytest.fixture
def office(tmp_path: Path, broker: RunningBroker) -> Iterator[SecureOffice]:
    found = SecureOffice(tmp_path / "office", broker)
    yield found
    found.close()


@contextmanager
def _box(server: str, data: Path, serial: str = "", authority_pem: str = "") -> Iterator[DarkBox]:
    box = DarkBox(server, data, serial, authority=authority_pem)
    box.start()
    try:
        yield box
    finally:
        box.close()


def _phase(box: DarkBox) -> EnrolmentPhase:
    return box.shell.state.enrolment.phase


def test_from_first_contact_to_the_broker_by_one_authority(office: SecureOffice, tmp_path: Path) -> None:
    with _box(office.url, tmp_path / "tv") as box:
        office.welcome(box)
    kept = Vault(tmp_path / "tv" / "secret").credentials()
    assert kept is not None
    assert kept.broker.tls
    assert kept.authority == office.broker.authority_file.read_text()
    assert len(kept.journal_key) == 43
    assert kept.journal_key == office.services.introduction.journal_key


def test_a_server_under_another_name_gets_no_word(office: SecureOffice, tmp_path: Path) -> None:
    url = office.url.replace("127.0.0.1", "localhost")
    pem = api.fetch_authority(url)
    with Api(url, authority=pem) as asked, pytest.raises(ServerUnreachable, match="CERTIFICATE_VERIFY_FAILED"):
        asked.desired()


class Between:
    """Somebody in between: shows boxes an authority of his own, and passes on everything else both ways."""

    def __init__(self, office: SecureOffice, folder: Path) -> None:
        authority.make_authority(folder / "authority.pem", clock.now())
        own = authority.issue(folder / "authority.pem", folder / "server.pem", ("127.0.0.1",), clock.now())
        self._pem, self._office = (folder / "authority.pem").read_text(), office
        self.passed: list[str] = []
        app = Flask("between")
        app.add_url_rule("/<path:path>", view_func=self._pass_on, methods=["GET", "POST"])
        pair = (str(own.file), str(own.file))
        self._http = make_server("127.0.0.1", 0, app, threaded=True, ssl_context=pair)
        self.url = f"https://127.0.0.1:{self._http.server_port}"
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.05})
        self._thread.start()

    def _pass_on(self, path: str) -> Response:
        if path == "api/v1/authority":
            return Response(self._pem)
        self.passed.append(path)
        kept = {name: value for name, value in request.headers if name.lower() not in {"host", "content-length"}}
        with httpx.Client(verify=trusting(self._office.broker.authority_file.read_text())) as client:
            answer = client.request(
                request.method, f"{self._office.url}/{path}", content=request.get_data(), headers=kept
            )
        return Response(answer.content, answer.status_code, content_type=answer.headers.get("Content-Type"))

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join(10)


@pytest.fixture
def between(office: SecureOffice, tmp_path: Path) -> Iterator[Between]:
    found = Between(office, tmp_path / "between")
    yield found
    found.close()


def test_the_code_of_a_television_that_somebody_deceived_is_refused(
    office: SecureOffice, between: Between, tmp_path: Path
) -> None:
    with _box(between.url, tmp_path / "tv") as box:
        eventually(lambda: _phase(box) is EnrolmentPhase.OFFERED, "the box shows a code")
        shown = box.shell.state.enrolment
        assert any(path.endswith("/nonce") for path in between.passed)
        with office.services.database.reader() as session:
            true_code = session.scalars(select(Enrolment.claim_code)).one()
        assert true_code is not None
        assert shown.claim_code.replace("-", "")[:5] == true_code[:5]
        with pytest.raises(Conflict) as refused:
            office.let_in(shown.claim_code)
        assert refused.value.code == "claim_misfit"
        office.change(boxes.enrolling.claim_failed, code=shown.claim_code, who=office.who, now=clock.now())
        eventually(lambda: box.shell.state.enrolment.claim_code != shown.claim_code, "the code is good no more")
        assert _phase(box) is EnrolmentPhase.OFFERED
    with office.services.database.reader() as session:
        assert session.scalars(select(Box)).all() == []


def test_a_box_that_was_given_the_authority_by_hand_is_not_deceived(
    office: SecureOffice, between: Between, tmp_path: Path
) -> None:
    pem = office.broker.authority_file.read_text()
    with Api(between.url, authority=pem) as asked, pytest.raises(ServerUnreachable, match="CERTIFICATE_VERIFY_FAILED"):
        asked.desired()
    with _box(office.url, tmp_path / "tv", authority_pem=pem) as box:
        office.welcome(box)
    with _box(between.url, tmp_path / "tv") as box:
        eventually(lambda: box.shell.state.station, "what is stored")
        assert _phase(box) is EnrolmentPhase.ENROLLED
    assert between.passed == []


def test_an_announced_box_is_let_in_without_a_code(office: SecureOffice, tmp_path: Path) -> None:
    office.change(boxes.announce, [boxes.Announcement("YJ-7", office.station().id)], office.who, clock.now())
    with _box(office.url, tmp_path / "tv", " yj-7") as box:
        eventually(lambda: box.shell.state.online, "the box is at the broker")
        assert box.shell.state.enrolment.claim_code == ""
    with office.services.database.reader() as session:
        assert session.scalars(select(BoxStation.station_id)).one() == office.station().id


def _rows(office: SecureOffice) -> int:
    with office.services.database.reader() as session:
        return session.scalar(select(func.count()).select_from(EventRow)) or 0


def _write(box: DarkBox, number: int) -> None:
    box.shell.record(AiringEnded(airing=AiringId(f"a{number}"), complete=True))


def test_a_rotation_loses_nothing_and_ends_the_old_credential(office: SecureOffice, tmp_path: Path) -> None:
    vault = Vault(tmp_path / "tv" / "secret")
    with _box(office.url, tmp_path / "tv") as box:
        office.welcome(box)
        old = vault.credentials()
        assert old is not None
        for number in range(40):
            _write(box, number)
            if number in {10, 20}:
                office.change(boxes.rotate, office.who, office.services.signer, SECRET, clock.now(), box=old.box)
        eventually(lambda: (kept := vault.credentials()) and kept.credential_no == 3, "the newest credential")
        eventually(lambda: _account_of(office, old.box) == 3, "the broker has the newest password")
        eventually(lambda: _rows(office) >= 40, "every fact is a row")
        _write(box, 40)
        eventually(lambda: _rows(office) >= 41, "and what comes after")
        eventually(lambda: box.shell.state.online, "the line")
    with Api(office.url, old.http_token, authority=old.authority) as thief, pytest.raises(Unknown):
        thief.desired()


def _account_of(office: SecureOffice, box: int) -> int:
    """The number of the credential that the broker has confirmed."""
    with office.services.database.reader() as session:
        found = session.get_one(Box, box)
        account = boxes.broker_account(found, SECRET)
        due = boxes.accounts_due([found], SECRET, None)
        return found.credential_no if account and not due and found.rotated_at is None else 0


def test_a_box_that_slept_while_its_password_ended_asks_over_http(office: SecureOffice, tmp_path: Path) -> None:
    with _box(office.url, tmp_path / "tv") as box:
        office.welcome(box)
    office.change(boxes.rotate, office.who, office.services.signer, SECRET, clock.now(), box=1)
    office.change(boxes.end_waiting, clock.now() + timedelta(hours=2))
    eventually(lambda: _account_of(office, 1) == 2, "the broker has the new password")
    with _box(office.url, tmp_path / "tv") as box:
        eventually(lambda: box.shell.state.online, "the box is at the broker")
    kept = Vault(tmp_path / "tv" / "secret").credentials()
    assert kept is not None
    assert kept.credential_no == 2


def test_an_ended_box_says_so_within_seconds_and_is_cut_off(
    office: SecureOffice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("contentserver.boxes.rules.ENDED_GRACE", timedelta(seconds=1))
    with _box(office.url, tmp_path / "tv") as box:
        office.welcome(box)
        office.change(boxes.end_enrolment, REASON, office.who, office.services.signer, clock.now(), box=1)
        eventually(lambda: _phase(box) is EnrolmentPhase.ENDED, "the screen says so")
        assert box.shell.state.enrolment.reason == REASON
    eventually(lambda: "box-1" not in _at_broker(office), "the broker has forgotten the box")
    kept = Vault(tmp_path / "tv" / "secret").credentials()
    assert kept is not None
    with Api(office.url, kept.http_token, authority=kept.authority) as asked, pytest.raises(Revoked, match=REASON):
        asked.desired()


def test_a_box_that_was_away_when_it_was_ended_learns_it_at_its_return(
    office: SecureOffice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("contentserver.boxes.rules.ENDED_GRACE", timedelta())
    with _box(office.url, tmp_path / "tv") as box:
        office.welcome(box)
    office.change(boxes.end_enrolment, REASON, office.who, office.services.signer, clock.now(), box=1)
    eventually(lambda: "box-1" not in _at_broker(office), "the broker has forgotten the box")
    with _box(office.url, tmp_path / "tv") as box:
        eventually(lambda: _phase(box) is EnrolmentPhase.ENDED, "the screen says so")
        assert box.shell.state.enrolment.reason == REASON


def _at_broker(office: SecureOffice) -> frozenset[str]:
    asking = office.broker.server("asking")
    asking.start([], lambda _topic, _payload: None, lambda: None)
    try:
        assert asking.connected.wait(10)
        return asking.account_names()
    finally:
        asking.stop()


def test_a_server_restored_from_a_backup_without_the_box_lets_it_in_anew(
    office: SecureOffice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standing, "ASK_AGAIN_S", 0.2)
    live, backup = tmp_path / "office" / "server.db", tmp_path / "backup.db"
    _copy(live, backup)
    with _box(office.url, tmp_path / "tv") as box:
        office.welcome(box)
        eventually(lambda: box.shell.state.station, "its station")
        before = Vault(tmp_path / "tv" / "secret").identity().public_key

        _copy(backup, live)
        office.broker.kill()
        office.broker.start()
        _write(box, 1)
        eventually(lambda: _phase(box) is EnrolmentPhase.AGAIN, "it shows a code")
        assert box.shell.state.station is not None
        office.let_in(box.shell.state.enrolment.claim_code)
        eventually(lambda: _phase(box) is EnrolmentPhase.ENROLLED, "it is let in")
        eventually(lambda: _rows(office) >= 1, "what its journal kept")
    with office.services.database.reader() as session:
        assert session.scalars(select(Box.public_key)).one() == before


def _copy(source: Path, target: Path) -> None:
    """By SQLite's own means, as an administrator makes a backup and restores it."""
    with closing(sqlite3.connect(source)) as one, closing(sqlite3.connect(target, timeout=30)) as other:
        one.backup(other)


def test_the_broker_of_another_authority_hears_no_password(office: SecureOffice, tmp_path: Path) -> None:
    with _box(office.url, tmp_path / "tv") as box:
        office.welcome(box)
    authority.make_authority(tmp_path / "theirs.pem", clock.now())
    authority.issue(tmp_path / "theirs.pem", office.broker.keys / "server.pem", ("127.0.0.1",), clock.now())
    office.broker.kill()
    office.broker.start()
    with _box(office.url, tmp_path / "tv") as box:
        eventually(lambda: box.shell.state.station, "what is stored")
        eventually(lambda: not box.shell.state.clock_unsure, "HTTP goes on")
        assert not box.shell.state.online
