"""A project, in a browser: begun, given a lesson and households, noted with a photograph, withdrawn, printed, ended."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image
from playwright.sync_api import Page
from sqlalchemy import delete

from contentserver.projects.models import Household, Project, ProjectLesson, ProjectNote, ProjectPhoto
from tests.contentserver.pages.conftest import Office, Watched
from tests.contentserver.pages.looks import english, every_look, read_in
from tests.contentserver.pages.test_every_page import serious

pytestmark = pytest.mark.xdist_group("pages")


@pytest.fixture(autouse=True)
def empty(office: Office) -> Iterator[None]:
    """Before and afterwards there is no project."""
    _clear(office)
    yield
    _clear(office)


def _clear(office: Office) -> None:
    with office.services.database.unit_of_work() as session:
        for table in (ProjectPhoto, ProjectNote, Household, ProjectLesson, Project):
            session.execute(delete(table))


def begun(watched: Watched) -> Page:
    """A project of the county with two households; its page."""
    page = english(watched, "li")
    watched.go("/projects/new")
    page.fill("#name", "冬小麦测土配方")
    page.fill("#base", "马场村示范田")
    page.fill("#crop", "小麦")
    page.fill("#baseline", "400")
    page.fill("#begun_on", "2026-03-01")
    page.get_by_role("button", name="Begin it").click()
    for number, land in (("101", "8"), ("102", "12.5")):
        page.select_option("#station", watched.office.station)
        page.fill("#number", number)
        page.fill("#household-land", land)
        page.get_by_role("button", name="It takes part").click()
    return page


def note(page: Page, kind: str, **fields: str) -> None:
    page.locator("#note").get_by_role("link", name=kind, exact=True).click()
    for name, value in fields.items():
        field = page.locator(f"#note #{name}")
        if name == "household":
            field.select_option(index=int(value))
        else:
            field.fill(value)
    page.get_by_role("button", name="Note it").click()


def test_from_a_lesson_to_what_it_brought(watched: Watched, tmp_path: Path) -> None:
    page = english(watched, "li")
    watched.go("/projects")
    assert page.get_by_text("No project yet").is_visible()
    assert serious(page) == []
    page = begun(watched)
    assert serious(page) == []
    page.select_option("#add-lesson", label="看懂化验单 · 测土配方施肥")
    page.get_by_role("button", name="Add it").click()
    note(page, "Adoption", day="2026-06-01", household="1", land="6")
    note(page, "Result", day="2026-07-20", household="1", income="1,240.50", **{"yield": "452.5"})
    chain = page.locator(".chain").inner_text().replace("\n", " ")
    for said in ("1 households tried it 1/2", "6 mu of land", "452.5 kg for each mu", "+13%", "1,240.5 yuan gained"):
        assert said in chain, chain
    page.locator("#note").get_by_role("link", name="Visit", exact=True).click()
    picture = BytesIO()
    Image.new("RGB", (320, 240), "green").save(picture, "JPEG")
    (tmp_path / "field.jpg").write_bytes(picture.getvalue())
    page.set_input_files("#photographs", str(tmp_path / "field.jpg"))
    page.fill("#note #text", "苗齐苗壮")
    page.get_by_role("button", name="Note it").click()
    shown = page.locator(".note img").first
    shown.scroll_into_view_if_needed()
    assert shown.evaluate("async (image) => (await image.decode(), image.naturalWidth)") > 0
    assert serious(page) == []
    answer = page.request.get(page.url.split("#")[0].split("?")[0] + "/report.pdf")
    text = pypdfium2.PdfDocument(answer.body())[0].get_textpage().get_text_range()
    assert "冬小麦测土配方" in text
    assert "1,240.5" in text
    assert "马建国" not in text, "names are masked on paper"


def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_stays(watched: Watched) -> None:
    page = begun(watched)
    note(page, "Adoption", day="2026-06-01", household="1", land="9")
    assert page.locator("#land[aria-invalid=true]").input_value() == "9"
    assert "more land than" in page.locator("#note").inner_text()
    page.fill("#number", "999")
    page.fill("#household-land", "5")
    page.get_by_role("button", name="It takes part").click()
    assert page.locator("#number[aria-invalid=true]").input_value() == "999"
    page.get_by_role("button", name="The project is over").click()
    assert "Say what came of it" in page.locator("#end").inner_text()


def test_what_does_not_count_and_who_leaves_can_be_seen_and_taken_back(watched: Watched) -> None:
    page = begun(watched)
    note(page, "Adoption", day="2026-06-01", household="1", land="6")
    page.get_by_text("It does not count").click()
    page.fill("input[name=why]", "记错了户")
    page.get_by_role("button", name="Take it out of the sums").click()
    assert "记错了户" in page.locator(".note").inner_text()
    assert "0/2" in page.locator(".chain").inner_text()
    page.get_by_role("button", name="Takes part no longer").first.click()
    assert "0/1" in page.locator(".chain").inner_text()
    page.get_by_role("button", name="Take it back").click()
    assert "0/2" in page.locator(".chain").inner_text()


def test_who_only_reads_reports_changes_nothing(watched: Watched) -> None:
    begun(watched)
    place = watched.page.url.split("#")[0].removeprefix(watched.office.url)
    watched.page.context.clear_cookies()
    page = english(watched, "ma")
    watched.go(place)
    assert page.locator("#note").count() == page.get_by_role("button", name="It takes part").count() == 0
    assert page.get_by_role("link", name="Report", exact=True).is_visible()


@every_look
def test_nothing_sticks_out_in_any_look(watched: Watched, scheme: str, language: str) -> None:
    page = begun(watched)
    place = page.url.split("#")[0].removeprefix(watched.office.url)
    if language == "zh_CN":
        read_in(page, "zh-CN")
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    for width in (1366, 390):
        page.set_viewport_size({"width": width, "height": 768})
        for path in ("/projects", "/projects/new", place):
            watched.go(path)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (path, width)
            assert serious(page) == []
