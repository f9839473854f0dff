"""Asking from the couch: one key pins a question to its minute, two more send it; the answer is read and judged."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from schedules.airings import LessonCard, LessonId, PackageName
from schedules.asking import SENTENCES, TOPICS
from schedules.wire.messages import AnswerRead, CaseCard, CaseState, GreenChannel, QuestionAsked
from tests.tvclient.evening import NOON, Television, airing, stored
from tvclient.core import effects, events
from tvclient.core.events import Key
from tvclient.core.pages import answer, answers, focusables, today
from tvclient.core.pages.answer import LESSON as LESSON_BUTTON
from tvclient.core.state import Screen, StoredLesson
from tvclient.ui.theme import ROLES

LESSON = airing(seconds=200)
SECOND = timedelta(seconds=1)


def evening(seconds: float = 30, *cases: CaseCard) -> Television:
    """A television on which the lesson has run for so many seconds."""
    tv = Television(NOON - 5 * SECOND)
    for event in (
        stored(LESSON),
        events.TimetableChanged((LESSON,)),
        events.PaperChanged(GreenChannel(version="1", cases=cases, ask="https://x/ask")),
    ):
        tv.take(event)
    tv.run(NOON + seconds * SECOND)
    return tv


def case(
    name: str, state: CaseState = CaseState.ANSWERED, answer: str = "先看化验单。", *, asks: bool = False
) -> CaseCard:
    return CaseCard(
        id=name,
        number=1,
        topic="soil",
        question="该上多少肥？",
        asked_at=NOON,
        state=state,
        answer=answer,
        asks_outcome=asks,
    )


def test_one_key_pins_a_question_to_the_minute_and_the_lesson_goes_on() -> None:
    tv = evening(30)
    tv.press(Key.BLUE)
    assert tv.screen() is Screen.ASK
    tv.press(Key.OK)
    assert tv.screen() is Screen.SENTENCES
    tv.press(Key.RIGHT, Key.OK)
    (fact,) = tv.facts_of(QuestionAsked)
    assert isinstance(fact, QuestionAsked)
    assert (fact.topic, fact.sentence) == (TOPICS[0], SENTENCES[TOPICS[0]][1])
    assert (fact.airing, fact.lesson) == (LESSON.id, LESSON.lesson)
    assert fact.position_ms is not None
    assert abs(fact.position_ms - 30_000) < 1_000
    assert fact.member == ""
    assert tv.screen() is Screen.ANSWERS
    assert answers.just_asked(tv.state)
    tv.press(Key.BACK)
    assert tv.screen() is Screen.BROADCAST
    assert not any(isinstance(effect, effects.Pause) for effect in tv.effects)


def test_back_climbs_one_level_at_a_time_and_asks_nothing() -> None:
    tv = evening(30)
    tv.press(Key.BLUE, Key.OK, Key.BACK)
    assert tv.screen() is Screen.ASK
    tv.press(Key.BACK)
    assert tv.screen() is Screen.BROADCAST
    assert tv.facts_of(QuestionAsked) == []


def test_five_keys_lead_to_a_question_as_well() -> None:
    tv = evening(30)
    tv.press(Key.UP)
    reached = set()
    for key in (Key.DOWN, Key.RIGHT, Key.DOWN, Key.RIGHT, Key.RIGHT):
        tv.press(key)
        reached.add(tv.focus())
    assert "ask" in reached


def test_after_the_lesson_a_question_belongs_to_it_without_a_minute() -> None:
    tv = evening(205)
    assert tv.screen() is Screen.AFTER
    tv.press(Key.BLUE, Key.OK, Key.OK)
    (fact,) = tv.facts_of(QuestionAsked)
    assert isinstance(fact, QuestionAsked)
    assert (fact.airing, fact.position_ms) == (LESSON.id, None)


def test_before_any_lesson_it_belongs_to_none() -> None:
    tv = Television(NOON - timedelta(hours=3))
    tv.take(events.TimetableChanged((LESSON,)))
    tv.press(Key.BLUE, Key.OK, Key.OK)
    (fact,) = tv.facts_of(QuestionAsked)
    assert isinstance(fact, QuestionAsked)
    assert (fact.airing, fact.lesson, fact.position_ms) == (None, None, None)


def test_the_same_sentence_at_once_again_is_a_slip_and_later_it_is_a_question() -> None:
    tv = evening(30)
    tv.press(Key.BLUE, Key.OK, Key.OK, Key.BACK, Key.BLUE, Key.OK, Key.OK)
    assert len(tv.facts_of(QuestionAsked)) == 1
    tv.press(Key.HOME)
    tv.run(tv.now + timedelta(seconds=12))
    tv.press(Key.BLUE, Key.OK, Key.OK)
    assert len(tv.facts_of(QuestionAsked)) == 2


def test_an_answer_is_read_once_and_judged_once() -> None:
    tv = evening(30, case("a", asks=True))
    assert [one.id for one in answers.not_opened(tv.state)] == ["a"]
    tv.press(Key.BLUE, Key.DOWN, Key.DOWN, Key.DOWN)
    assert tv.focus() == "mine"
    tv.press(Key.OK, Key.OK)
    assert tv.screen() is Screen.ANSWER
    assert tv.facts_of(AnswerRead) == [AnswerRead(case="a")]
    assert answers.not_opened(tv.state) == ()
    tv.press(Key.LEFT)
    assert tv.focus() == "not_helped"
    tv.press(Key.LEFT)
    assert tv.focus() == "helped"
    tv.press(Key.OK)
    assert tv.facts_of(AnswerRead)[1:] == [AnswerRead(case="a", helped=True)]
    assert tv.focus() == "back"
    tv.press(Key.BACK, Key.OK)
    assert len(tv.facts_of(AnswerRead)) == 2


def test_a_recorded_answer_is_fetched_behind_everything_that_is_planned_and_shown_once_it_is_here() -> None:
    recorded = replace(case("a"), clip=PackageName("sha256-clip"), clip_ms=40_000, lesson=LessonId("clip"))
    tv = evening(30, recorded, case("b"))
    wanted = [effect.airings for effect in tv.effects if isinstance(effect, effects.Prefer)][-1]
    assert [one.package for one in sorted(wanted, key=lambda one: one.start)] == [LESSON.package, "sha256-clip"]
    tv.press(Key.BLUE, Key.DOWN, Key.DOWN, Key.DOWN, Key.OK, Key.OK)
    assert LESSON_BUTTON not in {thing.id for thing in focusables(tv.state)}
    card = LessonCard(id=LessonId("clip"), title="专家答疑", course="专家答疑")
    tv.take(events.LibraryChanged((StoredLesson(PackageName("sha256-clip"), card, 40_000),)))
    assert LESSON_BUTTON in {thing.id for thing in focusables(tv.state)}


def test_an_answer_that_came_stands_above_today_and_is_two_keys_away() -> None:
    tv = Television(NOON - timedelta(hours=3))
    tv.take(events.PaperChanged(GreenChannel(version="1", cases=(case("a"),))))
    assert tv.screen() is Screen.TODAY
    tv.press(Key.UP)
    assert tv.focus() == today.NOTICES
    tv.press(Key.OK, Key.OK)
    assert tv.screen() is Screen.ANSWER
    tv.press(Key.HOME, Key.UP)
    assert tv.focus() != today.NOTICES


def test_an_answer_is_spoken_where_somebody_wants_to_hear_it() -> None:
    tv = evening(30, case("a"))
    tv.press(Key.BLUE, Key.DOWN, Key.DOWN, Key.DOWN, Key.OK, Key.OK, Key.LEFT, Key.OK)
    assert effects.Speak("先看化验单。", "zh") in tv.effects


def test_reading_a_question_that_has_no_answer_yet_is_no_fact() -> None:
    tv = evening(30, case("a", CaseState.OPEN, ""))
    tv.press(Key.BLUE, Key.DOWN, Key.DOWN, Key.DOWN, Key.OK, Key.OK)
    assert tv.screen() is Screen.ANSWER
    assert tv.facts_of(AnswerRead) == []


def test_a_long_answer_turns_its_pages_with_the_arrows() -> None:
    tv = evening(30, case("a", answer="一行\n" * 40))
    tv.press(Key.BLUE, Key.DOWN, Key.DOWN, Key.DOWN, Key.OK, Key.OK)
    tv.press(Key.DOWN, Key.DOWN)
    assert tv.state.asking.page == 2
    tv.press(Key.UP)
    assert tv.state.asking.page == 1


def test_below_a_long_question_a_page_has_a_line_less() -> None:
    told = case("a", answer="一行字" * 400)
    tv = evening(30, told)
    tv.press(Key.BLUE, Key.DOWN, Key.DOWN, Key.DOWN, Key.OK, Key.OK)
    lines = len(answer.pages(tv.state)[0])
    tv.take(events.PaperChanged(GreenChannel(version="2", cases=(replace(told, question="稻子发黄怎么办？" * 9),))))
    shown = answer.shown(tv.state)
    assert shown is not None
    assert len(answer.title(shown, simple=True)) == 2
    assert max(map(len, answer.pages(tv.state))) == lines - 1
    assert (ROLES["title"].simple, ROLES["title"].full) == (answer.TITLE_SIMPLE, answer.TITLE_FULL)


def test_an_answer_that_is_taken_back_while_it_is_read_leaves_a_sentence() -> None:
    tv = evening(30, case("a"))
    tv.press(Key.BLUE, Key.DOWN, Key.DOWN, Key.DOWN, Key.OK, Key.OK)
    tv.take(events.PaperChanged(GreenChannel(version="2")))
    assert tv.screen() is Screen.ANSWER
    assert tv.focus() == "back"


@pytest.mark.parametrize("topic", TOPICS)
def test_every_topic_has_sentences_that_fit_the_screen(topic: str) -> None:
    assert 2 <= len(SENTENCES[topic]) <= 6
    assert len(set(SENTENCES[topic])) == len(SENTENCES[topic])
