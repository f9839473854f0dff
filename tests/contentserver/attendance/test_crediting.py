"""Lesson time that counts: measured on the clock against what moved on the screen, never more than was shown."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from contentserver.attendance.crediting import Credit, CreditRule, credit, on_screen
from contentserver.attendance.rules import Fact, session_numbers, union_ms
from schedules.airings import AiringId, LessonCard, LessonId, PackageName
from schedules.wire.messages import (
    AiringStarted,
    EventBody,
    HeadCounted,
    PlaybackSpan,
    SegmentDamaged,
    SignedIn,
    SignInMethod,
)

T0 = datetime(2026, 11, 23, 11, 30, tzinfo=UTC)
MINUTE = 60_000
STRICT = CreditRule(share_percent=60, grace_ms=0)
AIRING, PACKAGE = AiringId("a"), PackageName("p")
LESSON = LessonCard(id=LessonId("l"), title="看懂化验单", course="测土配方施肥")


def span(from_min: int, to_min: int, at_min: int) -> PlaybackSpan:
    """Lesson minutes shown from so many minutes after T0."""
    return PlaybackSpan(
        airing=AIRING,
        lesson=LESSON,
        package=PACKAGE,
        from_ms=from_min * MINUTE,
        to_ms=to_min * MINUTE,
        started_at=T0 + timedelta(minutes=at_min),
    )


SPANS = st.lists(
    st.tuples(st.integers(0, 40), st.integers(1, 20), st.integers(0, 90)).map(lambda s: span(s[0], s[0] + s[1], s[2])),
    max_size=8,
)


@given(SPANS, st.integers(-10, 120), st.integers(1, 100))
def test_nobody_gets_more_than_was_shown_or_than_was_left_when_they_came(
    spans: list[PlaybackSpan], came: int, share: int
) -> None:
    shown = union_ms((one.from_ms, one.to_ms) for one in spans)
    rule = CreditRule(share_percent=share, grace_ms=0)
    arrived = T0 + timedelta(minutes=came)
    earned = credit(shown, on_screen(spans), arrived, rule)
    minutes = {minute for one in spans for minute in range(_start(one), _start(one) + _length(one))}
    left = sum(minute >= came for minute in minutes) * MINUTE
    assert earned.present_ms == min(shown, left if minutes and came > min(minutes) else shown)
    assert earned.credit_ms in (0, earned.present_ms)
    assert bool(earned.credit_ms) == (shown > 0 and 100 * earned.present_ms >= share * shown)


@given(SPANS, st.integers(0, 60), st.integers(0, 60))
def test_coming_earlier_never_earns_less(spans: list[PlaybackSpan], one: int, other: int) -> None:
    shown, screen = union_ms((each.from_ms, each.to_ms) for each in spans), on_screen(spans)
    early, late = (credit(shown, screen, T0 + timedelta(minutes=at)) for at in sorted((one, other)))
    assert early.credit_ms >= late.credit_ms
    assert early.present_ms >= late.present_ms


def test_who_signs_in_within_the_first_minutes_was_there_from_the_beginning() -> None:
    screen, whole = on_screen([span(0, 40, 0)]), Credit(40 * MINUTE, 40 * MINUTE)
    assert credit(40 * MINUTE, screen, T0 - timedelta(minutes=4)) == whole
    assert credit(40 * MINUTE, screen, T0 + timedelta(minutes=10)) == whole
    assert credit(40 * MINUTE, screen, T0 + timedelta(minutes=11)) == Credit(29 * MINUTE, 29 * MINUTE)
    assert credit(40 * MINUTE, screen, T0 + timedelta(minutes=17)) == Credit(23 * MINUTE, 0)


def test_a_power_cut_is_nobodys_presence() -> None:
    screen = on_screen([span(0, 10, 0), span(30, 40, 30)])
    assert credit(20 * MINUTE, screen, T0 + timedelta(minutes=9), STRICT) == Credit(11 * MINUTE, 0)
    assert credit(20 * MINUTE, screen, T0 + timedelta(minutes=20), STRICT) == Credit(10 * MINUTE, 0)


def test_where_nothing_was_shown_nothing_counts() -> None:
    assert credit(0, on_screen([]), T0) == Credit()


def test_the_record_tells_live_from_later_and_names_what_was_said_and_damaged() -> None:
    bodies: list[EventBody] = [
        AiringStarted(
            airing=AIRING, planned_start=T0, duration_ms=40 * MINUTE, lesson=LESSON, package=PACKAGE, late_ms=0
        ),
        SignedIn(airing=AIRING, lesson=LESSON, member="x", method=SignInMethod.NAME),
        span(0, 20, 0),
        SegmentDamaged(airing=AIRING, lesson=LESSON, package=PACKAGE, file="v/3.m4s", from_ms=0, to_ms=MINUTE),
        span(20, 40, 24 * 60),
        HeadCounted(airing=AIRING, people=3, phrases=("understood", "prices")),
    ]
    numbers = session_numbers([Fact(at=T0, order=(1, 1, place), body=body) for place, body in enumerate(bodies, 1)])
    assert (numbers.shown_ms, numbers.live_ms, numbers.damaged_ms) == (40 * MINUTE, 20 * MINUTE, MINUTE)
    assert (numbers.head_count, numbers.phrases) == (3, ("understood", "prices"))
    assert [one.credit_ms for one in numbers.arrivals] == [40 * MINUTE]


def _start(one: PlaybackSpan) -> int:
    return (one.started_at - T0) // timedelta(minutes=1)


def _length(one: PlaybackSpan) -> int:
    return (one.to_ms - one.from_ms) // MINUTE
