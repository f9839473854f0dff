"""The week grid by mouse and by keys alone, and the ways out of a clash."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Route, expect

from contentserver.kernel import clock
from schedules.airings import Rank
from tests.contentserver.pages.conftest import Watched
from tests.contentserver.pages.week.conftest import (
    COUNTY,
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
DIM = re.compile(r"\bdim\b")


def test_a_week_is_planned_by_mouse(watched: Watched, desk: Desk) -> None:
    home = village(1)
    page = enter(watched, "li", week(home))
    drag(page, middle(page.locator("[data-load]", has_text="滩羊冬季补饲")), middle(cell(page, home, 3)))
    expect(page.locator("#scheduling")).to_be_visible()
    assert page.input_value("#time") == "19:30"
    assert page.input_value("#date") == at(3).date().isoformat()
    assert page.input_value("#region") == home
    page.locator("#verdict .state.good").wait_for()
    page.click("#scheduling button[name=save]")
    saved(page, "It stands in the draft")
    assert desk.airs(home) == [("滩羊冬季补饲", "Thu 19:30")]

    drag(page, middle(card(page, "滩羊冬季补饲")), middle(cell(page, home, 1)))
    saved(page, "Moved for one evening: 滩羊冬季补饲")
    assert desk.airs(home) == [("滩羊冬季补饲", "Tue 19:30")]

    box = card(page, "滩羊冬季补饲").bounding_box()
    assert box is not None
    edge = (box["x"] + box["width"] - 3, box["y"] + 20)
    drag(page, edge, (middle(cell(page, home, 3))[0], edge[1]))
    saved(page, "Stretched over several days")
    assert [when for _title, when in desk.airs(home)] == ["Tue 19:30", "Wed 19:30", "Thu 19:30"]
    expect(card(page, "滩羊冬季补饲")).to_have_count(3)

    page.click("#toast button")
    saved(page, "Undone")
    expect(card(page, "滩羊冬季补饲")).to_have_count(1)
    page.click("#undo")
    expect(cell(page, home, 3).locator("[data-airing]")).to_have_count(1)
    assert desk.airs(home) == [("滩羊冬季补饲", "Thu 19:30")]


def test_a_course_dragged_in_becomes_a_weekly_series(watched: Watched, desk: Desk) -> None:
    home = village(2)
    page = enter(watched, "li", week(home))
    drag(page, middle(page.locator("li.series [data-load]", has_text="测土配方施肥")), middle(cell(page, home, 2)))
    assert page.input_value("#repeat") == "weekly"
    page.fill("#time", "18:00")
    page.click("#scheduling button[name=save]")
    saved(page, "It stands in the draft")
    shown = [desk.airs(home, weeks) for weeks in (1, 2, 3, 4)]
    assert shown == [[("看懂化验单", "Wed 18:00")], [("缺哪样补哪样", "Wed 18:00")], [("秋后取土样", "Wed 18:00")], []]


def test_a_lesson_is_scheduled_by_keys_alone(watched: Watched, desk: Desk) -> None:
    home = village(3)
    page = enter(watched, "li", week(home))
    keys = page.keyboard
    presses = 0
    while not page.evaluate("document.activeElement.closest('#calendar .ec-body') !== null"):
        keys.press("Tab")
        presses += 1
        assert presses < 40, "the grid cannot be reached"
    for _ in range(8):
        keys.press("ArrowDown")
    keys.press("ArrowUp")  # the last row is the television
    keys.press("ArrowRight")
    keys.press("ArrowRight")
    keys.press("n")
    expect(page.locator("#scheduling")).to_be_visible()
    assert page.evaluate("document.activeElement.id") == "lesson"
    while not page.locator("#lesson option:checked").inner_text().endswith("滩羊冬季补饲"):
        keys.press("ArrowDown")
        presses += 1
        assert presses < 60, "the lesson cannot be chosen"
    assert page.locator("#lesson option:checked").inner_text().endswith("滩羊冬季补饲")
    while page.evaluate("document.activeElement.id") != "time":
        keys.press("Tab")
    keys.type("0745PM")
    while page.evaluate("document.activeElement.name") != "save":
        keys.press("Tab")
    keys.press("Enter")
    expect(card(page, "滩羊冬季补饲")).to_be_visible()
    assert desk.airs(home) == [("滩羊冬季补饲", "Wed 19:45")]
    there = page.locator(f'.ec-day[data-day="{at(2).date().isoformat()}"]:focus-within')
    expect(there).to_have_count(1)  # the focus came back to where one was


def test_keys_open_move_cancel_and_undo(watched: Watched, desk: Desk) -> None:
    home = village(4)
    desk.plan(home, "冬季安全用电", at(1))
    page = enter(watched, "li", week(home))
    keys = page.keyboard
    card(page, "冬季安全用电").focus()
    keys.press("Shift+ArrowRight")
    expect(cell(page, home, 2).locator("[data-airing]")).to_have_count(1)
    assert desk.airs(home) == [("冬季安全用电", "Wed 19:30")]
    expect(page.locator("#calendar [data-airing]:focus")).to_have_count(1)

    keys.press("Enter")
    sheet = page.locator("#sheet")
    expect(sheet.locator("h1")).to_have_text("冬季安全用电")
    sheet.locator("input[name=moved_to_time]").first.fill("20:30")
    sheet.get_by_role("button", name="Move it").press("Enter")
    expect(sheet).to_be_hidden()
    assert desk.airs(home) == [("冬季安全用电", "Wed 20:30")]

    expect(page.locator("#calendar [data-airing]:focus")).to_have_count(1)
    keys.press("Delete")
    assert page.evaluate("document.activeElement.dataset.choice") == "keep"  # the safe one
    keys.press("Escape")
    assert desk.airs(home) == [("冬季安全用电", "Wed 20:30")]
    keys.press("Delete")
    keys.press("Tab")
    keys.press("Enter")
    expect(card(page, "冬季安全用电")).to_have_count(0)
    assert desk.airs(home) == []
    keys.press("Control+z")
    expect(card(page, "冬季安全用电")).to_have_count(1)
    keys.press("?")
    expect(page.locator("#help")).to_be_visible()
    keys.press("Escape")
    expect(page.locator("#help")).to_be_hidden()


def test_a_clash_in_the_layer_sends_the_card_back_and_offers_the_next_free_time(watched: Watched, desk: Desk) -> None:
    home = village(5)
    desk.plan(home, "看懂化验单", at(1))
    desk.plan(home, "冬季安全用电", at(4))
    page = enter(watched, "li", week(home))
    drag(page, middle(card(page, "冬季安全用电")), middle(cell(page, home, 1)))
    refused = page.locator("#refused")
    expect(refused).to_be_visible()
    expect(refused).to_contain_text("Something else airs at that time in this layer.")
    expect(refused.locator(".slot")).to_contain_text("看懂化验单")
    expect(cell(page, home, 4).locator("[data-airing]")).to_have_count(1)
    assert ("冬季安全用电", "Fri 19:30") in desk.airs(home)
    refused.get_by_role("button", name="Take 20:10").click()
    saved(page, "Moved for one evening")
    expect(refused).to_be_hidden()
    assert desk.airs(home) == [("看懂化验单", "Tue 19:30"), ("冬季安全用电", "Tue 20:10")]


def test_what_a_higher_layer_displaces_is_said_before_submitting_and_settled_by_one_press(
    watched: Watched, desk: Desk
) -> None:
    home = village(6)
    desk.plan(COUNTY, "手机防诈骗三招", at(5), Rank.MANDATORY)
    desk.plan(home, "冬季安全用电", at(4))
    page = enter(watched, "li", week(home))
    drag(page, middle(card(page, "冬季安全用电")), middle(cell(page, home, 5)))
    saved(page, "In another layer")
    clash = page.locator("#clashes")
    expect(clash.locator("h2")).to_have_text("1 clash")
    expect(clash).to_contain_text("The other has the higher rank.")
    expect(clash).to_contain_text("1 person is expected there.")
    submit = page.locator("form[action$='/submit'] button")
    expect(submit).to_be_disabled()
    expect(submit).to_contain_text("1 clash first")
    struck = card(page, "冬季安全用电")
    assert "displaced" in (struck.get_attribute("class") or "")
    expect(page.locator("[data-row=television] .gives-way").last).to_contain_text("冬季安全用电")

    clash.get_by_role("button", name="So be it").click()
    expect(clash.locator("h2")).to_have_count(0)
    expect(submit).to_be_enabled()
    page.click("#undo")
    clash.get_by_role("button", name="Take 20:10").click()
    expect(clash.locator("h2")).to_have_count(0)
    assert desk.airs(home) == [("冬季安全用电", "Sat 20:10")]
    expect(submit).to_be_enabled()
    with page.expect_navigation():
        submit.click()
    expect(page.locator("form[action$='/submit'] button")).to_have_text("Submitted")


def test_a_repeating_slot_asks_whether_one_evening_or_all_later_ones_move(watched: Watched, desk: Desk) -> None:
    home = village(7)
    desk.plan(home, "看懂化验单", at(0), rule="FREQ=WEEKLY")
    page = enter(watched, "li", week(home))
    drag(page, middle(card(page, "看懂化验单")), middle(cell(page, home, 1)))
    ask = page.locator("#ask")
    expect(ask).to_contain_text("every week".capitalize())
    assert page.evaluate("document.activeElement.dataset.choice") == "leave"
    page.keyboard.press("Escape")
    expect(cell(page, home, 0).locator("[data-airing]")).to_have_count(1)
    assert desk.airs(home) == [("看懂化验单", "Mon 19:30")]

    drag(page, middle(card(page, "看懂化验单")), middle(cell(page, home, 1)))
    ask.get_by_role("button", name="Only this evening").click()
    saved(page, "Moved for one evening")
    assert (desk.airs(home), desk.airs(home, 2)) == ([("看懂化验单", "Tue 19:30")], [("看懂化验单", "Mon 19:30")])
    page.click("#undo")
    expect(cell(page, home, 0).locator("[data-airing]")).to_have_count(1)

    drag(page, middle(card(page, "看懂化验单")), middle(cell(page, home, 3)))
    ask.get_by_role("button", name="This and all later").click()
    saved(page, "Moved, with all later ones")
    assert (desk.airs(home), desk.airs(home, 2)) == ([("看懂化验单", "Thu 19:30")], [("看懂化验单", "Thu 19:30")])


def test_a_card_stays_in_its_layer_and_the_day_view_moves_it_to_another_time(watched: Watched, desk: Desk) -> None:
    home = village(8)
    desk.plan(home, "滩羊冬季补饲", at(6))
    page = enter(watched, "li", week(home))
    drag(page, middle(card(page, "滩羊冬季补饲")), middle(cell(page, VILLAGES, 6)))
    saved(page, "A card stays in its layer")
    expect(cell(page, home, 6).locator("[data-airing]")).to_have_count(1)
    expect(page.get_by_role("link", name="One day")).to_be_visible()
    watched.go(week(home, view="day", day=at(6).date().isoformat()))
    page.locator("#calendar .ec-body .ec-day").first.wait_for()
    x, y = middle(card(page, "滩羊冬季补饲"))
    drag(page, (x, y), (x + 120, y))  # a quarter of an hour is 60 px wide
    expect(card(page, "滩羊冬季补饲")).to_contain_text("20:00–20:40")
    assert desk.airs(home) == [("滩羊冬季补饲", "Sun 20:00")]


def test_the_past_is_asked_about(watched: Watched, desk: Desk) -> None:
    home, today = village(9), clock.local(clock.now())
    if today.weekday() == 0 or today.hour >= 23:
        pytest.skip("the week has no past day yet, or the day no coming minute")
    start = (today + timedelta(minutes=10)).replace(second=0, microsecond=0, tzinfo=None)
    desk.plan(home, "滩羊冬季补饲", start)
    page = enter(watched, "li", f"/timetable?region={home}")
    drag(page, middle(card(page, "滩羊冬季补饲")), middle(cell(page, home, start.weekday() - 1)))
    expect(page.locator("#ask")).to_contain_text("No television will show it any more")
    page.keyboard.press("Escape")
    assert desk.airs(home, 0) == [("滩羊冬季补饲", f"{start:%a %H:%M}")]


def test_the_filter_stands_in_the_address_and_dims_the_rest(watched: Watched, desk: Desk) -> None:
    home = village(13)
    desk.plan(home, "滩羊冬季补饲", at(0))
    desk.plan(home, "冬季安全用电", at(1))
    page = enter(watched, "li", week(home))
    page.select_option("#subject", "养殖")
    assert "subject=" in page.url
    expect(card(page, "冬季安全用电")).to_have_class(DIM)
    expect(card(page, "滩羊冬季补饲")).not_to_have_class(DIM)
    expect(page.locator("[data-load]")).to_have_count(1)
    page.reload()
    expect(card(page, "冬季安全用电")).to_have_class(DIM)
    page.select_option("#subject", "")
    page.fill("#find", "化验")
    expect(page.locator("[data-load]")).to_have_text(["看懂化验单40 min"])


def test_edits_made_faster_than_the_line_wait_for_each_other(watched: Watched, desk: Desk) -> None:
    home = village(15)
    desk.plan(home, "冬季安全用电", at(1))
    page = enter(watched, "li", week(home))
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/edits", hold)
    card(page, "冬季安全用电").focus()
    for _ in range(2):
        page.keyboard.press("Shift+ArrowRight")
    page.wait_for_timeout(300)
    assert len(held) == 1
    held[0].continue_()
    page.unroute("**/edits")
    expect(cell(page, home, 3).locator("[data-airing]")).to_have_count(1)
    page.keyboard.press("Control+z")
    expect(cell(page, home, 2).locator("[data-airing]")).to_have_count(1)
    assert desk.airs(home) == [("冬季安全用电", "Wed 19:30")]
