"""The roll set right in a browser: by keyboard alone, with reasons, undone again; paper rolls typed in and printed."""

import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pypdfium2
import pytest
from playwright.sync_api import Page
from sqlalchemy import delete, select

from contentserver.accounts import named_or_administrator
from contentserver.attendance import correcting
from contentserver.attendance.models import CorrectionRow, SessionRow, SignInRow
from contentserver.attendance.service import derive
from contentserver.audit import AuditEntry
from contentserver.courses import Lesson
from contentserver.kernel.auth import Person, Role
from contentserver.kernel.clock import SHANGHAI
from contentserver.members import Member, add_member
from contentserver.stations import Station
from contentserver.timetable import service as planning
from contentserver.timetable.edits import AddSlot
from contentserver.timetable.programmes import draft_of
from contentserver.timetable.publishing import publish
from tests.contentserver.pages.conftest import COUNTY, Office, Watched
from tests.contentserver.pages.looks import read_in
from tests.contentserver.pages.test_every_page import serious

pytestmark = pytest.mark.xdist_group("pages")
ELSEWHERE = "640221105"
"""A township that no other test plans for."""


@pytest.fixture
def roll(watched: Watched) -> Iterator[str]:
    """The office's session; whatever was corrected in it is gone afterwards."""
    airing, station = watched.office.session.split("/")
    yield f"/sessions/{watched.office.session}"
    with watched.office.services.database.unit_of_work() as session:
        session.execute(delete(CorrectionRow).where(CorrectionRow.airing_id == airing))
        derive(session, airing, UUID(station))


def in_english(watched: Watched, username: str = "zhao") -> Page:
    watched.sign_in(username)
    if watched.page.get_attribute("html", "lang") != "en":
        read_in(watched.page)
        watched.page.locator("html[lang=en]").wait_for(state="attached")
    return watched.page


def state_of(office: Office) -> tuple[int, int | None, int]:
    """Present, head count, corrections in force."""
    airing, station = office.session.split("/")
    with office.services.database.reader() as session:
        row = session.get_one(SessionRow, (airing, UUID(station)))
        return row.present, row.head_count, row.corrected


def test_a_member_is_put_on_the_roll_and_taken_back_by_keyboard_alone(watched: Watched, roll: str) -> None:
    page = in_english(watched)
    watched.go(roll)
    page.focus("#add-number")
    page.keyboard.type("104")
    for words in ("", "", "forgot the card"):
        page.keyboard.press("Tab")
        page.keyboard.type(words)
    page.keyboard.press("Enter")
    page.get_by_text("They are on the roll.").wait_for()
    assert state_of(watched.office) == (4, None, 1)
    figures = page.locator("dl.figures").inner_text()
    assert "4 came / 4 expected" in figures
    assert "corrected; signed in: 3" in figures
    line = page.locator("tbody tr", has=page.get_by_role("rowheader", name="104"))
    assert "noted by hand" in line.inner_text()
    assert "corrected by 赵站长" in line.inner_text()
    row = page.locator("#correction-1")
    assert "李* 104 was there" in row.inner_text()
    assert "forgot the card" in row.inner_text()
    assert "李伟" not in page.content()
    assert serious(page) == []
    page.focus("#back-1-reason")
    page.keyboard.type("it was somebody else")
    page.keyboard.press("Enter")
    page.get_by_text("The correction is taken back; both are kept.").wait_for()
    assert state_of(watched.office) == (3, None, 0)
    assert "by 赵站长: it was somebody else" in page.locator("#correction-1").inner_text()
    assert page.locator("#correction-1 s").count() == 1
    assert page.locator("#correction-1 form").count() == 0


def test_a_refused_correction_says_why_beside_the_form_and_keeps_what_was_typed(watched: Watched, roll: str) -> None:
    page = in_english(watched)
    watched.go(roll)
    page.fill("#add-number", "999")
    page.fill("#add-from", "5")
    page.fill("#add-reason", "came late")
    page.press("#add-reason", "Enter")
    page.locator("#add .wrong").wait_for()
    assert "Nobody at this station has the number 999." in page.locator("#add").inner_text()
    assert [page.input_value(f"#add-{one}") for one in ("number", "from", "reason")] == ["999", "5", "came late"]
    assert page.input_value("#counted-reason") == ""
    assert state_of(watched.office) == (3, None, 0)
    assert serious(page) == []
    page.fill("#add-number", "104")
    page.press("#add-number", "Enter")
    page.get_by_text("They are on the roll.").wait_for()
    assert "李* 104 was there from minute 5" in page.locator("#correction-1").inner_text()


