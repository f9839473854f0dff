"""A round from its beginning to its end, in a browser: staff, an administrator, the township, members by phone."""

from collections.abc import Iterator
from datetime import date, timedelta
from io import BytesIO
from typing import Literal
from uuid import UUID

import openpyxl
import pypdfium2
import pytest
from playwright.sync_api import Page
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from contentserver.accounts import create_account
from contentserver.accounts.models import Account
from contentserver.assessments.models import (
    AssessmentForm,
    AssessmentObjection,
    AssessmentRound,
    AssessmentSubject,
    AssessmentVoter,
)
from contentserver.bylaws.models import Bylaw
from contentserver.kernel import clock
from contentserver.kernel.auth import Role
from contentserver.kernel.ids import token_hash
from contentserver.members import Member
from contentserver.processes.models import Process, ProcessStep
from tests.contentserver.pages.conftest import COUNTY, TOWNSHIP, Office, Watched
from tests.contentserver.pages.looks import english, every_look, read_in
from tests.contentserver.pages.test_every_page import serious
from tests.serving import PASSWORD

pytestmark = pytest.mark.xdist_group("pages")
TABLES = (AssessmentObjection, AssessmentVoter, AssessmentForm, AssessmentSubject, AssessmentRound, Bylaw)
OF_ROUNDS = ("assessment_publication", "assessment_objection")
MEMBERS = ("101", "102", "103", "104")


@pytest.fixture(autouse=True)
def empty(office: Office) -> Iterator[None]:
    """Before and afterwards there is no round; the township and a second person of the county have accounts."""
    _clear(office)
    with office.services.database.unit_of_work() as session:
        for name, region in (("assess.township", TOWNSHIP), ("assess.second", COUNTY)):
            known = session.scalars(select(Account).where(Account.username == name)).first()
            if known is None:
                create_account(
                    session,
                    username=name,
                    display_name={"assess.township": "丁镇长", "assess.second": "孙科长"}[name],
                    password=PASSWORD,
                    role=Role.COUNTY_STAFF,
                    region_code=region,
                    now=clock.now(),
                )
            else:
                known.active = True
        for number in MEMBERS:
            _member(session, office, number).own_link_hash = token_hash(f"assess-{number}")
    yield
    _clear(office)
    with office.services.database.unit_of_work() as session:
        session.execute(update(Account).where(Account.username.startswith("assess.")).values(active=False))
        for number in MEMBERS:
            _member(session, office, number).own_link_hash = ""


def _member(session: Session, office: Office, number: str) -> Member:
    query = select(Member).where(Member.number == number, Member.station_id == UUID(office.station))
    return session.scalars(query).one()


def _clear(office: Office) -> None:
    with office.services.database.unit_of_work() as session:
        for table in TABLES:
            session.execute(delete(table))
        ids = select(Process.id).where(Process.kind.in_(OF_ROUNDS))
        session.execute(delete(ProcessStep).where(ProcessStep.process_id.in_(ids)))
        session.execute(delete(Process).where(Process.kind.in_(OF_ROUNDS)))


def again(page: Page) -> None:
    """Give the password where it is asked for again."""
    if page.locator("#password").count():
        page.fill("#password", PASSWORD)
        page.press("#password", "Enter")
        page.wait_for_load_state()


def shift(office: Office, **days: date) -> None:
    """Let days of the round be others: time passes."""
    with office.services.database.unit_of_work() as session:
        session.execute(update(AssessmentRound).values(**days))


def begun(watched: Watched, region: str = TOWNSHIP) -> Page:
    """A round of the township begun by the county; its page."""
    page = english(watched, "wang")
    watched.go(f"/assessments/new?region={region}&scheme=two_three_one")
    page.fill("#title", "2026年两管三评一推优")
    page.get_by_role("button", name="Begin it").click()
    page.get_by_text("The round has begun").wait_for()
    return page


def fill(page: Page, **values: str) -> None:
    """Choose a value for each question of the form on the page."""
    for name, value in values.items():
        page.locator(f"fieldset#{name} input[value='{value}']").check()


def by_phone(watched: Watched, number: str, useful: str = "5") -> None:
    page = watched.page
    watched.go(f"/own/assess-{number}")
    page.get_by_role("link", name="1 assessment for you").click()
    form = page.locator("form.assess-form").first
    form.locator(f"input[name=useful][value='{useful}']").check()
    form.locator("input[name=kept][value='4']").check()
    form.locator("input[name=asked][value='1']").check()
    form.get_by_role("button", name="Send it").click()
    page.get_by_text("Thank you. It is sent, without your name.").wait_for()


