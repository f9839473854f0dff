"""The readiness board in a real browser: figures, tree, telling stations, lists, power cuts, what was shown."""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Browser, BrowserContext, Page
from sqlalchemy import delete, select

from contentserver.app import Services
from contentserver.attendance import SessionRow
from contentserver.kernel import clock
from contentserver.readiness import service
from contentserver.readiness.models import StationNote
from contentserver.stations import Station
from tests.contentserver.pages.conftest import Office, Watched
from tests.contentserver.pages.looks import every_look, read_in
from tests.contentserver.pages.test_every_page import serious
from tests.contentserver.readiness.lively import CITY, YAOFU, Lively, furnish
from tests.serving import served, services_in

pytestmark = pytest.mark.xdist_group("pages")
COUNTY = "640221"
NOW = datetime(2026, 11, 27, 8, 42, tzinfo=UTC)
"""Friday afternoon in Ningxia; the lesson airs at half past seven."""


class City(Office):
    """The office of a city with 610 boxes."""

    lively: Lively


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    """A running server over a city's evening, at a moment of its own."""
    services = services_in(tmp_path_factory.mktemp("city"))
    patched = pytest.MonkeyPatch()
    patched.setattr(clock, "now", lambda: NOW)
    with services.database.unit_of_work() as session:
        lively = furnish(session, services.signer, NOW)
    with served(services) as url:
        found = City(url, services, "", "", "", "", "")
        found.lively = lively
        yield found
    patched.undo()


@pytest.fixture
def board(context: BrowserContext, city: City) -> Iterator[Watched]:
    """A page in the city's office, in English; no station has been told of anything yet."""
    with city.services.database.unit_of_work() as session:
        session.execute(delete(StationNote))
    found = Watched(context.new_page(), city)
    found.page.on("pageerror", lambda error: found.complaints.append(str(error)))
    found.page.on("console", lambda said: found.complaints.append(said.text) if said.type == "error" else None)
    yield found
    assert [one for one in found.complaints if not one.startswith("Failed to load resource")] == []


def enter(watched: Watched, username: str = "chen", path: str = "/readiness") -> Page:
    """Sign in, in English, and open a path."""
    watched.sign_in(username)
    read_in(watched.page)
    assert watched.go(path) == 200
    watched.page.locator("html.scripted").wait_for(state="attached")
    return watched.page


def figure(page: Page) -> str:
    return " ".join(page.locator(".hero").inner_text().split())


def test_the_board_counts_every_box_once_from_the_city_down(board: Watched) -> None:
    page = enter(board)
    assert figure(page) == "590 / 610 boxes are ready 12 at risk, most will make it 8 will not play, somebody must look"
    assert page.locator("figure.field-of-marks svg[role=img]").count() == 3
    labels = [one.get_attribute("aria-label") or "" for one in page.locator(".field-of-marks svg").all()]
    assert labels[2] == "平罗县: 267 ready, 7 at risk, 2 will not play"
    drawn = page.locator(".field-of-marks").nth(2).locator("path")
    assert [one.get_attribute("class") for one in drawn.all()] == ["dots bad", "dots risk", "dots good"]
    assert [(one.get_attribute("d") or "").count("M") for one in drawn.all()] == [2, 7, 267]
    page.goto(f"{board.office.url}/readiness?region={YAOFU}")
    lines = page.locator(".box-line")
    assert lines.count() == 9
    assert "Not heard from for 3 days" in lines.nth(0).inner_text()
    assert "looks at power and cable" in lines.nth(0).inner_text()
    assert lines.nth(0).locator("button").inner_text() == "Notify 马*国"
    assert "28 more boxes, all well" in page.locator(".more").inner_text()
    page.click(".more a")
    page.locator(".box-line").nth(36).wait_for()
    assert page.locator(".box-line").count() == 37
    assert "all=1" in page.url


def test_the_tree_is_walked_with_the_arrow_keys(board: Watched) -> None:
    page = enter(board, path="/readiness?region=640202")
    page.focus("#branch-640202")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.id") == f"branch-{COUNTY}"
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.id") == f"branch-{COUNTY}"
    page.keyboard.press("ArrowRight")
    page.locator(f"#branch-{YAOFU}-t:focus").wait_for()
    assert f"region={COUNTY}" in page.url
    page.keyboard.press("End")
    last = page.evaluate("document.activeElement.id")
    page.keyboard.press("ArrowRight")
    page.locator(".box-line:focus").wait_for()
    page.keyboard.press("ArrowLeft")
    assert page.evaluate("document.activeElement.id") == last
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    page.locator(".box-line.bad:focus").wait_for()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.tagName") == "BUTTON"
    assert page.locator("[role=treeitem][tabindex='0']").count() == 1


