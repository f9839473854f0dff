"""Warning people, in a browser: written with the television in sight, approved by another, seen to arrive."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy import select

from contentserver.accounts import Account, create_account
from contentserver.alerts import publishing, service
from contentserver.alerts.models import AlertRecord
from contentserver.boxes import Box
from contentserver.boxes.rules import credential
from contentserver.kernel.auth import Person, Role
from contentserver.kernel.ids import token_hash
from contentserver.stations import Station
from schedules.layers import region_layer
from schedules.wire.messages import AlertsMessage, Reported
from schedules.wire.signing import Verifier, jwk_set
from schedules.wire.topics import BoxId
from tests.contentserver.alerts.samples import cap, info, words
from tests.contentserver.pages.conftest import COUNTY, TOWNSHIP, VILLAGE, Office, Watched
from tests.contentserver.pages.looks import english, every_look, read_in
from tests.contentserver.pages.test_every_page import serious
from tests.serving import PASSWORD

pytestmark = pytest.mark.xdist_group("pages")


@pytest.fixture(autouse=True)
def officer(office: Office) -> Iterator[None]:
    """There is a duty officer; afterwards no alert stands."""
    now = datetime.now(UTC)
    with office.services.database.unit_of_work() as session:
        if session.scalars(select(Account).where(Account.username == "tang")).first() is None:
            create_account(
                session,
                username="tang",
                display_name="唐值班",
                password=PASSWORD,
                role=Role.DUTY_OFFICER,
                region_code="6402",
                now=now,
            )
    yield
    with office.services.database.unit_of_work() as session:
        for record in session.scalars(select(AlertRecord)).all():
            session.delete(record)


def person(office: Office, username: str) -> Person:
    with office.services.database.reader() as session:
        found = session.scalars(select(Account).where(Account.username == username)).one()
        return Person(
            id=found.id,
            username=username,
            display_name=found.display_name,
            role=Role(found.role),
            region_code=found.region_code,
        )


def sent(office: Office, headline: str = "冰雹红色预警", region: str = COUNTY) -> str:
    """An alert of two people, on its way; its id."""
    now, li, ma = datetime.now(UTC), person(office, "li"), person(office, "ma")
    with office.services.database.unit_of_work() as session:
        wanted = words(headline=headline, regions=(region,), expires=now + timedelta(hours=2))
        record = service.draft(session, wanted, li, now)
        service.submit(session, record, li, now)
        service.approve(session, record, office.services.signer, ma, now)
        return str(record.id)


def fill(page: Page, headline: str = "Red hail warning", region: str = VILLAGE) -> None:
    page.fill("#headline", headline)
    page.fill("#description", "Hail around Machang until half past nine.")
    page.fill("#step1", "Go indoors now")
    page.select_option("#regions", [region])


def states(office: Office) -> list[str]:
    with office.services.database.reader() as session:
        return list(session.scalars(select(AlertRecord.state).order_by(AlertRecord.id)))


def test_written_by_one_approved_by_another_and_seen_to_arrive(watched: Watched, office: Office) -> None:
    page = english(watched, "li")
    page.click("nav a[href='/alerts']")
    page.click("a[href='/alerts/new']")
    fill(page)
    page.locator("#preview .tv-headline", has_text="Red hail warning").wait_for()
    page.locator("#preview .tv-steps", has_text="Go indoors now").wait_for()
    assert "Go indoors now" in page.locator("#preview").inner_text()
    page.click("button[name=send]")
    page.wait_for_url("**/alerts/*-*")
    assert page.get_by_text("It waits for the second person").count()
    assert page.get_by_role("button", name="Approve and send").count() == 0
    address = page.url.removeprefix(office.url)
    page.click("form[action='/sign-out'] button")
    page = english(watched, "ma")
    watched.go(address)
    page.get_by_role("button", name="Approve and send").click()
    page.wait_for_load_state()
    assert states(office) == ["sent"]
    with office.services.database.reader() as session:
        standing = select(Box).join(Station).where(Station.region_code == VILLAGE, Box.revoked_at.is_(None))
        here = session.scalars(standing).all()
    assert f"0 / {len(here)}" in page.locator("section[aria-labelledby=arrived]").inner_text()
    assert "马场村" in page.locator("section[aria-labelledby=arrived]").inner_text()
    with office.services.database.unit_of_work() as session:
        layer = region_layer(VILLAGE)
        newest = publishing.newest_alerts(session, layer)
        assert newest is not None
        report = Reported(box=BoxId(here[0].id), epoch="e", at=datetime.now(UTC), alerts={layer: newest.revision})
        publishing.record_alert_proofs(session, report)
    page.locator(".figure .number", has_text=f"1 / {len(here)}").wait_for()
    watched.go("/alerts")
    assert f"on 1 of {len(here)} boxes" in page.locator(".alert-card").inner_text()


def test_what_is_wrong_stands_beside_its_field_and_nothing_is_lost(watched: Watched, office: Office) -> None:
    page = english(watched, "li")
    watched.go("/alerts/new")
    fill(page, headline="A headline that is much too long for any television in any village at all")
    page.fill("#expires", "2020-01-01T00:00")
    page.click("button[name=send]")
    page.locator("[data-error-summary]").wait_for()
    assert page.locator("#headline[aria-invalid=true]").count() == 1
    assert "too long" in page.locator("#headline-wrong").inner_text()
    assert "ended already" in page.locator("#expires-wrong").inner_text()
    assert page.input_value("#step1") == "Go indoors now"
    assert page.locator("#regions option:checked").count() == 1
    assert states(office) == []
    assert serious(page) == []


def test_cancelling_asks_once_more_and_wants_a_reason(watched: Watched, office: Office) -> None:
    sent(office)
    page = english(watched, "wang")
    watched.go("/alerts")
    page.click(".alert-card a.button")
    page.get_by_role("button", name="Cancel it for good").click()
    page.locator("#reason-wrong").wait_for()
    assert states(office) == ["sent"]
    page.fill("#reason", "The clouds are gone")
    page.get_by_role("button", name="Cancel it for good").click()
    page.wait_for_url("**/alerts")
    assert states(office) == ["cancelled"]
    assert "The clouds are gone" in page.locator("table").last.inner_text()
    with office.services.database.reader() as session:
        row = publishing.newest_alerts(session, region_layer(COUNTY))
        assert row is not None
    read = Verifier(jwk_set([office.services.signer.public_jwk])).read(row.jws.encode(), AlertsMessage)
    assert read.alerts == ()


def test_the_emergency_right_sends_at_once_with_a_reason(watched: Watched, office: Office) -> None:
    page = english(watched, "tang")
    watched.go("/alerts/new")
    fill(page, region=TOWNSHIP)
    page.click("button[name=save]")
    page.wait_for_url("**/alerts/*-*")
    page.fill("#reason", "It hails already")
    page.get_by_role("button", name="Send at once").click()
    page.wait_for_load_state()
    assert states(office) == ["sent"]
    assert "alone, by 唐值班: It hails already" in page.locator("dl.facts").inner_text()


def test_a_returned_draft_shows_the_note(watched: Watched, office: Office) -> None:
    page = english(watched, "li")
    watched.go("/alerts/new")
    fill(page)
    page.click("button[name=send]")
    page.wait_for_url("**/alerts/*-*")
    address = page.url.removeprefix(office.url)
    page.fill("#note", "Say from when")
    page.get_by_role("button", name="Back to a draft").click()
    page.wait_for_load_state()
    watched.go(address + "/edit")
    assert "Say from when" in page.locator(".bar.trouble:not([hidden])").inner_text()
    page.fill("#description", "From eight o'clock.")
    page.click("button[name=save]")
    page.wait_for_url("**" + address)
    page.get_by_role("button", name="Throw the draft away").click()
    page.wait_for_url("**/alerts")
    assert states(office) == []


def test_two_people_at_one_draft_lose_nothing(watched: Watched, office: Office, browser: Browser) -> None:
    now, li = datetime.now(UTC), person(office, "li")
    with office.services.database.unit_of_work() as session:
        record = service.draft(session, words(regions=(VILLAGE,), expires=now + timedelta(hours=2)), li, now)
        address = f"/alerts/{record.id}/edit"
    page = english(watched, "ma")
    watched.go(address)
    with office.services.database.unit_of_work() as session:
        again = service.alert_with(session, record.id)
        changed = words(headline="别人改的标题", regions=(VILLAGE,), expires=now + timedelta(hours=2))
        service.change(session, again, changed, 1, li, now)
    page.fill("#headline", "My own headline")
    page.click("button[name=save]")
    page.locator(".bar.trouble:not([hidden])").wait_for()
    assert "别人改的标题" in page.locator("dl.facts").inner_text()
    assert page.input_value("#headline") == "My own headline"
    page.click("button[name=save]")
    page.wait_for_url("**/alerts/*-*")
    assert page.locator("h1").inner_text() == "My own headline"


def test_a_cap_file_is_read_and_its_cancelling_asks(watched: Watched, office: Office, tmp_path: Path) -> None:
    soon = (datetime.now(UTC) + timedelta(hours=2)).isoformat(timespec="seconds")
    file = tmp_path / "alert.xml"
    long = "沿河低洼地段、滩地大棚和养殖场有被淹的危险，" * 8
    file.write_bytes(cap(info(expires=soon, description=long, area="平罗县", geocode="")))
    page = english(watched, "li")
    watched.go("/alerts/import")
    page.set_input_files("#file", file)
    page.get_by_role("button", name="Read it").click()
    page.wait_for_url("**/edit")
    assert page.input_value("#headline") == "冰雹红色预警"
    assert page.locator("#regions option:checked").inner_text().strip() == "平罗县"
    assert "too long" in page.locator("#description-wrong").inner_text()
    page.fill("#description", "沿河有被淹的危险。")
    page.click("button[name=send]")
    page.wait_for_url("**/alerts/*-*")
    with office.services.database.unit_of_work() as session:
        record = session.scalars(select(AlertRecord)).one()
        service.approve(session, record, office.services.signer, person(office, "ma"), datetime.now(UTC))
    references = "weather@shizuishan.example,SZS-20261123-001,2026-11-23T18:46:00+08:00"
    file.write_bytes(cap(identifier="SZS-2", msgType="Cancel", references=references))
    watched.go("/alerts/import")
    page.set_input_files("#file", file)
    page.get_by_role("button", name="Read it").click()
    page.wait_for_url("**/alerts/cancel?**")
    assert states(office) == ["sent"]
    page.get_by_role("button", name="Cancel it for good").click()
    page.wait_for_url("**/alerts")
    assert states(office) == ["cancelled"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"no xml at all", "no XML file"),
        (b'<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><a>&e;</a>', "document type"),
        (b"<a/>", "does not follow CAP 1.2"),
        (cap(status="Exercise"), "exercise"),
        (cap(info(expires="2020-01-01T00:00:00+08:00")), "is over"),
        (cap(identifier="X", msgType="Cancel", references="a,b,2026-11-23T18:46:00+08:00"), "does not stand here"),
    ],
)
def test_a_file_that_is_no_alert_for_us_is_refused_in_words(
    watched: Watched, office: Office, tmp_path: Path, content: bytes, words: str
) -> None:
    file = tmp_path / "file.xml"
    file.write_bytes(content)
    page = english(watched, "li")
    watched.go("/alerts/import")
    page.set_input_files("#file", file)
    page.get_by_role("button", name="Read it").click()
    page.locator("#file-wrong").wait_for()
    assert words in page.locator("#file-wrong").inner_text()
    assert "root:" not in page.content()
    assert states(office) == []


def test_everything_works_without_a_script(browser: Browser, office: Office) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 1366, "height": 768})
    page = context.new_page()
    page.goto(f"{office.url}/alerts/new")
    page.fill("#username", "li")
    page.fill("#password", PASSWORD)
    page.press("#password", "Enter")
    page.wait_for_url("**/alerts/new")
    read_in(page)
    fill(page, headline="Without a script")
    page.get_by_role("button", name="Show the preview").click()
    assert "Without a script" in page.locator("#preview").inner_text()
    assert page.locator("[data-error-summary]").count() == 0
    page.click("button[name=send]")
    page.wait_for_url("**/alerts/*-*")
    assert states(office) == ["waiting"]
    context.close()


def test_by_keyboard_alone(watched: Watched, office: Office) -> None:
    page = english(watched, "li")
    watched.go("/alerts/new")
    page.focus("#headline")
    page.keyboard.type("Hail")
    page.keyboard.press("Tab")
    page.keyboard.type("Soon.")
    page.focus("#regions")
    page.keyboard.press("Home")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.name") == "send"
    page.keyboard.press("Enter")
    page.wait_for_url("**/alerts/*-*")
    assert states(office) == ["waiting"]


def test_who_may_not_warn_sees_no_entry_and_no_page(watched: Watched) -> None:
    watched.sign_in("zhao")
    assert watched.page.locator("nav a[href='/alerts']").count() == 0
    assert watched.go("/alerts") == 403


def test_another_countys_alert_is_nobodys_business(watched: Watched, office: Office) -> None:
    alert = sent(office)
    watched.sign_in("chen")
    assert watched.go(f"/alerts/{alert}") == 403
    assert watched.go(f"/alerts/cancel?alert={alert}") == 403
    assert watched.go("/alerts") == 200
    assert watched.page.locator(".alert-card").count() == 0


@every_look
def test_every_page_is_whole_and_open_to_all(watched: Watched, office: Office, scheme: str, language: str) -> None:
    page = watched.page
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
    watched.sign_in("tang")
    if language == "en":
        read_in(page)
    empty = [watched.go("/alerts"), page.locator(".empty").count()]
    assert empty == [200, 1]
    assert serious(page) == []
    now, li = datetime.now(UTC), person(office, "li")
    running = sent(office)
    with office.services.database.unit_of_work() as session:
        wait = service.draft(session, words(regions=(VILLAGE,), expires=now + timedelta(hours=1)), li, now)
        service.submit(session, wait, li, now)
        rough = service.draft(session, words(regions=(VILLAGE,), expires=now + timedelta(hours=1)), li, now)
    for path in (
        "/alerts",
        "/alerts/new",
        "/alerts/import",
        f"/alerts/{running}",
        f"/alerts/{wait.id}",
        f"/alerts/{rough.id}",
        f"/alerts/{rough.id}/edit",
        f"/alerts/cancel?alert={running}",
    ):
        for width in (1366, 683):
            page.set_viewport_size({"width": width, "height": 768})
            assert watched.go(path) == 200, path
            page.locator("html.scripted").wait_for(state="attached")
            assert page.locator("h1").count() == 1, path
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{path} is too wide"
            assert serious(page) == [], path


def test_a_box_reads_the_signed_bytes_by_http(office: Office) -> None:
    sent(office)
    secret = office.services.settings.secret_key
    with office.services.database.unit_of_work() as session:
        box = session.scalars(select(Box)).first()
        assert box is not None
        token = credential(secret, "http", BoxId(box.id), box.credential_no)
        kept, box.http_token_hash = box.http_token_hash, token_hash(token)
    address = f"{office.url}/api/v1/alerts/{region_layer(COUNTY)}"
    try:
        assert httpx.get(address, trust_env=False).status_code == 401
        answer = httpx.get(address, headers={"Authorization": f"Bearer {token}"}, trust_env=False)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/jose")
        read = Verifier(jwk_set([office.services.signer.public_jwk])).read(answer.content, AlertsMessage)
        assert [alert.headline for alert in read.alerts][-1] == "冰雹红色预警"
        never = httpx.get(
            f"{office.url}/api/v1/alerts/region-640299",
            headers={"Authorization": f"Bearer {token}"},
            trust_env=False,
        )
        assert never.status_code == 404
    finally:
        with office.services.database.unit_of_work() as session:
            session.scalars(select(Box)).first().http_token_hash = kept  # type: ignore[union-attr]
