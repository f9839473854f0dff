"""Decisions about questions, by rules alone."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contentserver.consultations import rules
from contentserver.consultations.rules import Expert, Reminder, Season, State, Urgency, Verdict
from contentserver.kernel import decency
from contentserver.regions import ancestors_and_self
from schedules.asking import TOPICS

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


def test_an_outcome_is_asked_for_after_weeks_by_its_topic_then_once_more_and_then_no_more() -> None:
    def found(days: int, topic: str = "pests") -> Reminder | None:
        return rules.reminder(topic, "answered", NOW - timedelta(days=days), False, NOW)

    assert [found(days) for days in (13, 14, 27, 28, 41, 42, 4000)] == [
        None,
        Reminder.FIRST,
        Reminder.FIRST,
        Reminder.AGAIN,
        Reminder.AGAIN,
        Reminder.OVERDUE,
        Reminder.OVERDUE,
    ]
    assert [found(days, "soil") for days in (27, 28)] == [None, Reminder.FIRST]
    assert found(14, "bees") is Reminder.FIRST
    assert set(rules.ASK_AFTER) == set(TOPICS)


@given(
    st.sampled_from([*TOPICS, "bees"]),
    st.sampled_from([*State]),
    st.none() | instants,
    st.booleans(),
    instants,
    st.timedeltas(timedelta(0), timedelta(days=90)),
)
def test_asking_for_an_outcome_goes_on_and_never_back(
    topic: str, state: State, answered_at: datetime | None, told: bool, now: datetime, later: timedelta
) -> None:
    order = [None, *Reminder]
    early, late = (rules.reminder(topic, state, answered_at, told, at) for at in (now, now + later))
    assert order.index(early) <= order.index(late)
    if told or answered_at is None or state not in (State.ANSWERED, State.CLOSED):
        assert late is None
    elif answered_at:
        assert (early in rules.ASKS) is (
            answered_at + rules.ask_after(topic) <= now < rules.asked_until(topic, answered_at)
        )


@given(experts, regions.filter(bool), topics)
def test_an_expert_is_told_of_what_lies_at_their_own_desk(known: list[Expert], desk: str, topic: str) -> None:
    for one in known:
        if rules.own_desk(one, desk, topic):
            assert one.answers(topic)
            assert (one.region or "64") == desk
    nearest = rules.nearest(VILLAGE, topic, known)
    if nearest:
        assert rules.own_desk(nearest[0], rules.desk(VILLAGE, topic, known), topic)


def test_at_night_nobody_gets_a_mail() -> None:
    assert [hour for hour in range(24) if rules.quiet(hour)] == [0, 1, 2, 3, 4, 5, 6, 21, 22, 23]


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
