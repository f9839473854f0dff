"""A year's stars in a browser: rules, a round, a spot check on a telephone, publication, appeal."""

import msgspec
import pytest
from playwright.sync_api import Page
from sqlalchemy import select

from contentserver.boxes import Box
from contentserver.stars import document
from contentserver.stars.models import Photograph, StarCheck
from schedules.wire.messages import Desired
from tests.contentserver.pages.conftest import Office, Watched
from tests.contentserver.pages.looks import english, read_in
from tests.contentserver.pages.stars.conftest import YEAR, picture
from tests.contentserver.pages.test_every_page import serious
from tests.contentserver.stars import hostile

pytestmark = pytest.mark.xdist_group("pages")


def test_a_year_of_stars_from_the_rules_to_the_appeal(watched: Watched, phone: Page, office: Office) -> None:
    page = watched.page
    english(watched, "wang")
    _adopt_rules(watched)
    round_path = _begin(watched)
    watched.go(round_path)
    assert page.get_by_text("Publish these stars").count() == 0
    assert "1 spot check is open" in page.locator("main").inner_text()
    _drafts_are_hidden(watched, round_path)
    _check_by_phone(phone, office, round_path)
    english(watched, "wang")
    watched.go(f"{round_path}/stations/{office.station}")
    before = page.locator(".heading .star-row").get_attribute("aria-label")
    assert before == "3 stars"
    page.get_by_text("Take stars away").press("Enter")
    page.locator("#down-stars").select_option("1")
    page.fill("#down-text", "The room was locked in November")
    page.press("#down-text", "Enter")
    page.get_by_role("status").filter(has_text="fewer stars").wait_for()
    assert serious(page) == []
    watched.go(round_path)
    page.locator("summary", has_text="Publish these stars").press("Enter")
    page.get_by_role("button", name="Yes, publish").press("Enter")
    page.get_by_role("status").filter(has_text="published").wait_for()
    assert _stars_on_television(office) == 1
    _appeal_and_decide(watched, round_path)
    assert _stars_on_television(office) == 2
    page.context.clear_cookies()
    assert watched.go("/stars/published") == 200
    read_in(page)
    page.get_by_role("link", name=f"平罗县 {YEAR}").click()
    first = page.locator(".public-list li").first
    assert "马场村" in first.inner_text()
    assert "after an appeal" in first.inner_text()
    assert first.locator(".star-row").get_attribute("aria-label") == "2 stars"
    assert "locked" not in page.locator("body").inner_text()
    page.locator("select[name=stars]").select_option("2")
    page.press("#q", "Enter")
    page.wait_for_url("**stars=2")
    assert page.locator(".public-list li").count() == 1
    page.locator("select[name=stars]").select_option("5")
    page.press("#q", "Enter")
    page.get_by_text("No station has so many stars").wait_for()
    assert serious(page) == []


def _adopt_rules(watched: Watched) -> None:
    """A fault is named with its line; what is tried changes nothing; what is adopted is in force."""
    page = watched.page
    watched.go("/stars/rules/edit")
    kinder = document.shipped().replace("two = 55", "two = 45").replace("percent = 10", "percent = 0")
    page.fill("#document", kinder.replace("five = 90", "five = 70"))
    page.get_by_role("button", name="Try it on last year").press("Enter")
    fault = page.get_by_role("alert").inner_text()
    assert "Line 55: 'stars.five' has to be more than for one star less." in fault
    assert "five = 70" in page.locator("#document").input_value()
    assert serious(page) == []
    page.fill("#document", kinder)
    page.get_by_role("button", name="Try it on last year").press("Enter")
    page.get_by_role("heading", name="On last year's evidence").wait_for()
    told = page.locator("main").inner_text()
    assert "stations go up" in told or "station goes up" in told
    assert serious(page) == []
    watched.go("/stars/rules")
    assert "as shipped" in page.locator(".heading").inner_text()
    watched.go("/stars/rules/edit")
    page.fill("#document", kinder)
    page.get_by_role("button", name="Try it on last year").press("Enter")
    page.get_by_role("button", name="Adopt these rules").press("Enter")
    page.locator("#why-wrong").wait_for()
    page.fill("#why", "Two stars from 45 points")
    page.get_by_role("button", name="Adopt these rules").press("Enter")
    page.get_by_role("status").filter(has_text="Version 1 is in force").wait_for()
    assert "Two stars from 45 points" in page.locator("main").inner_text()
    assert serious(page) == []


