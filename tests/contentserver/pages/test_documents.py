"""Documents, in a browser: the county sends, the township passes on and answers, the village reads; bad attachments."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pypdfium2
import pytest
from playwright.sync_api import BrowserContext, FilePayload, Page
from sqlalchemy import delete, select

from contentserver import documents
from contentserver.accounts import Account, create_account
from contentserver.attendance import take_in
from contentserver.attendance.models import EventRow
from contentserver.boxes import Box
from contentserver.documents import service
from contentserver.documents.models import Document, DocumentScheme
from contentserver.documents.rules import ReplyKind
from contentserver.kernel.auth import Person, Role
from contentserver.stations import Station
from schedules.wire.messages import DocumentRead, DocumentReplied, EventBatch
from schedules.wire.topics import BoxId
from tests.contentserver.documents.samples import PDF, words, workbook
from tests.contentserver.journals import records
from tests.contentserver.pages.conftest import TOWNSHIP, VILLAGE, Office, Watched
from tests.contentserver.pages.looks import english, every_look, read_in
from tests.contentserver.pages.test_every_page import serious
from tests.serving import PASSWORD

pytestmark = pytest.mark.xdist_group("pages")
TITLE = "关于做好秋冬种工作的通知"


@pytest.fixture(autouse=True)
def empty(office: Office) -> Iterator[None]:
    """Before and afterwards there is no document, and nobody has read one; a clerk works for the township."""
    _clear(office)
    yield
    _clear(office)


def _clear(office: Office) -> None:
    with office.services.database.unit_of_work() as session:
        for row in session.scalars(select(Document).where(Document.forwards.is_not(None))):
            row.forwards = None
        session.flush()
        session.execute(delete(Document))
        session.execute(delete(DocumentScheme))
        session.execute(delete(EventRow).where(EventRow.kind.in_(("document_read", "document_replied"))))
        if session.scalars(select(Account).where(Account.username == "tian")).first() is None:
            create_account(
                session,
                username="tian",
                display_name="田干事",
                password=PASSWORD,
                role=Role.COUNTY_STAFF,
                region_code=TOWNSHIP,
                now=datetime.now(UTC),
            )


def sent(office: Office, username: str = "wang", **changes: object) -> UUID:
    """A document that was sent; its id."""
    with office.services.database.unit_of_work() as session:
        found = session.scalars(select(Account).where(Account.username == username)).one()
        who = Person(found.id, username, found.display_name, Role(found.role), found.region_code)
        row = service.draft(session, words(**changes), who, datetime.now(UTC))
        service.send(session, row, who, datetime.now(UTC))
        return row.id


def by_remote(office: Office, document_id: UUID, answer: str = "") -> None:
    """The village's television says that it was read, and answered."""
    now = datetime.now(UTC)
    with office.services.database.unit_of_work() as session:
        station = session.scalars(select(Station).where(Station.region_code == VILLAGE)).one()
        key = f"documents-{document_id}"
        box = Box(station_id=station.id, public_key=key, http_token_hash=key, enrolled_at=now)
        session.add(box)
        session.flush()
        name = str(document_id)
        bodies: list[DocumentRead | DocumentReplied] = [DocumentRead(document=name, version=1)]
        if answer:
            bodies.append(DocumentReplied(document=name, version=1, choice=0, answer=answer))
        said = records(*bodies, since=now - timedelta(seconds=9))
        take_in(session, box, EventBatch(box=BoxId(box.id), epoch="d", events=said), now)
        session.flush()
        documents.take_readings(session)
        box.revoked_at = now


def file(name: str, data: bytes) -> FilePayload:
    """A file as a browser sends it, whatever it is."""
    return {"name": name, "mimeType": "image/png", "buffer": data}


def write(page: Page) -> None:
    """The form, as the county fills it in."""
    page.check(f"input[name=regions][value='{TOWNSHIP}']")
    page.fill("#title", TITLE)
    page.fill("#text", "请各村摸清冬小麦面积。\n按期上报。")
    page.select_option("#reply", "choice")
    page.fill("#options", "能按期\n有困难")
    page.fill("#reply_days", "5")


