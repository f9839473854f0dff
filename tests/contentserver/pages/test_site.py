"""The public site: written by one, agreed to by another, read by everybody, without signing in and without script."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from lxml import etree
from PIL import Image
from playwright.sync_api import Browser, Page
from sqlalchemy import delete

from contentserver.portal.models import Article
from contentserver.processes.models import Process, ProcessStep
from tests.contentserver.pages.conftest import Office, Watched
from tests.contentserver.pages.looks import english, every_look, read_in
from tests.contentserver.pages.test_every_page import serious

pytestmark = pytest.mark.xdist_group("pages")
TEXT = "地要冻在夜里化在白天。\n## 三看\n- 看温\n- 看墒\n<script>alert(1)</script>"


@pytest.fixture(autouse=True)
def empty(office: Office) -> Iterator[None]:
    """Before and afterwards there is no article."""
    _clear(office)
    yield
    _clear(office)


def _clear(office: Office) -> None:
    with office.services.database.unit_of_work() as session:
        for table in (Article, ProcessStep, Process):
            session.execute(delete(table))


def published(watched: Watched, folder: Path) -> Page:
    """News with a photograph, written by one and agreed to by another; the other's browser, on the article's page."""
    page = english(watched, "li")
    watched.go("/articles/new")
    page.fill("#title", "冬灌要趁早")
    page.fill("#text", TEXT)
    picture = BytesIO()
    Image.new("RGB", (640, 480), "olive").save(picture, "JPEG")
    (folder / "field.jpg").write_bytes(picture.getvalue())
    page.set_input_files("#cover", str(folder / "field.jpg"))
    page.fill("#cover_says", "冬灌的麦田")
    page.get_by_role("button", name="Save the draft").click()
    page.get_by_role("button", name="Ask for agreement").click()
    english(watched, "wang")
    watched.go("/tasks")
    page.get_by_role("link", name="冬灌要趁早").click()
    page.get_by_role("button", name="Agree", exact=True).click()
    page.get_by_role("link", name="Open its page").click()
    return page


def test_everybody_reads_what_two_agreed_to_without_signing_in_and_without_script(
    watched: Watched, browser: Browser, tmp_path: Path
) -> None:
    page = published(watched, tmp_path)
    assert serious(page) == []
    short = page.locator("a[href^='/a/']").get_attribute("href")
    plain = browser.new_context(java_script_enabled=False, locale="zh-CN").new_page()
    url = watched.office.url
    plain.goto(f"{url}/site")
    plain.get_by_role("link", name="冬灌要趁早").click()
    text = plain.locator("article").inner_text()
    assert "三看" in text
    assert "<script>alert(1)</script>" in text, "what was typed is shown, never run"
    assert plain.locator("article li").count() == 2
    assert plain.locator("article img").get_attribute("alt") == "冬灌的麦田"
    answer = plain.request.get(f"{url}{plain.locator('article img').get_attribute('src')}")
    assert answer.headers["content-type"] == "image/jpeg"
    plain.goto(f"{url}{short}")
    assert "冬灌要趁早" in plain.locator("h1").inner_text()
    plain.goto(f"{url}/site/search?q=冬灌 夜里")
    assert plain.get_by_role("link", name="冬灌要趁早").is_visible()
    plain.goto(f"{url}/site/search?q=化验单")
    plain.get_by_role("link", name="看懂化验单").click()
    assert "测土配方施肥" in plain.locator("main").inner_text()
    plain.context.close()
    page.fill("#why", "日期写错")
    page.get_by_role("button", name="Take it from the site").click()
    assert page.request.get(f"{url}{short}").status == 404


def test_feeds_name_what_is_there_and_are_not_sent_twice(watched: Watched, tmp_path: Path) -> None:
    page = published(watched, tmp_path)
    url = watched.office.url
    answer = page.request.get(f"{url}/site/news.xml")
    assert etree.fromstring(answer.body()).findtext("channel/item/title") == "冬灌要趁早"
    again = page.request.get(f"{url}/site/news.xml", headers={"If-None-Match": answer.headers["etag"]})
    assert again.status == 304
    pages = page.request.get(f"{url}/sitemap.xml").text()
    assert pages.count("<url>") == 5 + 1 + 1
    assert "Disallow: /\n" in page.request.get(f"{url}/robots.txt").text()


def test_what_is_missing_stands_beside_its_field(watched: Watched) -> None:
    page = english(watched, "li")
    watched.go("/articles")
    assert page.get_by_text("No article yet").is_visible()
    watched.go("/articles/new")
    page.fill("#summary", "摘要")
    page.get_by_role("button", name="Save the draft").click()
    assert page.locator("[aria-invalid=true]").count() == 2
    assert page.input_value("#summary") == "摘要"
    assert serious(page) == []


@every_look
def test_the_site_in_every_look(watched: Watched, tmp_path: Path, scheme: str, language: str) -> None:
    page = published(watched, tmp_path)
    if language == "zh_CN":
        read_in(page, "zh-CN")
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    for width in (1366, 390):
        page.set_viewport_size({"width": width, "height": 768})
        for path in ("/site", "/site/news", "/site/lessons", "/site/search?q=冬", "/articles", "/site/news/none"):
            watched.go(path)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (path, width)
            assert serious(page) == []
