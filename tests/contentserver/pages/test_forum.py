"""The forum, in a browser with three people: a thread, an answer, a name, a doubtful post, a report, a picture."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import delete

from contentserver.forum.models import (
    Author,
    Board,
    Notification,
    Post,
    PostPicture,
    PostReport,
    PostWords,
    Thread,
)
from tests.contentserver.pages.conftest import Office, Watched
from tests.contentserver.pages.looks import english, every_look, read_in
from tests.contentserver.pages.test_every_page import serious

pytestmark = pytest.mark.xdist_group("pages")


@pytest.fixture(autouse=True)
def empty(office: Office) -> Iterator[None]:
    """Before and afterwards nobody has said anything."""
    _clear(office)
    yield
    _clear(office)


def _clear(office: Office) -> None:
    with office.services.database.unit_of_work() as session:
        for table in (Notification, PostReport, PostWords, PostPicture, Post, Thread, Board, Author):
            session.execute(delete(table))


def begun(watched: Watched, text: str = "今年冬灌什么时候?@wang 请看", title: str = "冬灌") -> str:
    """A thread of the station's administrator for the county; its path."""
    page = english(watched, "zhao")
    watched.go("/forum/new")
    page.fill("#title", title)
    page.fill("#text", text)
    page.select_option("#region", "640221")
    page.get_by_role("button", name="Begin it").click()
    return page.url.split("#")[0].removeprefix(watched.office.url)


def test_a_question_is_answered_and_each_hears_of_the_other(watched: Watched, tmp_path: Path) -> None:
    page = english(watched, "zhao")
    watched.go("/forum")
    assert page.get_by_text("Nobody has said anything yet").is_visible()
    assert serious(page) == []
    begun(watched)
    english(watched, "wang")
    watched.go("/forum")
    assert serious(page) == []
    page.get_by_role("link", name="You are named in “冬灌”").click()
    picture = BytesIO()
    Image.new("RGB", (320, 240), "olive").save(picture, "JPEG")
    (tmp_path / "field.jpg").write_bytes(picture.getvalue())
    page.set_input_files("#pictures", str(tmp_path / "field.jpg"))
    page.fill("#text", "等昼消夜冻,日均温三度上下。<b>不是粗体</b>")
    page.get_by_role("button", name="Answer").click()
    assert "<b>不是粗体</b>" in page.locator("#post-2").inner_text()
    assert page.locator("#post-2 img").evaluate("async (image) => (await image.decode(), image.naturalWidth)") > 0
    assert serious(page) == []
    english(watched, "zhao")
    watched.go("/forum")
    page.get_by_role("link", name="Somebody answered in “冬灌”").click()
    watched.go("/forum")
    assert page.get_by_text("New for you").count() == 0
    watched.go("/forum?q=日均温")
    assert page.get_by_role("link", name="冬灌").is_visible()


def test_a_doubtful_post_waits_and_a_reported_one_is_looked_at(watched: Watched) -> None:
    place = begun(watched)
    page = watched.page
    page.fill("#text", "加微信领奖")
    page.get_by_role("button", name="Answer").click()
    assert "waits until somebody has looked" in page.locator("#post-2").inner_text()
    english(watched, "li")
    watched.go(place)
    page.locator("#post-1").get_by_text("Report", exact=True).click()
    page.locator("#post-1").get_by_role("button", name="Report it").click()
    assert "Say what is wrong with it" in page.locator("#post-1").inner_text()
    page.fill("#reason-1", "跑题")
    page.locator("#post-1").get_by_role("button", name="Report it").click()
    english(watched, "wang")
    watched.go("/tasks")
    page.get_by_role("link", name="posts in the forum to look at").click()
    assert serious(page) == []
    waiting = page.locator("article", has_text="加微信领奖")
    waiting.get_by_role("button", name="Take it away").click()
    assert "Say why" in page.locator("#post-2").inner_text()
    watched.go("/forum/waiting")
    waiting = page.locator("article", has_text="加微信领奖")
    waiting.locator("input[name=why]").fill("广告")
    waiting.get_by_role("button", name="Take it away").click()
    page.get_by_role("button", name="Let it stand").click()
    assert page.get_by_text("Nothing waits for you").is_visible()
    english(watched, "zhao")
    watched.go(place)
    assert "广告" in page.locator("#post-2").inner_text()


def test_who_is_of_another_county_finds_nothing(watched: Watched) -> None:
    place = begun(watched)
    english(watched, "chen")
    assert watched.go(place) == 404
    watched.go("/forum")
    assert watched.page.get_by_text("Nobody has said anything yet").is_visible()


def test_one_changes_ones_words_and_a_keeper_closes_the_thread(watched: Watched) -> None:
    place = begun(watched)
    page = watched.page
    page.get_by_text("Change", exact=True).click()
    page.fill("#text-1", "今年冬灌哪天?")
    page.get_by_role("button", name="Save").click()
    assert "changed" in page.locator("#post-1").inner_text()
    english(watched, "wang")
    watched.go(place)
    page.get_by_role("button", name="Close it").click()
    english(watched, "zhao")
    watched.go(place)
    assert page.get_by_text("Nobody writes here any more").is_visible()


@every_look
def test_the_forum_in_every_look(watched: Watched, scheme: str, language: str) -> None:
    place = begun(watched, title="冬灌" * 20)
    page = watched.page
    if language == "zh_CN":
        read_in(page, "zh-CN")
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    for width in (1366, 390):
        page.set_viewport_size({"width": width, "height": 768})
        for path in ("/forum", "/forum/new", place):
            watched.go(path)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (path, width)
            assert serious(page) == []