def _the_township_answers_and_passes_on(watched: Watched) -> None:
    page = english(watched, "tian")
    watched.go("/tasks")
    page.get_by_role("link", name="document to read or to answer").click()
    assert "not received" in page.locator("tbody").inner_text()
    page.get_by_role("link", name=TITLE).click()
    page.check("input[value='有困难']")
    page.get_by_role("button", name="Answer").click()
    page.locator(".flash", has_text="on its way up").wait_for()
    page.check("input[value='能按期']")
    page.get_by_role("button", name="Answer again").click()
    assert "能按期" in page.locator(".our-answer").inner_text()
    page.get_by_role("button", name="Pass it on to those below").click()
    page.wait_for_url("**/edit")
    assert page.input_value("#title") == f"Passing on: {TITLE}"
    page.get_by_role("button", name="Save the draft").click()
    page.get_by_role("button", name="Send it").click()
    assert "通伏发〔" in page.locator(".flash").inner_text()
    assert page.get_by_role("link", name="面积表.exe.xlsx").count() == 1
    assert page.get_by_role("link", name="平罗发").count() == 1


def test_the_county_sends_the_township_passes_on_and_the_village_answers(watched: Watched, office: Office) -> None:
    page = english(watched, "wang")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Organisation").click()
    page.click("nav a[href='/documents']")
    assert "There is no document yet" in page.locator("main").inner_text()
    page.click("main a[href='/documents/new'] >> nth=0")
    write(page)
    page.get_by_role("button", name="Save the draft").click()
    page.wait_for_url("**/documents/*-*")
    assert "平罗发〔" in page.locator("dl.facts").inner_text()
    page.set_input_files("#files", [file("../面积\u202e表.exe", workbook())])
    page.get_by_role("button", name="Attach", exact=True).click()
    page.get_by_role("link", name="面积表.exe.xlsx").wait_for()
    page.get_by_role("button", name="Send it").click()
    page.locator(".flash", has_text="平罗发").wait_for()
    address = page.url.removeprefix(office.url)
    assert "0/" in page.locator(".receipt-bar").first.inner_text()

    _the_township_answers_and_passes_on(watched)
    page = english(watched, "zhao")
    watched.go("/documents?open=1")
    assert page.locator("tbody tr").count() == 2
    with page.expect_download() as download:
        watched.go(address)
        page.get_by_role("link", name="面积表.exe.xlsx").click()
    assert download.value.suggested_filename == "面积表.exe.xlsx"
    page.check("input[value='能按期']")
    page.get_by_role("button", name="Answer").click()

    page = english(watched, "wang")
    watched.go(address + "/board?which=replied")
    rows = page.locator("section[aria-labelledby=each] tbody tr").all_inner_texts()
    assert len(rows) == 2
    assert all("能按期" in row for row in rows)
    assert "1 earlier answer" in rows[0]
    assert "田干事" in rows[0]
    assert serious(page) == []


def test_what_the_television_says_stands_on_the_board(watched: Watched, office: Office) -> None:
    document = sent(office, reply=ReplyKind.YES_NO, reply_days=5)
    by_remote(office, document, "yes")
    page = english(watched, "wang")
    watched.go(f"/documents/{document}/board?which=replied")
    row = page.locator("section[aria-labelledby=each] tbody tr")
    assert row.count() == 1
    assert "by the television's remote" in row.inner_text()
    page.get_by_role("link", name="Not read", exact=True).click()
    page.wait_for_url("**which=unread**")
    page.locator(".receipt-parts tbody a").first.click()
    page.wait_for_url("**under=**")
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    assert "receipts" in download.value.suggested_filename


