"""What people keep of the reports, in a browser by keyboard alone: filters, their mail, and tokens shown once."""

from collections.abc import Iterator

import msgspec
import pytest
from sqlalchemy import delete, select

from contentserver.kernel import clock
from contentserver.reports.models import ApiToken, KeptReport, ReportMail
from tests.contentserver.pages.conftest import COUNTY, Office, Watched
from tests.contentserver.pages.looks import read_in
from tests.contentserver.pages.test_every_page import serious

pytestmark = pytest.mark.xdist_group("pages")


@pytest.fixture(autouse=True)
def nothing_left(office: Office) -> Iterator[None]:
    yield
    with office.services.database.unit_of_work() as session:
        for table in (ReportMail, KeptReport, ApiToken):
            session.execute(delete(table))


def keep(watched: Watched, name: str) -> None:
    page = watched.page
    page.get_by_text("Keep this report").press("Enter")
    page.fill("#keep-name", name)
    page.press("#keep-name", "Enter")
    page.wait_for_url("**/reports/kept")


def token_of(watched: Watched) -> str:
    return watched.page.get_attribute("meta[name=csrf-token]", "content") or ""


def test_a_report_is_kept_opened_taken_away_and_brought_back(watched: Watched) -> None:
    page = watched.page
    watched.sign_in("wang")
    read_in(page)
    watched.go("/reports/kept")
    assert page.locator(".empty").count() == 1
    assert serious(page) == []
    watched.go(f"/reports?region={COUNTY}&from=2026-10-01&to=2026-10-31&against=before&sort=came&dir=down")
    keep(watched, "October")
    assert serious(page) == []
    page.get_by_role("link", name="October").press("Enter")
    page.wait_for_url("**against=before**")
    assert page.input_value("#from") == "2026-10-01"
    assert page.input_value("#against") == "before"
    assert "sort=came" in page.url
    page.get_by_role("list", name="Kept reports").get_by_role("link", name="October").press("Enter")
    page.wait_for_url("**against=before**")
    watched.go("/reports/kept")
    page.get_by_role("button", name="Take away October").press("Enter")
    page.wait_for_url("**removed=**")
    assert page.get_by_role("link", name="October").count() == 0
    assert serious(page) == []
    page.get_by_role("button", name="Undo").press("Enter")
    page.wait_for_url("**/reports/kept")
    assert page.get_by_role("link", name="October").count() == 1


def test_a_span_is_kept_as_it_moves(watched: Watched) -> None:
    page = watched.page
    watched.sign_in("wang")
    read_in(page)
    watched.go("/reports?from=2026-10-01&to=2026-10-31")
    page.get_by_role("link", name="This year").press("Enter")
    page.wait_for_url("**span=this_year**")
    assert page.input_value("#from") == clock.local(clock.now()).strftime("%Y-01-01")
    keep(watched, "Year")
    with watched.office.services.database.reader() as session:
        assert session.scalars(select(KeptReport.query)).all() == [f"region={COUNTY}&span=this_year"]


def test_mail_is_set_or_says_what_is_wrong(watched: Watched) -> None:
    page = watched.page
    watched.sign_in("wang")
    read_in(page)
    watched.go("/reports")
    keep(watched, "Weekly")
    assert page.get_by_label("Mail address").is_disabled()
    assert "YUANJIAO_SMTP_URL" in page.locator("main").inner_text()
    token = token_of(watched)
    with watched.office.services.database.reader() as session:
        kept = session.scalars(select(KeptReport.id)).one()
    address = f"{watched.office.url}/reports/kept/{kept}/mail"
    wrong = page.request.post(address, form={"rhythm": "weekly", "address": "nobody", "csrf_token": token})
    assert wrong.status == 422
    assert "Give one mail address" in wrong.text()
    assert 'value="nobody"' in wrong.text()
    right: dict[str, str | float | bool] = {"rhythm": "monthly", "address": "a@county.example", "csrf_token": token}
    assert page.request.post(address, form=right).status == 200
    assert page.request.post(address, form={**right, "csrf_token": ""}).status == 400
    watched.go("/reports/kept")
    assert page.get_by_label("Mail", exact=True).input_value() == "monthly"


def test_a_failed_mail_is_told_and_tried_again(watched: Watched) -> None:
    page = watched.page
    watched.sign_in("wang")
    read_in(page)
    watched.go("/reports")
    keep(watched, "Weekly")
    with watched.office.services.database.unit_of_work() as session:
        kept = session.scalars(select(KeptReport)).one()
        today = clock.local(clock.now()).date()
        session.add(
            ReportMail(
                report_id=kept.id,
                first=today,
                last=today,
                state="failed",
                attempts=6,
                next_at=clock.now(),
                error="550 no such mailbox",
            )
        )
    watched.go("/reports/kept")
    assert "The mail server did not take it: 550 no such mailbox" in page.locator("main").inner_text()
    assert serious(page) == []
    page.get_by_role("button", name="Try again").press("Enter")
    page.get_by_text("It is sent again within a minute.").wait_for()
    with watched.office.services.database.reader() as session:
        assert [(one.state, one.attempts) for one in session.scalars(select(ReportMail))] == [("waiting", 0)]


def test_nobody_reaches_what_another_keeps(watched: Watched) -> None:
    page = watched.page
    watched.sign_in("wang")
    read_in(page)
    watched.go("/reports")
    keep(watched, "Mine")
    with watched.office.services.database.reader() as session:
        kept = session.scalars(select(KeptReport.id)).one()
    page.context.clear_cookies()
    watched.sign_in("li")
    assert watched.go("/reports/kept") == 200
    assert "Mine" not in page.content()
    token = token_of(watched)
    for what in ("remove", "back", "mail", "again"):
        answer = page.request.post(f"{watched.office.url}/reports/kept/{kept}/{what}", form={"csrf_token": token})
        assert answer.status == 404
    assert watched.go(f"/reports/kept?removed={kept}") == 404
    outside: dict[str, str | float | bool] = {"name": "x", "region": "640202", "csrf_token": token}
    assert page.request.post(f"{watched.office.url}/reports/kept", form=outside).status == 403


def test_a_token_is_shown_once_reads_the_figures_and_ends(watched: Watched) -> None:
    page = watched.page
    watched.sign_in("wang")
    read_in(page)
    watched.go("/reports/api")
    assert "/api/v1/xapi.jsonl" in page.locator("main").inner_text()
    assert serious(page) == []
    page.fill("#name", "Platform")
    page.press("#name", "Enter")
    secret = page.locator("code.token").inner_text()
    assert serious(page) == []
    asked = {"Authorization": f"Bearer {secret}"}
    address = f"{watched.office.url}/api/v1/figures?from=2026-10-01&to=2026-10-31"
    answer = page.request.get(address, headers=asked)
    assert msgspec.json.decode(answer.body())["figures"]["came"] == 3
    watched.go("/reports/api")
    assert secret not in page.content()
    page.get_by_role("button", name="End it Platform").press("Enter")
    page.get_by_text("The token Platform has ended.").wait_for()
    assert page.request.get(address, headers=asked).status == 401
    nameless: dict[str, str | float | bool] = {"name": "  ", "days": "30", "csrf_token": token_of(watched)}
    refused = page.request.post(f"{watched.office.url}/reports/api", form=nameless)
    assert refused.status == 422
    assert "Give it a name" in refused.text()
