"""Members in the forum, in a browser at the width of a phone: a name, a thread, an answer, somebody stopped."""

from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page
from sqlalchemy import delete, select

from contentserver.accounts import Account
from contentserver.forum.models import Author, Board, Notification, Post, PostPicture, PostReport, PostWords, Thread
from contentserver.kernel.auth import Person, Role
from contentserver.members import Branch, Member, add_member, own_link
from contentserver.members.models import MemberTerm
from contentserver.stations import Station
from tests.contentserver.pages.conftest import TOWNSHIP, VILLAGE, Office, Watched
from tests.contentserver.pages.looks import english, every_look, read_in
from tests.contentserver.pages.test_every_page import serious

pytestmark = pytest.mark.xdist_group("pages")
ELSEWHERE = "640221203200"
NAME, OTHER = ("马建国", "70801"), ("李玉珍", "70802")


@pytest.fixture(autouse=True)
def empty(office: Office) -> Iterator[None]:
    """Before and afterwards nobody has said anything, and nobody of these is on a roll."""
    _clear(office)
    yield
    _clear(office)


def _clear(office: Office) -> None:
    with office.services.database.unit_of_work() as session:
        for table in (Notification, PostReport, PostWords, PostPicture, Post, Thread, Board, Author):
            session.execute(delete(table))
        ours = Member.number.in_([NAME[1], OTHER[1]])
        session.execute(delete(MemberTerm).where(MemberTerm.member_id.in_(select(Member.id).where(ours))))
        session.execute(delete(Member).where(ours))
        session.execute(delete(Branch).where(Branch.name == "通伏支部"))


def sit(watched: Watched, who: tuple[str, str] = NAME, region: str = VILLAGE, branch: str = "") -> Page:
    """Somebody of a village sits at the browser, in English, at the width of a phone."""
    page, now = watched.page, datetime.now(UTC)
    with watched.office.services.database.unit_of_work() as session:
        station = session.scalars(select(Station).where(Station.region_code == region)).one()
        known = select(Member).where(Member.station_id == station.id, Member.number == who[1])
        member = session.scalars(known).one_or_none() or add_member(session, station.id, *who)
        member.active = True
        if branch:
            same = select(Branch).where(Branch.name == branch)
            row = session.scalars(same).one_or_none() or Branch(
                region_code=TOWNSHIP, name=branch, kind="branch", made_at=now
            )
            session.add(row)
            session.flush()
            member.branch_id = row.id
        giver = session.scalars(select(Account).where(Account.username == "gao")).one()
        person = Person(giver.id, giver.username, giver.display_name, Role.SYSTEM_ADMIN, "")
        secret = own_link.give(session, member, person, now)
    page.set_viewport_size({"width": 390, "height": 844})
    page.context.clear_cookies()
    watched.go(f"/own/{secret}")
    read_in(page)
    page.get_by_role("button", name="Learn on this device").click()
    page.get_by_role("heading", name="Online school", level=1).wait_for()
    return page


def begin(watched: Watched, text: str = "地膜哪里有卖的?", title: str = "地膜") -> str:
    """A thread of whoever sits here; its path."""
    page = watched.page
    watched.go("/school/forum/new")
    page.fill("#title", title)
    page.fill("#text", text)
    page.get_by_role("button", name="Begin it").click()
    page.locator("#post-1").wait_for()
    return page.url.split("#")[0].removeprefix(watched.office.url)


def answer(page: Page, words: str) -> None:
    page.fill("#text", words)
    page.get_by_role("button", name="Answer").click()
    page.locator(".lines", has_text=words).wait_for()


def test_who_is_not_seated_learns_how_to_come_in(watched: Watched) -> None:
    sit(watched)
    place = begin(watched)
    watched.page.context.clear_cookies()
    for path in ("/school/forum", "/school/forum/new", "/school/forum/told", "/school/forum/name", place):
        assert watched.go(path) == 401
        assert "地膜" not in watched.page.content()


def test_a_name_a_thread_an_answer_and_each_hears_of_the_other(watched: Watched) -> None:
    page = sit(watched)
    page.get_by_role("link", name="Forum of the village").click()
    assert page.get_by_text("Nobody has said anything yet").is_visible()
    assert "马*国" in page.locator("main").inner_text()
    assert "马建国" not in page.content()
    assert page.locator("nav[aria-label=Main] a", has_text="Timetable").count() == 0
    place = begin(watched)
    assert page.locator("#post-1 h2").inner_text() == "马*国"
    other = sit(watched, OTHER)
    watched.go("/school/forum/name")
    other.fill("#name", "70802村")
    other.get_by_role("button", name="Choose it").click()
    assert other.locator("#name-wrong").is_visible()
    other.fill("#name", "渠口人")
    other.get_by_role("button", name="Choose it").click()
    assert "渠口人" in other.locator("main").inner_text()
    watched.go("/school/forum/name")
    assert other.locator("#name").count() == 0
    watched.go(place)
    answer(other, "@马*国 镇上农资店有")
    sit(watched)
    watched.go("/school/forum")
    page.get_by_role("link", name="What you were told").click()
    assert serious(page) == []
    page.get_by_role("link", name="You are named in “地膜”").click()
    assert page.locator("#post-2 h2").inner_text() == "渠口人"
    watched.go("/school/forum?q=农资店")
    assert page.get_by_role("link", name="地膜").is_visible()
    assert serious(page) == []


