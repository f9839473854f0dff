"""A box from afar in a browser: asked by keyboard, answered in words, helped with consent, in both languages."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec
import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import expect
from sqlalchemy import select

from contentserver.boxes import Box
from contentserver.kernel import clock
from contentserver.support import delivering, keeping
from contentserver.support.models import CommandRow
from schedules.wire.messages import PressKey, Reply, ReplyState
from schedules.wire.topics import BoxId
from tests.contentserver.pages.conftest import Office, Watched
from tests.contentserver.pages.looks import english, every_look, read_in
from tests.contentserver.pages.test_every_page import serious
from tests.tvclient.awaiting import eventually

pytestmark = pytest.mark.xdist_group("pages")
SECOND = timedelta(seconds=1)


@dataclass
class FarBox:
    """A box in the office's village, and what it says."""

    office: Office
    id: int

    def newest(self, kind: str) -> CommandRow:
        with self.office.services.database.reader() as session:
            query = select(CommandRow).where(CommandRow.box_id == self.id, CommandRow.kind == kind)
            return session.scalars(query.order_by(CommandRow.asked_at.desc())).all()[0]

    def say(self, kind: str, state: ReplyState, detail: str = "") -> UUID:
        row = self.newest(kind)
        reply = Reply(box=BoxId(self.id), command=str(row.id), state=state, at=clock.now(), detail=detail)
        with self.office.services.database.unit_of_work() as session:
            delivering.take_reply(session, self.id, reply, clock.now())
        return row.id

    def show(self, command: UUID, words: str) -> None:
        picture = Image.new("RGB", (960, 540), "#15120e")
        ImageDraw.Draw(picture).text((80, 80), words, fill="#f5b84b", font_size=64)
        written = io.BytesIO()
        picture.save(written, "JPEG")
        folder = keeping.folder_of(self.office.services.settings.data_dir)
        keeping.keep_picture(folder, command, written.getvalue())

    def keys(self) -> list[str]:
        with self.office.services.database.reader() as session:
            query = select(CommandRow.body).where(CommandRow.box_id == self.id, CommandRow.kind == "press_key")
            bodies = session.scalars(query.order_by(CommandRow.asked_at, CommandRow.id))
            return [msgspec.json.decode(body, type=PressKey).key for body in bodies]


@pytest.fixture
def far(office: Office) -> Iterator[FarBox]:
    with office.services.database.unit_of_work() as session:
        box = Box(
            station_id=UUID(office.station),
            public_key=f"far {datetime.now(UTC)}",
            http_token_hash=f"far {datetime.now(UTC)}",
            enrolled_at=clock.now(),
            online=True,
            seen_at=clock.now(),
        )
        session.add(box)
        session.flush()
        found = FarBox(office, box.id)
    yield found
    with office.services.database.unit_of_work() as session:
        session.get_one(Box, found.id).revoked_at = clock.now()


def test_a_picture_is_asked_for_by_keyboard_and_comes(watched: Watched, far: FarBox) -> None:
    page = watched.page
    english(watched, "wang")
    watched.go(f"/boxes/{far.id}")
    page.locator("button[value=take_screenshot]").press("Enter")
    page.locator(".flash").wait_for()
    row = page.locator(".commands tbody tr").first
    assert "not sent yet" in row.inner_text()
    command = far.newest("take_screenshot")
    far.show(command.id, "19:42")
    far.say("take_screenshot", ReplyState.DONE)
    thumbnail = row.locator(".thumbnail img")
    thumbnail.wait_for()
    assert "done" in row.inner_text()
    assert thumbnail.evaluate("async (image) => (await image.decode(), image.naturalWidth)") == 960
    assert serious(page) == []


def test_volume_restart_collect_and_log(watched: Watched, far: FarBox) -> None:
    page = watched.page
    english(watched, "li")
    watched.go(f"/support/boxes/{far.id}")
    for _ in range(3):
        page.locator("#percent").press("ArrowLeft")
    page.locator("button[value=set_volume]").press("Enter")
    page.locator(".flash").wait_for()
    assert far.newest("set_volume").body == '{"kind":"set_volume","percent":55}'
    for kind in ("restart", "collect_now", "send_logs"):
        page.locator(f"button[value={kind}]").press("Enter")
        expect(page.locator(".commands tbody tr").nth(1)).to_be_attached()
    folder = keeping.folder_of(far.office.services.settings.data_dir)
    keeping.keep_log(folder, far.newest("send_logs").id, b'{"event":"box.began"}\n')
    far.say("send_logs", ReplyState.DONE)
    far.say("restart", ReplyState.FAILED, "interrupted")
    watched.go(f"/support/boxes/{far.id}")
    assert "the box was switched off meanwhile" in page.locator(".commands").inner_text()
    with page.expect_download() as coming:
        page.locator(".commands a[href$='/log']").click()
    assert coming.value.path().read_text() == '{"event":"box.began"}\n'


