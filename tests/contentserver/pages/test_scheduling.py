"""Scheduling by forms, without any script: what a drag does in the grid (`week/`) a button does here."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Locator, Page

from contentserver.kernel import clock
from tests.contentserver.pages.conftest import COUNTY, TOWNSHIP, VILLAGE, Office, Watched
from tests.contentserver.pages.looks import read_in

pytestmark = pytest.mark.xdist_group("pages")


@pytest.fixture
def paper(browser: Browser, office: Office) -> Iterator[Watched]:
    """A browser that runs no script, in English."""
    context = browser.new_context(viewport={"width": 1366, "height": 768}, java_script_enabled=False)
    context.set_default_timeout(10_000)
    found = Watched(context.new_page(), office)
    found.sign_in("li")
    read_in(found.page)
    yield found
    context.close()


def day(offset: int) -> str:
    """A day from today on, as a date field holds it."""
    return (clock.local(clock.now()) + timedelta(days=offset)).strftime("%Y-%m-%d")


def fill(watched: Watched, region: str, lesson: str, date: str, time: str) -> Page:
    """Open the form of a region and fill it in."""
    watched.go(f"/timetable?region={region}&week={date}")
    watched.page.select_option("#lesson", lesson)
    watched.page.fill("#date", date)
    watched.page.fill("#time", time)
    return watched.page


def cards(page: Page, code: str) -> Locator:
    """The airings of a layer, in the table of the week or of one day."""
    return page.locator(f'table.week tr[data-row="region-{code}"] a.slot:visible')


def press(where: Page | Locator, name: str) -> None:
    """Press the first button of this name."""
    where.get_by_role("button", name=name, exact=True).first.click()


def test_a_lesson_is_scheduled_moved_cancelled_and_undone(paper: Watched) -> None:
    page = fill(paper, TOWNSHIP, paper.office.lesson, day(3), "19:45")
    press(page, "Put into the draft")
    assert "It stands in the draft" in page.locator(".flash").inner_text()
    assert cards(page, TOWNSHIP).inner_text().startswith("19:45–20:25")

    cards(page, TOWNSHIP).click()
    assert page.locator("h1").inner_text() == "看懂化验单"
    page.fill("[name=moved_to_time]", "20:30")
    press(page, "Move it")
    assert "Moved for one evening: 看懂化验单" in page.locator(".flash").inner_text()
    assert cards(page, TOWNSHIP).inner_text().startswith("20:30–21:10")

    cards(page, TOWNSHIP).click()
    page.fill("[name=until]", day(4))
    press(page, "Stretch over these days")
    paper.go(f"/timetable?region={TOWNSHIP}&week={day(4)}")
    cards(page, TOWNSHIP).last.click()
    press(page, "Cancel this evening")
    paper.go(f"/timetable?region={TOWNSHIP}&week={day(4)}")
    cancelled = cards(page, TOWNSHIP).and_(page.locator(".cancelled"))
    assert cancelled.count() == 1
    cancelled.click()
    press(page, "Let it air after all")
    assert cancelled.count() == 0
    press(page, "Undo")
    assert "Undone." in page.locator(".flash").inner_text()
    paper.go(f"/timetable?region={TOWNSHIP}&week={day(4)}")
    assert cancelled.count() == 1


def test_a_clash_keeps_what_was_typed_and_the_next_free_time_is_one_press_away(paper: Watched) -> None:
    home = "640221100200"
    page = fill(paper, home, paper.office.lesson, day(5), "19:30")
    press(page, "Put into the draft")
    fill(paper, home, paper.office.lesson, day(5), "19:40")
    press(page, "Put into the draft")
    assert page.locator("[role=alert] li").count() == 1
    assert (page.input_value("#date"), page.input_value("#time")) == (day(5), "19:40")
    assert "1 clash" in page.locator("#verdict").inner_text()
    press(page, "Take 20:10")
    assert [one.split("\n")[0][:11] for one in cards(page, home).all_inner_texts()] == ["19:30–20:10", "20:10–20:50"]

    cards(page, home).last.click()
    page.fill("[name=moved_to_time]", "19:50")
    press(page, "Move it")
    assert "Something else airs at that time" in page.locator("[role=alert]").inner_text()
    press(page, "Take 20:10")
    assert len(cards(page, home).all_inner_texts()) == 2


def test_the_server_checks_every_field_again(paper: Watched) -> None:
    page = fill(paper, VILLAGE, paper.office.waiting_lesson, "2026-01-05", "19:30")
    press(page, "Put into the draft")
    assert page.locator("#time-wrong").inner_text() == "This time has passed. Choose a later one."
    assert page.locator("#lesson-wrong").inner_text().startswith("This lesson has not been approved yet.")
    assert page.locator("[role=alert] li").count() == 2
    assert (page.input_value("#date"), page.input_value("#time")) == ("2026-01-05", "19:30")
    assert page.input_value("#lesson") == paper.office.waiting_lesson


def test_a_slot_on_weekdays_until_a_day_is_repeated_ranked_and_taken_out(paper: Watched) -> None:
    home = "640221100201"
    page = fill(paper, home, paper.office.lesson, day(7), "10:00")
    page.select_option("#repeat", "daily")
    page.locator("summary", has_text="Days of the week").click()
    page.fill("#until", day(9))
    press(page, "Put into the draft")
    seen = []
    for date in dict.fromkeys((day(7), day(8), day(9), day(10))):
        paper.go(f"/timetable?region={home}&week={date}&view=day&day={date}")
        seen.append(cards(page, home).count())
    assert seen == [1, 1, 1, 0]

    paper.go(f"/timetable?region={home}&week={day(7)}")
    cards(page, home).first.click()
    page.select_option("#rank", "mandatory")
    press(page, "Change")
    cards(page, home).first.click()
    page.fill("#at", "15:00")
    press(page, "Repeat it then")
    paper.go(f"/timetable?region={home}&week={day(8)}&view=day&day={day(8)}")
    shown = cards(page, home)
    assert [one.split("\n")[0][:5] for one in shown.all_inner_texts()] == ["10:00", "15:00"]
    assert "mandatory" in (shown.first.get_attribute("class") or "")
    shown.first.click()
    press(page, "The whole slot")
    assert cards(page, home).count() == 0


def test_what_a_higher_layer_displaces_is_named_with_reason_and_accepted_by_a_form(paper: Watched) -> None:
    home = "640221100202"
    page = fill(paper, home, paper.office.lesson, day(6), "15:00")
    page.select_option("#rank", "optional")
    press(page, "Put into the draft")
    fill(paper, COUNTY, paper.office.lesson, day(6), "15:10")
    page.select_option("#rank", "mandatory")
    press(page, "Put into the draft")
    paper.go(f"/timetable?region={home}&week={day(6)}")
    assert page.locator("table.week .gives-way").count() == 1
    clash = page.locator("#clashes")
    assert "The other has the higher rank." in clash.inner_text()
    assert page.locator("form[action$='/submit'] button").is_disabled()
    press(clash, "So be it: this lesson does not play")
    assert clash.locator("h2").count() == 0
    press(page, "Submit")
    assert page.locator("form[action$='/submit'] button").inner_text() == "Submitted"


def test_two_editors_without_a_script_see_the_difference(paper: Watched) -> None:
    home = "640221100203"
    page = fill(paper, home, paper.office.lesson, day(8), "19:30")
    press(page, "Put into the draft")
    cards(page, home).click()
    address = page.url
    page.fill("[name=moved_to_time]", "20:00")
    other = page.context.new_page()
    other.goto(address)
    other.fill("[name=moved_to_time]", "21:00")
    press(other, "Move it")
    press(page, "Move it")
    assert page.locator("h1").inner_text() == "Somebody else was quicker"
    assert "21:00" in page.locator(".changes").inner_text()
    page.get_by_role("link", name="Load the new plan").click()
    assert cards(page, home).inner_text().startswith("21:00")


def test_the_filter_and_the_evening_are_forms_too(paper: Watched) -> None:
    home = "640221100204"
    page = fill(paper, home, paper.office.lesson, day(9), "19:30")
    press(page, "Put into the draft")
    page.select_option("#evening-day", day(9))
    press(page.locator("#evening"), "Show")
    assert "看懂化验单" in page.locator("#evening").inner_text()
    page.select_option("#subject", "种植")
    press(page.locator("#palette"), "Filter")
    assert "subject=" in page.url
    assert "dim" not in (cards(page, home).get_attribute("class") or "")
