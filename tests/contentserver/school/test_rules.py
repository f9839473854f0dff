"""What playing comes to, by properties: the clock counts once, time at a station earns nothing, order is nothing."""

from datetime import UTC, date, datetime, timedelta
from random import Random
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contentserver.attendance import union_ms
from contentserver.kernel import clock
from contentserver.school import rules
from contentserver.school.rules import Fault, Line, Outcome, Piece, Played, Told, fault_of, outcome, pieces

MINUTE, LENGTH = 60_000, 40 * 60_000
BASE = rules.milliseconds(datetime(2026, 11, 23, 2, 0, tzinfo=UTC))
LESSONS = [UUID(int=number) for number in (1, 2, 3)]
FIVE_MINUTES = 5 * MINUTE
TOLD = Told(sequence=1, from_ms=0, to_ms=15_000, at_ms=2_000, clock_ms=15_000)


def span(
    start: int,
    clock_ms: int,
    from_ms: int = 0,
    lesson: int = 0,
    pace: float = 1,
    viewing: str = "a",
    package: str = "p",
) -> Played:
    to_ms = min(LENGTH, from_ms + max(1, int(clock_ms * pace)))
    return Played(LESSONS[lesson], package, LENGTH, from_ms, to_ms, BASE + start, clock_ms, (0, viewing, start))


spans = st.lists(
    st.builds(
        span,
        start=st.integers(0, 3 * 60 * MINUTE),
        clock_ms=st.integers(1, FIVE_MINUTES),
        from_ms=st.integers(0, LENGTH - 1),
        lesson=st.integers(0, 2),
        pace=st.sampled_from([0.5, 1, 1.5, 2]),
        viewing=st.sampled_from(["a", "b"]),
        package=st.sampled_from(["p", "q"]),
    ),
    max_size=25,
    unique_by=lambda one: one.key,
)
busy_times = st.lists(
    st.tuples(st.integers(0, 3 * 60 * MINUTE), st.integers(1, 60 * MINUTE)).map(
        lambda one: (BASE + one[0], BASE + one[0] + one[1])
    ),
    max_size=4,
)


def usual(_day: date) -> int:
    return 60


def everything(played: list[Played], busy: list[tuple[int, int]]) -> dict[UUID, Outcome]:
    found = pieces(played, busy)
    return {lesson: outcome([one for one in found if one.lesson == lesson], usual) for lesson in LESSONS}


@given(spans, busy_times)
def test_each_instant_counts_once_and_none_at_a_station(played: list[Played], busy: list[tuple[int, int]]) -> None:
    found = pieces(played, busy)
    on_screen = [(one.start, one.start + one.clock_ms) for one in played]
    outside = union_ms([*on_screen, *busy]) - union_ms(busy)
    counted = [(one.start, one.end) for one in found]
    assert sum(end - start for start, end in counted) == union_ms(counted) == outside
    for one in found:
        assert all(one.end <= begin or one.start >= end for begin, end in busy)
    assert sum(one.credit_ms for one in everything(played, busy).values()) <= outside


