"""The work book in a browser: written by an administrator on a telephone, set right and printed by the county."""

import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import openpyxl
import pytest
from playwright.sync_api import Browser, BrowserContext, FilePayload, Page
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from contentserver import ledger
from contentserver.attendance import SessionRow
from contentserver.bylaws.models import Bylaw
from contentserver.kernel import clock
from contentserver.ledger import history
from contentserver.ledger.models import (
    LedgerChange,
    LedgerDraft,
    LedgerEntry,
    LedgerMark,
    LedgerPhotograph,
)
from contentserver.stations import Station
from contentserver.timetable import holiday_table
from tests.contentserver.ledger.conftest import held
from tests.contentserver.pages.conftest import COUNTY, TOWNSHIP, Office, Watched
from tests.contentserver.pages.looks import english, every_look, read_in
from tests.contentserver.pages.test_every_page import serious
from tests.contentserver.stars import hostile
from tests.serving import PASSWORD

pytestmark = pytest.mark.xdist_group("pages")
PHOTOGRAPH = FilePayload(name="hall.jpg", mimeType="image/jpeg", buffer=hostile.camera_jpeg())


@pytest.fixture(autouse=True)
def clean(office: Office) -> Iterator[None]:
    """A book with one session that was held this month, and nothing afterwards."""
    now = datetime.now(UTC)
    with office.services.database.unit_of_work() as session:
        _wipe(session)
        station = session.get_one(Station, UUID(office.station))
        session.add(held(station, "ledger-airing", now, present=3, head_count=5))
    with office.services.database.unit_of_work() as session:
        while ledger.refresh(session, ledger.SOURCES, now, holiday_table(session)):
            pass
    yield
    with office.services.database.unit_of_work() as session:
        _wipe(session)


def _wipe(session: Session) -> None:
    for table in (LedgerPhotograph, LedgerDraft, LedgerChange, LedgerEntry, Bylaw):
        session.execute(delete(table))
    session.execute(delete(SessionRow).where(SessionRow.airing_id == "ledger-airing"))
    session.execute(delete(LedgerMark))


def entry_of(office: Office, kind: str) -> LedgerEntry | None:
    """The entry of a kind, if there is one."""
    with office.services.database.reader() as session:
        return session.scalars(select(LedgerEntry).where(LedgerEntry.kind == kind)).one_or_none()


def file_of(page: Page, name: str) -> bytes:
    """What a link downloads, after the password where it is asked for."""
    with page.expect_download() as coming:
        page.get_by_role("link", name=name, exact=True).click()
        if page.locator("#password").count():
            page.fill("#password", PASSWORD)
            page.press("#password", "Enter")
    return coming.value.path().read_bytes()


def test_a_meeting_is_written_by_keyboard_and_the_county_sets_it_right(
    watched: Watched, office: Office, browser: Browser
) -> None:
    page, today = watched.page, clock.local(datetime.now(UTC)).date()
    english(watched, "zhao")
    watched.go(f"/ledger/stations/{office.station}")
    assert "5" in page.locator(".entry").inner_text()  # the session came by itself, with those who were counted
    page.get_by_role("link", name="Write Meeting").press("Enter")
    page.press("#subject", "Enter")
    page.locator("#subject-wrong").wait_for()
    assert page.locator(".summary-of-errors li").count() >= 4
    page.fill("#subject", "Winter irrigation")
    page.locator("input[name=form]").first.press("Space")
    page.fill("#place", "Village hall")
    page.fill("#chair", "马建国")
    page.fill("#people", "23")
    page.fill("#signers", "马建国\n李伟")
    page.locator("form[data-draft-kept]").wait_for()
    page.reload()  # the telephone fell asleep
    assert page.input_value("#subject") == "Winter irrigation"
    assert page.input_value("#signers") == "马建国\n李伟"
    assert serious(page) == []
    page.press("#chair", "Enter")
    page.get_by_role("status").filter(has_text="stands in the book").wait_for()
    assert "Winter irrigation" in page.locator(".entries").inner_text()
    page.get_by_role("link", name="Write Meeting").press("Enter")
    assert (page.input_value("#chair"), page.input_value("#subject")) == ("马建国", "")  # as the last time
    assert page.locator("#subject-before option").get_attribute("value") == "Winter irrigation"

    context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="en-US")
    other = Watched(context.new_page(), office)
    english(other, "wang")
    other.go(f"/ledger?region={TOWNSHIP}")
    assert f"{today:%Y-%m}" in other.page.locator("#month").inner_text()
    other.page.locator(".ledger-table tbody tr", has=other.page.locator("td.num", has_text="1/1")).locator("a").click()
    other.page.get_by_role("link", name="Winter irrigation").click()
    assert "马建国, 李伟" in other.page.locator("article").inner_text()
    other.page.get_by_role("link", name="Set right").click()
    other.page.fill("#people", "25")
    other.page.press("#people", "Enter")
    other.page.locator("#why-wrong").wait_for()
    assert other.page.input_value("#people") == "25"
    other.page.fill("#why", "two were counted twice")
    other.page.press("#why", "Enter")
    other.page.get_by_role("status").filter(has_text="set right").wait_for()
    assert serious(other.page) == []
    context.close()

    found = entry_of(office, "meeting")
    assert found is not None
    watched.go(f"/ledger/entries/{found.id}")
    past = page.locator(".past").inner_text()
    assert "two were counted twice" in past
    assert "23" in past
    assert "25" in page.locator("article").inner_text()


