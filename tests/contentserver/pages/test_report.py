"""The attendance report: true numbers, on the way down to one session, readable without a script."""

import pytest
from playwright.sync_api import Browser

from tests.contentserver.pages.conftest import COUNTY, TOWNSHIP, VILLAGE, Watched
from tests.serving import PASSWORD

pytestmark = pytest.mark.xdist_group("pages")
OCTOBER = "from=2026-10-01&to=2026-10-31"


def test_the_same_numbers_stand_on_every_level_down_to_the_session(watched: Watched) -> None:
    page = watched.page
    watched.sign_in("wang")
    watched.go(f"/reports/attendance?region={COUNTY}&{OCTOBER}")
    for region in (TOWNSHIP, VILLAGE):
        figures = page.locator("dl.figures").inner_text()
        assert "75.0%" in figures
        assert "实到 3 / 应到 4 人次" in figures
        assert "1 / 1 场" in figures
        assert "75.0%" in page.get_by_role("region", name="按区域").locator("tfoot").inner_text()
        page.click(f"tbody a[href*='region={region}']")
        page.wait_for_url(f"**region={region}**")
        assert "from=2026-10-01" in page.url
    row = page.locator("tbody tr[data-airing]").inner_text()
    for words in ("看懂化验单", "2026-10-12 周一 19:30", "2,400/2,400", "3/4", "准点", "完整播完"):
        assert words in row
    page.click("tbody tr[data-airing] a")
    page.wait_for_url("**/sessions/**")
    roll = page.locator("table").inner_text()
    assert "马*国" in roll
    assert "马建国" not in page.content()
    assert "李*" not in roll


def test_the_chart_is_drawn_from_the_table_beside_it(watched: Watched) -> None:
    watched.sign_in("wang")
    watched.go(f"/reports/attendance?region={COUNTY}&{OCTOBER}")
    watched.page.locator("[data-chart] svg").wait_for()
    assert watched.page.locator("#days").is_hidden()
    watched.page.click("summary")
    assert "2026-10-12 周一" in watched.page.locator("#days").inner_text()


def test_a_period_without_sessions_says_what_to_do(watched: Watched) -> None:
    watched.sign_in("wang")
    watched.go(f"/reports/attendance?region={COUNTY}&from=2020-01-01&to=2020-01-31")
    assert "这段时间没有场次上报" in watched.page.locator(".empty").inner_text()
    assert "—" in watched.page.locator("dl.figures").inner_text()


def test_all_numbers_stand_there_without_a_script(browser: Browser, watched: Watched) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{watched.office.url}/reports/attendance?region={COUNTY}&{OCTOBER}")
    page.fill("#username", "wang")
    page.fill("#password", PASSWORD)
    page.press("#password", "Enter")
    page.wait_for_url("**/reports/attendance**")
    assert page.locator("#days").is_visible()
    assert "实到 3 / 应到 4 人次" in page.locator("dl.figures").inner_text()
    context.close()
