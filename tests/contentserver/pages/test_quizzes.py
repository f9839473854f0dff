"""Quizzes, in a browser: a question is written, asked, changed, brought from a sheet; and what rooms answered."""

from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO

import pytest
from openpyxl import Workbook
from playwright.sync_api import Page, expect
from sqlalchemy import delete, select

from contentserver.attendance import take_in
from contentserver.attendance.models import EventRow, SessionRow
from contentserver.boxes import Box
from contentserver.courses import Lesson, lesson_card
from contentserver.quizzes.models import QuizQuestionRow, QuizVersionRow
from schedules.airings import AiringId
from schedules.wire.messages import EventBatch, QuizAnswered
from schedules.wire.topics import BoxId
from tests.contentserver.journals import records
from tests.contentserver.pages.conftest import Office, Watched
from tests.contentserver.pages.looks import english
from tests.contentserver.pages.test_every_page import serious

pytestmark = pytest.mark.xdist_group("pages")
EPOCH = "quiz"


@pytest.fixture(autouse=True)
def empty(office: Office) -> Iterator[None]:
    """Before and afterwards no lesson asks anything."""
    _clear(office)
    yield
    _clear(office)


def _clear(office: Office) -> None:
    with office.services.database.unit_of_work() as session:
        session.execute(delete(QuizVersionRow))
        session.execute(delete(QuizQuestionRow))
        session.execute(delete(EventRow).where(EventRow.kind == "quiz_answered"))
        for row in session.scalars(select(SessionRow).where(SessionRow.quiz != "")):
            row.quiz = ""


def fill(page: Page, text: str, *options: str, right: str = "", explanation: str = "") -> None:
    """Type a question."""
    page.get_by_label("Question", exact=True).fill(text)
    for letter, option in zip("ABCD", options, strict=False):
        page.get_by_label(f"Answer {letter}").fill(option)
    page.get_by_label("Right answer").select_option(right)
    page.get_by_label("Explanation").fill(explanation)


def test_a_lesson_asks_a_question_that_is_written_on_its_page(watched: Watched, office: Office) -> None:
    page = english(watched, "li")
    watched.go(f"/lessons/{office.lesson}")
    page.get_by_role("link", name="What it asks the room").click()
    expect(page.get_by_text("This lesson asks nothing yet")).to_be_visible()
    assert serious(page) == []
    fill(page, "哪一项最该先看？", "有机质", "氮", "酸碱度", right="C", explanation="酸碱度不对，肥料吃不进去。")
    page.get_by_label("at a minute of it").check()
    page.get_by_label("Minute", exact=True).fill("12")
    page.get_by_label("Each answers in turn").check()
    page.get_by_role("button", name="Let the lesson ask it").click()
    card = page.locator("section.card", has_text="哪一项最该先看？")
    expect(card).to_contain_text("at 12 min 00 s")
    expect(card).to_contain_text("No room has answered it yet")
    assert serious(page) == []
    watched.go("/quizzes")
    expect(page.locator("table")).to_contain_text("看懂化验单")
    assert serious(page) == []


def test_what_cannot_be_asked_says_why_beside_its_field_and_keeps_what_was_typed(
    watched: Watched, office: Office
) -> None:
    page = english(watched, "li")
    watched.go(f"/quizzes/lesson/{office.lesson}")
    fill(page, "哪一项？", "有机质", right="D")
    page.get_by_role("button", name="Let the lesson ask it").click()
    expect(page.locator("[data-error-summary]")).to_contain_text("Give at least two answers to choose from.")
    expect(page.get_by_label("Question", exact=True)).to_have_value("哪一项？")
    page.get_by_label("Answer B").fill("氮")
    page.get_by_label("Right answer").select_option("A")
    page.get_by_label("at a minute of it").check()
    page.get_by_label("Minute", exact=True).fill("40")
    page.get_by_role("button", name="Let the lesson ask it").click()
    expect(page.locator("form[novalidate]")).to_contain_text("The lesson is not that long.")
    with office.services.database.reader() as session:
        assert session.scalars(select(QuizQuestionRow)).all() == []


def test_other_words_are_the_next_version_and_a_retired_question_comes_back(watched: Watched, office: Office) -> None:
    page = english(watched, "li")
    watched.go("/quizzes/new")
    assert serious(page) == []
    fill(page, "哪一项？", "有机质", "氮", right="A")
    page.get_by_role("button", name="Put it into the bank").click()
    expect(page.locator("h1")).to_have_text("哪一项？")
    page.get_by_label("Answer B").fill("磷")
    page.get_by_role("button", name="Ask it so from now on").click()
    expect(page.locator(".flash")).to_contain_text("Version 2 is asked from now on")
    expect(page.locator("section.card").first).to_contain_text("磷")
    assert serious(page) == []
    page.get_by_role("button", name="Ask it no more").click()
    expect(page.locator(".heading")).to_contain_text("asked no more")
    page.get_by_role("button", name="Ask it again").click()
    expect(page.locator(".flash")).to_contain_text("The question is asked again.")
    watched.go(f"/quizzes/lesson/{office.lesson}")
    page.get_by_role("button", name="Ask at the end: 哪一项？").click()
    expect(page.locator("section.card", has_text="at the end").first).to_contain_text("哪一项？")


