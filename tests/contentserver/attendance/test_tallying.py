"""Answers to a quiz: of each turn the last word counts, and each version of a question has a tally of its own."""

from hypothesis import given
from hypothesis import strategies as st

from contentserver.attendance.tallying import MOST_OPTIONS, Tally, packed, tallies, unpacked
from schedules.airings import AiringId, LessonCard, LessonId
from schedules.wire.messages import EventBody, QuizAnswered

LESSON = LessonCard(id=LessonId("l"), title="看懂化验单", course="测土配方施肥")
ANSWERS = st.builds(
    QuizAnswered,
    airing=st.just(AiringId("a")),
    lesson=st.just(LESSON),
    question=st.sampled_from(["q1", "q2"]),
    version=st.integers(1, 2),
    choice=st.integers(-1, 3),
    turn=st.integers(0, 4),
)


def _at(box: int, *answers: QuizAnswered) -> list[tuple[int, EventBody]]:
    return [(box, one) for one in answers]


def _answer(choice: int, turn: int = 0, question: str = "q1", version: int = 1) -> QuizAnswered:
    return QuizAnswered(
        airing=AiringId("a"), lesson=LESSON, question=question, version=version, choice=choice, turn=turn
    )


def test_the_last_word_of_a_turn_counts_and_a_withdrawal_leaves_nothing() -> None:
    assert tallies(_at(1, _answer(0), _answer(2))) == (Tally("q1", 1, (0, 0, 1)),)
    assert tallies(_at(1, _answer(1, turn=1), _answer(1, turn=2), _answer(-1, turn=1))) == (Tally("q1", 1, (0, 1)),)
    assert tallies(_at(1, _answer(1), _answer(-1))) == ()


def test_another_version_and_another_question_are_counted_apart() -> None:
    found = tallies(_at(1, _answer(0), _answer(1, version=2), _answer(1, question="q2")))
    assert found == (Tally("q1", 1, (1,)), Tally("q1", 2, (0, 1)), Tally("q2", 1, (0, 1)))


def test_what_no_remote_has_a_key_for_is_no_answer() -> None:
    assert tallies(_at(1, _answer(MOST_OPTIONS), _answer(2**62, turn=1))) == ()


def test_two_televisions_of_a_station_are_two_rooms_whose_answers_add_up() -> None:
    both = [*_at(1, _answer(0, turn=1), _answer(1, turn=2)), *_at(2, _answer(1, turn=1), _answer(-1, turn=2))]
    assert tallies(both) == (Tally("q1", 1, (1, 2)),)


@given(st.lists(st.tuples(st.integers(1, 2), ANSWERS), max_size=30))
def test_nobody_counts_twice_and_nobody_is_left_out(answers: list[tuple[int, QuizAnswered]]) -> None:
    last = {(one.question, one.version, box, one.turn): one.choice for box, one in answers}
    found = tallies(answers)
    assert sum(tally.answers for tally in found) == sum(choice >= 0 for choice in last.values())
    for tally in found:
        for place, count in enumerate(tally.counts):
            mine = [
                key for key, choice in last.items() if key[:2] == (tally.question, tally.version) and choice == place
            ]
            assert count == len(mine)
    assert tallies([*answers, *answers]) == found
    assert unpacked(packed(found)) == found