def test_an_activity_is_written_on_a_telephone_with_its_photograph(office: Office, browser: Browser) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="en-US", has_touch=True)
    watched = Watched(context.new_page(), office)
    page = watched.page
    english(watched, "zhao")
    watched.go(f"/ledger/stations/{office.station}/write/activity")
    page.fill("#subject", "Canal cleaned")
    page.fill("#place", "Third group")
    page.fill("#people", "x")
    page.set_input_files("#photographs", [PHOTOGRAPH])
    page.get_by_role("button", name="Put it into the book").last.tap()
    page.locator("#people-wrong").wait_for()
    assert page.locator(".photographs img").count() == 1  # it was brought once, and stays
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.fill("#people", "9")
    page.get_by_role("button", name="Put it into the book").last.tap()
    page.get_by_role("status").filter(has_text="stands in the book").wait_for()
    page.evaluate("Promise.all([...document.querySelectorAll('.photographs img')].map((one) => one.decode()))")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    found = entry_of(office, "activity")
    with office.services.database.reader() as session:
        assert found is not None
        assert len(history.photographs_of(session, [found.id])) == 1
        assert session.scalars(select(LedgerDraft)).all() == []
    context.close()


def test_what_pretends_to_be_a_photograph_is_refused_by_name_and_nothing_typed_is_lost(
    watched: Watched, office: Office
) -> None:
    page = watched.page
    english(watched, "zhao")
    for name, data in list(hostile.HOSTILE.items())[:4]:
        watched.go(f"/ledger/stations/{office.station}/write/activity")
        page.fill("#subject", "Canal cleaned")
        page.set_input_files("#photographs", [FilePayload(name=name, mimeType="image/jpeg", buffer=data)])
        page.get_by_role("button", name="Put it into the book").last.press("Enter")
        page.locator("#photographs-wrong").wait_for()
        assert name in page.locator("#photographs-wrong").inner_text()
        assert page.input_value("#subject") == "Canal cleaned"
    assert entry_of(office, "activity") is None


def test_page_spreadsheet_and_printed_sheet_have_the_same_numbers(watched: Watched, office: Office) -> None:
    page = watched.page
    english(watched, "wang")
    watched.go(f"/ledger?region={COUNTY}")
    whole = page.locator(".figure").first.inner_text()
    shown = re.search(r"([\d,]+) there / ([\d,]+) expected", whole)
    assert shown is not None
    there, expected = (int(number.replace(",", "")) for number in shown.groups())
    assert there == 1
    book = openpyxl.load_workbook(io.BytesIO(file_of(page, "Excel")))
    sheet = book.worksheets[0]
    last = [cell.value for cell in sheet[sheet.max_row]]
    assert last[-3:-1] == [there, expected]
    months = book.worksheets[1]
    assert [cell.value for cell in months[months.max_row]][1:3] == [there, expected]
    lines = file_of(page, "CSV").decode("utf-8-sig").splitlines()
    assert any(line.startswith("Total,") and line.split(",")[-3:-1] == [str(there), str(expected)] for line in lines)
    assert file_of(page, "PDF").startswith(b"%PDF-")
    watched.go(f"/ledger/stations/{office.station}")
    assert file_of(page, "Print the month").startswith(b"%PDF-")


def test_a_county_adds_a_kind_and_its_village_writes_it(watched: Watched, office: Office, browser: Browser) -> None:
    page = watched.page
    english(watched, "wang")
    watched.go("/ledger/kinds")
    page.fill("#code", "clean_up")
    text = page.input_value("#document")
    page.fill("#document", text.replace("monthly = 1", 'monthly = "one"'))
    page.get_by_role("button", name="Let it hold").press("Enter")
    page.locator("#document-wrong").wait_for()
    assert "monthly" in page.locator("#document-wrong").inner_text()
    page.fill("#document", text)
    page.get_by_role("button", name="Let it hold").press("Enter")
    page.get_by_role("status").filter(has_text="Clean-up holds").wait_for()
    assert serious(page) == []
    context = browser.new_context(locale="en-US")
    other = Watched(context.new_page(), office)
    english(other, "zhao")
    other.go(f"/ledger/stations/{office.station}")
    other.page.get_by_role("link", name="Write Clean-up").click()
    assert other.page.locator("#subject").count() == 1
    other.go("/ledger/kinds")
    assert other.page.locator("#document").count() == 0  # a village changes none
    context.close()


@every_look
def test_every_page_of_the_book_is_whole(
    watched: Watched, context: BrowserContext, office: Office, scheme: str, language: str
) -> None:
    page = watched.page
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
    watched.sign_in("zhao")
    if language == "en":
        read_in(page)
    found = entry_of(office, "lesson")
    assert found is not None
    before = f"{found.month - timedelta(days=1):%Y-%m}"
    for path in (
        "/ledger",
        "/ledger?month=2026-99",
        "/ledger/entries",
        f"/ledger/entries?month={before}",
        f"/ledger/entries/{found.id}",
        f"/ledger/stations/{office.station}",
        f"/ledger/stations/{office.station}?month={before}",
        f"/ledger/stations/{office.station}/write/visit",
        "/ledger/kinds",
    ):
        for width in (1366, 390):
            page.set_viewport_size({"width": width, "height": 768})
            assert watched.go(path) == 200, path
            page.locator("html.scripted").wait_for(state="attached")
            assert page.locator("h1").count() == 1, path
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{path} is too wide"
            assert serious(page) == [], path
