"""The five ones in a browser: noted by keyboard, with photographs; nothing that pretends to be one comes in."""

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from contentserver.stars.models import OneEntry, Photograph
from tests.contentserver.pages.conftest import Office, Watched
from tests.contentserver.pages.looks import english
from tests.contentserver.pages.stars.conftest import picture
from tests.contentserver.pages.test_every_page import serious
from tests.contentserver.stars import hostile

pytestmark = pytest.mark.xdist_group("pages")


def test_a_one_is_noted_by_keyboard_with_photographs(watched: Watched, office: Office) -> None:
    page = watched.page
    english(watched, "zhao")
    watched.go(f"/stars/stations/{office.station}")
    page.locator("#place a.button").press("Enter")
    page.wait_for_url("**/ones/place")
    page.locator("input[name=state][value=has]").press("Space")
    page.press("#room", "Enter")  # nothing in it yet
    page.locator("#room-wrong").wait_for()
    assert page.locator("input[name=state][value=has]").is_checked()
    page.fill("#room", "Village hall, ground floor")
    page.set_input_files(
        "#photographs", [picture("hall.png", hostile.png(), "image/png"), picture("b.webp", hostile.webp())]
    )
    page.press("#room", "Enter")
    page.get_by_role("status").filter(has_text="noted").wait_for()
    place = page.locator("#place")
    assert "Village hall, ground floor" in place.inner_text()
    assert place.locator("img").count() == 2
    page.evaluate("Promise.all([...document.querySelectorAll('#place img')].map((one) => one.decode()))")
    assert serious(page) == []
    place.locator("a.button").press("Enter")
    page.get_by_role("button", name="Remove").first.press("Enter")
    page.locator("summary", has_text="1 removed").press("Enter")
    page.get_by_role("button", name="Put back").press("Enter")
    expect(page.locator("button[value^=remove]")).to_have_count(2)
    page.locator("input[name=state][value=partly]").press("Space")
    page.get_by_role("button", name="Save").last.press("Enter")
    page.locator("#place summary", has_text="1 earlier entry").press("Enter")
    assert "partly there" in page.locator("#place .card-head").inner_text()


def test_no_file_that_pretends_comes_in_and_nothing_typed_is_lost(watched: Watched, office: Office) -> None:
    page = watched.page
    english(watched, "zhao")
    for name, data in hostile.HOSTILE.items():
        watched.go(f"/stars/stations/{office.station}/ones/rules")
        page.fill("#title", "Rules of the hall")
        page.locator("input[name=state][value=has]").check()
        page.set_input_files("#photographs", [picture("good.jpg", hostile.camera_jpeg()), picture(name, data)])
        page.get_by_role("button", name="Save").last.press("Enter")
        page.locator("#photographs-wrong").wait_for()
        assert name in page.locator("#photographs-wrong").inner_text()
        assert page.input_value("#title") == "Rules of the hall"
        with office.services.database.reader() as session:
            assert session.scalars(select(OneEntry)).all() == []
            assert session.scalars(select(Photograph)).all() == []


def test_what_is_larger_than_a_form_may_be_is_refused_in_words(watched: Watched, office: Office) -> None:
    page = watched.page
    english(watched, "zhao")
    path = f"/stars/stations/{office.station}/ones/rules"
    watched.go(path)
    token = page.get_attribute("meta[name=csrf-token]", "content") or ""
    answer = page.request.post(
        office.url + path,
        multipart={"csrf_token": token, "do": "photographs", "photographs": picture("large.jpg", b"\0" * 17_000_000)},
    )
    assert answer.status == 413
    assert "The file is too large." in answer.text()
    with office.services.database.reader() as session:
        assert session.scalars(select(Photograph)).all() == []


def test_photographs_are_shown_to_those_alone_in_whose_region_they_lie(watched: Watched, office: Office) -> None:
    page = watched.page
    english(watched, "zhao")
    watched.go(f"/stars/stations/{office.station}/ones/place")
    page.set_input_files("#photographs", [picture("a.jpg", hostile.camera_jpeg())])
    page.get_by_role("button", name="Add photographs now").press("Enter")
    address = page.locator(".photographs a").get_attribute("href")
    answer = page.request.get(f"{office.url}{address}")
    assert (answer.status, answer.headers["content-type"]) == (200, "image/jpeg")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert hostile.MARK not in answer.body()
    english(watched, "chen")
    assert page.request.get(f"{office.url}{address}").status == 403
    token = page.get_attribute("meta[name=csrf-token]", "content") or ""
    for path in ("ones/place", "ones/nothing"):
        status = page.request.post(
            f"{office.url}/stars/stations/{office.station}/{path}",
            form={"csrf_token": token, "state": "has", "room": "x"},
        ).status
        assert status in (403, 404)
    page.context.clear_cookies()
    assert "/sign-in" in page.request.get(f"{office.url}{address}").url
