"""What is kept and for how long, and a member's own data and requests, in a browser and by keyboard."""

import io
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec
import pytest
from playwright.sync_api import Page
from sqlalchemy import delete, select

from contentserver.accounts.models import Account, WebSession
from contentserver.attendance.models import CorrectionRow
from contentserver.attendance.service import derive
from contentserver.audit import AuditEntry
from contentserver.kernel.auth import Role
from contentserver.members import Member
from contentserver.retention.models import RetentionRule
from contentserver.transcripts.models import CorrectionRequest
from tests.contentserver.pages.conftest import Office, Watched
from tests.contentserver.pages.test_every_page import serious
from tests.contentserver.pages.test_rolls import in_english, state_of
from tests.serving import hire

pytestmark = pytest.mark.xdist_group("pages")
SAID = "坐在最后一排"


@pytest.fixture
def lodged(office: Office) -> Iterator[Office]:
    """The office with an administrator of everything, and an old sign-in; afterwards as it was."""
    with office.services.database.unit_of_work() as session:
        if session.scalar(select(Account.id).where(Account.username == "root")) is None:
            hire(session, {"root": ("总管", Role.SYSTEM_ADMIN, "")}, datetime.now(UTC))
        someone = session.scalars(select(Account.id).where(Account.username == "ma")).one()
        old = datetime.now(UTC) - timedelta(days=400)
        session.merge(WebSession(token_hash="long ago", account_id=someone, created_at=old, seen_at=old))
    yield office
    airing, station = office.session.split("/")
    with office.services.database.unit_of_work() as session:
        session.execute(delete(RetentionRule))
        session.execute(delete(WebSession).where(WebSession.token_hash == "long ago"))
        session.execute(delete(CorrectionRequest))
        session.execute(delete(CorrectionRow).where(CorrectionRow.airing_id == airing))
        derive(session, airing, UUID(station))


def member_numbered(office: Office, number: str) -> str:
    with office.services.database.reader() as session:
        found = select(Member.id).where(Member.station_id == UUID(office.station), Member.number == number)
        return str(session.scalars(found).one())


def sign_out(page: Page) -> None:
    page.click("button[title='Sign out']")
    page.wait_for_url("**/sign-in**")


def test_days_are_changed_with_a_reason_and_a_wrong_number_says_so(watched: Watched, lodged: Office) -> None:
    page = in_english(watched, "root")
    watched.go("/members")
    page.get_by_role("link", name="What is kept, and how long").press("Enter")
    page.wait_for_url("**/retention")
    row = page.locator("#web_sessions")
    assert "30 days" in row.inner_text()
    assert row.locator("td").nth(2).inner_text().startswith("1")
    assert page.locator("#evidence details, #audit details").count() == 0
    assert "for ever" in page.locator("#evidence").inner_text()
    assert serious(page) == []
    row.locator("summary").press("Enter")
    page.fill("#days-web_sessions", "500")
    page.fill("#why-web_sessions", "the county asks")
    page.eval_on_selector("#days-web_sessions", "field => field.removeAttribute('max')")
    page.press("#why-web_sessions", "Enter")
    page.locator("#wrong").wait_for()
    assert "from 7 to 365" in page.locator("#wrong").inner_text()
    assert page.input_value("#why-web_sessions") == "the county asks"
    assert serious(page) == []
    page.fill("#days-web_sessions", "365")
    page.press("#why-web_sessions", "Enter")
    page.get_by_text("It is kept for 365 days now").wait_for()
    assert "the county asks" in page.locator("#web_sessions").inner_text()
    with lodged.services.database.reader() as session:
        assert session.get_one(RetentionRule, "web_sessions").days == 365
        assert "web_sessions" in session.scalars(select(AuditEntry.subject)).all()


def test_others_read_it_and_change_nothing(watched: Watched, lodged: Office) -> None:
    page = in_english(watched, "wang")
    assert watched.go("/retention") == 200
    assert page.locator("details").count() == 0
    token = page.get_attribute("meta[name=csrf-token]", "content") or ""
    for username in ("wang", "chen"):
        if username == "chen":
            sign_out(page)
            in_english(watched, "chen")
            watched.go("/retention")
            token = page.get_attribute("meta[name=csrf-token]", "content") or ""
        form: dict[str, str | float | bool] = {"csrf_token": token, "days": "365", "reason": "x"}
        assert page.request.post(f"{lodged.url}/retention/screens", form=form).status == 403
    sign_out(page)
    in_english(watched, "li")
    assert watched.go("/retention") == 403


def test_a_request_is_written_down_decided_by_another_and_shown(watched: Watched, lodged: Office) -> None:
    page, member = in_english(watched, "zhao"), member_numbered(lodged, "104")
    watched.go(f"/members/{member}/transcript")
    page.select_option("#airing", index=1)
    page.fill("#text", SAID)
    page.press("#text", "Enter")
    page.get_by_text("The request is written down").wait_for()
    assert "waits" in page.locator("section", has=page.locator("#asked")).inner_text()
    assert serious(page) == []
    watched.go("/members/requests")
    assert page.get_by_role("button", name="They were there").count() == 0
    sign_out(page)
    in_english(watched, "wang")
    watched.go("/members")
    page.get_by_role("link", name="1 request waits").press("Enter")
    page.wait_for_url("**/members/requests")
    assert serious(page) == []
    assert SAID in page.locator("tbody").inner_text()
    page.get_by_role("button", name="Decline").press("Enter")
    page.locator("[role=alert]").wait_for()
    assert "Write why" in page.locator("[role=alert]").inner_text()
    assert state_of(lodged)[0] == 3
    page.get_by_role("button", name="They were there").press("Enter")
    page.get_by_text("They are on the roll of that session now.").wait_for()
    assert state_of(lodged)[0] == 4
    assert "Nobody waits for an answer" in page.locator(".empty").inner_text()
    watched.go("/members/requests?which=decided")
    assert "accepted" in page.locator("tbody").inner_text()
    assert "李伟" not in page.content()
    watched.go(f"/members/{member}/transcript")
    assert "看懂化验单" in page.locator("table", has_text="When").inner_text()
    assert "accepted" in page.locator("section", has=page.locator("#asked")).inner_text()
    sign_out(page)
    in_english(watched, "chen")
    watched.go("/members/requests?which=decided")
    assert "Nothing has been decided yet" in page.locator(".empty").inner_text()


def test_a_member_takes_their_data_along(watched: Watched, lodged: Office) -> None:
    page, member = in_english(watched, "zhao"), member_numbered(lodged, "101")
    watched.go(f"/members/{member}/transcript")
    page.fill("#data-reason", "she stands here herself")
    with page.expect_download() as coming:
        page.press("#data-reason", "Enter")
    packed = zipfile.ZipFile(io.BytesIO(coming.value.path().read_bytes()))
    data = msgspec.json.decode(packed.read("data.json"))
    assert data["person"][0]["name"] == "马建国"
    assert [one["lesson"] for one in data["sessions"]] == ["看懂化验单"]
    assert "Planned" in packed.read("sessions.csv").decode("utf-8-sig")
    token = page.get_attribute("meta[name=csrf-token]", "content") or ""
    address = f"{lodged.url}/members/{member}/data.zip"
    assert page.request.post(address, form={"csrf_token": token, "reason": " "}).status == 422
    sign_out(page)
    in_english(watched, "chen")
    watched.go("/members")
    token = page.get_attribute("meta[name=csrf-token]", "content") or ""
    assert page.request.post(address, form={"csrf_token": token, "reason": "x"}).status == 403
