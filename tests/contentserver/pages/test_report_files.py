"""The report as files: every cell equals the page, whatever the program it is opened with."""

import csv
import io
import re

import pypdfium2
import pytest
from openpyxl import load_workbook

from tests.contentserver.pages.conftest import COUNTY, TOWNSHIP, Watched

pytestmark = pytest.mark.xdist_group("pages")
OCTOBER = "from=2026-10-01&to=2026-10-31"
ON_PAGE = {"站点": 1, "播出场次": 2, "人数": 3, "应到人次": 4, "实到人次": 5, "按时开播": 7, "完整播完": 8}
"""Columns of the file by the column of the page's table in which the same number stands."""


def file_of(watched: Watched, kind: str, region: str = COUNTY) -> bytes:
    answer = watched.page.request.get(f"{watched.office.url}/reports/attendance.{kind}?region={region}&{OCTOBER}")
    assert answer.status == 200
    assert re.search(rf'attendance-{region}-2026-10-01-2026-10-31\.{kind}"$', answer.headers["content-disposition"])
    return answer.body()


def table_on_the_page(watched: Watched, region: str) -> list[list[str]]:
    watched.go(f"/reports/attendance?region={region}&{OCTOBER}")
    rows = watched.page.get_by_role("region", name="按区域").locator("tbody tr, tfoot tr")
    return [row.locator("th, td").all_inner_texts() for row in rows.all()]


@pytest.mark.parametrize("region", [COUNTY, TOWNSHIP])
def test_every_cell_of_the_files_equals_the_page(watched: Watched, region: str) -> None:
    watched.sign_in("wang")
    page = table_on_the_page(watched, region)
    book = load_workbook(io.BytesIO(file_of(watched, "xlsx", region)))
    sheet = book.worksheets[0]
    lines = [list(row) for row in sheet.iter_rows(min_row=1, values_only=True)]
    head = next(number for number, line in enumerate(lines) if line[1] == "站点")
    tops, columns, rows = [line[0] for line in lines[:head]], list(lines[head]), lines[head + 1 :]
    assert "平罗县" in str(tops[0]) or "通伏乡" in str(tops[0])
    assert "2026-10-01" in str(tops[1])
    assert "2026-10-31" in str(tops[1])
    assert "数据截至" in str(tops[2])
    assert sheet.freeze_panes == f"A{head + 2}"
    assert [row[0] for row in rows] == [row[0] for row in page]
    for meant, shown in zip(rows, page, strict=True):
        for name, place in ON_PAGE.items():
            number = meant[columns.index(name)]
            assert isinstance(number, int), name
            assert str(number) == shown[place].split("/")[0].strip(), name
        rate = meant[columns.index("到课率")]
        assert shown[6].strip() == ("—" if rate is None else f"{100 * rate:.1f}%")
    courses = [list(row) for row in book.worksheets[1].iter_rows(min_row=6, values_only=True)]
    shown_courses = watched.page.get_by_role("region", name="按课程").locator("tbody tr")
    assert [(str(row[0]), str(row[3])) for row in courses] == [
        (row.locator("th").inner_text(), row.locator("td").nth(1).inner_text()) for row in shown_courses.all()
    ]
    assert len(courses) == 1
    text = file_of(watched, "csv", region)
    assert text.startswith(b"\xef\xbb\xbf")
    listed = list(csv.reader(io.StringIO(text.decode("utf-8-sig"))))
    assert [line[0] for line in listed[:3]] == tops[:3]
    assert listed[3] == columns
    assert [] in listed[4:]
    for plain, typed in zip(listed[4 : listed.index([], 4)], rows, strict=True):
        assert plain[:7] == [str(cell) for cell in typed[:7]]


def test_the_printed_report_has_the_chart_and_the_same_numbers(watched: Watched) -> None:
    watched.sign_in("wang")
    document = pypdfium2.PdfDocument(file_of(watched, "pdf"))
    text = "".join(page.get_textpage().get_text_bounded() for page in document)
    for words in ("平罗县", "2026-10-01", "2026-10-31", "75.0%", "通伏乡", "合计", "10-12", "2.0"):
        assert words in text
    picture = document[0].render(scale=1).to_pil().convert("RGB")
    bars = sum(count for count, colour in picture.getcolors(10**6) or [] if _near(colour, (0x24, 0x50, 0x6E)))
    assert bars > 200


def test_who_may_not_see_the_region_gets_no_file(watched: Watched) -> None:
    watched.sign_in("chen")
    for kind in ("csv", "xlsx", "pdf"):
        answer = watched.page.request.get(f"{watched.office.url}/reports/attendance.{kind}?region={COUNTY}")
        assert answer.status == 403
    assert watched.page.request.get(f"{watched.office.url}/reports/attendance.doc?region={COUNTY}").status == 404


def _near(colour: object, wanted: tuple[int, int, int]) -> bool:
    return isinstance(colour, tuple) and all(abs(one - other) < 12 for one, other in zip(colour, wanted, strict=True))
