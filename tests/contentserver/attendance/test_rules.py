"""Sessions from facts: the same numbers in any order, however often a fact comes."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from contentserver.attendance.rules import Fact, session_numbers, union_ms, watermark
from schedules.airings import AiringId, LessonCard, LessonId, PackageName
from schedules.wire.messages import (
    AiringMissed,
    AiringStarted,
    EventBody,
    PlaybackSpan,
    SignedIn,
    SignInMethod,
    SignInUndone,
)

T0 = datetime(2026, 11, 23, 11, 30, tzinfo=UTC)
AIRING, PACKAGE = AiringId("a"), PackageName("p")
LESSON = LessonCard(id=LessonId("l"), title="看懂化验单", course="测土配方施肥")
SPANS = st.lists(st.tuples(st.integers(0, 500), st.integers(1, 100)).map(lambda s: (s[0], s[0] + s[1])), max_size=12)


@given(SPANS)
def test_the_union_counts_every_millisecond_once(spans: list[tuple[int, int]]) -> None:
    assert union_ms(spans) == len({ms for start, end in spans for ms in range(start, end)})


@given(st.sets(st.integers(1, 60)))
def test_the_watermark_and_the_gaps_name_exactly_what_is_missing(present: set[int]) -> None:
    through, gaps = watermark(sorted(present))
    missing = {n for first, last in gaps for n in range(first, last + 1)}
    assert set(range(1, through + 1)) <= present
    assert through + 1 not in present
    assert missing == set(range(1, max(present, default=0) + 1)) - present
    for known in range(through + 1):
        assert watermark(sorted(one for one in present if one > known), known) == (through, gaps)


def _signed(member: str) -> EventBody:
    return SignedIn(airing=AIRING, lesson=LESSON, member=member, method=SignInMethod.NUMBER)


def _bodies() -> st.SearchStrategy[EventBody]:
    members = st.sampled_from("xyz")
    return st.one_of(
        members.map(_signed),
        members.map(lambda member: SignInUndone(airing=AIRING, member=member)),
        SPANS.filter(bool).map(
            lambda spans: PlaybackSpan(
                airing=AIRING, lesson=LESSON, package=PACKAGE, from_ms=spans[0][0], to_ms=spans[0][1], started_at=T0
            )
        ),
        st.integers(0, 900).map(
            lambda late: AiringStarted(
                airing=AIRING, planned_start=T0, duration_ms=60_000, lesson=LESSON, package=PACKAGE, late_ms=late
            )
        ),
    )


@st.composite
def _facts(draw: st.DrawFn) -> list[Fact]:
    bodies = draw(st.lists(_bodies(), max_size=12))
    return [
        Fact(at=T0 + timedelta(seconds=draw(st.integers(0, 30))), order=(1, 1, number), body=body)
        for number, body in enumerate(bodies, 1)
    ]


@given(_facts(), st.randoms(use_true_random=False))
def test_order_and_repetition_change_no_number(facts: list[Fact], random: object) -> None:
    shuffled = list(facts)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert session_numbers(shuffled) == session_numbers(facts)


@given(_facts())
def test_the_roll_holds_who_signed_in_last_and_did_not_take_it_back(facts: list[Fact]) -> None:
    present: dict[str, bool] = {}
    for fact in sorted(facts, key=lambda fact: fact.order):  # all of one journal
        if isinstance(fact.body, SignedIn | SignInUndone):
            present[fact.body.member] = isinstance(fact.body, SignedIn)
    assert {arrival.member for arrival in session_numbers(facts).arrivals} == {m for m, here in present.items() if here}


def test_a_session_that_was_late_but_shown_was_not_missed() -> None:
    missed = Fact(at=T0, order=(1, 1, 1), body=AiringMissed(airing=AIRING, lesson=LESSON, reason="not_stored"))
    span = PlaybackSpan(airing=AIRING, lesson=LESSON, package=PACKAGE, from_ms=0, to_ms=9_000, started_at=T0)
    assert session_numbers([missed]).missed_reason == "not_stored"
    assert session_numbers([missed, Fact(at=T0, order=(1, 1, 2), body=span)]).missed_reason == ""


def test_no_facts_are_no_session() -> None:
    assert session_numbers([]).lesson is None


def test_a_clock_that_steps_back_does_not_turn_a_journal_round() -> None:
    facts = [
        Fact(at=T0 + timedelta(minutes=5), order=(1, 1, 1), body=_signed("x")),
        Fact(at=T0, order=(1, 1, 2), body=SignInUndone(airing=AIRING, member="x")),
    ]
    assert session_numbers(facts).arrivals == ()
    assert session_numbers(facts[::-1]).arrivals == ()
