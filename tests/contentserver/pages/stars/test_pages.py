"""Every page of stars: whole, open to all, at every width; what is asked wrongly changes nothing."""

import csv
from io import BytesIO, StringIO

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from contentserver.stars.models import StarCheck, StarResult, StarRound
from tests.contentserver.pages.conftest import Office, Watched
from tests.contentserver.pages.looks import english, every_look, read_in
from tests.contentserver.pages.stars.conftest import YEAR
from tests.contentserver.pages.test_every_page import serious

pytestmark = pytest.mark.xdist_group("pages")


@every_look
def test_every_page_of_stars_is_whole_and_open_to_all(watched: Watched, scheme: str, language: str) -> None:
    page = watched.page
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
    english(watched, "wang")
    if language == "zh_CN":
        read_in(page, "zh-CN")
    token = page.get_attribute("meta[name=csrf-token]", "content") or ""
    begun = page.request.post(
        f"{watched.office.url}/stars/rounds", form={"csrf_token": token, "year": str(YEAR), "seed": "x"}
    )
    round_path = begun.url.removeprefix(watched.office.url)
    with watched.office.services.database.reader() as session:
        drawn = session.scalars(select(StarCheck.station_id)).first()
    station = watched.office.station
    for path in (
        "/stars",
        "/stars/ones",
        "/stars/ones?missing=rules&q=没有",
        f"/stars/stations/{station}",
        f"/stars/stations/{station}/ones/equipment",
        "/stars/rules",
        "/stars/rules/edit",
        round_path,
        f"{round_path}?stars=5",
        f"{round_path}/sample",
        f"{round_path}/stations/{station}",
        f"{round_path}/checks/{drawn}",
        "/stars/published",
    ):
        for width in (1366, 683, 390):
            page.set_viewport_size({"width": width, "height": 768})
            assert watched.go(path) == 200, path
            page.locator("html.scripted").wait_for(state="attached")
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{path} at {width}"
        assert page.title().strip(" ·"), path
        assert page.locator("h1").count() == 1, path
        assert serious(page) == [], path


def test_the_results_to_take_along_are_those_of_the_page(watched: Watched) -> None:
    page = watched.page
    english(watched, "wang")
    token = page.get_attribute("meta[name=csrf-token]", "content") or ""
    begun = page.request.post(
        f"{watched.office.url}/stars/rounds", form={"csrf_token": token, "year": str(YEAR), "seed": "x"}
    )
    shown = page.goto(begun.url)
    assert shown is not None
    rows = [cell.inner_text() for cell in page.locator("tbody tr th[scope=row] a").all()]
    points = [cell.inner_text() for cell in page.locator("tbody td.num").all()]
    sheet = load_workbook(BytesIO(page.request.get(f"{begun.url}.xlsx").body())).active
    assert sheet is not None
    lines = list(sheet.iter_rows(values_only=True))
    assert "draft" in str(lines[2][0])
    body = [line for line in lines[5:] if line[0]]
    assert [line[0] for line in body] == rows
    assert [line[4] for line in body] == points
    village = next(line for line in body if line[0] == "马场村")
    assert village[5:7] == (4, 4)  # planned sessions held
    assert village[7:9] == (8.0, 2)  # lesson hours of two people
    written = list(csv.reader(StringIO(page.request.get(f"{begun.url}.csv?stars=5").body().decode("utf-8-sig"))))
    assert len(written) == 4  # three lines of what it is and the head: no station has five stars


def test_what_is_asked_wrongly_changes_nothing(watched: Watched, office: Office) -> None:
    page = watched.page
    english(watched, "wang")
    token = page.get_attribute("meta[name=csrf-token]", "content") or ""

    def post(path: str, **form: str) -> int:
        return page.request.post(f"{office.url}{path}", form={"csrf_token": token, **form}, max_redirects=0).status

    assert post("/stars/rounds", year="x") == 422
    assert post("/stars/rounds", year="2999") == 422
    assert post("/stars/rounds", year=str(YEAR), region="640202") == 403
    assert post("/stars/rounds", year=str(YEAR), region="nowhere") in (403, 404)
    assert post("/stars/rounds", year=str(YEAR)) == 302
    assert post("/stars/rounds", year=str(YEAR)) == 409
    with office.services.database.reader() as session:
        found = session.scalars(select(StarRound)).one()
        before = session.scalars(select(StarResult.stars)).all()
    path = f"/stars/rounds/{found.id}"
    result = f"{path}/stations/{office.station}"
    for form in ({"do": "x"}, {"do": "take_down", "stars": "9"}, {"do": "decide", "appeal": "x", "stars": "1"}):
        assert post(result, **form) == 422
    assert post(result, do="appeal", text="x") == 403
    assert post(f"{path}/publish") == 409
    assert page.request.post(f"{office.url}{path}/publish", max_redirects=0).status == 400  # without the form's token
    with office.services.database.reader() as session:
        assert session.scalars(select(StarResult.stars)).all() == before
        assert session.scalars(select(StarRound)).one().published_at is None
