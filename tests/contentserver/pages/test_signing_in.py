"""The door, the language, and what lies outside one's region."""

import pytest

from tests.contentserver.pages.conftest import COUNTY, Watched
from tests.contentserver.pages.looks import read_in
from tests.serving import PASSWORD

pytestmark = pytest.mark.xdist_group("pages")


def test_a_wrong_password_is_said_beside_the_field_and_the_name_is_kept(watched: Watched) -> None:
    page = watched.page
    watched.go("/sign-in")
    page.fill("#username", "wang")
    page.fill("#password", "not this one")
    page.press("#password", "Enter")
    wrong = page.locator(f"#{page.get_attribute('#password', 'aria-describedby')}")
    assert wrong.inner_text() == "账号或密码不对。"
    assert page.input_value("#username") == "wang"
    page.fill("#password", PASSWORD)
    page.press("#password", "Enter")
    page.wait_for_url(watched.office.url + "/")
    assert "王立新" in page.locator("header").inner_text()


def test_without_signing_in_a_page_leads_to_the_door_and_then_on(watched: Watched) -> None:
    watched.go("/courses")
    assert "/sign-in" in watched.page.url
    watched.page.fill("#username", "wang")
    watched.page.fill("#password", PASSWORD)
    watched.page.press("#password", "Enter")
    watched.page.wait_for_url(watched.office.url + "/courses")


def test_the_language_changes_and_stays(watched: Watched) -> None:
    watched.sign_in("wang")
    assert watched.page.locator("h1").inner_text() == "今天"
    read_in(watched.page)
    assert watched.page.locator("h1").inner_text() == "Today"
    watched.go("/courses")
    assert watched.page.locator("h1").inner_text() == "Lessons"


@pytest.mark.parametrize(
    "path", [f"/reports/attendance?region={COUNTY}", f"/timetable?region={COUNTY}", "/stations/{}"]
)
def test_what_lies_outside_the_region_is_refused(watched: Watched, path: str) -> None:
    watched.sign_in("chen")
    assert watched.go(path.format(watched.office.station)) == 403
    assert "这不在您管的区域里" in watched.page.locator("main").inner_text()


def test_signing_out_closes_the_session(watched: Watched) -> None:
    watched.sign_in("wang")
    watched.page.click("header form[action$='sign-out'] button")
    watched.page.wait_for_url("**/sign-in")
    watched.go("/courses")
    assert "/sign-in" in watched.page.url
