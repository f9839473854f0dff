"""Every page: it is there, has a title and one heading, keeps the content policy, and axe finds nothing serious."""

from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.contentserver.pages.conftest import COUNTY, TOWNSHIP, VILLAGE, Watched
from tests.contentserver.pages.looks import every_look, read_in

pytestmark = pytest.mark.xdist_group("pages")
AXE = Path(__file__).parents[3] / "node_modules" / "axe-core" / "axe.min.js"
PATHS = (
    "/",
    f"/timetable?region={VILLAGE}",
    f"/timetable?region={TOWNSHIP}&view=day",
    "/courses",
    "/courses/new",
    "/courses/{course}/lessons/new",
    "/courses/{course}/upload",
    "/me",
    "/lessons/{lesson}",
    "/lessons/{waiting_lesson}",
    "/sessions",
    "/sessions/{session}",
    "/sessions/{session}/events",
    "/sessions/{session}/events?about=room",
    "/stations",
    "/stations?q=没有这个村",
    "/stations/{station}",
    "/boxes",
    "/boxes/claim?code=ABCD2345",
    f"/reports/attendance?region={COUNTY}&from=2026-10-01&to=2026-10-31",
    f"/reports/attendance?region={TOWNSHIP}&from=2026-10-01&to=2026-10-31",
    f"/reports/attendance?region={VILLAGE}&from=2026-10-01&to=2026-10-31",
    f"/reports/attendance?region={COUNTY}&from=2020-10-01&to=2020-10-31",
    f"/reports?region={COUNTY}&from=2026-10-01&to=2026-10-31&against=last_year",
    f"/reports?region={VILLAGE}&from=2026-10-01&to=2026-10-31",
    "/reports/kept",
    "/reports/api",
)


def serious(page: Page) -> list[str]:
    """What axe holds against the page as it stands, of serious or critical weight."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found: list[str] = page.evaluate(
        """async () => (await axe.run(document, {resultTypes: ["violations"]})).violations
        .filter((one) => ["serious", "critical"].includes(one.impact))
        .flatMap((one) => one.nodes.map((node) => `${one.id}: ${node.html} ${node.failureSummary}`))"""
    )
    return found


@every_look
def test_every_page_is_whole_and_open_to_all(
    watched: Watched, context: BrowserContext, scheme: str, language: str
) -> None:
    page, office = watched.page, watched.office
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
    watched.sign_in("li")
    if language == "en":
        read_in(page)
    assert page.get_attribute("html", "lang") == language.replace("_", "-")
    for path in PATHS:
        address = path.format(
            course=office.course,
            lesson=office.lesson,
            waiting_lesson=office.waiting_lesson,
            session=office.session,
            station=office.station,
        )
        assert watched.go(address) == 200, address
        page.locator("html.scripted").wait_for(state="attached")
        if address.startswith("/timetable?"):
            page.locator("#calendar .ec-body .ec-day").first.wait_for()
        assert page.title().strip(" ·"), address
        assert page.locator("h1").count() == 1, address
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{address} is too wide"
        assert serious(page) == [], address


def test_the_sign_in_page_is_open_to_all(watched: Watched) -> None:
    watched.go("/sign-in")
    assert watched.page.locator("h1").count() == 1
    assert serious(watched.page) == []


def test_a_page_that_is_not_there_says_so_and_leads_back(watched: Watched) -> None:
    watched.sign_in("li")
    assert watched.go("/no-such-page") == 404
    assert watched.page.locator("main").inner_text().startswith("没有办成")
    watched.page.click("main a")
    watched.page.wait_for_url(watched.office.url + "/")


def test_at_twice_the_size_nothing_is_lost_to_the_side(watched: Watched) -> None:
    watched.sign_in("li")
    watched.page.set_viewport_size({"width": 683, "height": 384})
    for path in ("/", "/timetable", "/courses", "/boxes/claim", f"/reports/attendance?region={COUNTY}"):
        watched.go(path)
        assert watched.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