def test_a_newer_version_shows_what_has_changed_and_a_recall_says_why(watched: Watched, office: Office) -> None:
    document = sent(office)
    page = english(watched, "zhao")
    watched.go(f"/documents/{document}")
    page = english(watched, "wang")
    watched.go(f"/documents/{document}/edit")
    page.fill("#text", "请各村摸清冬小麦面积。\n十二月五日前上报。")
    page.get_by_role("button", name="Send the newer version").click()
    page.locator(".flash", has_text="newer version is sent").wait_for()
    page = english(watched, "zhao")
    watched.go(f"/documents/{document}")
    assert page.locator("ins").all_inner_texts() == ["十二月五日前上报。"]
    assert page.locator("del").all_inner_texts() == ["按期上报。"]
    page = english(watched, "wang")
    watched.go(f"/documents/{document}")
    page.evaluate("document.querySelector('#reason').required = false")
    page.get_by_role("button", name="Recall it").click()
    assert page.locator("#reason-wrong").inner_text().startswith("Say why it is recalled")
    page.fill("#reason", "数字有误")
    page.get_by_role("button", name="Recall it").click()
    page = english(watched, "zhao")
    watched.go(f"/documents/{document}")
    assert "数字有误" in page.locator("main").inner_text()
    assert "You had read it before" in page.locator("main").inner_text()
    assert page.locator("article").count() == 0
    assert watched.go(f"/documents/{document}/print.pdf") == 409


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "none of the kinds"),
        (PDF + b"<< /S /JavaScript /JS (app.alert(1)) >>", "script, a macro or a file inside"),
        (workbook(**{"xl/vbaProject.bin": "Sub Auto_Open()"}), "script, a macro or a file inside"),
        (PDF.ljust(15_500_000, b"\n"), "at most 15 MB"),
    ],
    ids=["svg", "pdf-script", "macro", "15.5MB"],
)
def test_an_attachment_that_is_not_taken_is_said_beside_the_field(
    watched: Watched, office: Office, data: bytes, told: str
) -> None:
    document = sent(office)
    page = english(watched, "wang")
    watched.go(f"/documents/{document}")
    page.set_input_files("#files", [file("通知.pdf", data)])
    page.get_by_role("button", name="Attach", exact=True).click()
    page.locator("#files-wrong", has_text=told).wait_for()
    assert page.locator(".document-files li").count() == 0
    assert page.get_by_role("heading", name=TITLE).count() == 1


def test_what_is_larger_than_a_form_may_be_is_refused_in_words(watched: Watched, office: Office) -> None:
    document = sent(office)
    english(watched, "wang")
    watched.go(f"/documents/{document}")
    token = watched.page.get_attribute("meta[name=csrf-token]", "content") or ""
    large = file("通知.pdf", PDF.ljust(40_000_000, b"\n"))
    answer = watched.page.request.post(
        f"{office.url}/documents/{document}/files", multipart={"csrf_token": token, "files": large}
    )
    assert answer.status == 413
    assert "at most 15 MB" in answer.text()


def test_a_form_that_cannot_stand_keeps_what_was_typed(watched: Watched, office: Office) -> None:
    page = english(watched, "wang")
    watched.go("/documents/new")
    page.fill("#text", "请各村摸清冬小麦面积。")
    page.select_option("#reply", "choice")
    page.fill("#options", "只有一个")
    page.fill("#read_days", "0")
    page.get_by_role("button", name="Save the draft").click()
    summary = page.locator("[data-error-summary]").inner_text()
    for sentence in ("it reaches nobody", "Say in a few words", "From 1 to 90", "at least two answers"):
        assert sentence in summary
    assert page.input_value("#text") == "请各村摸清冬小麦面积。"
    assert page.input_value("#options") == "只有一个"
    assert serious(page) == []


def test_the_office_says_how_it_numbers(watched: Watched, office: Office) -> None:
    page = english(watched, "wang")
    watched.go("/documents/numbering")
    page.fill("#word", "平农发")
    page.fill("#given", "11")
    page.get_by_role("button", name="Save").click()
    page.locator("main", has_text="〕12号").wait_for()
    sent(office)
    page.fill("#given", "30")
    page.get_by_role("button", name="Save").click()
    assert "have numbers already" in page.locator("#given-wrong").inner_text()


def test_it_is_printed_under_the_red_head(watched: Watched, office: Office) -> None:
    document = sent(office)
    english(watched, "zhao")
    answer = watched.page.request.get(f"{office.url}/documents/{document}/print.pdf")
    pdf = pypdfium2.PdfDocument(answer.body())
    text = pdf[0].get_textpage().get_text_range()
    assert "平罗发" in text
    assert TITLE in text
    colours = pdf[0].render(scale=0.5).to_pil().convert("RGB").getcolors(1 << 24) or []
    assert sum(count for count, (red, green, _blue) in colours if red > 150 and green < 60) > 100


@every_look
@pytest.mark.parametrize("width", [1366, 390])
def test_pages_are_open_to_all_in_both_looks(
    watched: Watched, context: BrowserContext, office: Office, scheme: str, language: str, width: int
) -> None:
    document = sent(office, reply=ReplyKind.YES_NO, reply_days=5)
    by_remote(office, document, "no")
    page = watched.page
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
    watched.sign_in("wang")
    if language == "en":
        read_in(page)
    for path in ("", "/new", f"/{document}", f"/{document}/edit", f"/{document}/board", "/numbering"):
        assert watched.go(f"/documents{path}") == 200, path
        assert serious(page) == [], path
        assert page.locator("h1").count() == 1
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
