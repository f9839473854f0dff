"""Exchange instead of lecturing, on the whole system: a quiz by real keys, a question from the couch, its answer.

The quiz's tally stands in the county's results; the question is answered by an expert in a browser, read and judged on
the same television, and counted in the statistics.
"""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from schedules.wire.codec import decode
from schedules.wire.messages import CaseState, GreenChannel, QuizMode, Quizzes
from tests.demo import check, story
from tests.demo.__main__ import SAMPLES
from tests.demo.check import CHROMIUM, photograph, press, sleep_until
from tests.demo.desk import Desk
from tests.demo.people import EDITOR, EXPERT, PASSWORD, STAFF, DemoAccount
from tests.demo.stack import Stack, wait_until
from tests.demo.story import AiredLesson

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("television-window"), pytest.mark.timeout(900)]
PATIENCE_S = 150
"""The link lays papers out once a minute, and a box fetches them within a quarter of one."""
AHEAD = timedelta(seconds=25)
MINUTE_AT_S = 3
ANSWER = "先看化验单，一亩上磷酸二铵 15 公斤。"
_P = TypeVar("_P", Quizzes, GreenChannel)


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    check.PICTURES.mkdir(parents=True, exist_ok=True)
    with Stack(tmp_path / "system") as made:
        story.furnish(made)
        made.start_television()
        story.enrol_television(made)
        yield made


@pytest.fixture
def expert(stack: Stack) -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        )
        page = browser.new_page(viewport={"width": 1366, "height": 768}, locale="zh-CN")
        page.set_default_timeout(20_000)
        yield page
        browser.close()


def test_a_room_answers_and_asks_and_reads_the_answer_on_the_same_television(stack: Stack, expert: Page) -> None:
    (lesson,) = story.prepare_lessons(stack, story.make_recordings(SAMPLES, print)[:1])
    ask_the_room(stack, lesson)
    evening = story.plan_evening(stack, (lesson,), AHEAD)
    answer_at_its_minute(stack, evening.start)
    ask_from_the_couch(stack, evening.start)
    answer_one_after_the_other(stack, evening.end)
    answer_as_an_expert(stack, expert, lesson)
    read_and_judge(stack)
    the_numbers_tell_it(stack, lesson)


def ask_the_room(stack: Stack, lesson: AiredLesson) -> None:
    """One question at a minute for the room, one at the end for each; wait until the television has both."""
    question = {
        "option_a": "有机质",
        "option_b": "氮",
        "option_c": "酸碱度",
        "right": "C",
        "explanation": "先看酸碱度。",
    }
    place = {"when": "minute", "minute": "0", "second": str(MINUTE_AT_S), "mode": QuizMode.ROOM.value}
    with Desk(stack.url, EDITOR) as editor:
        editor.post(f"/quizzes/lesson/{lesson.id}", {"text": "哪一项最该先看？", **question, **place})
        end = {"when": "end", "mode": QuizMode.EACH.value}
        editor.post(f"/quizzes/lesson/{lesson.id}", {"text": "哪一项最后看？", **question, **end})
    wait_until(lambda: len(_paper(stack, Quizzes(version="")).questions) == 2, "the questions", PATIENCE_S)


def answer_at_its_minute(stack: Stack, start: datetime) -> None:
    """The room agrees on the third; the lesson goes on behind it."""
    sleep_until(start + timedelta(seconds=MINUTE_AT_S + 8))
    photograph(stack, "tv-quiz-minute")
    press(stack, "3")
    photograph(stack, "tv-quiz-minute-answer")


def ask_from_the_couch(stack: Stack, start: datetime) -> None:
    """The blue key, a topic, a sentence."""
    sleep_until(start + timedelta(seconds=MINUTE_AT_S + 32))
    press(stack, "F4")
    photograph(stack, "tv-ask")
    press(stack, "Return")
    press(stack, "Right")
    photograph(stack, "tv-ask-sentence")
    press(stack, "Return")
    photograph(stack, "tv-asked")
    press(stack, "Escape")