def test_a_guest_who_was_counted_gets_a_name(watched: Watched, roll: str) -> None:
    page = in_english(watched, "wang")
    watched.go(roll)
    assert page.locator("#guests").count() == 0
    page.fill("#counted-people", "9")
    page.fill("#counted-reason", "counted again")
    page.press("#counted-reason", "Enter")
    page.get_by_text("The head count is set.").wait_for()
    assert "6 guests who did not sign in" in page.locator("dl.figures").inner_text()
    page.fill("#guest-search", "李")
    page.press("#guest-search", "Enter")
    page.locator("#guest-member").wait_for()
    assert "104 李*" in page.locator("#guest-member").inner_text()
    page.fill("#guest-reason", "she told us her name")
    page.press("#guest-reason", "Enter")
    page.get_by_text("one guest less, one more who came").wait_for()
    assert state_of(watched.office) == (4, 9, 2)
    figures = page.locator("dl.figures").inner_text()
    assert "5 guests who did not sign in" in figures
    assert "nobody counted at the television" in figures
    watched.go(f"{roll}?guest=没有这个人")
    assert "No member in your region" in page.locator("#guests").inner_text()


def test_who_left_early_earns_less_and_who_was_not_there_is_off_the_roll(watched: Watched, roll: str) -> None:
    page = in_english(watched)
    watched.go(roll)
    page.select_option("#left-member", label="101 马*国")
    page.fill("#left-minute", "10")
    page.fill("#left-reason", "a child fell ill")
    page.press("#left-reason", "Enter")
    page.get_by_text("It is noted when they went.").wait_for()
    line = page.locator("tbody tr", has=page.get_by_role("rowheader", name="101"))
    assert "went at 19:40" in line.inner_text()
    assert "no, saw too little" in line.inner_text()
    assert "19:31:00" in line.inner_text()
    page.select_option("#take_off-member", label="102 王*芳")
    page.fill("#take_off-reason", "somebody else typed the number")
    page.press("#take_off-reason", "Enter")
    page.get_by_text("They are off the roll.").wait_for()
    assert page.get_by_role("rowheader", name="102").count() == 0
    assert state_of(watched.office) == (2, None, 2)
    watched.go(f"{roll}/events?about=people")
    assert "王*芳" in page.locator("tbody").inner_text()


def test_a_paper_roll_is_typed_in_without_a_mouse(watched: Watched, roll: str) -> None:
    page = in_english(watched)
    watched.go(roll)
    page.get_by_role("link", name="Type in a paper roll").press("Enter")
    page.wait_for_url("**/paper")
    assert page.evaluate("document.activeElement.id") == "numbers"
    page.keyboard.type("104\n")
    page.locator("#names li", has_text="李*").wait_for()
    page.keyboard.type("10")
    page.locator("#names li", has_text="…").wait_for()
    assert page.locator("#names .wrong").count() == 0
    page.keyboard.type("9\n")
    page.locator("#names .wrong", has_text="Nobody here has: 109").wait_for()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "reason"
    page.keyboard.press("Enter")
    page.locator("#numbers-wrong").wait_for()
    assert "109" in page.locator("#numbers-wrong").inner_text()
    assert page.input_value("#numbers") == "104\n109\n"
    assert state_of(watched.office) == (3, None, 0)
    assert serious(page) == []
    page.focus("#numbers")
    page.keyboard.press("Control+End")
    for _letter in "109\n":
        page.keyboard.press("Backspace")
    page.keyboard.type("101")
    page.locator("#names li", has_text="on the roll already").wait_for()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_text("1 person is on the roll by it.").wait_for()
    assert state_of(watched.office) == (4, None, 1)
    assert "Paper roll, 1 person: 李* 104" in page.locator("#correction-1").inner_text()
    page.fill("#back-1-reason", "the sheet is of another evening")
    page.press("#back-1-reason", "Enter")
    page.get_by_text("The correction is taken back").wait_for()
    assert state_of(watched.office) == (3, None, 0)


