"""The server as a county runs it: PostgreSQL behind, nginx before; every page answers, nothing hidden is served."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.demo import story
from tests.demo.desk import Desk, Refused
from tests.demo.people import ADMIN, COUNTY, EDITOR
from tests.demo.stack import Stack
from tests.postgres import cluster

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("offices"), pytest.mark.timeout(120)]

PAGES = (
    "/",
    "/timetable",
    "/courses",
    "/courses/new",
    "/sessions",
    "/stations",
    "/boxes",
    "/boxes/claim",
    f"/reports/attendance?region={COUNTY}",
    f"/reports?region={COUNTY}&against=last_year",
    "/reports/kept",
    "/reports/api",
)


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with cluster() as url, Stack(tmp_path_factory.mktemp("postgres") / "system", database_url=url) as running:
        story.furnish(running)
        yield running


def test_every_page_answers(stack: Stack) -> None:
    with Desk(stack.url, ADMIN) as desk:
        for path in PAGES:
            assert "<h1" in desk.page(path), path


def test_a_course_is_made_and_an_upload_that_is_missing_makes_no_lesson(stack: Stack) -> None:
    with Desk(stack.url, EDITOR) as desk:
        course = desk.add_course("测土配方施肥", "种植", "农户", COUNTY)
        with pytest.raises(Refused):
            desk.add_lesson(course, "看懂化验单", 1, "", "0" * 32, {})
        assert "测土配方施肥" in desk.page("/courses")


def test_an_upload_cut_off_makes_no_lesson_and_can_go_on(stack: Stack, tmp_path: Path) -> None:
    with Desk(stack.url, EDITOR) as desk:
        course = desk.add_course("滩羊养殖", "养殖", "农户", COUNTY)
        half = desk.begin_upload(1000, b"x" * 400)
        with pytest.raises(Refused, match="没有传完整"):
            desk.add_lesson(course, "滩羊冬季补饲", 1, "", half, {})
        assert desk.arrived(half) == 400


@pytest.mark.parametrize(
    "path", ["/internal/packages/x/manifest.json", "/media/sha256-00/manifest.json", "/static/../app.py"]
)
def test_what_is_not_for_everybody_is_not_served(stack: Stack, path: str) -> None:
    assert httpx.get(stack.url + path, timeout=10).status_code in {403, 404}


def test_pages_forbid_what_they_do_not_need(stack: Stack) -> None:
    headers = httpx.get(f"{stack.url}/sign-in", timeout=10).headers
    assert "default-src 'self'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "Server" not in headers or "/" not in headers["Server"]
