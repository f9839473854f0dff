"""Least-delay pacing: gentle on a busy line, quick on a free one."""

from hypothesis import given
from hypothesis import strategies as st

from tvclient.adapters.pacing import (
    AT_ONCE,
    FILTER,
    LISTEN_EVERY_S,
    LONGEST_PAUSE_S,
    MINUTES,
    PAUSE_WHILE_PLAYING_S,
    TARGET_S,
    Pacing,
)


def feed(pacing: Pacing, delay_s: float, decisions: int, at_s: float = 0.0) -> None:
    for _ in range(decisions * FILTER):
        pacing.answered(delay_s, at_s, beside=0)


def idle(pacing: Pacing, at_s: float = 0.0) -> tuple[int, float]:
    return pacing.at_once(at_s, playing=False), pacing.pause_s(playing=False)


def test_it_begins_with_one_and_on_a_free_line_goes_on_with_three() -> None:
    pacing = Pacing()
    assert idle(pacing) == (1, 0.0)
    feed(pacing, 0.12, 1)
    assert idle(pacing) == (AT_ONCE, 0.0)


def test_somebody_elses_queue_makes_it_one_at_a_time_then_pauses_and_both_go_again() -> None:
    pacing = Pacing()
    feed(pacing, 0.1, 1)
    busy = 0.1 + TARGET_S + 0.01
    feed(pacing, busy, 1)
    assert idle(pacing) == (1, 0.0)
    feed(pacing, busy, 1)
    assert idle(pacing) == (1, 0.5)
    feed(pacing, busy, 2)
    assert idle(pacing) == (1, 2.0)
    feed(pacing, 0.1 + TARGET_S * 0.75, 3)
    assert idle(pacing) == (1, 2.0)
    feed(pacing, 0.11, 3)
    assert idle(pacing) == (1, 0.0)
    feed(pacing, 0.11, 1)
    assert idle(pacing) == (AT_ONCE, 0.0)


def test_our_own_queue_is_no_reason_to_hold_back() -> None:
    pacing = Pacing()
    feed(pacing, 0.1, 1)
    for _ in range(50):
        pacing.answered(2.0, 1.0, beside=2)
    assert idle(pacing) == (AT_ONCE, 0.0)


def test_once_a_minute_it_listens_with_one_at_a_time() -> None:
    pacing = Pacing()
    feed(pacing, 0.1, 1)
    assert idle(pacing, LISTEN_EVERY_S - 1) == (AT_ONCE, 0.0)
    assert idle(pacing, LISTEN_EVERY_S) == (1, 0.0)
    feed(pacing, 0.1, 1, at_s=LISTEN_EVERY_S)
    assert idle(pacing, LISTEN_EVERY_S + 1) == (AT_ONCE, 0.0)


def test_one_late_answer_is_no_queue() -> None:
    pacing = Pacing()
    for delay_s in (0.1, 5.0, 0.1, 9.0, 9.0, 0.1):
        pacing.answered(delay_s, 0.0, beside=0)
    assert idle(pacing) == (AT_ONCE, 0.0)


def test_a_line_that_has_become_longer_is_in_time_no_busy_one() -> None:
    pacing = Pacing()
    feed(pacing, 0.1, 1)
    feed(pacing, 1.0, 8, at_s=60)
    assert idle(pacing, 60)[1] > 0
    later = 60.0 * (MINUTES + 1)
    feed(pacing, 1.0, 20, at_s=later)
    assert idle(pacing, later) == (AT_ONCE, 0.0)


def test_while_a_lesson_plays_one_at_a_time_with_a_rest_after_each() -> None:
    pacing = Pacing()
    feed(pacing, 0.1, 1)
    assert pacing.at_once(0, playing=True) == 1
    assert pacing.pause_s(playing=True) == PAUSE_WHILE_PLAYING_S
    feed(pacing, 2.0, 9)
    assert pacing.pause_s(playing=True) == LONGEST_PAUSE_S


@given(st.lists(st.tuples(st.floats(0, 30), st.floats(0, 300), st.integers(0, 2)), max_size=120))
def test_whatever_comes_there_is_always_one_and_never_a_pause_without_end(
    samples: list[tuple[float, float, int]],
) -> None:
    pacing, at_s = Pacing(), 0.0
    for delay_s, later_s, beside in samples:
        at_s += later_s
        pacing.answered(delay_s, at_s, beside=beside)
        count, pause_s = idle(pacing, at_s)
        assert count in {1, AT_ONCE}
        assert 0 <= pause_s <= LONGEST_PAUSE_S
        assert pause_s == 0 or count == 1


@given(st.lists(st.floats(0.05, 0.05 + TARGET_S / 2, exclude_max=True), min_size=FILTER, max_size=60))
def test_delays_below_half_the_target_never_hold_it_back(delays: list[float]) -> None:
    pacing = Pacing()
    for delay_s in delays:
        pacing.answered(delay_s, 0.0, beside=0)
    assert idle(pacing) == (AT_ONCE, 0.0)


@given(st.lists(st.floats(0, 0.1), min_size=1, max_size=5), st.floats(TARGET_S + 0.11, 20), st.integers(2, 9))
def test_a_lasting_queue_always_leads_to_pauses(free: list[float], busy_s: float, decisions: int) -> None:
    pacing = Pacing()
    for delay_s in free:
        pacing.answered(delay_s, 0.0, beside=1)
    feed(pacing, busy_s, decisions)
    count, pause_s = idle(pacing)
    assert count == 1
    assert pause_s > 0