def test_a_sheet_typed_faster_than_the_line_answers_loses_no_number(watched: Watched, roll: str) -> None:
    """Over a slow line: what was typed meanwhile is all there, and the last answer stands."""
    page = in_english(watched)
    watched.go(f"{roll}/paper")
    slow = {"offline": False, "latency": 400, "downloadThroughput": 20_000, "uploadThroughput": 20_000}
    page.context.new_cdp_session(page).send("Network.emulateNetworkConditions", slow)
    page.keyboard.type("101\n102\n103\n104\n")
    page.locator("#names", has_text="4 numbers are right").wait_for()
    assert page.input_value("#numbers") == "101\n102\n103\n104\n"


def test_the_sheet_to_sign_has_every_member_a_box_and_masked_names(watched: Watched, roll: str) -> None:
    in_english(watched)
    answer = watched.page.request.get(f"{watched.office.url}{roll}/roll.pdf")
    assert (answer.status, answer.headers["content-type"]) == (200, "application/pdf")
    document = pypdfium2.PdfDocument(answer.body())
    text = document[0].get_textpage().get_text_range()
    for words in ("马场村", "看懂化验单", "2026-10-12", "19:30", "Signature", "101", "马*国", "104", "李*"):
        assert words in text, words
    assert "马建国" not in text
    picture = document[0].render(scale=1).to_pil().convert("L")
    dark_lines = sum(
        max(picture.crop((40, y, picture.width - 40, y + 1)).histogram()[128:]) < 520 * 0.4
        for y in range(picture.height)
    )
    assert dark_lines >= 8, "the lines between the boxes"
    document.close()


def test_who_may_not_correct_reads_and_changes_nothing(watched: Watched, roll: str) -> None:
    airing, station = watched.office.session.split("/")
    with watched.office.services.database.unit_of_work() as session:
        who, key = named_or_administrator(session, "zhao"), (airing, UUID(station))
        correcting.add_member(session, key, "104", "forgot the card", who, datetime.now(UTC))
    page = in_english(watched, "li")
    watched.go(roll)
    assert "a member was there" in page.locator("#correction-1").inner_text()
    assert "李" not in page.locator("#correction-1").inner_text()
    assert page.locator("#correction-1 form").count() == 0
    assert page.locator("#add").count() == 0
    assert page.get_by_role("link", name="Type in a paper roll").count() == 0
    token = page.get_attribute("meta[name=csrf-token]", "content") or ""
    for path, form in (
        ("/corrections", {"form": "counted", "people": "3", "reason": "x"}),
        ("/corrections/1/back", {"reason": "x"}),
        ("/paper", {"numbers": "104", "reason": "x"}),
        ("/paper/names", {"numbers": "104"}),
    ):
        answer = page.request.post(watched.office.url + roll + path, form={**form, "csrf_token": token})
        assert answer.status == 403, path
    assert state_of(watched.office) == (4, None, 1)


def test_bad_input_is_refused_in_words_and_another_county_finds_nothing(watched: Watched, roll: str) -> None:
    page = in_english(watched)
    watched.go(roll)
    token = page.get_attribute("meta[name=csrf-token]", "content") or ""
    for status, form in (
        (422, {"form": "counted", "people": "-1", "reason": "x"}),
        (422, {"form": "counted", "people": "1e9", "reason": "x"}),
        (422, {"form": "counted", "people": "3", "reason": "  "}),
        (422, {"form": "add", "number": "１０４", "reason": "x"}),
        (422, {"form": "add", "number": "104", "from_minute": "9" * 30, "reason": "x"}),
        (404, {"form": "take_off", "member": "nobody", "reason": "x"}),
        (422, {"form": "left", "member": "nobody' --", "minute": "", "reason": ""}),
        (422, {"form": "no such form"}),
        (422, {}),
    ):
        answer = page.request.post(f"{watched.office.url}{roll}/corrections", form={**form, "csrf_token": token})
        assert answer.status == status, form
        assert "Traceback" not in answer.text()
    assert page.request.post(f"{watched.office.url}{roll}/corrections", form={"form": "counted"}).status == 400
    assert state_of(watched.office) == (3, None, 0)
    page.click("button[title='Sign out']")
    in_english(watched, "chen")
    for path in (roll, f"{roll}/paper", f"{roll}/roll.pdf"):
        assert watched.go(path) == 403


