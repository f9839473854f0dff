"""The audit trail in a browser: read, narrowed, taken along and looked at, by keyboard alone, in both languages."""

import csv
import io
from dataclasses import dataclass, field
from uuid import uuid4

import msgspec
import pytest
from playwright.sync_api import expect

from contentserver.audit import audit, heads
from contentserver.kernel import clock
from tests.contentserver.pages.conftest import Office, Watched
from tests.contentserver.pages.looks import every_look, read_in
from tests.contentserver.pages.test_every_page import serious

pytestmark = pytest.mark.xdist_group("pages")


def publish(office: Office) -> None:
    """The day's head, unless it is out already."""
    services = office.services
    heads.publish(services.database, services.signer, services.settings.data_dir, clock.now())


@dataclass
class Trail:
    """Somebody who may read the trail, and a row of it that is like no other."""

    watched: Watched
    subject: str = field(default_factory=lambda: f"lesson {uuid4()}")


@pytest.fixture
def trail(watched: Watched) -> Trail:
    found = Trail(watched)
    before, after = {"note": "旧<b>题</b>"}, {"note": "新题"}
    with watched.office.services.database.unit_of_work() as session:
        audit(
            session,
            who=None,
            action="lesson.returned",
            subject=found.subject,
            now=clock.now(),
            before=before,
            after=after,
        )
    watched.sign_in("gao")
    return found


@every_look
def test_the_pages_are_whole_and_open_to_all(trail: Trail, scheme: str, language: str) -> None:
    page = trail.watched.page
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
    if language == "en":
        read_in(page)
    publish(trail.watched.office)
    for width in (1366, 390):
        page.set_viewport_size({"width": width, "height": 768})
        for path in ("/audit", f"/audit?words={trail.subject}", "/audit?words=没有这样的事", "/audit/heads"):
            assert trail.watched.go(path) == 200
            assert page.locator("h1").count() == 1
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (path, width)
            assert serious(page) == [], path


def test_it_is_narrowed_by_keyboard_and_shows_what_changed(trail: Trail) -> None:
    page = trail.watched.page
    read_in(page)
    trail.watched.go("/audit")
    page.fill("#words", trail.subject)
    page.press("#words", "Enter")
    rows = page.locator("tbody tr")
    expect(rows).to_have_count(1)
    changed = rows.locator(".differences")
    assert changed.locator("del").inner_text() == "旧<b>题</b>"
    assert changed.locator("ins").inner_text() == "新题"
    page.get_by_role("link", name="Show all").press("Enter")
    page.wait_for_url("**/audit")
    assert rows.count() > 1


def test_what_is_narrowed_is_taken_along_and_that_is_written_down(trail: Trail) -> None:
    page = trail.watched.page
    read_in(page)
    trail.watched.go(f"/audit?words={trail.subject}")
    taken = {}
    for kind in ("JSON", "CSV"):
        with page.expect_download() as coming:
            page.get_by_role("link", name=kind).press("Enter")
        taken[kind] = coming.value.path().read_text(encoding="utf-8-sig")
    (line,) = taken["JSON"].splitlines()
    assert msgspec.json.decode(line)["subject"] == trail.subject
    rows = list(csv.reader(io.StringIO(taken["CSV"])))
    number = trail.subject.split()[1]
    assert [len(row) for row in rows if any(number in cell for cell in row)] == [11, 11]  # and who took the first along
    trail.watched.go("/audit?action=audit.taken_along")
    assert page.locator("tbody tr").count() >= 2


def test_the_chain_is_looked_at_and_its_end_is_for_everybody(trail: Trail) -> None:
    page = trail.watched.page
    read_in(page)
    trail.watched.go("/audit")
    page.get_by_role("link", name="Look at it now").press("Enter")
    page.get_by_text("nothing was altered").wait_for()
    publish(trail.watched.office)
    page.get_by_role("link", name="Published hashes").press("Enter")
    page.wait_for_url("**/audit/heads")
    shown = page.locator("tbody code").first.inner_text()
    page.context.clear_cookies()
    assert trail.watched.go("/audit") == 200
    assert "/sign-in" in page.url
    assert trail.watched.go("/audit/heads") == 200
    assert page.locator("tbody code").first.inner_text() == shown
