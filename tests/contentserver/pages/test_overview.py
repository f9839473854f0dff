"""The overview: held against planned, coverage, two periods side by side, and down to one session; as files too."""

import csv
import io

import pypdfium2
import pytest
from openpyxl import load_workbook
from playwright.sync_api import Browser, Locator

from tests.contentserver.pages.conftest import COUNTY, TOWNSHIP, VILLAGE, Office, Watched
from tests.contentserver.pages.looks import read_in
from tests.contentserver.pages.test_every_page import serious
from tests.serving import PASSWORD

pytestmark = pytest.mark.xdist_group("pages")
OCTOBER = "from=2026-10-01&to=2026-10-31"
COMPARED = f"region={COUNTY}&{OCTOBER}&against=before"


def cells(rows: Locator) -> list[list[str]]:
    return [[cell.strip() for cell in row.locator("th, td").all_inner_texts()] for row in rows.all()]


def table(watched: Watched, name: str) -> list[list[str]]:
    """The rows of a table on the page, its total last."""
    return cells(watched.page.get_by_role("region", name=name, exact=True).locator("tbody tr, tfoot tr"))


def test_numbers_stand_with_what_they_are_a_share_of_on_the_way_down(watched: Watched) -> None:
    page = watched.page
    watched.sign_in("wang")
    read_in(page)
    watched.go("/")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Reports").press("Enter")
    page.wait_for_url("**/reports")
    watched.go(f"/reports?region={COUNTY}&{OCTOBER}")
    villages = len(table(watched, "By region"))
    assert villages > 2
    for width in (390, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    for region, stations in ((TOWNSHIP, "14"), (VILLAGE, "1")):
        tiles = page.locator("dl.figures").inner_text()
        for words in ("75.0%", "3 came / 4 expected", "2.0 h / 3 people", "0 held / 0 planned"):
            assert words in tiles
        row = next(one for one in table(watched, "By region") if one[1] == "1")
        assert row[1:4] == ["1", stations, f"{100 / int(stations):.1f}%"]
        assert serious(page) == []
        page.locator(f".tile-map a[href*='region={region}']").press("Enter")
        page.wait_for_url(f"**region={region}**")
    assert "1 / 1 station" in page.locator("dl.figures").inner_text()
    assert serious(page) == []
    page.get_by_role("region", name="Sessions").get_by_role("link").first.press("Enter")
    page.wait_for_url("**/sessions/**")


def test_two_periods_stand_beside_each_other(watched: Watched) -> None:
    page = watched.page
    watched.sign_in("wang")
    read_in(page)
    watched.go(f"/reports?region={COUNTY}&from=2026-11-01&to=2026-11-30")
    page.select_option("#against", "before")
    page.get_by_role("button", name="Show").press("Enter")
    page.wait_for_url("**against=before**")
    assert "2026-10-01" in page.locator("main").inner_text()
    total = table(watched, "By region")[-1]
    assert total[-5:] == ["3", "▼ 3", "▼ 100.0%", "75.0%", "—"]
    page.select_option("#against", "own")
    page.get_by_role("button", name="Show").press("Enter")
    page.wait_for_url("**against=own**")
    assert "Name the first and the last day" in page.locator("main").inner_text()
    page.fill("#against-from", "2026-10-12")
    page.fill("#against-to", "2026-10-12")
    page.get_by_role("button", name="Show").press("Enter")
    page.wait_for_url("**against_to=2026-10-12**")
    assert table(watched, "By region")[-1][-5:] == ["3", "▼ 3", "▼ 100.0%", "75.0%", "—"]
    assert serious(page) == []


def test_regions_are_put_in_order_by_their_heads(watched: Watched) -> None:
    page = watched.page
    watched.sign_in("wang")
    read_in(page)
    watched.go(f"/reports?region={COUNTY}&{OCTOBER}")
    by_code = [row[0] for row in table(watched, "By region")]
    head = page.get_by_role("region", name="By region").get_by_role("columnheader", name="Coverage")
    head.get_by_role("link").press("Enter")
    page.wait_for_url("**sort=coverage**")
    assert head.get_attribute("aria-sort") == "descending"
    rows = table(watched, "By region")
    assert rows[0][0] == "通伏乡"
    assert sorted(row[0] for row in rows) == sorted(by_code)
    head.get_by_role("link").press("Enter")
    page.wait_for_url("**dir=up**")
    assert table(watched, "By region")[-2][0] == "通伏乡"


@pytest.mark.parametrize(("width", "scheme"), [(1280, "dark"), (390, "light")])
def test_charts_say_their_numbers_in_words(browser: Browser, office: Office, width: int, scheme: str) -> None:
    """Without a script, as on paper: the charts come from the server."""
    context = browser.new_context(
        java_script_enabled=False,
        viewport={"width": width, "height": 800},
        color_scheme="light" if scheme == "light" else "dark",
    )
    page = context.new_page()
    page.goto(f"{office.url}/reports?region={COUNTY}&{OCTOBER}")
    page.fill("#username", "wang")
    page.fill("#password", PASSWORD)
    page.press("#password", "Enter")
    page.wait_for_url("**/reports?**")
    read_in(page)
    assert page.locator(".month-bars[role=img][aria-label]").count() == 1
    assert page.locator(".month-bars title").last.text_content() == "2026-10: 3 came, 0 came a year earlier"
    squares = page.locator(".year-squares rect")
    assert 365 <= squares.count() <= 371
    day = page.locator(".year-squares rect", has_text="2026-10-12")
    assert day.get_attribute("class") == "heat-5"
    assert "3" in (day.text_content() or "")
    assert page.locator(".year-squares .heat-0").count() == squares.count() - 1
    context.close()


def test_every_cell_of_the_files_stands_on_the_page(watched: Watched) -> None:
    watched.sign_in("wang")
    read_in(watched.page)
    address = f"{COMPARED}&sort=came&dir=down"
    watched.go(f"/reports?{address}")
    for fold in watched.page.locator("details").all():
        fold.locator("summary").first.press("Enter")
    on_page = [row for name in ("By region", "By course", "By subject", "By month") for row in table(watched, name)]
    days = table(watched, "By day")
    got = {
        kind: watched.page.request.get(f"{watched.office.url}/reports/overview.{kind}?{address}")
        for kind in ("csv", "xlsx", "pdf")
    }
    assert {answer.status for answer in got.values()} == {200}
    assert f'overview-{COUNTY}-2026-10-01-2026-10-31.csv"' in got["csv"].headers["content-disposition"]
    lines = list(csv.reader(io.StringIO(got["csv"].body().decode("utf-8-sig"))))
    said = [[cell or "—" for cell in line] for line in lines]
    assert [row for row in on_page if row not in said] == []
    assert [row for row in days if row not in said] == []
    assert any("2026-09-01" in line[0] for line in lines[:6] if line)
    book = load_workbook(io.BytesIO(got["xlsx"].body()))
    sheet = next(row for row in book.worksheets[0].iter_rows(values_only=True) if row[0] == "通伏乡")
    shown_row = next(row for row in table(watched, "By region") if row[0] == "通伏乡")
    assert [str(cell) for cell in sheet[1:3]] == shown_row[1:3]
    assert f"{100 * float(str(sheet[3])):.1f}%" == shown_row[3]
    assert str(sheet[10]) == shown_row[10] == "3"
    assert sheet[14] == 3
    document = pypdfium2.PdfDocument(got["pdf"].body())
    text = "".join(page.get_textpage().get_text_bounded() for page in document)
    for words in ("平罗县", "75.0%", "通伏乡", "2026-09-01", "▲ 3"):
        assert words in text
    picture = document[0].render(scale=1).to_pil().convert("RGB")
    colours = {colour for _count, colour in picture.getcolors(10**6) or []}
    assert any(isinstance(one, tuple) and max(abs(one[0] - 0x24), abs(one[1] - 0x50)) < 6 for one in colours)


def test_who_may_not_see_the_region_sees_nothing_of_it(watched: Watched) -> None:
    watched.sign_in("chen")
    assert watched.go(f"/reports?region={COUNTY}") == 403
    for kind in ("csv", "xlsx", "pdf"):
        answer = watched.page.request.get(f"{watched.office.url}/reports/overview.{kind}?region={COUNTY}")
        assert answer.status == 403
    assert watched.go("/reports?region=nowhere") == 404


def test_a_time_without_anything_says_what_to_do(watched: Watched) -> None:
    watched.sign_in("wang")
    watched.go(f"/reports?region={COUNTY}&from=2020-01-01&to=2020-01-31&against=own&against_from=x")
    assert watched.page.locator(".empty").count() == 1
    assert "—" in watched.page.locator("dl.figures").inner_text()
    assert serious(watched.page) == []