def test_a_sheet_is_shown_before_it_is_kept(watched: Watched) -> None:
    page = english(watched, "li")
    watched.go("/quizzes/import")
    assert serious(page) == []
    page.set_input_files("#file", {"name": "a.xlsx", "mimeType": "", "buffer": _sheet(("错的", "一", None, "A"))})
    page.get_by_role("button", name="Look what it holds").click()
    expect(page.locator("main")).to_contain_text("1 row cannot be used")
    assert page.get_by_role("button", name="Put them all into the bank").count() == 0
    watched.go("/quizzes/import")
    good = _sheet(("哪一项？", "有机质", "氮", "B"), ("几亩？", "五亩", "六亩", None))
    page.set_input_files("#file", {"name": "a.xlsx", "mimeType": "", "buffer": good})
    page.get_by_role("button", name="Look what it holds").click()
    expect(page.locator("main")).to_contain_text("2 rows are good")
    assert serious(page) == []
    page.get_by_role("button", name="Put them all into the bank").click()
    expect(page.locator(".flash")).to_contain_text("2 questions are in the bank")
    expect(page.locator("tbody tr")).to_have_count(2)


def test_what_rooms_answered_stands_in_the_results_and_on_the_sessions_events(watched: Watched, office: Office) -> None:
    page = english(watched, "li")
    watched.go(f"/quizzes/lesson/{office.lesson}")
    fill(page, "哪一项？", "有机质", "氮", right="B")
    page.get_by_role("button", name="Let the lesson ask it").click()
    expect(page.locator(".flash")).to_be_visible()
    _answered(office, (1, 1, 0))
    watched.go("/quizzes/results?first=2026-10-01&last=2026-10-31")
    row = page.locator("tbody tr")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("哪一项？")
    expect(row).to_contain_text("2/3")
    assert serious(page) == []
    page.get_by_label("Add up by").select_option("region")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("tbody tr")).to_contain_text("通伏乡")
    page.get_by_label("Add up by").select_option("course")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("tbody tr")).to_contain_text("测土配方施肥")
    watched.go(f"/quizzes/lesson/{office.lesson}")
    expect(page.locator("section.card", has_text="哪一项？").first).to_contain_text("2/3")
    watched.go(f"/sessions/{office.session}")
    expect(page.locator("section", has_text="What the room answered").first).to_contain_text("2/3")
    assert serious(page) == []
    page.set_viewport_size({"width": 390, "height": 800})
    for path in ("/quizzes", f"/quizzes/lesson/{office.lesson}", "/quizzes/results?first=2026-10-01&last=2026-10-31"):
        watched.go(path)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path


def test_whoever_writes_no_lessons_reads_and_changes_nothing(watched: Watched, office: Office) -> None:
    page = english(watched, "wang")
    watched.go(f"/quizzes/lesson/{office.lesson}")
    assert page.get_by_role("button", name="Let the lesson ask it").count() == 0
    assert watched.go("/quizzes/new") == 403


def _sheet(*rows: tuple[object, ...]) -> bytes:
    book, made = Workbook(), BytesIO()
    for row in (("题目", "选项A", "选项B", "答案"), *rows):
        book.active.append(row)
    book.save(made)
    return made.getvalue()


def _answered(office: Office, choices: tuple[int, ...]) -> None:
    """The evening that the office knows, with a room that answers one after the other."""
    with office.services.database.unit_of_work() as session:
        question = session.scalars(select(QuizQuestionRow)).one()
        lesson = session.get_one(Lesson, question.lesson_id)
        airing, _slash, station = office.session.partition("/")
        box = session.scalars(select(Box).where(Box.public_key == "key")).one()
        assert str(box.station_id) == station
        bodies = [
            QuizAnswered(
                airing=AiringId(airing),
                lesson=lesson_card(lesson),
                question=str(question.id),
                version=1,
                choice=choice,
                turn=turn,
            )
            for turn, choice in enumerate(choices, 1)
        ]
        take_in(session, box, EventBatch(box=BoxId(box.id), epoch=EPOCH, events=records(*bodies)), datetime.now(UTC))
