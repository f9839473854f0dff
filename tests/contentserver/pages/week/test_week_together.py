"""The week grid among people: two editors, live delivery, who may do what; open to all, and lean."""

import pytest
from playwright.sync_api import Browser, Route, expect

from contentserver.kernel import clock
from contentserver.timetable import service
from contentserver.timetable.edits import MoveEvening
from schedules.airings import Rank, SlotId
from tests.contentserver.pages.conftest import Watched
from tests.contentserver.pages.test_every_page import serious
from tests.contentserver.pages.week.conftest import (
    COUNTY,
    OTHERS,
    TOWNSHIP,
    VILLAGES,
    Desk,
    at,
    card,
    cell,
    drag,
    enter,
    middle,
    saved,
    village,
    week,
)

pytestmark = pytest.mark.xdist_group("pages")


def test_two_editors_see_the_difference_and_nothing_is_overwritten(watched: Watched, desk: Desk) -> None:
    home = village(10)
    slot = desk.plan(home, "冬季安全用电", at(1))
    page = enter(watched, "li", week(home))
    with desk.database.unit_of_work() as session:  # a colleague, meanwhile
        layer = service.layer_of(session, home)
        edit = MoveEvening(slot=SlotId(slot), planned=at(1), moved_to=at(1, 21, 0))
        service.edit(session, layer, edit, desk.person("zhou"), clock.now())
    expect(page.locator("#moved")).to_be_visible(timeout=15_000)  # it is said by itself
    drag(page, middle(card(page, "冬季安全用电")), middle(cell(page, home, 3)))
    ask = page.locator("#ask")
    expect(ask).to_contain_text("What 周乡 changed")
    expect(ask).to_contain_text("21:00")
    assert page.evaluate("document.activeElement.dataset.choice") == "load"
    page.keyboard.press("Enter")
    expect(card(page, "冬季安全用电")).to_contain_text("21:00")
    assert desk.airs(home) == [("冬季安全用电", "Tue 21:00")]

    with desk.database.unit_of_work() as session:
        layer = service.layer_of(session, home)
        edit = MoveEvening(slot=SlotId(slot), planned=at(1, 21, 0), moved_to=at(1, 20, 0))
        service.edit(session, layer, edit, desk.person("zhou"), clock.now())
    page.route("**/stream", lambda route: route.abort())
    drag(page, middle(card(page, "冬季安全用电")), middle(cell(page, home, 3)))
    ask.get_by_role("button", name="Try mine again on top").click()
    saved(page, "Moved for one evening")
    assert desk.airs(home) == [("冬季安全用电", "Thu 21:00")]


def test_delivery_is_live_and_the_missing_boxes_are_one_press_away(watched: Watched, desk: Desk) -> None:
    home = village(11)
    desk.plan(home, "滩羊冬季补饲", at(2))
    revision = desk.publish(home)
    page = enter(watched, "li", week(home))
    state = page.locator("#state")
    expect(state).to_contain_text("Stored 0/1")
    missing = state.get_by_role("link", name="1 box missing")
    assert (missing.get_attribute("href") or "").endswith(f"/timetable/{home}/missing")
    expect(page.locator("#live")).to_have_text("live", timeout=40_000)  # pages left before may still hold streams
    desk.prove(home, revision)
    expect(state).to_contain_text("Stored 1/1")
    expect(missing).to_have_count(0)


def test_without_a_stream_the_page_asks_every_few_seconds_and_says_so(watched: Watched, desk: Desk) -> None:
    home = village(12)
    desk.plan(home, "滩羊冬季补饲", at(2))
    revision = desk.publish(home)

    def taken(route: Route) -> None:
        route.fulfill(status=422, content_type="application/json", body='{"code": "streams_taken"}')

    watched.page.route("**/stream", taken)
    page = enter(watched, "li", week(home))
    expect(page.locator("#live")).to_have_text("asked every 5 s")
    desk.prove(home, revision)
    expect(page.locator("#state")).to_contain_text("Stored 1/1", timeout=10_000)


def test_who_plans_a_township_reads_the_layers_above(watched: Watched, desk: Desk) -> None:
    desk.plan(COUNTY, "缺哪样补哪样", at(0, 10, 0))
    page = enter(watched, "zhou", week(TOWNSHIP))
    theirs = card(page, "缺哪样补哪样")
    drag(page, middle(theirs), middle(cell(page, COUNTY, 1)))
    expect(cell(page, COUNTY, 0).locator("[data-airing]", has_text="缺哪样补哪样")).to_have_count(1)
    assert ("缺哪样补哪样", "Mon 10:00") in desk.airs(COUNTY)
    drag(page, middle(page.locator("[data-load]", has_text="滩羊冬季补饲")), middle(cell(page, COUNTY, 3)))
    saved(page, "planned by others")
    expect(page.locator("#scheduling")).to_be_hidden()


def test_a_reviewer_reads_and_is_led_to_what_waits(watched: Watched, desk: Desk) -> None:
    home = village(14)
    desk.plan(home, "滩羊冬季补饲", at(2))
    page = enter(watched, "ma", week(home))
    assert page.locator("#undo, #schedule, [data-load], form[action$='/submit']").count() == 0
    assert page.locator(".ec-draggable").count() == 0
    expect(page.get_by_role("link", name="What changes")).to_be_visible()


def test_a_station_administrator_fills_a_gap_at_once(watched: Watched, desk: Desk) -> None:
    home = f"{TOWNSHIP}205"
    page = enter(watched, "zhao", week(home))
    page.get_by_role("link", name="Schedule a lesson").click()
    page.select_option("#lesson", desk.lesson("滩羊冬季补饲"))
    page.fill("#date", at(3).date().isoformat())
    page.fill("#time", "15:00")
    page.click("#scheduling button[name=save]")
    saved(page, "The television is told now")
    expect(page.locator("#state")).to_contain_text("Revision 1")
    assert desk.airs(home) == [("滩羊冬季补饲", "Thu 15:00")]


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_the_grid_its_sheets_and_the_day_are_open_to_all(watched: Watched, desk: Desk, scheme: str) -> None:
    home = f"{OTHERS[scheme]}201"
    desk.plan(home, "滩羊冬季补饲", at(2))
    desk.plan(home, "冬季安全用电", at(3), Rank.OPTIONAL, "FREQ=WEEKLY")
    desk.plan(OTHERS[scheme], "看懂化验单", at(3, 19, 40), Rank.MANDATORY)
    watched.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
    page = enter(watched, "li", week(home))
    expect(page.locator("#calendar")).to_be_visible()
    assert serious(page) == []
    card(page, "冬季安全用电").click()
    expect(page.locator("#sheet")).to_be_visible()
    assert serious(page) == []
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    expect(page.locator("#scheduling")).to_be_visible()
    assert serious(page) == []
    watched.go(week(home, view="day", day=at(3).date().isoformat()))
    page.locator("#calendar .ec-body .ec-day").first.wait_for()
    assert serious(page) == []
    page.set_viewport_size({"width": 683, "height": 384})
    watched.go(week(home))
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_page_of_a_full_plan_is_lean(watched: Watched, browser: Browser, desk: Desk) -> None:
    home = village(17)
    for number in range(30):
        desk.plan(home, "看懂化验单", at(number % 7, 7 + number // 7), rule="FREQ=WEEKLY")
    page = enter(watched, "li", week(home))
    expect(card(page, "看懂化验单")).to_have_count(30)
    text = page.request.get(watched.office.url + week(home)).text()
    above = len(desk.airs(COUNTY)) + len(desk.airs(VILLAGES))
    assert text.count('"slot":') == 30 + above  # each airing of this week once as data, and no other
