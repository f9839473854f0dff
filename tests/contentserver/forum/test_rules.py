"""Posts are judged whatever is typed: tricks of direction, stacks of marks, links, speed, the same again."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contentserver.forum.rules import (
    MOST_IN_TEN_MINUTES,
    Act,
    Known,
    Moderation,
    State,
    Verdict,
    cleaned,
    hides,
    may,
    named,
    shown_to,
    told,
    verdict,
)

NOW = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
OLD = Known(latest=(), first_at=NOW - timedelta(days=30), moderates=False)
NEW = Known(latest=(), first_at=None, moderates=False)
BIDI = "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


def judged(text: str, author: Known = OLD, moderation: Moderation = Moderation.AFTER) -> Verdict:
    return verdict(cleaned(text), author, moderation, 4000, NOW)


@given(st.text(max_size=200))
def test_a_cleaned_text_plays_no_tricks_and_is_cleaned_once(text: str) -> None:
    clean = cleaned(text)
    assert not set(BIDI) & set(clean)
    assert "\n\n\n" not in clean
    assert cleaned(clean) == clean


def test_a_stack_of_marks_covers_nothing() -> None:
    assert cleaned("Z" + "\u0335" * 40 + "algo") == "Z" + "\u0335" * 3 + "algo"


@pytest.mark.parametrize(
    ("text", "author", "says"),
    [
        ("今年麦子怎么样", OLD, Verdict.SHOW),
        ("", OLD, Verdict.EMPTY),
        ("长" * 4001, OLD, Verdict.TOO_LONG),
        ("看这里 https://a.example/x", OLD, Verdict.SHOW),
        ("看这里 https://a.example/x", NEW, Verdict.WAIT),
        ("https://a.example https://b.example www.c.example", OLD, Verdict.WAIT),
        ("你个王 八 蛋", OLD, Verdict.WAIT),
        ("我的号码 13895231234", OLD, Verdict.WAIT),
        ("\u202e\u202d", OLD, Verdict.EMPTY),
    ],
)
def test_what_happens_to_a_post(text: str, author: Known, says: Verdict) -> None:
    assert judged(text, author) is says


def test_a_board_may_want_to_see_everything_first_but_not_from_those_who_look_after_it() -> None:
    assert judged("你好", OLD, Moderation.BEFORE) is Verdict.WAIT
    keeper = Known(latest=(), first_at=None, moderates=True)
    assert judged("你好 https://a.example", keeper, Moderation.BEFORE) is Verdict.SHOW


def test_too_fast_and_the_same_again() -> None:
    fast = Known([(NOW - timedelta(minutes=1), f"{n}") for n in range(MOST_IN_TEN_MINUTES)], OLD.first_at, False)
    assert judged("又一条", fast) is Verdict.TOO_FAST
    assert judged("0", fast) is Verdict.AGAIN
    often = Known([(NOW - timedelta(days=n), "广告") for n in (1, 2, 3)], OLD.first_at, False)
    assert judged("广告", often) is Verdict.WAIT


@given(st.text(max_size=80))
def test_only_user_names_are_named(text: str) -> None:
    for name in named(text):
        assert f"@{name}" in text.lower()
        assert name == name.lower()


def test_who_is_named() -> None:
    assert named("@Li.min 看看,@ma@b 不算 mail@x.example,@li.min.") == ["li.min", "ma"]


def test_who_hears_of_it() -> None:
    assert told({"a", "b", "w"}, {"b", "c", "w"}, "w") == {"a": "thread", "b": "named", "c": "named"}


@given(st.booleans(), st.sampled_from(State), st.integers(0, 100), st.booleans(), st.booleans())
def test_nobody_decides_about_their_own_and_nobody_changes_anothers(
    own: bool, state: State, minutes: int, moderates: bool, closed: bool
) -> None:
    def can(act: Act) -> bool:
        age = timedelta(minutes=minutes)
        return may(act, own=own, state=state, age=age, moderates=moderates, closed=closed)

    assert not (can(Act.DECIDE) and own)
    assert not (can(Act.EDIT) and not own)
    assert not (can(Act.REPORT) and (own or state is not State.SHOWN))
    assert not (can(Act.REMOVE) and not own and not moderates)
    assert shown_to(state, own=own, moderates=moderates) is (
        state is State.SHOWN or (state is State.WAITING and (own or moderates))
    )


def test_three_reports_hide() -> None:
    assert [hides(count) for count in (1, 2, 3)] == [False, False, True]
