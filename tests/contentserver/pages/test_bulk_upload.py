"""A whole course at once, in a real browser: a line that breaks, a reload, and files that are no recordings."""

from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect
from sqlalchemy import select

from contentserver.courses import Course, Lesson
from contentserver.kernel.auth import Role
from tests.contentserver.pages.conftest import COUNTY, Office, Watched
from tests.contentserver.pages.test_every_page import serious
from tests.serving import PASSWORD, hire
from tests.storms.proxy import Proxy

pytestmark = pytest.mark.xdist_group("pages")
MP4 = b"\0\0\0\x18ftypisom\0\0\2\0isomiso2"
PIECES = 6


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three lessons of several pieces each, captions beside the second, and what does not belong there."""
    made = tmp_path / "课程"
    made.mkdir()
    for number, name in enumerate(("01 取土样", "第2课 看懂化验单", "03_配方施肥"), start=1):
        (made / f"{name}.mp4").write_bytes(MP4 + bytes([number]) * (PIECES * 1024 * 1024 - 100))
    (made / "第2课 看懂化验单.srt").write_bytes("1\n00:00:00,000 --> 00:00:02,000\n缺哪样补哪样\n".encode("gb18030"))
    (made / "说明.docx").write_bytes(b"PK\3\4")
    return made


@pytest.fixture
def line(office: Office) -> Iterator[Proxy]:
    proxy = Proxy(urlsplit(office.url).port or 0, seed=7, share=0.006, frames=False)
    yield proxy
    proxy.close()


def lessons_of(office: Office, course: str) -> list[Lesson]:
    """With their transcodes and files."""
    with office.services.database.reader() as session:
        found = select(Lesson).join(Course).where(Course.title == course).order_by(Lesson.number)
        lessons = list(session.scalars(found))
        for lesson in lessons:
            assert lesson.transcode is not None
            assert lesson.transcode.files is not None
        return lessons


def new_course(page: Page, title: str) -> str:
    """By the form; gives back its id."""
    page.goto(page.url.split("/", 3)[0] + "//" + urlsplit(page.url).netloc + "/courses/new")
    page.fill("#title", title)
    page.locator("#region").select_option(index=0)
    page.click("button[type=submit], .card button.primary")
    page.wait_for_url("**/lessons/new")
    return page.url.split("/")[-3]


def test_three_lessons_come_over_a_line_that_breaks_and_a_reload(
    context: BrowserContext, office: Office, line: Proxy, folder: Path
) -> None:
    page = context.new_page()
    page.on("dialog", lambda dialog: dialog.accept())
    base = f"http://127.0.0.1:{line.port}"
    page.goto(f"{base}/sign-in")
    page.fill("#username", "li")
    page.fill("#password", PASSWORD)
    page.press("#password", "Enter")
    page.wait_for_url(base + "/")
    address = f"{base}/courses/{new_course(page, '坏线路上的课')}/upload"
    page.goto(address)
    page.locator("html.scripted").wait_for(state="attached")
    choose = page.locator("[data-pick]")
    line.stormy.set()
    choose.nth(1).set_input_files(folder)
    expect(page.locator("[data-row]")).to_have_count(3, timeout=60_000)
    expect(page.locator("[data-notes]")).to_contain_text("说明.docx")
    expect(page.locator("[data-row][data-state=outage]").first).to_be_visible(timeout=60_000)
    page.fill("[data-title] >> nth=0", "怎样取土样")
    page.locator("[data-title]").nth(0).press("Tab")
    line.stormy.clear()
    assert line.faults.total() > 0
    page.goto(address)
    expect(page.locator("[data-row]")).to_have_count(3)
    assert page.locator("[data-title]").nth(0).input_value() == "怎样取土样"
    assert page.locator("[data-number]").evaluate_all("all => all.map(one => one.value)") == ["1", "2", "3"]
    sent: list[int] = []
    page.on(
        "request",
        lambda asked: (
            sent.append(int(asked.headers.get("content-length", "0") or 0)) if asked.method == "PATCH" else None
        ),
    )
    choose.nth(1).set_input_files(folder)
    expect(page.locator("[data-row][data-state=arrived]")).to_have_count(3, timeout=60_000)
    assert len(sent) < 3 * PIECES + 1, "nothing of what had arrived was sent again"
    page.locator("[data-make]").press("Enter")
    expect(page.locator("[data-row][data-state=made]")).to_have_count(3)
    made = lessons_of(office, "坏线路上的课")
    facts = [(lesson.number, lesson.title) for lesson in made]
    assert facts == [(1, "怎样取土样"), (2, "看懂化验单"), (3, "配方施肥")]
    for lesson, file in zip(made, sorted(folder.glob("*.mp4"), key=lambda one: one.read_bytes()[50]), strict=True):
        assert lesson.transcode is not None
        kept = office.services.settings.uploads_dir / lesson.transcode.source
        assert kept.read_bytes() == file.read_bytes()
        assert lesson.transcode.sha256 == sha256(file.read_bytes()).hexdigest()
    assert made[1].transcode is not None
    assert [(one.kind, one.language) for one in made[1].transcode.files] == [("captions", "zh")]
    page.goto(address)
    expect(page.locator("[data-row]")).to_have_count(0)


def test_a_row_pauses_goes_on_and_is_removed_by_the_keyboard(watched: Watched, folder: Path) -> None:
    page = watched.page
    watched.sign_in("li")
    page.on("dialog", lambda dialog: dialog.accept())
    watched.go(f"/courses/{watched.office.course}/upload")
    page.locator("html.scripted").wait_for(state="attached")
    page.locator("[data-pick]").nth(1).set_input_files(folder)
    third = page.locator("[data-row]").nth(2)
    third.locator("[data-pause]").press("Enter")
    expect(third.locator("[data-go]")).to_be_focused()
    expect(page.locator("[data-row][data-state=arrived]")).to_have_count(2, timeout=60_000)
    assert third.get_attribute("data-state") == "paused"
    assert serious(page) == []
    third.locator("[data-go]").press("Enter")
    expect(page.locator("[data-row][data-state=arrived]")).to_have_count(3, timeout=60_000)
    for _row in range(3):
        page.locator("[data-remove]").first.press("Enter")
    expect(page.locator("[data-row]")).to_have_count(0)
    expect(page.locator("[data-pick]").first).to_be_focused()


def test_what_is_no_recording_is_told_at_its_row_and_the_others_become_lessons(
    watched: Watched, tmp_path: Path
) -> None:
    page, office = watched.page, watched.office
    watched.sign_in("li")
    watched.go(f"/courses/{office.course}/upload")
    page.locator("html.scripted").wait_for(state="attached")
    (tmp_path / "21 真的.mp4").write_bytes(MP4 + b"g" * 5000)
    (tmp_path / "22 程序.mp4").write_bytes(b"MZ\x90\0" + b"x" * 5000)
    (tmp_path / "23 网页.mp4").write_bytes(b"<!doctype html><script>alert(1)</script>".ljust(9000))
    (tmp_path / "01 号码有了.mp4").write_bytes(MP4 + b"h" * 5000)
    before = len(office.lesson_states())
    page.locator("[data-pick]").first.set_input_files(list(tmp_path.glob("*.mp4")))
    expect(page.locator("[data-row][data-state=refused]")).to_have_count(2)
    expect(page.locator("[data-row][data-state=arrived]")).to_have_count(2)
    told = page.locator("[data-row][data-state=refused] [data-line]").all_inner_texts()
    assert all("MP4" in sentence for sentence in told), "the server's own sentence, with what to do"
    with page.expect_request("**/lessons") as asked:
        page.locator("[data-make]").press("Enter")
    assert asked.value.headers["accept-language"] == page.get_attribute("html", "lang"), "in the page's language"
    expect(page.locator("[data-row][data-state=made]")).to_have_count(1)
    assert page.locator("[data-row][data-state=arrived] [data-number]").input_value() == "1"
    page.locator("[data-row][data-state=arrived] [data-number]").fill("24")
    page.locator("[data-make]").press("Enter")
    expect(page.locator("[data-row][data-state=made]")).to_have_count(2)
    assert len(office.lesson_states()) == before + 2
    page.locator("[data-row][data-state=made] a").first.click()
    page.wait_for_url("**/lessons/*-*")


def test_a_file_that_changes_on_its_way_makes_no_lesson(watched: Watched, tmp_path: Path) -> None:
    page, office = watched.page, watched.office
    watched.sign_in("li")
    watched.go(f"/courses/{office.course}/upload")
    page.locator("html.scripted").wait_for(state="attached")
    file = tmp_path / "31 改了.mp4"
    file.write_bytes(MP4 + b"a" * 20_000_000)
    before = len(office.lesson_states())

    def change_and_let_pass(route: Route) -> None:
        if b"a" in file.read_bytes()[:100]:
            file.write_bytes(MP4 + b"b" * 20_000_000)
        route.continue_()

    page.route("**/uploads/*", change_and_let_pass)
    page.locator("[data-pick]").first.set_input_files(file)
    expect(page.locator("[data-row][data-state=refused]")).to_have_count(1, timeout=30_000)
    page.locator("[data-pick]").first.set_input_files(file)
    expect(page.locator("[data-row][data-state=arrived]")).to_have_count(1, timeout=30_000)
    page.locator("[data-make]").press("Enter")
    expect(page.locator("[data-row][data-state=made]")).to_have_count(1)
    assert len(office.lesson_states()) == before + 1
    with office.services.database.reader() as session:
        made = session.scalars(select(Lesson).where(Lesson.title == "改了")).one()
        assert made.transcode is not None
        assert made.transcode.sha256 == sha256(file.read_bytes()).hexdigest()


def test_a_system_administrator_sets_what_the_region_may_hold(watched: Watched) -> None:
    page, office = watched.page, watched.office
    watched.sign_in("li")
    watched.go(f"/courses/{office.course}/upload")
    assert page.locator("#gigabytes").count() == 0
    token = page.get_attribute("meta[name=csrf-token]", "content") or ""
    form: dict[str, str | float | bool] = {"csrf_token": token, "gigabytes": "5"}
    answer = page.request.post(f"{office.url}/courses/{office.course}/upload/quota", form=form)
    assert answer.status == 403
    with office.services.database.unit_of_work() as session:
        hire(session, {"he": ("何管理", Role.SYSTEM_ADMIN, COUNTY)}, datetime.now(UTC))
    page.context.clear_cookies()
    watched.sign_in("he")
    watched.go(f"/courses/{office.course}/upload")
    page.locator("details summary").press("Enter")
    page.fill("#gigabytes", "0")
    page.locator("#gigabytes").press("Enter")
    expect(page.locator("#gigabytes-wrong")).to_be_visible()
    page.fill("#gigabytes", "5")
    page.locator("#gigabytes").press("Enter")
    expect(page.locator("meter")).to_have_attribute("max", "5000000000")
    tus = {
        "X-CSRFToken": page.get_attribute("meta[name=csrf-token]", "content") or "",
        "Tus-Resumable": "1.0.0",
        "Accept": "application/json",
        "Upload-Metadata": f"course {b64encode(office.course.encode()).decode()}",
    }
    refused = page.request.post(f"{office.url}/uploads", headers={**tus, "Upload-Length": "6000000000"})
    assert (refused.status, refused.json()["code"]) == (422, "quota_full")
    assert page.request.post(f"{office.url}/uploads", headers={**tus, "Upload-Length": "4000000000"}).status == 201
    again = page.request.post(f"{office.url}/uploads", headers={**tus, "Upload-Length": "4000000000"})
    assert again.json()["code"] == "quota_full", "what is under way counts"
    page.locator("details summary").press("Enter")
    page.fill("#gigabytes", "2000")
    page.locator("#gigabytes").press("Enter")
