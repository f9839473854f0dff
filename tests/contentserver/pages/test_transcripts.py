"""A member looked up, what they attended, printed with a square, and the public page behind the square."""

import io
from collections.abc import Iterator
from uuid import UUID

import pypdfium2
import pytest
import zxingcpp
from playwright.sync_api import Browser, Page
from sqlalchemy import delete, select

from contentserver.accounts import named_or_administrator
from contentserver.attendance import correcting
from contentserver.attendance.models import CorrectionRow
from contentserver.attendance.service import derive
from contentserver.audit import AuditEntry
from contentserver.kernel import clock
from contentserver.kernel.http import limiter
from contentserver.members import Member
from tests.contentserver.pages.conftest import Office, Watched
from tests.contentserver.pages.looks import read_in
from tests.contentserver.pages.test_every_page import serious
from tests.contentserver.pages.test_rolls import in_english

pytestmark = pytest.mark.xdist_group("pages")


@pytest.fixture
def member(office: Office) -> Iterator[str]:
    """The id of 马建国, number 101; the limits and corrections of each test are its own."""
    limiter.reset()
    airing, station = office.session.split("/")
    with office.services.database.reader() as session:
        found = select(Member.id).where(Member.station_id == UUID(station), Member.number == "101")
        yield str(session.scalars(found).one())
    with office.services.database.unit_of_work() as session:
        session.execute(delete(CorrectionRow).where(CorrectionRow.airing_id == airing))
        derive(session, airing, UUID(station))
    limiter.reset()


def post(page: Page, address: str, **form: str) -> tuple[int, bytes]:
    token = page.get_attribute("meta[name=csrf-token]", "content") or ""
    answer = page.request.post(address, form={"csrf_token": token, **form})
    return answer.status, answer.body()


def square_of(printed: bytes) -> tuple[str, str]:
    """The address in a transcript's square, and its text."""
    document = pypdfium2.PdfDocument(io.BytesIO(printed))
    (square,) = zxingcpp.read_barcodes(document[0].render(scale=2).to_pil())
    text: str = document[0].get_textpage().get_text_range()
    document.close()
    return square.text, text


def test_a_member_is_found_by_keyboard_and_their_sessions_open(watched: Watched, member: str) -> None:
    page = in_english(watched, "wang")
    watched.go("/stations")
    page.get_by_role("link", name="Members").press("Enter")
    page.wait_for_url("**/members")
    assert serious(page) == []
    page.fill("#q", "101")
    page.press("#q", "Enter")
    page.wait_for_url("**/members?q=101")
    row = page.locator("tbody tr", has_text="马场村")
    assert "马*国" in row.inner_text()
    assert "马建国" not in page.content()
    row.get_by_role("rowheader").get_by_role("link").press("Enter")
    page.wait_for_url(f"**/members/{member}")
    page.get_by_role("link", name="Transcript").press("Enter")
    page.wait_for_url(f"**/members/{member}/transcript")
    assert page.locator("h1").inner_text() == "马*国"
    assert "马建国" not in page.content()
    line = page.locator("tbody tr", has_text="2026-10-12 Mon 19:30")
    assert "40 min 00 s" in line.inner_text()
    assert serious(page) == []
    line.get_by_role("link", name="看懂化验单").press("Enter")
    page.wait_for_url(f"**/sessions/{watched.office.session}")
    watched.go("/members?q=没有这个人")
    assert "Nobody is found" in page.locator(".empty").inner_text()


def test_the_whole_name_is_shown_once_with_a_reason_that_is_kept(watched: Watched, member: str) -> None:
    page = in_english(watched)
    watched.go(f"/members/{member}/transcript")
    status, _body = post(page, page.url, reason="  ")
    assert status == 422
    page.fill("#reason", "she asks for her own paper")
    page.press("#reason", "Enter")
    page.get_by_role("heading", name="马建国").wait_for()
    with watched.office.services.database.reader() as session:
        kept = session.scalars(select(AuditEntry).where(AuditEntry.subject == f"member {member}")).all()
        assert '{"reason":"she asks for her own paper"}' in [one.after for one in kept]
    watched.go(f"/members/{member}/transcript")
    assert page.locator("h1").inner_text() == "马*国"


def test_a_printed_transcript_is_verified_by_anybody_and_says_when_numbers_changed(
    watched: Watched, member: str, browser: Browser
) -> None:
    page, office = in_english(watched), watched.office
    watched.go(f"/members/{member}/transcript")
    address = f"{office.url}/members/{member}/transcript.pdf"
    status, printed = post(page, address, **{"from": "2026-10-01", "to": "2026-10-31"})
    assert status == 200
    square, text = square_of(printed)
    for words in ("Transcript", "马*国", "101", "0.7", "2026-10-01", "2026-10-31", "测土配方施肥", "40 min 00 s"):
        assert words in text, words
    assert "马建国" not in text
    assert square.startswith(f"{office.services.settings.public_url}/verify/")
    path = square.removeprefix(office.services.settings.public_url)
    context = browser.new_context(viewport={"width": 390, "height": 780}, locale="en-US")
    stranger = context.new_page()
    answer = stranger.goto(office.url + path)
    assert answer is not None
    assert answer.status == 200
    read_in(stranger)
    read = stranger.locator("main").inner_text()
    for words in ("The numbers of today say the same", "马*国", "0.7 h", "2026-10-01", "2026-10-31"):
        assert words in read, words
    assert "马建国" not in stranger.content()
    assert "马场村" not in stranger.content()
    assert stranger.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert serious(stranger) == []
    airing, station = office.session.split("/")
    with office.services.database.unit_of_work() as session:
        who = named_or_administrator(session, "zhao")
        correcting.take_off(session, (airing, UUID(station)), member, "someone else's card", who, clock.now())
    stranger.reload()
    changed = stranger.locator("main").inner_text()
    assert "The numbers have changed since" in changed
    assert "0.0 h in 0 sessions" in changed
    assert serious(stranger) == []
    altered = stranger.goto(office.url + path[:-3] + "abc")
    assert altered is not None
    assert altered.status == 404
    assert "This server did not issue that" in stranger.locator("main").inner_text()
    assert serious(stranger) == []
    context.close()


def test_whole_names_on_paper_need_the_right_and_a_reason(watched: Watched, member: str) -> None:
    page, office = in_english(watched), watched.office
    watched.go(f"/members/{member}/transcript")
    address = f"{office.url}/members/{member}/transcript.pdf"
    status, printed = post(page, address, reason="the township asks for it")
    assert status == 200
    assert "马建国" in square_of(printed)[1]
    page.click("button[title='Sign out']")
    in_english(watched, "li")
    for path in ("/members", f"/members/{member}/transcript"):
        assert watched.go(path) == 403
    assert post(page, address, reason="x")[0] in (400, 403)
    watched.go("/stations")
    assert page.get_by_role("link", name="Members").count() == 0
    page.click("button[title='Sign out']")
    in_english(watched, "chen")
    assert watched.go(f"/members/{member}/transcript") == 403
    watched.go("/members")
    assert page.locator("tbody tr").count() == 0


def test_too_many_questions_are_refused_politely(watched: Watched, member: str) -> None:
    statuses = [watched.page.request.get(f"{watched.office.url}/verify/x{one}").status for one in range(62)]
    assert (statuses[0], statuses[-1]) == (404, 429)
