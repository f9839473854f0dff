"""How hours count, in a browser: read by whoever sees reports, changed from tomorrow on by who administers, undone."""

from datetime import timedelta

import pytest
from sqlalchemy import delete

from contentserver.attendance.models import CreditRuleRow
from contentserver.kernel import clock
from tests.contentserver.pages.conftest import Watched
from tests.contentserver.pages.test_every_page import serious

pytestmark = pytest.mark.xdist_group("pages")


def test_a_rule_is_adopted_read_and_taken_back(watched: Watched) -> None:
    page, office = watched.page, watched.office
    watched.sign_in("li")
    assert watched.go("/credit-rules") == 200
    assert "60 %" in page.inner_text("main")
    assert not page.query_selector("main form")
    page.context.clear_cookies()
    watched.sign_in("chen")
    watched.go("/credit-rules")
    assert not page.query_selector("main form")
    page.context.clear_cookies()
    watched.sign_in("gao")
    try:
        watched.go("/credit-rules")
        assert not serious(page)
        page.fill("#share", "75")
        page.fill("#why", "县里开会定的")
        page.press("#why", "Enter")
        page.wait_for_selector("table")
        tomorrow = clock.local(clock.now()).date() + timedelta(days=1)
        assert tomorrow.isoformat() in page.inner_text("tbody tr:first-child th")
        assert "75 %" in page.inner_text("tbody tr:first-child")
        assert "高总管" in page.inner_text("tbody tr:first-child")
        page.click("tbody tr:first-child button")
        page.wait_for_selector("table", state="detached")
        page.fill("#first-day", (tomorrow - timedelta(days=1)).isoformat())
        page.fill("#why", "从今天起")
        page.evaluate("document.querySelector('main form').noValidate = true")
        page.press("#why", "Enter")
        page.wait_for_selector("[role=alert]")
        assert page.input_value("#why") == "从今天起"
    finally:
        with office.services.database.unit_of_work() as session:
            session.execute(delete(CreditRuleRow))