@pytest.fixture(scope="module")
def village(office: Office) -> tuple[str, str]:
    """A village with two members whose timetable had a lesson yesterday and has one tomorrow: id and region."""
    now = datetime.now(UTC)
    then = now - timedelta(days=2)
    with office.services.database.unit_of_work() as session:
        station = session.scalars(select(Station).where(Station.region_code.startswith(ELSEWHERE))).first()
        assert station is not None
        for number, name in (("201", "周大山"), ("202", "何小梅")):
            add_member(session, station.id, name, number)
        lesson = session.get_one(Lesson, UUID(office.lesson))
        who = Person(id=lesson.uploader_id, username="li", display_name="李敏", role=Role.SCHEDULER, region_code=COUNTY)
        layer = planning.layer_of(session, station.region_code)
        today = datetime.combine(now.astimezone(SHANGHAI).date(), datetime.min.time())
        for days in (-1, 1):
            start = today + timedelta(days=days, hours=19, minutes=30)
            planning.edit(session, layer, AddSlot(lessons=(office.lesson,), local_start=start, rule=""), who, then)
        publish(
            session,
            layer,
            draft_of(session, layer),
            office.services.signer,
            submitted_by=None,
            approved_by=who,
            version=layer.draft_version,
            now=then,
        )
        return str(station.id), station.region_code


def test_an_evening_without_the_box_from_the_printed_sheet_to_the_roll(
    watched: Watched, village: tuple[str, str]
) -> None:
    page, (station, _region) = in_english(watched, "wang"), village
    watched.go(f"/stations/{station}")
    page.get_by_role("link", name="Paper rolls").press("Enter")
    page.wait_for_url("**/rolls")
    rows = page.locator("tbody tr")
    assert rows.count() == 2
    assert "to come" in rows.nth(0).inner_text()
    assert "has not reported" in rows.nth(1).inner_text()
    assert serious(page) == []
    page.fill("#names-reason", "to be signed tomorrow")
    with page.expect_download() as got:
        rows.nth(0).get_by_role("button", name="With whole names").press("Enter")
    assert got.value.path().read_bytes().startswith(b"%PDF-")
    with watched.office.services.database.reader() as session:
        kept = session.scalars(select(AuditEntry).where(AuditEntry.action == "names.unmasked")).all()
        assert '{"reason":"to be signed tomorrow"}' in [one.after for one in kept if station in one.subject]
    page.locator("tbody tr").nth(1).get_by_role("link", name="It was held all the same").press("Enter")
    page.locator("#held-reason").wait_for()
    assert page.evaluate("document.activeElement.id") == "held-reason"
    assert "hours count only if the box reports it after all" in page.locator("main").inner_text()
    assert serious(page) == []
    page.keyboard.type("the box was away for repair")
    page.keyboard.press("Enter")
    page.wait_for_url("**/paper")
    assert "No box has reported this lesson." in page.locator("main").inner_text()
    page.keyboard.type("201\n202")
    page.locator("#names", has_text="2 numbers are right").wait_for()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_text("2 people are on the roll by it.").wait_for()
    assert "2 came / 2 expected" in page.locator("dl.figures").inner_text()
    assert page.get_by_text("no, nothing was shown").count() == 2
    assert "No box has reported this lesson." in page.locator("main").inner_text()
    with watched.office.services.database.reader() as session:
        members = select(Member.id).where(Member.station_id == UUID(station))
        ids = [str(one) for one in session.scalars(members)]
        rows_kept = session.scalars(select(SignInRow).where(SignInRow.member_id.in_(ids))).all()
        assert [(one.method, one.credit_ms) for one in rows_kept] == [("paper", 0)] * 2
    watched.go(f"/stations/{station}/rolls")
    assert "reported nothing shown" in page.locator("tbody tr").nth(1).inner_text()


def test_a_printed_sheet_with_whole_names_has_them(watched: Watched, village: tuple[str, str]) -> None:
    page, (station, _region) = in_english(watched, "wang"), village
    watched.go(f"/stations/{station}/rolls")
    href = page.locator("a[href$='roll.pdf']").first.get_attribute("href") or ""
    token = page.get_attribute("meta[name=csrf-token]", "content") or ""
    address = watched.office.url + href
    assert page.request.post(address, form={"csrf_token": token, "reason": " "}).status == 422
    answer = page.request.post(address, form={"csrf_token": token, "reason": "to be signed"})
    document = pypdfium2.PdfDocument(io.BytesIO(answer.body()))
    text = document[0].get_textpage().get_text_range()
    assert "周大山" in text
    document.close()
    assert page.request.get(f"{watched.office.url}/sessions/no-such/{station}/roll.pdf").status == 404