def test_without_a_script_everything_is_a_link_or_a_form(browser: Browser, city: City) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 1366, "height": 768})
    watched = Watched(context.new_page(), city)
    watched.sign_in("chen")
    page = watched.page
    watched.go("/readiness")
    page.click(f"#branch-{COUNTY}")
    page.click("#branch-640221102-t")
    assert "640221102" in page.url
    assert page.locator(".box-line").count() > 3
    options = page.locator("#at option")
    page.select_option("#at", options.nth(1).get_attribute("value") or "")
    page.click(".script-not-needed >> nth=0")
    assert "region=640221102" in page.url
    assert page.locator("#at option:checked").inner_text() == options.nth(1).inner_text()
    context.close()


def test_choosing_another_airing_turns_the_board(board: Watched) -> None:
    page = enter(board)
    second = page.locator("#at option").nth(1).get_attribute("value") or ""
    with page.expect_navigation():
        page.select_option("#at", second)
    assert page.locator("#at").input_value() == second
    assert figure(page).startswith(("60", "59"))


def test_the_board_keeps_itself_up_to_date(board: Watched) -> None:
    board.page.clock.install()
    page = enter(board)
    with page.expect_response(lambda answer: "/readiness?at=" in answer.url) as polled:
        page.clock.fast_forward(61_000)
    assert polled.value.status == 200
    page.locator("#board h1").wait_for()
    assert page.locator("#board").count() == 1
    assert figure(page).startswith("590 / 610")


def test_stations_are_told_once_and_the_county_sees_who_knows(board: Watched, browser: Browser, city: City) -> None:
    page = enter(board, "wang", f"/readiness?region={YAOFU}")
    asked = page.locator(".heading a.primary").inner_text()
    page.click(".heading a.primary")
    rows = page.locator("main tbody tr")
    assert asked == f"Notify {rows.count()} stations"
    assert "On its way" not in page.locator("main tbody th + td + td + td .strong").all_inner_texts()
    with page.expect_navigation():
        page.click(".tell-bar button")
    assert page.locator(".flash").inner_text() == f"{asked.split()[1]} stations are told."
    assert page.locator(".heading a.primary").count() == 0
    assert "told" in page.locator(".box-line.bad").inner_text()
    keeper = browser.new_context(viewport={"width": 1366, "height": 768})
    theirs = Watched(keeper.new_page(), city)
    theirs.sign_in("keeper0")
    note = theirs.page.locator(".told li")
    assert note.count() == 1
    assert "土地延包政策问答" in note.inner_text()
    with city.services.database.reader() as session:
        station = session.get_one(Station, city.lively.troubled["silent"].station_id)
    theirs.go(f"/stations/{station.id}")
    assert serious(theirs.page) == []
    with theirs.page.expect_navigation():
        theirs.page.click(".told button")
    assert theirs.page.locator(".told").count() == 0
    assert theirs.go("/readiness/tell") == 403
    keeper.close()
    page.reload()
    assert "马*国 knows" in page.locator(".box-line.bad").inner_text()


def test_the_list_says_the_same_in_both_files_and_keeps_to_the_region(board: Watched) -> None:
    page = enter(board, path=f"/readiness?region={YAOFU}")
    with page.expect_download() as sheet:
        page.click("a[href*='list.xlsx']")
    with page.expect_download() as text:
        page.click("a[href*='list.csv']")
    book = load_workbook(io.BytesIO(Path(sheet.value.path()).read_bytes()))
    cells = [[cell or "" for cell in row] for row in book.active.iter_rows(values_only=True)]
    lines = list(csv.reader(io.StringIO(Path(text.value.path()).read_text(encoding="utf-8-sig"))))
    assert cells[0][0] == lines[0][0]
    assert "姚伏镇" in cells[0][0]
    assert [row[:7] for row in cells[2:]] == [row[:7] for row in lines[1:]]
    assert len(lines) - 2 == 37
    assert lines[2][:5] == ["平罗县", "姚伏镇", "沙湖", lines[2][3], "Will not play"]
    assert board.page.request.get(f"{board.office.url}/readiness/list.pdf").status == 404


def test_a_power_cut_is_written_down_by_form_and_the_board_counts_with_it(board: Watched, city: City) -> None:
    page = enter(board, "li", "/readiness/power-cuts")
    page.select_option("#region", YAOFU)
    day = clock.local(city.lively.start).strftime("%Y-%m-%d")
    page.fill("#since", f"{day}T21:00")
    page.fill("#until", f"{day}T18:00")
    page.fill("#reason", "检修")
    with page.expect_response(lambda answer: answer.request.method == "POST") as refused:
        page.click("button.primary")
    assert refused.value.status == 422
    assert page.locator("#until-wrong").inner_text() == "This is before it begins."
    assert (page.input_value("#since"), page.input_value("#reason")) == (f"{day}T21:00", "检修")
    page.fill("#since", f"{day}T18:00")
    page.fill("#until", f"{day}T21:00")
    with page.expect_navigation():
        page.click("button.primary")
    row = page.locator("main tbody tr", has_text="姚伏镇")
    board.go(f"/readiness?region={YAOFU}")
    assert page.locator(".box-line.bad").count() == 37
    board.go("/readiness/power-cuts")
    with page.expect_navigation():
        row.locator("button").click()
    board.go(f"/readiness?region={YAOFU}")
    assert page.locator(".box-line.bad").count() == 1