def _begin(watched: Watched) -> str:
    page = watched.page
    watched.go("/stars")
    page.fill("#year", str(YEAR))
    page.fill("#seed", "lottery 2026135")
    page.press("#seed", "Enter")
    page.wait_for_url("**/stars/rounds/*")
    assert serious(page) == []
    path = page.url.removeprefix(watched.office.url)
    page.get_by_role("link", name="How they were drawn").press("Enter")
    page.get_by_text("Drawn again just now: the same stations.").wait_for()
    assert "lottery 2026135" in page.locator("main").inner_text()
    assert serious(page) == []
    answer = page.request.get(f"{page.url}.csv")
    assert answer.text().count("\n") == 2 + page.locator("tbody tr").count()
    return path


def _drafts_are_hidden(watched: Watched, round_path: str) -> None:
    page, office = watched.page, watched.office
    for who, status in (("zhao", 404), ("li", 404), ("chen", 404)):
        english(watched, who)
        assert watched.go(round_path) == status, who
        assert watched.go(f"{round_path}/stations/{office.station}") in (403, 404), who
        assert str(YEAR) not in page.locator("main").inner_text()
    page.context.clear_cookies()
    assert watched.go(round_path.replace("rounds", "published")) == 404
    watched.go("/stars/published")
    assert page.get_by_text(f"{YEAR}").count() == 0


def _check_by_phone(page: Page, office: Office, round_path: str) -> None:
    """Filled in with a thumb, with a photograph; what is missing is said, and nothing typed is lost."""
    page.goto(office.url + round_path)
    page.locator(".check-list a").tap()
    page.wait_for_url("**/checks/*")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    small = page.evaluate(
        """() => [...document.querySelectorAll(".check-form label.choice, .check-form button:not(.hidden-words),"
            + ".check-form input[type=file]")]
            .map((one) => one.getBoundingClientRect()).filter((one) => one.height < 44 || one.width < 44).length"""
    )
    assert small == 0
    for item in range(5):
        page.locator(f"input[name=item-{item}][value={'no' if item == 3 else 'yes'}]").tap()
    page.fill("#note", "The rules do not hang")
    page.set_input_files("#photographs", [picture("hall.jpg", hostile.camera_jpeg())])
    page.get_by_role("button", name="Add photographs now").tap()
    page.locator(".photographs img").wait_for()
    assert page.input_value("#note") == "The rules do not hang"
    assert page.locator("input[type=radio]:checked").count() == 5
    page.get_by_role("button", name="Save the spot check").tap()
    page.locator("#item-5-wrong").wait_for()
    assert page.locator("input[type=radio]:checked").count() == 5
    page.locator("input[name=item-5][value=yes]").tap()
    assert serious(page) == []
    page.get_by_role("button", name="Save the spot check").tap()
    page.wait_for_url("**/stars/rounds/*#checks")
    assert "5/6" in page.locator(".check-list").inner_text()
    with office.services.database.reader() as session:
        check = session.scalars(select(StarCheck)).one()
        assert (check.outcome, check.answers) == ("done", "[true,true,true,false,true,true]")
        assert session.scalars(select(Photograph)).one().round_id == check.round_id


def _appeal_and_decide(watched: Watched, round_path: str) -> None:
    page, office = watched.page, watched.office
    english(watched, "zhao")
    watched.go(f"/stars/stations/{office.station}")
    page.get_by_role("link", name="See how they were counted").press("Enter")
    page.get_by_text("The room was locked in November").wait_for()
    page.fill("#appeal-text", "It was being painted, the township knows")
    page.get_by_role("button", name="Appeal").press("Enter")
    page.get_by_role("status").filter(has_text="with the county").wait_for()
    assert page.locator("#appeal-text").count() == 0
    assert serious(page) == []
    english(watched, "sun")
    watched.go(round_path)
    assert "1 appeal waits" in page.locator("main").inner_text()
    page.locator("section.told a").press("Enter")
    page.locator("#decide-stars").select_option("2")
    page.fill("#decide-text", "True; the township confirms it")
    page.get_by_role("button", name="Decide").press("Enter")
    page.get_by_role("status").filter(has_text="decided").wait_for()
    assert "True; the township confirms it" in page.locator("main").inner_text()
    assert serious(page) == []


def _stars_on_television(office: Office) -> int:
    with office.services.database.reader() as session:
        box = session.scalars(select(Box)).one()
        return msgspec.json.decode(box.desired_fingerprint, type=Desired).station.stars