def answer_one_after_the_other(stack: Stack, end: datetime) -> None:
    """Three people, two of them right; then everybody sees the bars."""
    sleep_until(end + timedelta(seconds=2))
    for key in ("3", "1", "3"):
        press(stack, key)
    photograph(stack, "tv-quiz-each")
    for key in ("Down", "Down", "Right", "Right", "Return"):
        press(stack, key)
    photograph(stack, "tv-quiz-each-answer")
    press(stack, "Return")


def answer_as_an_expert(stack: Stack, page: Page, lesson: AiredLesson) -> None:
    """The queue, the lesson's minute, an answer."""
    _sign_in(stack, page, EXPERT)

    def waits() -> bool:
        page.goto(f"{stack.url}/cases")
        return page.locator("tbody tr").count() == 1

    wait_until(waits, "the question in the expert's queue", PATIENCE_S, poll_s=1.0)
    page.locator("tbody tr a").first.click()
    expect(page.locator("main")).to_contain_text("马场村")
    expect(page.locator("dl.facts").first).to_contain_text(lesson.title)
    page.locator("form[action$='/claim'] button").click()
    page.locator("#text").fill(ANSWER)
    page.locator("form[action$='/answer'] button").click()
    expect(page.locator(".flash")).to_be_visible()
    page.screenshot(path=str(check.PICTURES / "web-case.png"), full_page=True)


def read_and_judge(stack: Stack) -> None:
    """The answer comes to the same television; it is opened, and said to have helped."""

    def answered() -> bool:
        cases = _paper(stack, GreenChannel(version="")).cases
        return any(case.state is CaseState.ANSWERED and case.answer == ANSWER for case in cases)

    wait_until(answered, "the answer on the television", PATIENCE_S)
    photograph(stack, "tv-answer-came")
    press(stack, "Escape")
    press(stack, "F4")
    for key in ("Down", "Down", "Down", "Return", "Return"):
        press(stack, key)
    photograph(stack, "tv-answer")
    for key in ("Left", "Left", "Return"):
        press(stack, key)
    photograph(stack, "tv-answer-judged")


def the_numbers_tell_it(stack: Stack, lesson: AiredLesson) -> None:
    """The statistics have one consultation, solved; the results have both questions with what was pressed."""
    with Desk(stack.url, STAFF) as desk:
        wait_until(
            lambda: _row(desk.page("/cases/statistics"), "马场村") == ["1", "1", "1"], "the statistics", PATIENCE_S
        )
        results = desk.page("/quizzes/results")
    assert _row(results, "哪一项最该先看？")[:2] == ["1", "1"], results
    assert "1/1" in results
    assert _row(results, "哪一项最后看？")[:2] == ["1", "3"]
    assert "2/3" in results
    assert lesson.title in results


def _row(page: str, words: str) -> list[str]:
    """The numbers that stand in the first row of a table with these words, as far as they are whole."""
    row = re.search(rf"<tr(?:(?!</tr>).)*{re.escape(words)}(?:(?!</tr>).)*</tr>", page, re.DOTALL)
    cells = re.findall(r"<td[^>]*>(.*?)</td>", row[0], re.DOTALL) if row else []
    plain = [re.sub(r"<[^>]+>", "", cell).split() for cell in cells]
    return [words[0] for words in plain if words and words[0].isdigit()][:3]


def _paper(stack: Stack, empty: _P) -> _P:
    """What the television has of a kind on its disk."""
    file = next((stack.folder / "tv").rglob(f"papers/{empty.__struct_config__.tag}.json"), None)
    return decode(file.read_bytes(), type(empty)) if file else empty


def _sign_in(stack: Stack, page: Page, account: DemoAccount) -> None:
    page.goto(f"{stack.url}/sign-in")
    page.fill("#username", account.username)
    page.fill("#password", PASSWORD)
    page.press("#password", "Enter")
    page.wait_for_url(f"{stack.url}/**")
