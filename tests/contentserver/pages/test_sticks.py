"""USB sticks and the quarantine in a browser: by keyboard alone, in both languages, whole and open to all."""

import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import select

from contentserver.attendance import take_in
from contentserver.attendance.models import QuarantinedEvent
from contentserver.boxes import Box
from contentserver.deploy.authority import journal_public_key, new_journal_key
from schedules.airings import AiringId
from schedules.wire.codec import encode
from schedules.wire.messages import EventBatch, EventRecord, HeadCounted
from schedules.wire.sealing import seal
from schedules.wire.signing import Signer, new_private_jwk
from schedules.wire.topics import BoxId
from tests.contentserver.pages.conftest import Office, Watched
from tests.contentserver.pages.looks import every_look, read_in
from tests.contentserver.pages.test_every_page import serious

pytestmark = pytest.mark.xdist_group("pages")
AT = datetime(2026, 11, 23, 11, 30, tzinfo=UTC)


def row(sequence: int, people: int) -> EventRecord:
    body = msgspec.Raw(encode(HeadCounted(airing=AiringId("counted"), people=people)))
    return EventRecord(sequence=sequence, at=AT, uncertainty_ms=1, body=body)


class Carried:
    """A box in the office's village that signs by a key of its own."""

    def __init__(self, office: Office, folder: Path) -> None:
        self.key, self.folder = Signer(new_private_jwk()), folder
        settings = office.services.settings
        if not settings.journal_key_file.exists():
            settings.journal_key_file.write_text(new_journal_key())
        self.journal_key = journal_public_key(settings.journal_key_file.read_text())
        with office.services.database.unit_of_work() as session:
            box = Box(
                station_id=UUID(office.station),
                public_key=self.key.public_jwk["x"],
                http_token_hash=f"carried-{self.key.key_id}",
                enrolled_at=AT,
            )
            session.add(box)
            session.flush()
            self.box = box.id

    def file(self, name: str, *rows: EventRecord, key: Signer | None = None) -> str:
        batch = EventBatch(box=BoxId(self.box), epoch="carried", events=rows)
        (self.folder / name).write_bytes(seal((key or self.key).sign(batch), self.journal_key))
        return str(self.folder / name)


@pytest.fixture
def carried(office: Office, tmp_path: Path) -> Iterator[Carried]:
    found = Carried(office, tmp_path)
    yield found
    with office.services.database.unit_of_work() as session:
        for event in session.scalars(select(QuarantinedEvent)):
            event.seen_at = event.seen_at or AT
        session.get_one(Box, found.box).revoked_at = AT


def test_a_stick_is_made_by_keyboard_alone(watched: Watched) -> None:
    page = watched.page
    watched.sign_in("zhao")
    watched.go("/stations")
    page.get_by_role("link", name="U盘").or_(page.get_by_role("link", name="USB sticks")).first.press("Enter")
    page.wait_for_url("**/sticks")
    assert page.locator("input[name=station]").is_checked()
    page.locator("form[action='/sticks/lessons'] button").press("Enter")
    page.wait_for_url("**/sticks/lessons?*")
    assert "马场村" in page.locator("h1").inner_text()
    with page.expect_download() as coming:
        page.locator("form[action='/sticks/image'] button").press("Enter")
    assert coming.value.suggested_filename.endswith(".zip")
    archive = zipfile.ZipFile(coming.value.path())
    assert "yuanjiao/stick.json" in archive.namelist()
    assert archive.testzip() is None


def test_a_journal_is_brought_and_said_in_words(watched: Watched, carried: Carried) -> None:
    page = watched.page
    good = carried.file("good.yjj", row(1, 20), row(2, 21))
    forged = carried.file("forged.yjj", row(3, 22), key=Signer(new_private_jwk()))
    watched.sign_in("zhao")
    read_in(page)
    for said in ("2 new, 0 known already, 0 in quarantine", "0 new, 2 known already, 0 in quarantine"):
        watched.go("/sticks")
        page.set_input_files("#files", [good, forged])
        page.locator("form[action='/sticks/journals'] button").press("Enter")
        page.locator("#refused-heading").wait_for()
        text = page.locator("main").inner_text()
        assert f"Box {carried.box}: {said}" in text
        assert "forged.yjj" in text
        assert serious(page) == []


def test_without_a_file_the_form_says_so(watched: Watched) -> None:
    page = watched.page
    watched.sign_in("zhao")
    watched.go("/sticks")
    page.locator("form[action='/sticks/journals'] button").press("Enter")
    page.locator("[data-error-summary]").wait_for()
    assert page.locator("#files").get_attribute("aria-invalid") == "true"


@pytest.mark.parametrize("path", ["/sticks/lessons", "/sticks/lessons?station=x"])
def test_without_a_station_it_says_so(watched: Watched, path: str) -> None:
    watched.sign_in("li")
    assert watched.go(path) == 422


def test_another_countys_station_and_another_role_are_refused(watched: Watched) -> None:
    watched.sign_in("chen")
    assert watched.go(f"/sticks/lessons?station={watched.office.station}") == 403
    watched.sign_in("wang")
    assert watched.go("/sticks") == 403


def test_contradictions_are_counted_in_the_navigation_shown_and_put_aside(watched: Watched, carried: Carried) -> None:
    page = watched.page
    with watched.office.services.database.unit_of_work() as session:
        box = session.get_one(Box, carried.box)
        for people in (20, 90, 95):
            batch = EventBatch(box=BoxId(box.id), epoch="twice", events=(row(1, people),))
            take_in(session, box, batch, datetime.now(UTC))
    watched.sign_in("wang")
    read_in(page)
    page.get_by_role("link", name="Quarantine 2").press("Enter")
    page.wait_for_url("**/quarantine")
    text = page.locator("tbody").inner_text()
    for said in ("20 people were counted", "90 people were counted", "95 people were counted"):
        assert said in text
    assert serious(page) == []
    page.locator("tbody button").first.press("Enter")
    page.get_by_role("status").first.wait_for()
    assert page.get_by_role("link", name="Quarantine 1").count() == 1
    watched.go("/quarantine?all=1")
    assert page.locator("tbody tr").count() >= 2
    watched.sign_in("zhao")
    assert watched.go("/quarantine") == 403


@every_look
def test_the_pages_are_whole(watched: Watched, scheme: str, language: str) -> None:
    page = watched.page
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
    for who, paths in (
        ("li", ("/sticks", "/sticks?q=没有这个村", f"/sticks/lessons?station={watched.office.station}")),
        ("wang", ("/quarantine", "/quarantine?all=1")),
    ):
        watched.sign_in(who)
        if page.get_attribute("html", "lang") != language.replace("_", "-"):
            read_in(page, language.replace("_", "-"))
        for path in paths:
            assert watched.go(path) == 200
            assert page.locator("h1").count() == 1
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{path} is too wide"
            assert serious(page) == [], path