def test_after_the_airing_it_shows_what_was_shown(board: Watched, city: City) -> None:
    services: Services = city.services
    with services.database.unit_of_work() as session:
        stations = session.scalars(select(Station).where(Station.region_code.startswith(YAOFU))).all()
        fleet = service.board(session, CITY, None, NOW, services.store)
        airing = fleet.rows[0].airing
        for number, station in enumerate(stations[:20]):
            session.add(
                SessionRow(
                    airing_id=airing.id,
                    station_id=station.id,
                    region_code=station.region_code,
                    lesson_id=airing.lesson.id,
                    lesson_title=airing.lesson.title,
                    course_title=airing.lesson.course,
                    planned_start=airing.start,
                    planned_ms=airing.duration_ms,
                    late_ms=None if number == 1 else 40,
                    shown_ms=600_000 if number == 0 else 0 if number == 1 else airing.duration_ms,
                    missed_reason="not_stored" if number == 1 else "",
                )
            )
    later = airing.end + timedelta(minutes=1)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(clock, "now", lambda: later)
        page = enter(board, path=f"/readiness?at={airing.start.isoformat().replace('+', '%2B')}&region={YAOFU}")
        assert page.locator("h1").inner_text() == "What was shown on Fri 19:30?"
        assert figure(page) == "18 / 610 boxes have shown it 1 shown in part 1 not shown 590 not reported yet"
        lines = page.locator(".box-line")
        assert "The lesson had not arrived on the box in time." in lines.nth(0).inner_text()
        assert "Shown 10 min 00 s of 40 min 00 s" in lines.nth(1).inner_text()
        assert page.locator(".heading a.primary").count() == 0
        assert serious(page) == []
        lines.nth(1).locator(".box-actions a").click()
        assert "/sessions/" in page.url
    with services.database.unit_of_work() as session:
        for row in session.scalars(select(SessionRow)):
            session.delete(row)


def test_the_weeks_counts_are_for_the_timetables_head(board: Watched, city: City) -> None:
    enter(board, "li")
    address = f"{city.url}/readiness/week.json"
    start = clock.local(city.lively.start).date()
    week = board.page.request.get(f"{address}?region={COUNTY}&week={start.isoformat()}").json()
    counts = week[start.isoformat()]
    assert (counts["ready"], counts["at_risk"], counts["will_not_play"]) == (267, 7, 2)
    assert len(week) == 7
    for query, status in (("region=640202", 403), ("region=999", 404), ("week=never", 422), ("week=0001-01-01", 422)):
        assert board.page.request.get(f"{address}?{query}").status == status


def test_everybody_sees_their_own_region_only(board: Watched) -> None:
    page = enter(board, "li", "/readiness?region=640202")
    assert figure(page).startswith("267 / 276")
    assert page.locator("[aria-level='1']").count() == 1
    answer = page.request.get(f"{board.office.url}/readiness/list.csv?region=640202")
    assert "大武口区" not in answer.text()


@pytest.mark.parametrize(
    "query", ["at=rubbish", "at=2026-99-99T00:00", "at=0001-01-01T00:00%2B14:00", "region=%27", "region=6402219999"]
)
def test_an_address_that_means_nothing_shows_the_next_airing(board: Watched, query: str) -> None:
    page = enter(board, path=f"/readiness?{query}")
    assert figure(page).startswith("590 / 610")


@every_look
def test_its_pages_are_whole_and_open_to_all(board: Watched, scheme: str, language: str) -> None:
    page = board.page
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
    board.sign_in("chen")
    if language == "en":
        read_in(page)
    for path in ("/readiness", f"/readiness?region={YAOFU}&all=1", "/readiness/tell", "/readiness/power-cuts"):
        assert board.go(path) == 200, path
        page.locator("html.scripted").wait_for(state="attached")
        assert page.locator("h1").count() == 1
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{path} is too wide"
        assert serious(page) == [], path
    page.set_viewport_size({"width": 683, "height": 384})
    for path in ("/readiness", "/readiness/tell", "/readiness/power-cuts"):
        board.go(path)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{path} at twice the size"


def test_with_nothing_planned_or_no_box_it_says_what_to_do(watched: Watched) -> None:
    page = enter(watched, "chen")
    assert "No television is connected yet" in page.locator(".empty").inner_text()
    assert page.locator(".empty a").get_attribute("href") == "/boxes/claim"
    assert serious(page) == []
