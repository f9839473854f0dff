"""Decisions about questions, by rules alone."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contentserver.consultations import decency, rules
from contentserver.consultations.rules import Expert, Season, State, Urgency, Verdict
from contentserver.regions import ancestors_and_self

NOW = datetime(2026, 11, 23, 11, 30, tzinfo=UTC)
VILLAGE = "640221203205"
ME, OTHER = UUID(int=1), UUID(int=2)
regions = st.sampled_from(["", "64", "6402", "6403", "640221", "640205", "640221203", "640221203205", "640221203206"])
topics = st.sampled_from(["soil", "rice", "pests"])
experts = st.lists(
    st.builds(Expert, st.uuids(), regions, st.frozensets(topics, max_size=2)), max_size=8, unique_by=lambda one: one.id
)
instants = st.integers(-2_000_000, 2_000_000).map(lambda minutes: NOW + timedelta(minutes=minutes))


@given(experts, topics)
def test_a_question_lies_at_the_nearest_desk_that_has_an_expert_of_its_topic(known: list[Expert], topic: str) -> None:
    desk = rules.desk(VILLAGE, topic, known)
    assert desk in ancestors_and_self(VILLAGE)
    able = rules.nearest(VILLAGE, topic, known)
    if able:
        assert desk == (able[0].region or "64")
        assert all(len(one.region) <= len(able[0].region) for one in able)
    else:
        assert desk == "640221"


@given(experts, topics)
def test_going_up_ends_at_the_top_and_never_goes_down_or_aside(known: list[Expert], topic: str) -> None:
    here = rules.desk(VILLAGE, topic, known)
    for _step in range(6):
        above = rules.desk_above(VILLAGE, here, topic, known)
        assert here.startswith(above)
        if above == here:
            break
        here = above
    assert here == "64"


@given(experts, topics, st.randoms())
def test_who_is_nearest_does_not_hang_on_the_order(known: list[Expert], topic: str, chance: object) -> None:
    mixed = list(known)
    chance.shuffle(mixed)  # type: ignore[attr-defined]
    assert rules.nearest(VILLAGE, topic, mixed) == rules.nearest(VILLAGE, topic, known)
    assert rules.desk(VILLAGE, topic, mixed) == rules.desk(VILLAGE, topic, known)


@given(instants, instants)
def test_nothing_was_asked_after_it_came(at: datetime, came: datetime) -> None:
    assert rules.asked_at(at, came) <= came
    assert rules.asked_at(at, came) in (at, came)


@pytest.mark.parametrize(
    ("months", "season"),
    [((12, 1, 2), Season.WINTER), ((3, 4, 5), Season.SPRING), ((6, 7, 8), Season.SUMMER), ((9, 10, 11), Season.AUTUMN)],
)
def test_seasons(months: tuple[int, ...], season: Season) -> None:
    assert {rules.season(month) for month in months} == {season}


@given(st.sampled_from(State), instants, instants)
def test_only_what_waits_can_be_overdue(state: State, due: datetime, now: datetime) -> None:
    assert rules.overdue(state, due, now) is (state in (State.OPEN, State.TAKEN) and due <= now)


def test_an_urgent_question_has_a_day_and_another_one_three() -> None:
    assert rules.due(Urgency.URGENT, NOW) == NOW + timedelta(hours=24)
    assert rules.due("normal", NOW) == NOW + timedelta(hours=72)
    assert rules.urgency("animal_ill") is Urgency.URGENT
    assert rules.urgency("rice_yellow") is Urgency.NORMAL


@given(st.sampled_from(State), st.sampled_from([None, ME, OTHER]))
def test_nobody_answers_what_is_over_or_what_somebody_else_has(state: State, claimed: UUID | None) -> None:
    said = rules.may_answer(state, claimed, ME)
    if state in rules.OVER or state is State.WAITING:
        assert said is not Verdict.YES
    elif state is State.TAKEN:
        assert (said is Verdict.YES) is (claimed == ME)
    else:
        assert said is Verdict.YES
    if rules.may_claim(state, claimed, ME) is Verdict.YES:
        assert said is Verdict.YES


@given(st.lists(st.tuples(instants, st.booleans()), max_size=6), st.none() | instants)
def test_the_last_word_on_the_newest_answer_counts(
    said: list[tuple[datetime, bool]], answered_at: datetime | None
) -> None:
    found = rules.helped(said, answered_at)
    assert found == rules.helped(said[::-1], answered_at)
    later = [one for one in said if answered_at and one[0] >= answered_at]
    assert (found is None) is (not later)
    if later:
        assert (max(at for at, _helped in later), found) in later


def test_nobody_releases_their_own_answer() -> None:
    assert rules.may_release_knowledge("answered", [OTHER], ME) is Verdict.YES
    assert rules.may_release_knowledge("answered", [OTHER, ME], ME) is Verdict.OWN
    assert rules.may_release_knowledge("open", [], ME) is Verdict.NOT_ANSWERED


def test_an_outcome_is_asked_for_two_weeks_after_the_answer_and_once() -> None:
    early, late = NOW - timedelta(days=13), NOW - timedelta(days=14)
    assert not rules.outcome_due("answered", early, False, NOW)
    assert rules.outcome_due("answered", late, False, NOW)
    assert not rules.outcome_due("answered", late, True, NOW)
    assert not rules.outcome_due("withdrawn", late, False, NOW)
    assert not rules.outcome_due("open", None, False, NOW)


@pytest.mark.parametrize(
    "text",
    [
        "你这个傻逼",
        "傻 逼！",
        "操*你",
        "What the FUCK",
        "加微信 abc",
        "看 http://a.example",
        "ｗｗｗ.a.example",
        "打我电话13812345678",
        "138 1234 5678",
        "640221198001010012",
    ],
)
def test_abuse_advertising_and_numbers_of_people_are_looked_through_first(text: str) -> None:
    assert decency.doubtful(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "水稻叶子发黄，是不是缺氮肥？",
        "一亩地上 15 公斤尿素，2026 年 11 月 23 日上的",
        "羊不吃草，拉稀三天了",
        "玉米卖 2.35 元一斤，1500 斤",
        "the shitake mushrooms",
    ],
)
def test_an_honest_question_is_not_held_back(text: str) -> None:
    assert not decency.doubtful(text)
