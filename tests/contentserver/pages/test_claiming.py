"""A television's code: a wrong one is said beside the field, the right one connects it."""

import pytest

from contentserver.boxes.service import open_enrolment
from contentserver.kernel import clock
from schedules.wire.messages import EnrolmentRequest
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


def test_the_right_code_connects_the_television_to_the_station(watched: Watched) -> None:
    page, services = watched.page, watched.office.services
    with services.database.unit_of_work() as session:
        code = open_enrolment(session, EnrolmentRequest(public_key="another"), clock.now())[0].claim_code
    watched.sign_in("zhao")
    watched.go("/boxes/claim")
    page.fill("#code", f"{code[:4].lower()}-{code[4:]}")
    page.select_option("#station", watched.office.station)
    page.click("main button.primary")
    page.wait_for_url("**/stations/*")
    assert "电视接上了" in page.locator("[role=status].flash").inner_text()
    assert page.locator("main table").first.locator("tbody tr").count() == 2
