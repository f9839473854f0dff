"""A county of 610 boxes: an editor plans, another person approves, and the page counts every box, live."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.county import County, open_county, settle
from tests.demo.desk import Desk
from tests.demo.people import COUNTY, EDITOR, PASSWORD, REVIEWER, DemoAccount

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("offices"), pytest.mark.timeout(600)]
BOXES = 610


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Iterator[County]:
    found = open_county(tmp_path_factory.mktemp("county"), BOXES)
    try:
        found.start_fleet(durable=True)
        settle(found)
        yield found
    finally:
        found.close()


def _sign_in(page: Page, county: County, account: DemoAccount) -> None:
    page.goto(f"{county.stack.url}/sign-in")
    page.fill("#username", account.username)
    page.fill("#password", PASSWORD)
    page.press("#password", "Enter")
    page.wait_for_url(f"{county.stack.url}/")


def test_610_boxes_are_planned_for_approved_for_and_counted_live(county: County) -> None:
    start = (datetime.now(UTC) + timedelta(days=1)).replace(hour=11, minute=30, tzinfo=None)
    with Desk(county.stack.url, EDITOR) as editor:
        editor.plan(COUNTY, county.lessons[0], start)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        )
        editing, reviewing = browser.new_context().new_page(), browser.new_context().new_page()
        _sign_in(editing, county, EDITOR)
        editing.goto(f"{county.stack.url}/timetable/{COUNTY}/review")
        editing.click(f"form[action$='/{COUNTY}/submit'] button")
        editing.goto(f"{county.stack.url}/timetable?region={COUNTY}")
        _sign_in(reviewing, county, REVIEWER)
        reviewing.goto(f"{county.stack.url}/timetable/{COUNTY}/review")
        reviewing.click(f"form[action$='/{COUNTY}/approve'] button")
        expect(editing.locator("body")).to_contain_text(f"{BOXES}/{BOXES}", timeout=60_000)
        browser.close()
    found = county.delivery()
    assert (found.followers, found.stored, found.applied) == (BOXES, BOXES, BOXES)
