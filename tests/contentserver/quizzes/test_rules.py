"""What a question may say, and how the answers of rooms add up."""

from hypothesis import given
from hypothesis import strategies as st

from contentserver.quizzes.rules import MOST_OF_A_LESSON, NONE_RIGHT, Fault, Words, added_up, faults, place_fault

GOOD = Words("哪一项最该先看？", ("有机质", "氮", "酸碱度"), 2, "酸碱度不对，肥料吃不进去。")


def _codes(words: Words) -> set[Fault]:
    return {fault for _field, fault in faults(words)}


def test_a_good_question_has_no_fault() -> None:
    assert faults(GOOD) == ()
    assert faults(Words("您家种几亩？", ("不到五亩", "五亩以上"), NONE_RIGHT)) == ()


def test_each_fault_is_named() -> None:
    assert _codes(Words("", ("一", "二"))) == {Fault.NO_TEXT}
    assert _codes(Words("字" * 41, ("一", "二"))) == {Fault.TEXT_LONG}
    assert _codes(Words("问", ("一",))) == {Fault.FEW_OPTIONS}
    assert _codes(Words("问", tuple("一二三四五"))) == {Fault.MANY_OPTIONS}
    assert _codes(Words("问", ("字" * 15, "二"))) == {Fault.OPTION_LONG}
    assert _codes(Words("问", ("一", "一"))) == {Fault.OPTION_TWICE}
    assert _codes(Words("问", ("一", "二"), 2)) == {Fault.RIGHT_UNKNOWN}
    assert _codes(Words("问", ("一", "二"), -2)) == {Fault.RIGHT_UNKNOWN}
    assert _codes(Words("问", ("一", "二"), 0, "字" * 57)) == {Fault.EXPLANATION_LONG}


def test_letters_are_half_as_wide_as_characters() -> None:
    assert faults(Words("a" * 80, ("a" * 28, "b" * 28), 0, "c" * 112)) == ()
    assert _codes(Words("a" * 81, ("a" * 29, "b"))) == {Fault.TEXT_LONG, Fault.OPTION_LONG}


def test_a_place_lies_inside_the_lesson_and_a_lesson_asks_not_too_much() -> None:
    assert place_fault(None, 60_000, 0) is None
    assert place_fault(59_999, 60_000, 0) is None
    assert place_fault(60_000, 60_000, 0) is Fault.BEYOND_THE_END
    assert place_fault(-1, 60_000, 0) is Fault.BEYOND_THE_END
    assert place_fault(60_000, 0, 0) is None
    assert place_fault(None, 60_000, MOST_OF_A_LESSON) is Fault.TOO_MANY


@given(st.lists(st.lists(st.integers(0, 40), max_size=6), max_size=8), st.integers(2, 4))
def test_answers_add_up_option_by_option(rooms: list[list[int]], options: int) -> None:
    found = added_up(rooms, options)
    assert len(found.counts) == options
    assert found.total == sum(sum(room[:options]) for room in rooms)
    assert found.rooms == sum(any(room[:options]) for room in rooms)
    assert added_up(reversed(rooms), options) == found
    assert found.right(0) == found.counts[0]
    assert found.right(NONE_RIGHT) == 0
