"""People in a browser: invited, a password chosen, a second factor set up, signed in, standing in, asked again."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyotp
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import select

from contentserver.accounts import Account, person_of
from contentserver.audit import audit
from contentserver.kernel.auth import Role
from tests.contentserver.accounts.places import COUNTY, TOWNSHIP, VILLAGE, Place, staffed
from tests.contentserver.pages.test_every_page import serious
from tests.serving import PASSWORD

pytestmark = pytest.mark.xdist_group("pages")
GOOD = "土豆 要 早 挖 别 等 霜 降"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with staffed(tmp_path_factory.mktemp("people")) as found:
        yield found


@pytest.fixture
def place(running: Place) -> Place:
    running.forget()
    return running


@pytest.fixture
def page(place: Place, context: BrowserContext) -> Iterator[Page]:
    """A page that fails its test when it throws or breaks the content policy."""
    found, complaints = context.new_page(), list[str]()
    found.on("pageerror", lambda error: complaints.append(str(error)))
    found.on(
        "console",
        lambda said: (
            complaints.append(said.text)
            if said.type == "error" and not said.text.startswith("Failed to load resource")
            else None
        ),
    )
    assert place.url
    yield found
    assert complaints == []


def sign_in(page: Page, url: str, username: str, password: str = PASSWORD) -> None:
    page.goto(f"{url}/sign-in")
    page.fill("#username", username)
    page.fill("#password", password)
    page.press("#password", "Enter")


def secret_on(page: Page) -> str:
    """The key that the set-up page shows to be typed."""
    page.click("details summary")
    return page.inner_text("code.token").replace(" ", "")


def set_up(page: Page) -> tuple[str, list[str]]:
    """Set a second factor up on the page that shows its square; gives the code typed and the recovery codes."""
    typed = pyotp.TOTP(secret_on(page)).now()
    page.fill("#code", typed)
    page.press("#code", "Enter")
    page.locator(".recovery").wait_for()
    return typed, page.locator(".recovery code").all_inner_texts()


def enter(page: Page, url: str, username: str) -> None:
    """Sign in where no second factor is asked for."""
    sign_in(page, url, username)
    page.wait_for_url(f"{url}/")


def test_invited_to_signed_in_with_a_second_factor(place: Place, page: Page, browser: Browser) -> None:
    sign_in(page, place.url, "quan")
    page.wait_for_url("**/sign-in/second-factor")
    assert serious(page) == []
    page.goto(f"{place.url}/people")
    assert "/sign-in" in page.url
    sign_in(page, place.url, "quan")
    page.fill("#code", "000000")
    page.press("#code", "Enter")
    expect(page.locator("#code-wrong")).to_have_count(1)
    set_up(page)
    page.click("a.primary")
    page.wait_for_url(f"{place.url}/")
    page.click("header a[href='/people']")
    page.click("a[href='/people/new']")
    page.fill("#username", "Ma.Jianguo")
    page.fill("#display_name", "马建国")
    page.select_option("#role", "scheduler")
    page.fill("#region", COUNTY)
    page.press("#region", "Enter")
    link = page.input_value("#link")
    assert serious(page) == []
    assert re.fullmatch(r"https://127\.0\.0\.1:8443/invitation/[\w-]{43}", link)
    link = place.url + link.removeprefix("https://127.0.0.1:8443")

    other = browser.new_context(locale="en-US").new_page()
    other.goto(link)
    assert serious(other) == []
    for wrong in ("short", "password123", "ma.jianguo1"):
        other.fill("#new", wrong)
        other.fill("#again", wrong)
        other.press("#again", "Enter")
        expect(other.locator("#new-wrong")).to_have_count(1)
    other.fill("#new", GOOD)
    other.fill("#again", GOOD)
    other.press("#again", "Enter")
    other.wait_for_url("**/sign-in/second-factor")
    typed, codes = set_up(other)
    assert len(codes) == 10
    other.click("a.primary")
    other.wait_for_url(f"{place.url}/")
    assert "马建国" in other.inner_text("header")
    answer = other.goto(link)
    assert answer is not None
    assert answer.status == 410
    _signs_in_again(place, other, typed, codes)


def _signs_in_again(place: Place, other: Page, typed: str, codes: list[str]) -> None:
    """Sign out, which makes the cookie worthless, and in again with a code from paper."""
    old_cookie = other.context.cookies()
    other.click("header form[action$='sign-out'] button")
    other.wait_for_url("**/sign-in")
    other.context.add_cookies([{"name": one["name"], "value": one["value"], "url": place.url} for one in old_cookie])
    other.goto(f"{place.url}/courses")
    assert "/sign-in" in other.url

    sign_in(other, place.url, "ma.jianguo", GOOD)
    other.wait_for_url("**/sign-in/code")
    assert serious(other) == []
    other.fill("#code", typed)  # the one that set it up
    other.press("#code", "Enter")
    expect(other.locator("#code-wrong")).to_have_count(1)
    other.fill("#code", codes[0])
    other.press("#code", "Enter")
    other.wait_for_url(f"{place.url}/")
    other.context.close()


def test_one_session_ends_another_and_a_new_password_ends_them_all(place: Place, page: Page, browser: Browser) -> None:
    others = [browser.new_context(locale="en-US").new_page() for _ in range(2)]
    for one in (*others, page):
        enter(one, place.url, "li")
    page.goto(f"{place.url}/me")
    assert serious(page) == []
    expect(page.locator("#sessions tbody tr")).to_have_count(3)
    assert page.locator("#sessions .chip").count() == 1
    page.locator("#sessions tbody button").first.click()
    expect(page.locator("#sessions tbody tr")).to_have_count(2)
    page.fill("#old", "not this one")
    page.fill("#new", GOOD)
    page.fill("#again", GOOD)
    page.press("#again", "Enter")
    expect(page.locator("#old-wrong")).to_have_count(1)
    page.fill("#old", PASSWORD)
    page.fill("#new", GOOD)
    page.fill("#again", GOOD)
    page.press("#again", "Enter")
    page.locator(".flash").wait_for()
    expect(page.locator("#sessions tbody tr")).to_have_count(1)
    for one in others:
        one.goto(f"{place.url}/courses")
        assert "/sign-in" in one.url
        one.context.close()
    page.fill("#old", GOOD)
    page.fill("#new", PASSWORD)
    page.fill("#again", PASSWORD)
    page.press("#again", "Enter")
    page.locator(".flash").wait_for()


def test_whoever_is_away_is_stood_in_for(place: Place, page: Page, browser: Browser) -> None:
    today = datetime.now(UTC).astimezone().date()
    enter(page, place.url, "li")
    page.goto(f"{place.url}/me")
    page.fill("#taker", "wang")
    page.fill("#first", f"{today - timedelta(days=1)}")
    page.fill("#last", f"{today + timedelta(days=3)}")
    page.press("#last", "Enter")
    page.locator("#away li").wait_for()
    other = browser.new_context(locale="en-US").new_page()
    enter(other, place.url, "wang")
    other.click("header form[action*='act-for'] button")
    other.wait_for_url(f"{place.url}/")
    assert "李敏" in other.inner_text("header .acting")
    answer = other.goto(f"{place.url}/members")  # county staff may see members; the reviewer they stand in for may not
    assert answer is not None
    assert answer.status == 403
    page.click("#away li button")
    expect(page.locator("#away li")).to_have_count(0)
    answer = other.goto(f"{place.url}/members")
    assert answer is not None
    assert answer.status == 200
    assert other.locator("header .acting").count() == 0
    assert [one for one in place.actions() if one.startswith("delegation")] == [
        "delegation.given",
        "delegation.begun",
        "delegation.ended",
    ]
    other.context.close()


def test_a_weighty_change_asks_for_the_password_again_and_loses_nothing(place: Place, page: Page) -> None:
    enter(page, place.url, "qian")
    page.goto(f"{place.url}/people/new")
    page.fill("#username", "yang.xiuying")
    page.fill("#display_name", "杨秀英")
    page.select_option("#role", "station_admin")
    page.fill("#region", VILLAGE)
    place.age(11)
    page.press("#region", "Enter")
    page.locator("#password-again").wait_for()
    assert serious(page) == []
    page.fill("#password-again", "not this one")
    page.press("#password-again", "Enter")
    page.locator("#password-wrong").wait_for()
    page.fill("#password-again", PASSWORD)
    page.press("#password-again", "Enter")
    page.locator("#link").wait_for()
    assert place.account("yang.xiuying").display_name == "杨秀英"
    person = place.account("yang.xiuying")
    page.goto(f"{place.url}/people/{person.id}")
    assert serious(page) == []
    page.click("summary:has-text('停用') , summary:has-text('Close the account')")
    page.locator("form[action$='/close'] button").click()
    page.locator("form[action$='/open'] button").wait_for()
    assert not place.account("yang.xiuying").active


def test_a_file_comes_after_the_password(place: Place, page: Page) -> None:
    enter(page, place.url, "li")
    place.age(11)
    page.goto(f"{place.url}/reports/attendance.csv?region={TOWNSHIP}")
    assert "/confirm?next=" in page.url
    assert serious(page) == []
    page.fill("#password", PASSWORD)
    with page.expect_download() as loading:
        page.press("#password", "Enter")
    assert loading.value.path().read_bytes().startswith(b"\xef\xbb\xbf")


def test_a_list_of_people_is_searched_paged_and_empty(place: Place, page: Page) -> None:
    enter(page, place.url, "qian")
    page.goto(f"{place.url}/people")
    assert serious(page) == []
    assert "李敏" in page.inner_text("table")
    assert "权主任" not in page.inner_text("table")
    page.fill("#q", "没有这个人")
    page.press("#q", "Enter")
    page.locator(".empty").wait_for()
    page.goto(f"{place.url}/people?region=640202")
    expect(page.locator("#region-wrong")).to_have_count(1)


def test_a_sheet_is_looked_at_and_its_links_are_printed(place: Place, page: Page, tmp_path: Path) -> None:
    enter(page, place.url, "qian")
    page.goto(f"{place.url}/people/import")
    assert serious(page) == []
    sheet = tmp_path / "people.csv"
    sheet.write_text(f"姓名,账号,角色,区域\n甲,jia,站点管理员,{VILLAGE}\n乙,yi,皇帝,{VILLAGE}\n", encoding="gb18030")
    page.set_input_files("#file", sheet)
    page.click("main button.primary")
    page.locator("#faults-heading").wait_for()
    assert page.locator("form[action$='/people/import']").count() == 0
    sheet.write_text(f"姓名,账号,角色,区域\n甲,jia,站点管理员,{VILLAGE}\n乙,yi,审核员,{TOWNSHIP}\n", encoding="gb18030")
    page.goto(f"{place.url}/people/import")
    page.set_input_files("#file", sheet)
    page.click("main button.primary")
    page.click("form[action$='/people/import'] button")
    page.locator(".slip").first.wait_for()
    assert page.locator(".slip svg").count() == 2
    assert serious(page) == []
    assert place.account("yi").role == Role.REVIEWER


def test_the_trail_is_read_within_the_region(place: Place, page: Page) -> None:
    with place.services.database.unit_of_work() as session:
        for username in ("quan", "li"):
            who = person_of(session.scalars(select(Account).where(Account.username == username)).one())
            note = {"note": f"by {username}"}
            audit(session, who=who, action="lesson.looked_at", subject="lesson 1", now=datetime.now(UTC), after=note)
    enter(page, place.url, "shen")
    page.click("header a[href='/audit']")
    assert serious(page) == []
    text = page.inner_text("main table")
    assert "by li" in text
    assert "by quan" not in text  # of the county, above the auditor's township
    page.fill("#person", "没有这个人")
    page.press("#person", "Enter")
    page.locator(".empty").wait_for()
    page.goto(f"{place.url}/audit?last=2020-01-01")
    assert page.locator(".empty").count() == 1
