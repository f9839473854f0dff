"""The quiz before the core: over the picture, after the lesson, by keys alone, and what of it becomes a fact."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from schedules.airings import LessonId
from schedules.wire.messages import QuizAnswered, QuizMode, QuizQuestion, Quizzes
from tests.tvclient.core.test_focus import gap
from tests.tvclient.evening import NOON, ROSTER, Television, airing, stored
from tvclient.core import effects, events, quizzing
from tvclient.core.asked import Quiz, quiz_of, with_answer
from tvclient.core.events import Key
from tvclient.core.pages import focusables
from tvclient.core.state import Screen

LESSON = airing(seconds=200)
QUIZ_ANSWER = QuizAnswered(airing=LESSON.id, lesson=LESSON.lesson, question="q", version=4, choice=0)
SECOND = timedelta(seconds=1)


def question(name: str, at_ms: int | None = None, mode: QuizMode = QuizMode.ROOM, options: int = 3) -> QuizQuestion:
    words = ("有机质", "氮", "酸碱度", "盐分")[:options]
    return QuizQuestion(
        id=name, version=4, lesson=LESSON.lesson.id, text="先看哪一项？", options=words, right=2, at_ms=at_ms, mode=mode
    )


def evening(*questions: QuizQuestion, seconds: float = 0) -> Television:
    """A television on which the lesson has run for so many seconds."""
    tv = Television(NOON - 5 * SECOND)
    take(tv, events.RosterChanged(ROSTER), stored(LESSON), events.TimetableChanged((LESSON,)))
    take(tv, events.PaperChanged(Quizzes(version="1", questions=questions)))
    on(tv, seconds + 5)
    return tv


def take(tv: Television, *happened: events.Event) -> None:
    for event in happened:
        tv.take(event)


def on(tv: Television, seconds: float) -> None:
    """Let so many seconds pass."""
    tv.run(tv.now + timedelta(seconds=seconds))


def answers(tv: Television) -> list[tuple[str, int, int]]:
    """Every answer that became a fact: question, turn, choice."""
    bodies = [effect.body for effect in tv.effects if isinstance(effect, effects.Record)]
    found = [body for body in bodies if isinstance(body, QuizAnswered)]
    assert all(body.airing == LESSON.id and body.version == 4 and body.lesson == LESSON.lesson for body in found)
    return [(body.question, body.turn, body.choice) for body in found]


def asked(tv: Television) -> str | None:
    found = quizzing.question_on_screen(tv.state)
    return found.id if found else None


def test_a_question_of_a_minute_comes_over_the_picture_which_goes_on_and_leaves_by_itself() -> None:
    tv = evening(question("q", at_ms=20_000), seconds=19)
    assert asked(tv) is None
    on(tv, 2)
    assert (asked(tv), tv.screen()) == ("q", Screen.BROADCAST)
    on(tv, quizzing.OVER_PICTURE_MS / 1000)
    assert asked(tv) is None
    assert not any(isinstance(effect, effects.Pause) for effect in tv.effects)
    assert answers(tv) == []


def test_the_room_answers_by_a_digit_and_sees_the_answer_for_a_while() -> None:
    tv = evening(question("q", at_ms=20_000), seconds=22)
    tv.press(Key.D3)
    found = quizzing.question_on_screen(tv.state)
    assert found is not None
    assert quizzing.answer_shown(tv.state, found)
    assert answers(tv) == [("q", 0, 2)]
    on(tv, quizzing.ANSWER_FOR.total_seconds() + 1)
    assert asked(tv) is None
    on(tv, 200)
    assert tv.screen() is Screen.AFTER


@pytest.mark.parametrize(("key", "choice"), [(Key.RED, 0), (Key.GREEN, 1), (Key.YELLOW, 2)])
def test_colours_answer_while_a_question_stands_and_mean_what_they_always_mean_elsewhere(key: Key, choice: int) -> None:
    tv = evening(question("q", at_ms=20_000), seconds=22)
    tv.press(key)
    assert answers(tv) == [("q", 0, choice)]
    assert tv.screen() is Screen.BROADCAST
    tv.press(Key.GREEN)
    assert tv.screen() is Screen.NAMES


def test_a_key_without_an_option_answers_nothing_and_says_so() -> None:
    tv = evening(question("q", at_ms=20_000), seconds=22)
    tv.press(Key.D4)
    assert answers(tv) == []
    assert effects.Sounded(effects.Sound.BLOCKED) in tv.effects


def test_five_keys_are_enough_over_the_picture() -> None:
    tv = evening(question("q", at_ms=20_000), seconds=22)
    tv.press(Key.OK)
    assert tv.focus() == "option.0"
    tv.press(Key.DOWN, Key.OK)
    assert answers(tv) == [("q", 0, 1)]


def test_over_the_picture_every_option_has_room_for_the_ring_and_covers_no_caption() -> None:
    tv = evening(question("q", at_ms=20_000, options=4), seconds=22)
    tv.press(Key.OK)
    things = focusables(tv.state)
    assert [thing.id for thing in things][:4] == [f"option.{place}" for place in range(4)]
    for one in things:
        for other in things:
            assert one is other or gap(one.rect, other.rect) >= 28
    assert max(thing.rect.y + thing.rect.h for thing in things) < 790


def test_after_the_lesson_each_question_has_its_turn_before_the_room_is_counted() -> None:
    tv = evening(question("one"), question("two"), seconds=201)
    assert (tv.screen(), asked(tv)) == (Screen.QUIZ, "one")
    tv.press(Key.D1)
    assert tv.focus() == "on"
    tv.press(Key.OK)
    assert asked(tv) == "two"
    tv.press(Key.DOWN, Key.DOWN, Key.OK)
    assert tv.screen() is Screen.AFTER
    assert answers(tv) == [("one", 0, 0)]


def test_what_nobody_answered_at_its_minute_is_asked_again_at_the_end() -> None:
    tv = evening(question("early", at_ms=10_000), question("late", at_ms=120_000), seconds=12)
    tv.press(Key.D3)
    on(tv, 200)
    assert (tv.screen(), asked(tv)) == (Screen.QUIZ, "late")


def test_a_slip_of_the_room_is_mended_by_answering_again() -> None:
    tv = evening(question("q"), seconds=201)
    tv.press(Key.D1)
    tv.press(Key.LEFT)
    assert tv.focus() == "undo"
    tv.press(Key.OK, Key.D3)
    assert answers(tv) == [("q", 0, 0), ("q", 0, -1), ("q", 0, 2)]


def test_one_after_the_other_answers_and_nobody_is_named() -> None:
    tv = evening(question("q", mode=QuizMode.EACH), seconds=201)
    tv.press(Key.D3, Key.D3, Key.D1)
    found = quizzing.question_on_screen(tv.state)
    assert found is not None
    assert not quizzing.answer_shown(tv.state, found)
    assert quizzing.counts(tv.state, found) == (1, 0, 2)
    assert answers(tv) == [("q", 1, 2), ("q", 2, 2), ("q", 3, 0)]
    tv.press(Key.DOWN, Key.DOWN, Key.RIGHT)
    assert tv.focus() == "undo"
    tv.press(Key.OK)
    assert answers(tv)[-1] == ("q", 3, -1)
    assert quizzing.counts(tv.state, found) == (0, 0, 2)


def test_back_puts_a_question_aside_and_climbs_no_further() -> None:
    tv = evening(question("one"), question("two"), seconds=201)
    tv.press(Key.BACK)
    assert (tv.screen(), asked(tv)) == (Screen.QUIZ, "two")
    tv.press(Key.BACK)
    assert tv.screen() is Screen.AFTER


def test_a_lesson_that_asks_nothing_and_a_question_of_another_lesson_change_nothing() -> None:
    other = QuizQuestion(id="x", version=1, lesson=LessonId("another"), text="问", options=("一", "二"))
    tv = evening(other, seconds=201)
    assert tv.screen() is Screen.AFTER
    assert evening(seconds=201).screen() is Screen.AFTER


def test_the_next_lesson_is_not_kept_waiting() -> None:
    coming = airing(start=LESSON.end + timedelta(seconds=50), seconds=60, slot="next")
    tv = Television(NOON - 5 * SECOND)
    take(tv, stored(LESSON, coming), events.TimetableChanged((LESSON, coming)))
    take(tv, events.PaperChanged(Quizzes(version="1", questions=(question("q"),))))
    on(tv, 206)
    assert tv.screen() is Screen.COUNTDOWN


@settings(deadline=None, max_examples=40)
@given(st.lists(st.sampled_from(list(Key)), max_size=25), st.sampled_from(list(QuizMode)))
def test_whatever_is_pressed_no_answer_counts_twice_and_none_is_lost(keys: list[Key], mode: QuizMode) -> None:
    tv = evening(question("q", mode=mode), seconds=201)
    tv.press(*keys)
    last = {turn: choice for _question, turn, choice in answers(tv)}
    given_now = tv.state.quiz.answers.get("q", ())
    assert sorted(choice for choice in last.values() if choice >= 0) == sorted(given_now)


def again(tv: Television, *questions: QuizQuestion) -> Television:
    """The same television after a power cut, with what its journal says."""
    bodies = [effect.body for effect in tv.effects if isinstance(effect, effects.Record)]
    given: dict[str, tuple[int, ...]] = {}
    for body in bodies:
        if isinstance(body, QuizAnswered):
            given[body.question] = with_answer(given.get(body.question, ()), body.turn, body.choice)
    started = tv.state.started
    after = Television(tv.now)
    take(after, events.SignInsRestored({}, started, tv.state.closed, answers={LESSON.id: given}))
    take(after, events.RosterChanged(ROSTER), stored(LESSON), events.TimetableChanged((LESSON,)))
    take(after, events.PaperChanged(Quizzes(version="1", questions=questions)))
    return after


def test_turns_go_on_where_they_were_when_the_television_begins_anew() -> None:
    each = question("q", mode=QuizMode.EACH)
    tv = evening(each, seconds=201)
    tv.press(Key.D3, Key.D1, Key.D3)
    after = again(tv, each)
    assert asked(after) == "q"
    assert quizzing.counts(after.state, each) == (1, 0, 2)
    after.press(Key.D2)
    assert answers(after) == [("q", 4, 1)]
    take_back = quizzing.take_back(after.state)[1]
    assert isinstance(take_back[0], effects.Record)
    assert take_back[0].body == replace(QUIZ_ANSWER, choice=-1, turn=4)


def test_in_the_middle_of_a_lesson_too() -> None:
    each = question("q", at_ms=20_000, mode=QuizMode.EACH)
    tv = evening(each, seconds=25)
    tv.press(Key.D3, Key.D1)
    after = again(tv, each)
    on(after, 5)
    assert (after.screen(), asked(after)) == (Screen.BROADCAST, "q")
    after.press(Key.D3)
    assert answers(after) == [("q", 3, 2)]


def test_what_the_room_agreed_on_stands_and_a_slip_is_still_mended() -> None:
    room = question("q")
    tv = evening(room, seconds=201)
    tv.press(Key.D3)
    after = again(tv, room)
    assert quizzing.answer_shown(after.state, room)
    assert quizzing.counts(after.state, room) == (0, 0, 1)
    after.press(Key.LEFT, Key.OK, Key.D1)
    assert answers(after) == [("q", 0, -1), ("q", 0, 0)]


def test_over_the_picture_a_question_that_the_room_has_answered_does_not_come_twice() -> None:
    room = question("q", at_ms=20_000)
    tv = evening(room, seconds=22)
    tv.press(Key.D3)
    after = again(tv, room)
    on(after, 5)
    assert asked(after) is None


def test_another_lesson_in_between_takes_no_turn_away() -> None:
    quiz = quiz_of(Quiz(LESSON.id, {"q": (1, 2)}), airing(slot="other"))
    assert quiz.answers == {}
    assert quiz_of(quiz, LESSON).answers == {"q": (1, 2)}


pressed = st.lists(st.sampled_from((Key.D1, Key.D2, Key.D3, None, "again")), max_size=20)


@settings(deadline=None, max_examples=60)
@given(pressed, st.sampled_from(list(QuizMode)))
def test_however_often_the_power_fails_no_turn_is_told_twice_but_by_whoever_takes_it_back(
    keys: list[Key | str | None], mode: QuizMode
) -> None:
    asking = question("q", mode=mode)
    tv = evening(asking, seconds=201)
    told: dict[int, int] = {}
    for key in keys:
        before = len(answers(tv))
        match key:
            case None:
                state, done = quizzing.take_back(tv.state)
                tv.state = state
                tv.effects.extend(done)
            case "again":
                history = list(tv.effects)
                tv, before = again(tv, asking), 0
                facts = [one for one in history if isinstance(one, effects.Record)]
                assert quizzing.counts(tv.state, asking) == tuple(
                    sum(choice == place for choice in told.values()) for place in range(3)
                )
                tv.effects = [*facts, *tv.effects]
                before = len(answers(tv))
            case Key():
                tv.press(key)
        for _question, turn, choice in answers(tv)[before:]:
            if choice < 0:
                del told[turn]
            else:
                assert turn not in told
                told[turn] = choice
    assert answers_counted(answers(tv)) == told


def answers_counted(facts: list[tuple[str, int, int]]) -> dict[int, int]:
    """What the server makes of them: of each turn the last word, without what was taken back."""
    last = {turn: choice for _question, turn, choice in facts}
    return {turn: choice for turn, choice in last.items() if choice >= 0}