def test_another_village_finds_nothing_but_what_belongs_to_its_branch(watched: Watched) -> None:
    page = sit(watched, branch="通伏支部")
    place = begin(watched)
    watched.go("/school/forum/new")
    page.fill("#title", "支部活动")
    page.fill("#text", "周五学习")
    page.get_by_label("It belongs to the branch 通伏支部").check()
    page.get_by_role("button", name="Begin it").click()
    page.locator("#post-1").wait_for()
    sit(watched, OTHER, ELSEWHERE, "通伏支部")
    watched.go("/school/forum")
    assert page.locator(".thread-list strong").all_inner_texts() == ["支部活动"]
    assert watched.go(place) == 404
    assert serious(page) == []


def test_what_is_missing_stands_beside_its_field_and_nothing_is_lost(watched: Watched, tmp_path: Path) -> None:
    page = sit(watched)
    watched.go("/school/forum/new")
    page.fill("#text", "写了很久的话")
    page.get_by_role("button", name="Begin it").click()
    assert page.locator("#title[aria-invalid=true]").count() == 1
    assert page.input_value("#text") == "写了很久的话"
    assert serious(page) == []
    page.fill("#title", "图")
    (tmp_path / "no.png").write_bytes(b"%PDF-1.7")
    page.set_input_files("#pictures", str(tmp_path / "no.png"))
    page.get_by_role("button", name="Begin it").click()
    assert page.get_by_role("alert").is_visible()
    picture = BytesIO()
    Image.new("RGB", (320, 240), "olive").save(picture, "JPEG")
    (tmp_path / "field.jpg").write_bytes(picture.getvalue())
    page.set_input_files("#pictures", str(tmp_path / "field.jpg"))
    page.get_by_role("button", name="Begin it").click()
    assert "waits until somebody has looked" in page.locator("#post-1").inner_text()
    assert page.locator("#post-1 img").evaluate("async (image) => (await image.decode(), image.naturalWidth)") > 0
    source = page.locator("#post-1 img").get_attribute("src") or ""
    sit(watched, OTHER)
    assert page.request.get(watched.office.url + source).status == 404


def test_ones_words_are_changed_taken_away_and_reported(watched: Watched) -> None:
    page = sit(watched)
    place = begin(watched)
    page.get_by_text("Change", exact=True).click()
    page.fill("#text-1", "地膜\u202e哪里买?")
    page.get_by_role("button", name="Save").click()
    assert "地膜哪里买?" in page.locator("#post-1").inner_text()
    answer(page, "说错了")
    page.locator("#post-2").get_by_text("Take away", exact=True).click()
    page.locator("#post-2").get_by_role("button", name="Take it away").click()
    assert "Taken away" in page.locator("#post-2").inner_text()
    sit(watched, OTHER)
    watched.go(place)
    page.locator("#post-1").get_by_text("Report", exact=True).click()
    page.fill("#reason-1", "跑题")
    page.locator("#post-1").get_by_role("button", name="Report it").click()
    assert page.get_by_text("Somebody looks at it").is_visible()


def test_whoever_looks_after_it_sees_the_village_and_stops_a_member(watched: Watched) -> None:
    page = sit(watched)
    place = begin(watched)
    page.set_viewport_size({"width": 1366, "height": 768})
    english(watched, "wang")
    watched.go(place.replace("/school/forum", "/forum"))
    assert "马场村委会" in page.locator("#post-1 h2").inner_text()
    assert serious(page) == []
    page.locator("#post-1").get_by_text("Let them write nothing", exact=True).first.click()
    page.locator("#post-1").get_by_role("button", name="Let them write nothing").click()
    assert page.locator("#block_why-wrong").is_visible()
    page.select_option("#asked-days", "7")
    page.fill("#block_why", "一再骂人")
    page.get_by_role("button", name="Let them write nothing").click()
    assert "一再骂人" in page.locator("main").inner_text()
    assert serious(page) == []
    sit(watched)
    watched.go(place)
    assert "一再骂人" in page.locator("main").inner_text()
    assert page.locator("#reply").count() == 0
    watched.go("/school/forum/new")
    assert page.locator("#title").count() == 0
    assert serious(page) == []
    english(watched, "wang")
    watched.go("/forum/waiting")
    page.get_by_role("button", name="Let them write again").click()
    assert page.get_by_text("They may write again.").is_visible()


def test_a_form_that_has_expired_is_told_and_nothing_is_kept(watched: Watched) -> None:
    page = sit(watched)
    url = watched.office.url
    answer = page.request.post(f"{url}/school/forum/new", form={"title": "x", "text": "y", "region": VILLAGE})
    assert answer.status == 400
    watched.go("/school/forum")
    assert page.get_by_text("Nobody has said anything yet").is_visible()


@every_look
def test_members_pages_in_every_look(watched: Watched, scheme: str, language: str) -> None:
    page = sit(watched, branch="通伏支部")
    place = begin(watched, title="地膜" * 20)
    if language == "zh_CN":
        read_in(page, "zh-CN")
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    own = ("/school/forum", "/school/forum/new", "/school/forum/told", "/school/forum/name", place)
    for width in (390, 1366):
        page.set_viewport_size({"width": width, "height": 800})
        for path in (*own, "/school/forum/00000000-0000-7000-8000-000000000000"):
            watched.go(path)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (path, width)
            assert serious(page) == []
