"""Scheduling: by keyboard alone, with clashes seen before saving, faults in words, undo, publishing."""

from datetime import datetime, timedelta

import pytest

from contentserver.kernel import clock
from tests.contentserver.pages.conftest import COUNTY, TOWNSHIP, VILLAGE, Watched

pytestmark = pytest.mark.xdist_group("pages")


def day(offset: int) -> str:
    """A day from today on, as a date field holds it."""
    return (clock.local(clock.now()) + timedelta(days=offset)).strftime("%Y-%m-%d")


def fill(watched: Watched, region: str, lesson: str, date: str, time: str) -> None:
    """Open the form of a region and fill it in."""
    watched.go(f"/timetable?region={region}")
    watched.page.select_option("#lesson", lesson)
    watched.page.fill("#date", date)
    watched.page.fill("#time", time)


def save(watched: Watched) -> None:
    """Press the button that puts the slot into the draft."""
    with watched.page.expect_navigation():
        watched.page.click("button[name=save]")


def test_a_lesson_is_scheduled_by_keyboard_alone(watched: Watched) -> None:
    page = watched.page
    watched.sign_in("li")
    watched.go(f"/timetable?region={TOWNSHIP}")
    when = datetime.strptime(day(3), "%Y-%m-%d")  # noqa: DTZ007  # what one types is local
    presses = 0
    while page.evaluate("document.activeElement.id") != "lesson":
        page.keyboard.press("Tab")
        presses += 1
        assert presses < 60, "the form cannot be reached"
    page.keyboard.press("ArrowDown")
    assert page.locator("#lesson option:checked").inner_text().endswith("看懂化验单")
    page.keyboard.press("Tab")
    page.keyboard.type(when.strftime("%m%d%Y"))
    while page.evaluate("document.activeElement.id") != "time":
        page.keyboard.press("Tab")
    page.keyboard.type("0745PM")
    while page.evaluate("document.activeElement.name") != "save":
        page.keyboard.press("Tab")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert "已放进草稿" in page.locator(".flash").inner_text()
    assert "19:45" in page.locator("table.week").inner_text()


def test_a_clash_is_seen_before_saving_and_the_next_free_time_is_one_press_away(watched: Watched) -> None:
    page, office = watched.page, watched.office
    watched.sign_in("li")
    fill(watched, COUNTY, office.lesson, day(4), "19:30")
    save(watched)
    fill(watched, COUNTY, office.lesson, day(4), "19:40")
    page.locator("#verdict .clash").wait_for()
    assert "1 处冲突" in page.locator("#verdict").inner_text()
    assert page.locator("main table caption").count() == 1  # nothing was saved by looking
    with page.expect_navigation():
        page.click("button[name=use_start]")
    assert "已放进草稿" in page.locator(".flash").inner_text()
    assert page.locator("table.week tbody tr:first-child .slot .when").all_inner_texts()[-1].startswith("20:10–20:50")


def test_the_server_checks_again_and_keeps_what_was_typed(watched: Watched) -> None:
    page, office = watched.page, watched.office
    watched.sign_in("li")
    fill(watched, VILLAGE, office.waiting_lesson, "2026-01-05", "19:30")
    with page.expect_response("**/timetable/slots") as answer:
        page.click("button[name=save]")
    assert answer.value.status == 422
    assert page.locator("#time-wrong").inner_text() == "这个时间已经过了，请选晚一点的。"
    assert page.locator("#lesson-wrong").inner_text() == "这一讲还没批准，请先找审核员。"
    assert page.locator("[role=alert] li").count() == 2
    assert page.evaluate("document.activeElement.hasAttribute('data-error-summary')")
    assert (page.input_value("#date"), page.input_value("#time")) == ("2026-01-05", "19:30")
    assert page.input_value("#lesson") == office.waiting_lesson


def test_what_was_removed_can_be_brought_back(watched: Watched) -> None:
    page, office = watched.page, watched.office
    watched.sign_in("li")
    fill(watched, "640221100", office.lesson, day(5), "18:00")
    save(watched)
    rows = page.locator("form[action$='/remove']")
    assert rows.count() == 1
    with page.expect_navigation():
        rows.locator("button").click()
    assert rows.count() == 0
    with page.expect_navigation():
        page.click("form[action$='/restore'] button")
    assert rows.count() == 1


def test_what_gives_way_is_named_with_the_reason_and_publishing_makes_a_revision(watched: Watched) -> None:
    page, office = watched.page, watched.office
    watched.sign_in("li")
    fill(watched, VILLAGE, office.lesson, day(6), "15:00")
    page.select_option("#rank", "optional")
    save(watched)
    fill(watched, TOWNSHIP, office.lesson, day(6), "15:10")
    page.select_option("#rank", "mandatory")
    save(watched)
    watched.go(f"/timetable?region={VILLAGE}&week={day(6)}")
    gives_way = page.locator(".gives-way").inner_text()
    assert gives_way.startswith("不播")
    assert "另一个级别更高" in gives_way
    with page.expect_navigation():
        page.click("form[action$='/publish'] button")
    assert "第 1 版" in page.locator(".revision").inner_text()
    with page.expect_response(lambda answer: answer.url.endswith("/state")) as polled:
        pass
    assert polled.value.status == 200