def all_in(watched: Watched) -> None:
    """Everybody of 马场村 sends their form; the rest of the township's do not, and the last day passes."""
    page = english(watched, "zhao")
    watched.go("/tasks")
    page.get_by_role("link", name="1 form of an assessment to fill in").click()
    page.get_by_role("link", name="马场村").click()
    fill(page, members="9", keeper="8")
    page.fill("#done", "开课四十场")
    page.get_by_role("button", name="Send it").click()
    page.get_by_text("No form waits for you").wait_for()
    page = english(watched, "assess.township")
    watched.go("/assessments/forms")
    page.get_by_role("link", name="马场村").click()
    fill(page, members="9", keeper="9", role="8")
    page.get_by_role("button", name="Send it").click()
    page.get_by_text("Your form is sent.").wait_for()
    page.context.clear_cookies()
    watched.go("/own/assess-101")
    read_in(page)
    for number in MEMBERS:
        by_phone(watched, number)
    shift(watched.office, collected_on=clock.local(clock.now()).date() - timedelta(days=1))


def published(watched: Watched) -> str:
    """Recommended by the county, agreed to by somebody else; the address of the round."""
    begun(watched)
    address = watched.page.url
    all_in(watched)
    page = english(watched, "wang")
    page.goto(address)
    page.get_by_role("button", name="Ask somebody to agree").click()
    page.get_by_text("Somebody else has to agree now").wait_for()
    page = english(watched, "assess.second")
    watched.go("/tasks")
    page.get_by_role("link", name="2026年两管三评一推优").click()
    page.get_by_role("button", name="Agree", exact=True).click()
    page.get_by_text("Your decision stands").wait_for()
    return address


def test_the_whole_way_of_a_round(watched: Watched) -> None:
    page = english(watched, "wang")
    watched.go("/assessments")
    assert page.get_by_text("No round yet").is_visible()
    assert serious(page) == []
    page.get_by_role("link", name="Begin a round").first.click()
    page.select_option("#region", TOWNSHIP)
    page.select_option("#scheme", "two_three_one")
    page.get_by_role("button", name="See what it would be").click()
    assert page.get_by_text("have too few to ask: the part will be missing").first.is_visible()
    assert serious(page) == []
    address = published(watched)
    # everybody of the region reads it: the station's administrator too, who objects
    page = english(watched, "zhao")
    page.goto(address)
    row = page.locator("tbody tr", has_text="马场村").first
    assert "90.20" in row.inner_text()
    assert "recommended" in row.inner_text()
    assert serious(page) == []
    page.get_by_role("link", name="马场村").first.click()
    assert page.get_by_text("4 of 4").is_visible()
    assert page.get_by_text("The 4 forms behind it").count() == 0  # for those alone who hold the round
    page.get_by_role("button", name="Object").click()
    assert page.locator("#text-wrong").is_visible()
    page.fill("#text", "设备台账是齐的")
    page.get_by_role("button", name="Object").click()
    page.get_by_text("Nobody has decided yet.").wait_for()
    # a person of the township assessed it and may not decide; the second person of the county does
    page = english(watched, "assess.second")
    page.goto(address)
    page.locator("#objections + ul").get_by_role("link", name="马场村").click()
    page.fill("#score", "90.20")
    page.get_by_role("button", name="Agree, and correct the score").click()
    assert page.locator("#score-wrong").is_visible()
    assert page.locator("#reason-wrong").is_visible()
    assert serious(page) == []
    page.fill("#score", "93.5")
    page.fill("#reason", "台账补齐了照片")
    page.get_by_role("button", name="Agree, and correct the score").click()
    page.get_by_role("heading", name="Upheld: 90.20 became 93.50.").wait_for()
    # a day after the display it is closed, and stays as it is
    past = clock.local(clock.now()).date() - timedelta(days=1)
    shift(watched.office, objections_until=past, shown_until=past)
    page = english(watched, "wang")
    page.goto(address)
    assert page.get_by_text("90.20 → 93.50").is_visible()
    page.get_by_role("button", name="Close the round").click()
    page.get_by_text("The round is closed. Nothing of it changes any more.").wait_for()
    assert page.get_by_role("button", name="Close the round").count() == 0
    page.get_by_role("link", name="马场村").first.click()
    page.get_by_text("The 4 forms behind it").click()
    assert page.get_by_text("without a name").count() == 4


