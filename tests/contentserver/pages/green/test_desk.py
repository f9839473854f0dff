"""The green channel in an office: an expert takes and answers, staff direct, outcomes count, everybody reads."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from contentserver.accounts import Account, person_of
from contentserver.consultations import answering, remind
from contentserver.consultations.models import Case, KnowledgeEntry
from contentserver.kernel.auth import Role
from contentserver.readiness import keep_note
from contentserver.stations import Station
from schedules import asking
from schedules.wire.messages import AnswerRead
from tests.contentserver.pages.conftest import Watched
from tests.contentserver.pages.green.conftest import Green, on_a_phone, photograph, signed_in, whole
from tests.contentserver.pages.looks import every_look
from tests.serving import hire

pytestmark = pytest.mark.xdist_group("pages")


def test_an_expert_takes_a_question_answers_it_and_the_television_shows_it(watched: Watched, green: Green) -> None:
    case = green.asks()
    page = signed_in(watched, "green.expert")
    watched.go("/cases")
    page.get_by_role("link", name="How much fertiliser").first.click()
    page.get_by_role("button", name="Take this question").press("Enter")
    page.get_by_role("status").filter(has_text="It is yours").wait_for()
    assert green.paper().cases[0].state == "taken"
    page.get_by_role("button", name="Send the answer").evaluate("button => button.form.noValidate = true")
    page.get_by_role("button", name="Send the answer").press("Enter")
    page.get_by_text("Please write an answer").first.wait_for()
    assert page.locator("#text").get_attribute("aria-invalid") == "true"
    page.fill("#text", "先看化验单，缺哪样补哪样。")
    page.set_input_files("#files", {"name": "a.svg", "mimeType": "image/svg+xml", "buffer": b"<svg><script/></svg>"})
    page.get_by_role("button", name="Send the answer").press("Enter")
    page.locator("#files-wrong").wait_for()
    assert page.locator("#text").input_value() == "先看化验单，缺哪样补哪样。"
    page.set_input_files("#files", {"name": "leaf.jpg", "mimeType": "image/jpeg", "buffer": photograph()})
    page.get_by_role("button", name="Send the answer").press("Enter")
    page.get_by_role("status").filter(has_text="on its way to the television").wait_for()
    card = green.paper().cases[0]
    assert (card.id, card.state, card.answered_by, card.asks_outcome) == (case, "answered", "孙农艺师", True)
    assert card.answer == "先看化验单，缺哪样补哪样。"
    expect(page.locator(".photographs img")).to_have_js_property("complete", True)
    assert page.locator(".photographs img").evaluate("img => img.naturalWidth") > 0
    green.says(AnswerRead(case=case, helped=True))
    watched.go(f"/cases/{case}")
    page.get_by_text("The station says that it helped").wait_for()
    whole(page)


def test_what_was_withdrawn_meanwhile_cannot_be_answered_and_what_was_typed_stays(
    watched: Watched, green: Green
) -> None:
    case = green.asks()
    page = signed_in(watched, "green.expert")
    watched.go(f"/cases/{case}")
    page.fill("#text", "一亩十五公斤")
    green.withdrawn()
    with page.expect_response(lambda one: one.url.endswith("/answer")) as answer:
        page.get_by_role("button", name="Send the answer").press("Enter")
    assert answer.value.status == 409
    page.get_by_role("alert").filter(has_text="has withdrawn this question").wait_for()
    assert green.newest().answered_at is None


def test_somebody_else_is_at_it_and_staff_give_it_back(watched: Watched, green: Green) -> None:
    case = green.asks()
    page = signed_in(watched, "green.expert")
    watched.go(f"/cases/{case}")
    page.get_by_role("button", name="Take this question").press("Enter")
    page.get_by_role("status").wait_for()
    page = signed_in(watched, "green.other")
    watched.go(f"/cases/{case}")
    assert page.locator("#text").count() == 0
    assert page.get_by_role("button", name="Give it back").count() == 0
    page = signed_in(watched, "green.staff")
    watched.go(f"/cases/{case}")
    page.get_by_role("button", name="Give it back").press("Enter")
    page.get_by_role("status").filter(has_text="waits in the queue again").wait_for()
    assert green.newest().claimed_by is None


def test_topics_decide_whose_queue_it_is(watched: Watched, green: Green) -> None:
    page = signed_in(watched, "green.staff")
    watched.go("/cases/experts")
    whole(page)
    card = page.locator(".expert-cards li").filter(has_text="周兽医")
    card.get_by_label("Animals").check()
    card.get_by_role("button", name="Save").press("Enter")
    page.get_by_role("status").filter(has_text="周兽医").wait_for()
    case = green.asks(asking.RICE, "rice_yellow")
    page = signed_in(watched, "green.other")
    watched.go("/cases")
    assert page.locator(f"a[href='/cases/{case}']").count() == 0
    page = signed_in(watched, "green.staff")
    watched.go(f"/cases/{case}")
    page.get_by_text("Another topic, or urgent").click()
    page.select_option("#topic", "animals")
    page.select_option("#urgency", "urgent")
    page.get_by_role("button", name="Send it there").press("Enter")
    page.get_by_role("status").wait_for()
    page = signed_in(watched, "green.other")
    watched.go("/cases")
    assert page.locator(f"a[href='/cases/{case}']").count() == 1
    page = signed_in(watched, "green.staff")
    watched.go("/cases/experts")
    mine = page.locator(".expert-cards li").filter(has_text="周兽医")
    mine.get_by_label("Animals").uncheck()
    mine.get_by_role("button", name="Save").press("Enter")
    page.get_by_role("status").wait_for()


def test_the_list_is_looked_through_by_words_topic_and_state(watched: Watched, green: Green) -> None:
    case = green.asks(asking.PESTS, "spots_on_leaves")
    page = signed_in(watched, "green.staff")
    watched.go("/cases?q=spots&topic=pests&state=open&whose=all")
    whole(page)
    page.select_option("#whose", "all")
    page.fill("#q", "叶子" if page.locator(f"a[href='/cases/{case}']").count() else "")
    page.get_by_role("button", name="Show", exact=True).press("Enter")
    page.wait_for_url("**whose=all**")
    watched.go("/cases?q=没有这样的话&whose=all")
    page.get_by_text("No question is like that").wait_for()
    whole(page)
    for wrong in ("?whose=x&topic=x&state=x&page=-3", "?page=99999", "?q=%22%20OR"):
        assert watched.go(f"/cases{wrong}") == 200


def test_an_outcome_counts_in_the_statistics_and_in_the_spreadsheet(watched: Watched, green: Green) -> None:
    case = green.asks()
    with green.office.services.database.unit_of_work() as session:
        row = session.get_one(Case, UUID(case))
        row.state, row.answered_at = "answered", datetime.now(UTC) - timedelta(days=29)
    page = signed_in(watched, "green.staff")
    watched.go("/cases/outcomes")
    whole(page)
    page.locator(f"a[href='/cases/{case}/outcome']").press("Enter")
    page.locator("#income").wait_for()
    whole(page)
    page.fill("#income", "many")
    page.get_by_role("button", name="Save").press("Enter")
    page.locator("#income-wrong").wait_for()
    page.locator("#solved-wrong").wait_for()
    page.get_by_label("Solved", exact=True).check()
    page.fill("#area", "3.5")
    page.fill("#income", "7777.5")
    page.get_by_role("button", name="Save").press("Enter")
    page.get_by_role("status").filter(has_text="counts in the statistics").wait_for()
    watched.go("/cases/outcomes")
    assert page.locator(f"a[href='/cases/{case}/outcome']").count() == 0
    watched.go("/cases/statistics")
    page.locator("svg.case-bars").wait_for()
    assert "7,777.50" in page.locator("main").inner_text()
    whole(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Spreadsheet").press("Enter")
    assert download.value.suggested_filename.endswith(".xlsx")
    watched.go("/cases/statistics?from=2020-01-01&to=2019-01-01")
    page.get_by_role("alert").filter(has_text="Choose a first day").wait_for()
    watched.go("/cases/statistics?from=2020-01-01&to=2020-01-31")
    page.get_by_text("Nothing was asked in these days").wait_for()


def test_a_station_is_asked_and_what_it_does_not_tell_is_overdue(watched: Watched, green: Green) -> None:
    case = green.asks(asking.PESTS, "which_pest")
    page = signed_in(watched, "green.expert")
    waiting = page.locator(".top nav .count")
    before = int(waiting.inner_text().split()[0])
    watched.go("/cases")
    assert int(page.locator(".group-tabs .count").inner_text().split()[0]) == before
    with green.office.services.database.unit_of_work() as session:
        who = person_of(session.scalars(select(Account).where(Account.username == "green.expert")).one())
        early = datetime.now(UTC) - timedelta(days=15)
        answering.answer(session, UUID(case), "用糖醋液诱杀。", "", [], who, early)
        remind(session, keep_note, datetime.now(UTC))
        home = session.get_one(Station, green.station).region_code
        hire(session, {"green.home": ("海站长", Role.STATION_ADMIN, home)}, datetime.now(UTC))
    watched.go("/cases")
    assert page.locator(".group-tabs .count").count() == (before > 1)
    page = signed_in(watched, "green.home")
    link = page.locator(f"a[href='/cases/{case}/outcome']")
    link.wait_for()
    whole(page)
    page = signed_in(watched, "green.staff")
    watched.go("/cases/outcomes?only=overdue")
    page.get_by_text("Nothing is overdue").wait_for()
    whole(page)
    with green.office.services.database.unit_of_work() as session:
        session.get_one(Case, UUID(case)).answered_at = datetime.now(UTC) - timedelta(days=43)
    watched.go("/cases/outcomes?only=overdue")
    page.get_by_text("Overdue, not asked any more").wait_for()
    whole(page)
    page = signed_in(watched, "green.home")
    page.locator(f"a[href='/cases/{case}/outcome']").press("Enter")
    page.get_by_label("Solved", exact=True).check()
    page.get_by_role("button", name="Save").press("Enter")
    page.get_by_role("status").wait_for()
    watched.go("/")
    assert page.locator(f"a[href='/cases/{case}/outcome']").count() == 0


def test_an_answer_becomes_public_and_is_taken_back(watched: Watched, green: Green) -> None:
    case = green.asks(asking.RICE, "rice_yellow")
    page = signed_in(watched, "green.expert")
    watched.go(f"/cases/{case}")
    page.fill("#text", "排水晒田，追施氮肥。")
    page.get_by_role("button", name="Send the answer").press("Enter")
    page.get_by_role("status").wait_for()
    page = signed_in(watched, "green.staff")
    watched.go(f"/cases/{case}/publish")
    whole(page)
    page.fill("#question", "水稻发黄，找 13812345678")
    page.get_by_role("button", name="Let everybody read it").press("Enter")
    page.locator("#question-wrong").wait_for()
    page.fill("#question", "水稻发黄是怎么回事？")
    page.get_by_role("button", name="Let everybody read it").press("Enter")
    page.wait_for_url("**/knowledge/*")
    whole(page)
    page.context.clear_cookies()
    watched.go("/knowledge?q=发黄&topic=rice")
    page.get_by_role("link", name="水稻发黄").first.press("Enter")
    page.wait_for_url("**/knowledge/*")
    assert "排水晒田" in page.locator("main").inner_text()
    watched.go("/knowledge?q=没有这样的话")
    whole(page)
    page = signed_in(watched, "green.staff")
    watched.go(f"/cases/{case}")
    page.get_by_role("button", name="Take it back").press("Enter")
    page.get_by_role("status").wait_for()
    with green.office.services.database.reader() as session:
        entry = session.scalars(select(KnowledgeEntry).where(KnowledgeEntry.case_id == UUID(case))).one()
    assert watched.go(f"/knowledge/{entry.id}") == 404


@every_look
def test_every_page_of_it_is_whole_in_both_languages(
    watched: Watched, green: Green, scheme: str, language: str
) -> None:
    case = green.asks(asking.ANIMALS, "animal_ill")
    watched.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
    page = signed_in(watched, "green.master", language)
    paths = ("", f"/{case}", "/outcomes", "/statistics", "/experts", f"/{case}/publish", "?whose=all")
    for width in (1366, 390):
        page.set_viewport_size({"width": width, "height": 800})
        for path in paths:
            assert watched.go(f"/cases{path}") == 200
            whole(page)
        watched.go("/knowledge")
        whole(page)
    page = on_a_phone(watched, green, language)
    whole(page)
    watched.go(f"{green.join}/cases")
    whole(page)
