"""Notices, in a browser: written, published, changed and withdrawn; who has read them; the sheet for the board."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pypdfium2
import pytest
from playwright.sync_api import Page
from sqlalchemy import delete, select

from contentserver import notices
from contentserver.accounts import Account
from contentserver.attendance import take_in
from contentserver.attendance.models import EventRow
from contentserver.boxes import Box
from contentserver.kernel.auth import Person, Role
from contentserver.notices import service
from contentserver.notices.models import NoticeRow
from contentserver.stations import Station
from schedules.wire.messages import EventBatch, NoticeRead
from schedules.wire.topics import BoxId
from tests.contentserver.journals import records
from tests.contentserver.notices.samples import words
from tests.contentserver.pages.conftest import TOWNSHIP, VILLAGE, Office, Watched
from tests.contentserver.pages.looks import english, every_look, read_in
from tests.contentserver.pages.test_every_page import serious

pytestmark = pytest.mark.xdist_group("pages")
END = datetime(2030, 1, 2, 12, 0, tzinfo=UTC)
"""20:00 of a Wednesday in the villages."""


@pytest.fixture(autouse=True)
def empty(office: Office) -> Iterator[None]:
    """Before and afterwards there is no notice, and nobody has read one."""
    _clear(office)
    yield
    _clear(office)


def _clear(office: Office) -> None:
    with office.services.database.unit_of_work() as session:
        session.execute(delete(NoticeRow))
        session.execute(delete(EventRow).where(EventRow.kind == "notice_read"))


def published(office: Office, username: str = "li", **changes: object) -> UUID:
    """A notice that stands; its id."""
    now = datetime.now(UTC)
    with office.services.database.unit_of_work() as session:
        found = session.scalars(select(Account).where(Account.username == username)).one()
        who = Person(found.id, username, found.display_name, Role(found.role), found.region_code)
        row = service.draft(session, words(**changes), who, now)
        service.publish(session, row, who, now)
        return row.id


def opened(office: Office, notice_id: UUID) -> None:
    """A television of the village says that somebody opened it."""
    now = datetime.now(UTC)
    with office.services.database.unit_of_work() as session:
        here = select(Station).where(Station.region_code == VILLAGE)
        station = session.scalars(here).one()
        box = Box(
            station_id=station.id,
            public_key=f"notices-{notice_id}",
            http_token_hash=f"notices-{notice_id}",
            enrolled_at=now,
        )
        session.add(box)
        session.flush()
        said = records(NoticeRead(notice=str(notice_id), version=1), since=now)
        take_in(session, box, EventBatch(box=BoxId(box.id), epoch="n", events=said), now)
        session.flush()
        notices.take_readings(session)
        box.revoked_at = now


def rows(office: Office) -> list[tuple[str, str, int]]:
    with office.services.database.reader() as session:
        found = session.scalars(select(NoticeRow).order_by(NoticeRow.id))
        return [(row.title, row.state, row.version) for row in found]


def fill(page: Page, title: str = "Register for winter wheat insurance") -> None:
    page.select_option("#region_code", VILLAGE)
    page.fill("#title", title)
    page.fill("#text", "Four yuan for each mu.\n\nBring your identity card.")


def test_from_nothing_to_a_published_notice_and_back(watched: Watched, office: Office) -> None:
    page = english(watched, "li")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Exchange").click()
    page.click("nav a[href='/notices']")
    assert "There is no notice yet" in page.locator("main").inner_text()
    page.click("main a[href='/notices/new'] >> nth=0")
    assert page.input_value("#issuer") == "平罗县"
    fill(page)
    page.click("button[name=save]")
    page.wait_for_url("**/notices/*-*")
    assert rows(office) == [("Register for winter wheat insurance", "draft", 1)]
    page.get_by_role("link", name="Change it").click()
    page.fill("#title", "Winter wheat insurance")
    page.check("#important")
    page.click("button[name=publish]")
    page.locator(".flash", has_text="on its way").wait_for()
    assert rows(office) == [("Winter wheat insurance", "published", 1)]
    assert page.locator("#count ~ .figure .number").inner_text() == "0 / 1"
    page.get_by_role("link", name="Change it").click()
    page.fill("#text", "Five yuan for each mu.")
    page.click("button.primary")
    page.locator(".flash").wait_for()
    assert rows(office) == [("Winter wheat insurance", "published", 2)]
    page.get_by_role("button", name="Take it off the televisions").click()
    page.fill("#reason", "It was put off")
    page.get_by_role("button", name="Take it off the televisions").click()
    page.locator(".flash", has_text="withdrawn").wait_for()
    assert "It was put off" in page.locator("dl.facts").inner_text()
    assert rows(office) == [("Winter wheat insurance", "withdrawn", 2)]
    assert page.get_by_role("link", name="Change it").count() == 0


def test_what_is_wrong_stands_beside_its_field_and_nothing_is_lost(watched: Watched, office: Office) -> None:
    page = english(watched, "li")
    watched.go("/notices/new")
    fill(page, title="字" * 37)
    page.fill("#valid_until", "2020-01-01T00:00")
    page.fill("#issuer", "")
    page.click("button[name=publish]")
    page.locator("[data-error-summary]").wait_for()
    assert "too long" in page.locator("#title-wrong").inner_text()
    assert "passed already" in page.locator("#valid_until-wrong").inner_text()
    assert "who tells" in page.locator("#issuer-wrong").inner_text()
    assert page.input_value("#title") == "字" * 37
    assert page.is_checked(f"input[name=regions][value='{VILLAGE}']")
    assert "identity card" in page.input_value("#text")
    assert rows(office) == []
    assert serious(page) == []


def test_a_reason_is_asked_beside_its_field(watched: Watched, office: Office) -> None:
    notice = published(office)
    page = english(watched, "wang")
    watched.go(f"/notices/{notice}")
    page.fill("#reason", "  ")
    page.get_by_role("button", name="Take it off the televisions").click()
    page.locator("#reason-wrong").wait_for()
    assert rows(office)[0][1] == "published"


def test_of_two_who_change_it_the_second_sees_the_firsts_words(watched: Watched, office: Office) -> None:
    notice = published(office)
    page = english(watched, "li")
    watched.go(f"/notices/{notice}/edit")
    page.fill("#title", "Mine")
    with office.services.database.unit_of_work() as session:
        row = session.get_one(NoticeRow, notice)
        row.title, row.saved = "Theirs", row.saved + 1
    page.click("button.primary")
    page.locator(".bar.trouble[role=alert]").wait_for()
    assert "Theirs" in page.locator("dl.facts").inner_text()
    assert page.input_value("#title") == "Mine"
    page.click("button.primary")
    page.locator(".flash").wait_for()
    assert rows(office)[0][0] == "Mine"


def test_a_draft_whose_day_has_passed_is_not_published(watched: Watched, office: Office) -> None:
    notice = published(office)
    with office.services.database.unit_of_work() as session:
        row = session.get_one(NoticeRow, notice)
        row.state, row.valid_until = "draft", datetime.now(UTC) - timedelta(hours=1)
    page = english(watched, "li")
    watched.go(f"/notices/{notice}")
    page.get_by_role("button", name="Publish").click()
    page.locator("#valid_until-wrong").wait_for()
    assert rows(office)[0][1] == "draft"


def test_who_has_read_it_is_counted_and_listed(watched: Watched, office: Office) -> None:
    notice = published(office, regions=(TOWNSHIP,))
    opened(office, notice)
    page = english(watched, "li")
    watched.go("/notices")
    count = page.locator("td.num a").inner_text()
    assert count.startswith("1/")
    stations = int(count.partition("/")[2])
    page.click("td.num a")
    page.locator("nav[aria-label='Which stations'] a[aria-current=page]", has_text="Not read yet").wait_for()
    assert "马场村" not in page.locator("table").inner_text()
    page.get_by_role("link", name="Read", exact=True).click()
    page.wait_for_url("**read=yes*")
    assert page.locator("tbody tr").count() == 1
    assert "马场村" in page.locator("tbody tr").inner_text()
    assert page.locator("#count ~ .figure .number").inner_text() == f"1 / {stations}"


def test_the_list_is_filtered_and_the_filter_stands_in_the_address(watched: Watched, office: Office) -> None:
    published(office, title="停水通知", regions=(VILLAGE,))
    published(office, title="保险登记")
    page = english(watched, "li")
    watched.go("/notices")
    assert page.locator("tbody tr").count() == 2
    page.fill("#q", "停水")
    page.press("#q", "Enter")
    page.wait_for_url("**q=*")
    assert page.locator("tbody tr").count() == 1
    watched.go(f"/notices?state=shown&region={TOWNSHIP}")
    assert "停水通知" in page.locator("tbody").inner_text()
    assert page.locator("tbody tr").count() == 1
    watched.go("/notices?state=over")
    assert "No notice is like that" in page.locator("main").inner_text()
    watched.go("/notices?state=nonsense&page=99")
    assert page.locator("tbody tr").count() == 2


def test_a_station_reads_and_prints_what_is_for_it(watched: Watched, office: Office) -> None:
    notice, elsewhere = published(office), published(office, "chen", regions=("640202",))
    page = english(watched, "zhao")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Exchange").click()
    page.click("nav a[href='/notices']")
    assert page.locator("tbody tr").count() == 1
    assert page.get_by_role("link", name="Write a notice").count() == 0
    page.click("tbody a")
    assert page.locator("#readers").count() == 0
    assert page.locator("#reason").count() == 0
    answer = page.request.get(f"{office.url}/notices/{notice}/print.pdf")
    assert answer.status == 200
    assert answer.body().startswith(b"%PDF-")
    for path in (f"/notices/{elsewhere}", f"/notices/{elsewhere}/print.pdf", "/notices/new", f"/notices/{notice}/edit"):
        assert page.request.get(office.url + path).status == 403, path
    assert page.request.get(f"{office.url}/notices/{elsewhere.hex}").status in (403, 404)


def test_without_the_right_to_write_there_is_what_stands_and_no_more(watched: Watched, office: Office) -> None:
    page = english(watched, "ma")
    assert page.locator("nav a[href='/notices']").count() == 0
    watched.go("/notices")
    assert "There is no notice at the moment" in page.locator("main").inner_text()


@pytest.mark.parametrize("length", [8, 150, 400, 1200])
def test_the_sheet_for_the_board_holds_every_word(watched: Watched, office: Office, length: int) -> None:
    text = "一二三四五六七八九十" * (length // 10) + "到此为止"
    notice = published(office, text=f"开头\n{text[: length - 2]}"[:length], valid_until=END)
    watched.sign_in("zhao")
    answer = watched.page.request.get(f"{office.url}/notices/{notice}/print.pdf")
    document = pypdfium2.PdfDocument(answer.body())
    assert len(document) <= 2
    words = "".join("".join(page.get_textpage().get_text_range().split()) for page in document)
    assert "冬小麦保险开始登记" in words
    assert "县农业农村局" in words
    assert "2030-01-0220:00" in words.replace("周三", "")
    assert words.count("十") == text[: length - 2].count("十"), "no line is lost at the end of a page"
    document.close()


def test_a_draft_says_so_on_paper(watched: Watched, office: Office) -> None:
    notice = published(office)
    with office.services.database.unit_of_work() as session:
        row = session.get_one(NoticeRow, notice)
        row.state, row.published_at = "draft", None
    english(watched, "li")
    document = pypdfium2.PdfDocument(watched.page.request.get(f"{office.url}/notices/{notice}/print.pdf").body())
    assert "Draft" in document[0].get_textpage().get_text_range()
    document.close()


@every_look
def test_the_pages_are_whole_and_open_to_all(watched: Watched, office: Office, scheme: str, language: str) -> None:
    notice = published(office, important=True, valid_until=datetime.now(UTC) + timedelta(days=3))
    opened(office, notice)
    page = watched.page
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
    watched.sign_in("li")
    if language == "en":
        read_in(page)
    for width in (1366, 390):
        page.set_viewport_size({"width": width, "height": 768})
        for path in ("/notices", "/notices/new", f"/notices/{notice}", f"/notices/{notice}/edit"):
            assert watched.go(path) == 200, path
            assert page.locator("h1").count() == 1, path
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{path} is too wide at {width}"
            assert serious(page) == [], path