def test_the_numbers_go_along_as_they_stand_on_the_page(watched: Watched) -> None:
    address = published(watched)
    page = english(watched, "wang")
    page.goto(address)
    page.locator("a[download]", has_text="CSV").focus()
    with page.expect_download() as loaded:
        page.locator("a[download]", has_text="Excel").click()
        if page.locator("#password").count():
            again(page)
    book = openpyxl.load_workbook(BytesIO(loaded.value.path().read_bytes()))
    cells = [list(row) for row in book.active.iter_rows(values_only=True)]
    line = next(row for row in cells if row[0] == "马场村")
    assert list(line[3:9]) == ["90.20", "90.20", "85.00", "1/1", "95.00", "4/4"]
    answer = page.request.get(f"{address}.pdf")
    text = "".join(one.get_textpage().get_text_range() for one in pypdfium2.PdfDocument(answer.body()))
    assert "90.20" in text
    assert "马场村" in text


def test_a_member_objects_by_phone_and_reads_the_answer(watched: Watched) -> None:
    published(watched)
    page = watched.page
    page.context.clear_cookies()
    page.set_viewport_size({"width": 390, "height": 844})
    watched.go("/own/assess-101/assessments")
    if page.get_attribute("html", "lang") != "en":
        read_in(page)
    page.get_by_text("Something is not right?").click()
    page.locator("textarea[name=text]").fill("我们那晚没看成")
    page.get_by_role("button", name="Object").click()
    page.get_by_text("Nobody has decided yet.").wait_for()
    assert serious(page) == []
    page.set_viewport_size({"width": 1366, "height": 768})
    page = english(watched, "assess.second")
    watched.go("/tasks")
    page.get_by_role("link", name="马场村").click()
    page.fill("#reason", "那晚停电，已补播")
    page.get_by_role("button", name="Do not agree").click()
    page.get_by_text("Your decision stands").wait_for()
    watched.go("/own/assess-101/assessments")
    assert page.get_by_text("那晚停电，已补播").is_visible()


def test_a_form_says_what_is_missing_and_keeps_the_rest(watched: Watched) -> None:
    begun(watched)
    page = english(watched, "zhao")
    watched.go("/assessments/forms")
    page.get_by_role("link", name="马场村").click()
    fill(page, members="7")
    page.fill("#done", "开课四十场")
    page.get_by_role("button", name="Send it").click()
    assert page.locator("#keeper-wrong").inner_text() == "Choose one."
    assert page.locator("fieldset#members input[value='7']").is_checked()
    assert page.input_value("#done") == "开课四十场"
    assert serious(page) == []
    page.context.clear_cookies()
    page.set_viewport_size({"width": 390, "height": 844})
    watched.go("/own/assess-102/assessments")
    read_in(page)
    page.get_by_role("button", name="Send it").click()
    assert page.get_by_text("Choose one.").count() == 3
    assert serious(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_scheme_is_changed_for_the_county_and_its_faults_are_named(watched: Watched) -> None:
    page = english(watched, "wang")
    watched.go("/assessments/schemes?code=two_three_one")
    page.fill("#document", page.input_value("#document").replace("weight = 20", "weight = 30", 1))
    page.get_by_role("button", name="Let it hold").click()
    assert page.locator("#document-wrong").inner_text() == "The weights of all parts make 100 together."
    page.fill("#document", page.input_value("#document").replace("weight = 40", "weight = 30", 1))
    page.get_by_role("button", name="Let it hold").click()
    page.get_by_text("holds in your region from now on").wait_for()
    assert page.locator("tbody tr", has_text="two_three_one").get_by_text(f"{COUNTY}, no. 1").is_visible()
    assert serious(page) == []


def test_nobody_elsewhere_finds_a_round_and_the_assessed_not_before_it_is_published(watched: Watched) -> None:
    begun(watched)
    address = watched.page.url
    for name in ("chen", "zhao"):
        english(watched, name)
        answer = watched.page.goto(address)
        assert answer is not None
        assert answer.status == 404


@every_look
def test_its_pages_in_both_languages_and_colours(
    watched: Watched, scheme: Literal["dark", "light"], language: str
) -> None:
    watched.page.emulate_media(color_scheme=scheme)
    address = published(watched)
    page = english(watched, "wang")
    page.goto(address)
    if language != "en":
        read_in(page, language.replace("_", "-"))
    round_path = address.removeprefix(watched.office.url)
    subject = page.locator("tbody th a", has_text="马场村").first.get_attribute("href") or ""
    for path in ("/assessments", "/assessments/new", "/assessments/schemes", "/assessments/forms", subject, round_path):
        watched.go(path)
        assert serious(page) == [], path
        for width in (1366, 390):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (path, width)
