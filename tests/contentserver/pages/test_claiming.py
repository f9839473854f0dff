"""A television's code: a wrong one is said beside the field, the right one connects it."""

import pytest

from contentserver.boxes.models import Enrolment
from contentserver.kernel import clock
from tests.contentserver.boxes.entering import EnteringBox, ask
from tests.contentserver.pages.conftest import Watched

pytestmark = pytest.mark.xdist_group("pages")


def test_a_code_that_no_television_shows_is_kept_and_explained(watched: Watched) -> None:
    page = watched.page
    watched.sign_in("zhao")
    watched.go("/boxes/claim?code=ZZZZ9999")
    assert page.input_value("#code") == "ZZZZ9999"
    page.select_option("#station", watched.office.station)
    page.click("main button.primary")
    assert "没有电视显示这个编码" in page.locator("#code-wrong").inner_text()
    assert page.get_attribute("#code", "aria-invalid") == "true"
    assert page.input_value("#code") == "ZZZZ9999"
    assert page.input_value("#station") == watched.office.station


def _shown(watched: Watched, key: str) -> EnteringBox:
    """A television that shows a code; this office has no authority, and so it was computed without one."""
    services = watched.office.services
    with services.database.unit_of_work() as session:
        entering = ask(session, key, now=clock.now())
        entering.enrolment.claim_code = entering.code("")
        return entering


def test_the_right_code_connects_the_television_to_the_station(watched: Watched) -> None:
    page, code = watched.page, _shown(watched, "another").code("")
    watched.sign_in("zhao")
    watched.go(f"/stations/{watched.office.station}")
    televisions = page.locator("main table").first.locator("tbody tr")
    before = televisions.count()
    watched.go("/boxes/claim")
    page.fill("#code", f"{code[:4].lower()}-{code[4:]}")
    page.select_option("#station", watched.office.station)
    page.click("main button.primary")
    page.wait_for_url("**/stations/*")
    assert "电视接上了" in page.locator("[role=status].flash").inner_text()
    assert televisions.count() == before + 1


def test_a_code_that_another_server_made_is_refused_with_a_warning_and_is_good_no_more(watched: Watched) -> None:
    page, entering = watched.page, _shown(watched, "deceived")
    watched.sign_in("zhao")
    watched.go(f"/boxes/claim?code={entering.code('another authority')}")
    page.select_option("#station", watched.office.station)
    page.click("main button.primary")
    said = page.locator("#code-wrong").inner_text()
    with watched.office.services.database.reader() as session:
        assert session.get(Enrolment, entering.enrolment.id) is None
    page.fill("#code", entering.code(""))
    page.click("main button.primary")
    assert page.locator("#code-wrong").inner_text() != said
