"""Doubtful sessions in a browser: found in the list, opened, looked at by keyboard alone, and gone from the list."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from sqlalchemy import update

from contentserver.attendance.models import DoubtReview, SessionRow
from tests.contentserver.pages.conftest import Watched
from tests.contentserver.pages.looks import read_in
from tests.contentserver.pages.test_every_page import serious

pytestmark = pytest.mark.xdist_group("pages")


@pytest.fixture
def doubtful(watched: Watched) -> Iterator[str]:
    """The office's session, the only one with a doubt, whatever other tests have left."""
    airing, station = watched.office.session.split("/")
    key = (airing, UUID(station))
    with watched.office.services.database.unit_of_work() as session:
        session.execute(update(SessionRow).values(doubts=""))
        session.get_one(SessionRow, key).doubts = "fewer_counted two_places"
    yield watched.office.session
    with watched.office.services.database.unit_of_work() as session:
        session.get_one(SessionRow, key).doubts = ""
        if review := session.get(DoubtReview, key):
            session.delete(review)


def test_a_doubtful_session_is_looked_at(watched: Watched, doubtful: str) -> None:
    page = watched.page
    watched.sign_in("wang")
    read_in(page)
    watched.go("/sessions")
    page.get_by_role("link", name="1 doubtful one").press("Enter")
    page.wait_for_url("**/sessions?doubts=new")
    row = page.locator("tbody tr")
    assert "Fewer people were counted in the room than signed in." in row.inner_text()
    assert serious(page) == []
    row.get_by_role("link").press("Enter")
    page.wait_for_url(f"**/sessions/{doubtful}")
    page.fill("#note", "Two people left before the count")
    page.press("#note", "Enter")
    page.get_by_text("It is noted").wait_for()
    assert "Two people left before the count" in page.locator("main").inner_text()
    assert serious(page) == []
    watched.go("/sessions?doubts=new")
    assert page.locator(".empty").count() == 1
    watched.go("/sessions?doubts=all")
    assert page.locator("tbody tr").count() == 1


def test_whoever_may_not_inspect_reads_the_doubts_and_notes_nothing(watched: Watched, doubtful: str) -> None:
    page = watched.page
    watched.sign_in("li")
    watched.go(f"/sessions/{doubtful}")
    assert page.get_by_text("有人同一时间在另一个站点也签了到。").count() == 1
    assert page.locator("#note").count() == 0
    token = page.get_attribute("meta[name=csrf-token]", "content") or ""
    answer = page.request.post(
        f"{watched.office.url}/sessions/{doubtful}/doubts", form={"note": "x", "csrf_token": token}
    )
    assert answer.status == 403


def test_an_empty_note_changes_nothing(watched: Watched, doubtful: str) -> None:
    watched.sign_in("wang")
    watched.go(f"/sessions/{doubtful}")
    token = watched.page.get_attribute("meta[name=csrf-token]", "content") or ""
    answer = watched.page.request.post(
        f"{watched.office.url}/sessions/{doubtful}/doubts", form={"note": "  ", "csrf_token": token}
    )
    assert answer.status == 422
    watched.go("/sessions?doubts=new")
    assert watched.page.locator("tbody tr").count() == 1