def test_help_waits_shows_the_screen_takes_keys_and_says_how_it_ended(watched: Watched, far: FarBox) -> None:
    page = watched.page
    english(watched, "wang")
    watched.go(f"/boxes/{far.id}")
    page.locator("#from-afar form[action$='/helps'] button").press("Enter")
    page.locator("[data-error-summary]").wait_for()
    assert page.locator("#reason").get_attribute("aria-invalid") == "true"
    page.fill("#reason", "声音没有了")
    page.press("#reason", "Enter")
    page.get_by_role("heading", name="Asked; waiting for OK on the television").wait_for()
    assert serious(page) == []
    far.say("offer_help", ReplyState.WAITING)
    command = far.say("offer_help", ReplyState.DONE)
    far.show(command, "你好")
    picture = page.locator("[data-picture][src*='?v=']")
    picture.wait_for()
    assert picture.evaluate("async (image) => (await image.decode(), image.naturalWidth)") == 960
    first = picture.get_attribute("src") or ""
    far.show(command, "19:43")
    expect(page.locator("[data-picture]")).not_to_have_attribute("src", first)
    assert serious(page) == []
    page.locator("button.key-down").click()
    page.locator("main").focus()
    for key in ("ArrowRight", "Enter", "7", "g", "Backspace"):
        page.keyboard.press(key)
    eventually(lambda: len(far.keys()) == 6, "six keys")
    assert far.keys() == ["down", "right", "ok", "7", "green", "back"]
    far.say("offer_help", ReplyState.DONE, "ended_here")
    page.get_by_role("heading", name="The help is over").wait_for()
    assert "ended at the television" in page.locator("main").inner_text()
    assert serious(page) == []


def test_help_works_without_a_script_and_is_ended_in_the_office(watched: Watched, far: FarBox) -> None:
    english(watched, "wang")
    watched.go(f"/support/boxes/{far.id}")
    watched.page.fill("#reason", "看不清")
    watched.page.press("#reason", "Enter")
    watched.page.wait_for_url("**/support/helps/*")
    command = far.say("offer_help", ReplyState.DONE)
    far.show(command, "plain")
    state = watched.page.context.storage_state()
    assert watched.page.context.browser
    plain = watched.page.context.browser.new_context(java_script_enabled=False, storage_state=state)
    page = plain.new_page()
    page.goto(f"{watched.office.url}/support/helps/{command}")
    assert page.locator("[data-picture][src*='?v=']").count() == 1
    page.locator("button[value=menu]").click()
    page.wait_for_load_state()
    assert far.keys() == ["menu"]
    page.locator("form[action$='/end'] button").click()
    page.locator("h2", has_text="The help is over").wait_for()
    assert "ended in the office" in page.locator("main").inner_text()
    plain.close()


def test_nobody_else_sees_the_screen(watched: Watched, far: FarBox) -> None:
    english(watched, "wang")
    watched.go(f"/support/boxes/{far.id}")
    watched.page.fill("#reason", "看不清")
    watched.page.press("#reason", "Enter")
    watched.page.wait_for_url("**/support/helps/*")
    command = far.say("offer_help", ReplyState.DONE)
    far.show(command, "secret")
    watched.page.context.clear_cookies()
    english(watched, "li")
    assert watched.go(f"/support/helps/{command}") == 200
    assert watched.page.locator("[data-picture], [data-remote]").count() == 0
    assert watched.go(f"/support/commands/{command}/picture") == 403
    for username, status in (("zhao", 403), ("ma", 403), ("chen", 403)):
        watched.page.context.clear_cookies()
        watched.sign_in(username)
        for path in (f"/support/boxes/{far.id}", f"/support/helps/{command}", f"/support/helps/{command}/now"):
            assert watched.go(path) == status


def test_what_is_not_there_is_said(watched: Watched, far: FarBox) -> None:
    english(watched, "wang")
    assert watched.go("/support/boxes/999999") == 404
    assert watched.go("/support/helps/0197a3c1-0000-7000-8000-000000000008") == 404
    watched.go(f"/support/boxes/{far.id}")
    watched.page.locator("button[value=take_screenshot]").press("Enter")
    watched.page.locator(".flash").wait_for()
    assert watched.go(f"/support/commands/{far.newest('take_screenshot').id}/picture") == 404
    assert watched.go(f"/support/helps/{far.newest('take_screenshot').id}") == 404


@every_look
def test_the_pages_are_whole(watched: Watched, far: FarBox, scheme: str, language: str) -> None:
    page = watched.page
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
    watched.sign_in("wang")
    if page.get_attribute("html", "lang") != language.replace("_", "-"):
        read_in(page, language.replace("_", "-"))
    paths = [f"/support/boxes/{far.id}"]
    watched.go(paths[0])
    page.fill("#reason", "声音没有了，帮着看看是不是静音了")
    page.press("#reason", "Enter")
    page.wait_for_url("**/support/helps/*")
    command = far.say("offer_help", ReplyState.DONE)
    far.show(command, "你好")
    for path in (*paths, f"/support/helps/{command}"):
        assert watched.go(path) == 200
        assert page.locator("h1").count() == 1
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{path} is too wide"
        assert serious(page) == [], path
    page.set_viewport_size({"width": 683, "height": 384})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "too wide at twice the size"
