"""By what somebody is found: characters, pinyin, initials, number; surnames read as surnames."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contentserver.members.spelling import terms_of, typed


def found(name: str, words: str, number: str = "0427") -> bool:
    return any(term.startswith(typed(words)) for term in terms_of(name, number))


@pytest.mark.parametrize(
    "words", ["王", "王小", "小芳", "wang", "WangXiao", "wang xiao f", "xiaof", "wxf", "xf", "04", "ｗａｎｇ", "Wáng"]
)
def test_a_name_is_found_by_every_way_to_begin_it(words: str) -> None:
    assert found("王小芳", words)


@pytest.mark.parametrize("words", ["王芳", "ang", "iaofang", "27", "wf", "li"])
def test_and_not_by_what_begins_nothing_of_it(words: str) -> None:
    assert not found("王小芳", words)


@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [
        ("单永强", "shan", "dan"),
        ("曾国华", "zeng", "ceng"),
        ("解海龙", "xie", "jie"),
        ("仇英", "qiu", "chou"),
        ("查良", "zha", "cha"),
        ("任静", "ren", "yin"),
        ("尉迟恭", "yuchi", "weichi"),
        ("万俟雪", "moqi", "wansi"),
        ("长孙无忌", "zhangsun", "changsun"),
        ("宁志强", "ning", "zhu"),
    ],
)
def test_surnames_are_read_as_surnames_are(name: str, right: str, wrong: str) -> None:
    assert found(name, right)
    assert not found(name, wrong)


def test_what_can_be_read_in_two_ways_is_found_by_both() -> None:
    assert found("马长乐", "mchangle") is False
    assert found("马长乐", "machangle")
    assert found("马长乐", "mazhangle")


@pytest.mark.parametrize("words", ["lv", "lü", "lyu", "lvbu"])
def test_the_u_with_points_is_typed_in_three_ways(words: str) -> None:
    assert found("吕布", words)


def test_letters_are_words_and_points_make_no_difference() -> None:
    assert found("Li Min", "min")
    assert found("买买提·阿不都", "买买提阿")
    assert terms_of("", "") == frozenset()


@given(st.text(max_size=30), st.text("0123456789", max_size=6))
def test_whatever_a_name_is_it_is_found_by_itself_and_no_term_is_another_ones_beginning(name: str, number: str) -> None:
    terms = terms_of(name, number)
    assert all(len(one) <= 120 for one in terms)
    assert not any(one != other and other.startswith(one) for one in terms for other in terms)
    if typed(name):
        assert found(name, name, number)
    assert not number or any(one.startswith(number) for one in terms)
