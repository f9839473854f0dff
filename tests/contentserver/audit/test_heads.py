"""The chain's end is published once on a day, signed and by mail; the command line and the pages tell of it."""

import argparse
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from contentserver import admin
from contentserver.app import Services, create_app
from contentserver.audit import audit
from contentserver.audit.heads import ChainHead, Post, publish, published
from contentserver.kernel.auth import Role
from schedules.wire.signing import Verifier, jwk_set
from tests.serving import PASSWORD, hire, import_regions, services_in

NOW = datetime(2026, 11, 28, 2, 0, tzinfo=UTC)
COUNTY, TOWNSHIP = "640221", "640221203"


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    made = services_in(tmp_path)
    with made.database.unit_of_work() as session:
        import_regions(session)
        people = {"quan": ("权主任", Role.SYSTEM_ADMIN, COUNTY), "shen": ("沈审计", Role.AUDITOR, TOWNSHIP)}
        hired = hire(session, people | {"li": ("=李敏", Role.REVIEWER, TOWNSHIP)}, NOW)
        for number, who in enumerate((hired["quan"], hired["li"], None)):
            after = {"number": number}
            audit(session, who=who, action="lesson.returned", subject=f"lesson {number}", now=NOW, after=after)
    yield made
    made.database.engine.dispose()


@pytest.fixture
def auditor(services: Services) -> FlaskClient:
    app = create_app(services.settings, services)
    app.config["WTF_CSRF_ENABLED"] = False
    client = app.test_client()
    client.post("/sign-in", data={"username": "shen", "password": PASSWORD})
    return client


def command(services: Services, *words: str) -> int:
    parser = argparse.ArgumentParser()
    admin.add_arguments(parser)
    return admin.run(services.settings, parser.parse_args(["audit", *words]))


def break_chain(services: Services) -> None:
    with services.database.unit_of_work() as session:
        session.execute(text("DROP TRIGGER audit_entries_stay"))
        session.execute(text("UPDATE audit_entries SET after = '{}' WHERE number = 2"))


def test_a_head_is_published_once_on_a_day_and_mailed_until_it_was_taken(services: Services) -> None:
    folder, letters, away = services.settings.data_dir, [], [True, False, False]

    def send(to: str, subject: str, words: str) -> None:
        if away.pop(0):
            raise ConnectionRefusedError
        letters.append((to, subject, words))

    post = Post("auditor@example.cn", send)
    assert publish(services.database, services.signer, folder, NOW, post)
    assert not publish(services.database, services.signer, folder, NOW + timedelta(minutes=10), post)
    assert not publish(services.database, services.signer, folder, NOW + timedelta(minutes=20), post)
    (head,) = published(folder)
    assert (head.number, len(head.hash), head.at) == (3, 64, NOW)
    ((to, _subject, words),) = letters
    assert to == "auditor@example.cn"
    assert head.hash in words
    token = (folder / "audit-heads" / "2026-11-28.jws").read_bytes()
    assert Verifier(jwk_set([services.signer.public_jwk])).read(token, ChainHead) == head
    assert publish(services.database, services.signer, folder, NOW + timedelta(days=1))
    assert len(published(folder)) == 2


def test_the_command_line_says_whether_it_holds(services: Services, capsys: pytest.CaptureFixture[str]) -> None:
    assert command(services, "verify") == 0
    assert command(services, "head") == 0
    noted = capsys.readouterr().out.split()[-1]
    assert command(services, "verify", "--head", noted) == 0
    assert command(services, "verify", "--head", "0" * 63 + "1") == 1
    break_chain(services)
    assert command(services, "verify") == 1
    assert "entry 2: altered" in capsys.readouterr().err


def test_everybody_sees_the_published_heads(services: Services) -> None:
    client = create_app(services.settings, services).test_client()
    assert client.get("/audit/heads").status_code == 200
    publish(services.database, services.signer, services.settings.data_dir, NOW)
    page = client.get("/audit/heads").get_data(as_text=True)
    assert published(services.settings.data_dir)[0].hash in page
    assert "2026-11-28" in page
    assert client.get("/audit").status_code == 302


def test_an_auditor_sees_their_region_alone(auditor: FlaskClient) -> None:
    page = auditor.get("/audit").get_data(as_text=True)
    assert "lesson 1" in page or "1</td>" in page
    assert "权主任" not in page
    for wanted, rows in (
        ("person=敏", 1),
        ("person=权", 0),
        ("words=lesson+1", 1),
        ("action=undo", 0),
        ("last=2020-01-01", 0),
    ):
        found = auditor.get(f"/audit?{wanted}").get_data(as_text=True)
        assert found.count("<del>") + found.count("<ins>") == rows, wanted


def test_files_have_the_hashes_and_taking_one_is_written_down(auditor: FlaskClient) -> None:
    lines = [msgspec.json.decode(line) for line in auditor.get("/audit/entries.jsonl").data.splitlines()]
    assert [(one["number"], one["subject"]) for one in lines] == [(2, "lesson 1")]
    assert len(lines[0]["hash"]) == 64
    sheet = auditor.get("/audit/entries.csv").data.decode("utf-8-sig")
    assert "'=李敏" in sheet  # no cell begins a formula
    assert lines[0]["hash"] in sheet
    assert auditor.get("/audit/entries.xlsx").data[:2] == b"PK"
    assert auditor.get("/audit/entries.exe").status_code == 404
    page = auditor.get("/audit?action=audit.taken_along").get_data(as_text=True)
    assert page.count('class="num">') == 1 + 3


def test_the_page_tells_the_state_of_the_chain(services: Services, auditor: FlaskClient) -> None:
    assert "state idle" in auditor.get("/audit").get_data(as_text=True)
    assert auditor.get("/audit/check").status_code == 302
    assert "state good" in auditor.get("/audit").get_data(as_text=True)
    break_chain(services)
    auditor.get("/audit/check")
    assert "state bad" in auditor.get("/audit").get_data(as_text=True)