@given(spans, busy_times, st.randoms(use_true_random=False))
def test_order_and_repetition_change_nothing(played: list[Played], busy: list[tuple[int, int]], random: Random) -> None:
    again = [*played, *played[: len(played) // 2]]
    random.shuffle(again)
    assert everything(again, busy[::-1]) == everything(played, busy)


@given(spans, busy_times)
def test_nobody_earns_more_than_the_lesson_or_the_time_it_took(
    played: list[Played], busy: list[tuple[int, int]]
) -> None:
    for lesson, found in everything(played, busy).items():
        mine = [one for one in played if one.lesson == lesson]
        assert 0 <= found.credit_ms <= found.present_ms <= LENGTH
        assert found.present_ms <= union_ms((one.from_ms, one.to_ms) for one in mine)
        assert found.present_ms <= union_ms((one.start, one.start + one.clock_ms) for one in mine)
        assert found.credit_ms == sum(one.credit_ms for one in found.lines)
        assert found.credit_ms == 0 or 100 * found.credit_ms >= 60 * LENGTH
        assert len({one.day for one in found.lines}) == len(found.lines)


@given(spans, st.integers(1, 30))
def test_what_is_watched_later_changes_no_day_before(played: list[Played], days: int) -> None:
    """A paper that states days which are over stays true."""
    later = [
        Played(
            one.lesson,
            one.package,
            LENGTH,
            one.from_ms,
            one.to_ms,
            one.start + days * 86_400_000,
            one.clock_ms,
            one.key,
        )
        for one in played
    ]
    before, after = everything(played, []), everything([*played, *later], [])
    for lesson in LESSONS:
        first_day = min((clock_day(one.start) for one in later), default=date.max)
        kept = [one for one in before[lesson].lines if one.day < first_day]
        assert [one for one in after[lesson].lines if one.day < first_day] == kept


def clock_day(at: int) -> date:
    return clock.local(rules.instant(at)).date()


@given(spans, busy_times)
def test_more_presence_at_stations_never_earns_more_time(played: list[Played], busy: list[tuple[int, int]]) -> None:
    alone, with_it = pieces(played, []), pieces(played, busy)
    assert sum(one.end - one.start for one in with_it) <= sum(one.end - one.start for one in alone)


def test_two_windows_play_at_once_and_the_first_counts() -> None:
    one, other = span(0, 5 * MINUTE, 0, 0, viewing="a"), span(MINUTE, 5 * MINUTE, 0, 1, viewing="b")
    found = pieces([other, one], [])
    assert [(piece.lesson, piece.end - piece.start) for piece in found] == [
        (LESSONS[0], 5 * MINUTE),
        (LESSONS[1], MINUTE),
    ]
    assert (found[1].from_ms, found[1].to_ms) == (4 * MINUTE, 5 * MINUTE)


def test_a_lesson_at_double_speed_counts_the_clock() -> None:
    fast = [span(at, FIVE_MINUTES, 2 * at, pace=2) for at in range(0, LENGTH // 2, FIVE_MINUTES)]
    found = everything(fast, [])[LESSONS[0]]
    assert (found.present_ms, found.credit_ms) == (LENGTH // 2, 0)


def test_the_share_is_reached_on_its_day_and_the_rest_is_added_on_the_next() -> None:
    first = [span(at, FIVE_MINUTES, at) for at in range(0, 25 * MINUTE, FIVE_MINUTES)]
    day = 86_400_000
    rest = [span(day + at, FIVE_MINUTES, at) for at in range(25 * MINUTE, LENGTH, FIVE_MINUTES)]
    found = everything([*first, *rest], [])[LESSONS[0]]
    assert found.lines == (
        Line(date(2026, 11, 23), BASE, 25 * MINUTE),
        Line(date(2026, 11, 24), BASE + day + 25 * MINUTE, 15 * MINUTE),
    )
    assert everything(first[:4], [])[LESSONS[0]] == Outcome((), 20 * MINUTE, 0)


def test_a_stricter_rule_of_a_later_day_takes_nothing_away() -> None:
    played = [Piece(LESSONS[0], "p", LENGTH, BASE, BASE + 25 * MINUTE, 0, 25 * MINUTE)]
    played.append(Piece(LESSONS[0], "p", LENGTH, BASE + 86_400_000, BASE + 86_400_000 + MINUTE, 0, MINUTE))
    found = outcome(played, lambda day: 60 if day.day == 23 else 90)
    assert found.credit_ms == 25 * MINUTE


def test_recordings_of_a_lesson_do_not_add_up() -> None:
    one = [span(at, FIVE_MINUTES, at) for at in range(0, 20 * MINUTE, FIVE_MINUTES)]
    other = [span(60 * MINUTE + at, FIVE_MINUTES, at, package="q") for at in range(0, 25 * MINUTE, FIVE_MINUTES)]
    assert everything([*one, *other], [])[LESSONS[0]].credit_ms == 25 * MINUTE


@pytest.mark.parametrize(
    ("told", "elapsed_ms", "fault"),
    [
        (TOLD, 20_000, None),
        (TOLD, 12_001, None),
        (TOLD, 11_999, Fault.AHEAD),
        (TOLD, -1, Fault.AHEAD),
        (TOLD, 14 * 86_400_000 + 1, Fault.TOO_LATE),
        (Told(0, 0, 1000, 0, 1000), 20_000, Fault.NUMBER),
        (Told(20_001, 0, 1000, 0, 1000), 20_000, Fault.NUMBER),
        (Told(1, 1000, 1000, 0, 1000), 20_000, Fault.OUTSIDE),
        (Told(1, LENGTH - 1000, LENGTH + 1501, 0, 3000), 20_000, Fault.OUTSIDE),
        (Told(1, 0, 1000, 0, 0), 20_000, Fault.TOO_LONG),
        (Told(1, 0, 1000, 0, FIVE_MINUTES + 1), 9 * MINUTE, Fault.TOO_LONG),
        (Told(1, 0, 1000, 86_400_001, 1000), 2 * 86_400_000, Fault.TOO_LONG),
        (Told(1, 0, 60_000, 0, 15_000), 20_000, Fault.TOO_FAST),
        (Told(1, 0, 31_500, 0, 15_000), 20_000, None),
    ],
)
def test_what_cannot_be_true_is_found(told: Told, elapsed_ms: int, fault: Fault | None) -> None:
    assert fault_of(told, LENGTH, elapsed_ms) is fault


@given(st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)))  # noqa: DTZ001  # made aware below
def test_instants_go_there_and_back(moment: datetime) -> None:
    aware = moment.replace(tzinfo=UTC)
    assert timedelta(0) <= aware - rules.instant(rules.milliseconds(aware)) < timedelta(milliseconds=1)
