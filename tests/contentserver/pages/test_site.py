"""The public site: written by one, agreed to by another, read by everybody, without signing in and without script."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path
from uuid import UUID

import pytest
from lxml import etree
from PIL import Image
from playwright.sync_api import Browser, Page
from sqlalchemy import delete, select, update

from contentserver.members import Branch, Member, add_member
from contentserver.members.models import MemberRole, MemberTerm
from contentserver.portal.models import Article
from contentserver.processes.models import Process, ProcessStep
from contentserver.stations import Station
from tests.contentserver.pages.conftest import TOWNSHIP, VILLAGE, Office, Watched
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


@pytest.fixture
def branches(office: Office) -> Iterator[dict[str, str]]:
    """A committee of the township, a branch in a village with a secretary, one that is dissolved; ids by name."""
    today, now = datetime.now(UTC).date(), datetime.now(UTC)
    with office.services.database.unit_of_work() as session:
        rows = [
            Branch(region_code=TOWNSHIP, name="通伏乡党委", kind="committee", founded_on=date(1984, 7, 1), made_at=now),
            Branch(region_code=VILLAGE, name="马场村支部", kind="branch", founded_on=date(1986, 3, 12), made_at=now),
            Branch(region_code=VILLAGE, name="旧支部", kind="branch", dissolved_on=today, made_at=now),
        ]
        session.add_all(rows)
        session.flush()
        rows[1].parent_id = rows[0].id
        station = session.scalars(select(Station).where(Station.region_code == VILLAGE)).one()
        member = add_member(session, station.id, "马建国", "70901")
        member.branch_id = rows[1].id
        session.add(MemberRole(member_id=member.id, branch_id=rows[1].id, role="secretary", since=today))
        found = {row.name: str(row.id) for row in rows}
    yield found
    theirs = [UUID(one) for one in found.values()]
    with office.services.database.unit_of_work() as session:
        session.execute(delete(Article))
        session.execute(delete(MemberRole).where(MemberRole.branch_id.in_(theirs)))
        session.execute(delete(MemberTerm).where(MemberTerm.member_id == member.id))
        session.execute(delete(Member).where(Member.id == member.id))
        session.execute(update(Branch).where(Branch.id.in_(theirs)).values(parent_id=None))
        session.execute(delete(Branch).where(Branch.id.in_(theirs)))


def published(watched: Watched, folder: Path, branch: str = "") -> Page:
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
    if branch:
        page.select_option("#branch", branch)
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
    assert pages.count("<url>") == 7 + 1 + 1
    assert "/school</loc>" in pages
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


def test_everybody_finds_a_branch_its_figures_and_its_news_and_nobody_in_it(
    watched: Watched, browser: Browser, tmp_path: Path, branches: dict[str, str]
) -> None:
    page = published(watched, tmp_path, branches["马场村支部"])
    plain, url = browser.new_context(java_script_enabled=False, locale="en-US").new_page(), watched.office.url
    plain.goto(f"{url}/site/branches")
    while plain.locator(".branch-tree").count() == 0:
        plain.locator(".public-list a").first.click()
    assert "旧支部" not in plain.content()
    plain.locator(".branch-tree a", has_text="马场村支部").click()
    said = plain.locator("main").inner_text()
    for words in ("通伏乡党委", "1986", "冬灌要趁早"):
        assert words in said
    assert "马建国" not in plain.content()
    assert "马*国" not in plain.content()
    assert plain.locator(".branch-facts dd").nth(4).inner_text() == "1"
    plain.get_by_role("link", name="冬灌要趁早").click()
    plain.get_by_role("link", name="马场村支部").click()
    assert plain.request.get(f"{url}/site/branches/00000000-0000-7000-8000-000000000000").status == 404
    assert plain.request.get(f"{url}/site/branches?region=none").status == 404
    pages = plain.request.get(f"{url}/sitemap.xml").text()
    assert branches["通伏乡党委"] in pages
    assert branches["旧支部"] not in pages
    gone = plain.request.get(f"{url}/site/branches/{branches['旧支部']}")
    assert gone.status == 200
    plain.context.close()
    watched.go(f"/site/branches/{branches['旧支部']}")
    assert page.get_by_text("It takes nobody any more").is_visible()
    watched.go(f"/site/branches?region={TOWNSHIP}&state=dissolved")
    assert page.get_by_role("link", name="旧支部").is_visible()


def test_newer_words_of_another_branch_stand_nowhere_until_somebody_agreed(
    watched: Watched, tmp_path: Path, branches: dict[str, str]
) -> None:
    page = published(watched, tmp_path, branches["马场村支部"])
    page.get_by_role("link", name="Change it").click()
    page.select_option("#branch", branches["通伏乡党委"])
    page.get_by_role("button", name="Save the draft").click()
    assert page.get_by_text("Everybody still reads the words before these.").is_visible()
    for name, has in (("马场村支部", 1), ("通伏乡党委", 0)):
        watched.go(f"/site/branches/{branches[name]}")
        assert page.get_by_role("link", name="冬灌要趁早").count() == has


@every_look
def test_pages_of_branches_in_every_look(
    watched: Watched, tmp_path: Path, branches: dict[str, str], scheme: str, language: str
) -> None:
    page = published(watched, tmp_path, branches["马场村支部"])
    if language == "zh_CN":
        read_in(page, "zh-CN")
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    own = [f"/site/branches/{one}" for one in branches.values()]
    for width in (1366, 390):
        page.set_viewport_size({"width": width, "height": 768})
        for path in ("/site/branches", f"/site/branches?region={TOWNSHIP}", "/articles/new", *own):
            watched.go(path)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (path, width)
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
