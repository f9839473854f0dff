"""Imagined lines: bytes come in their order, no faster than the line, never in an outage, and the same for a seed."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tvclient.fleet.lines import DAY_S, QUALITIES, Direction, Quality, Way

qualities = st.builds(
    Quality,
    kbps=st.floats(10, 10_000),
    latency_ms=st.floats(0, 500),
    loss=st.floats(0, 0.3),
    outages_per_day=st.just(0.0) | st.floats(0.001, 2000),
    outage_s=st.floats(1, 60),
)
sendings = st.lists(st.tuples(st.floats(0, 30), st.integers(0, 20_000), st.sampled_from(Direction)), max_size=40)


class Time:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@settings(deadline=None)
@given(qualities, sendings, st.integers(0, 1000))
def test_bytes_come_in_order_late_enough_and_never_in_an_outage(
    quality: Quality, sent: list[tuple[float, int, Direction]], seed: int
) -> None:
    time = Time()
    way = Way(quality, random.Random(seed), time)
    last = {Direction.UP: 0.0, Direction.DOWN: 0.0}
    total = {Direction.UP: 0, Direction.DOWN: 0}
    for pause_s, size, direction in sent:
        time.now += pause_s
        at = way.arrival(direction, size)
        total[direction] += size
        assert at >= last[direction]
        assert at >= time.now + quality.latency_ms / 1000 - 1e-9
        assert at >= 1000 + total[direction] * 8 / (quality.kbps * 1000) - 1e-6
        if way.down_until(time.now) is not None:
            assert at >= (way.down_until(time.now) or 0.0)
        last[direction] = at


@settings(deadline=None)
@given(qualities, st.integers(0, 1000))
def test_the_same_seed_is_the_same_line(quality: Quality, seed: int) -> None:
    lines = [Way(quality, random.Random(seed), Time()) for _ in range(2)]
    first, second = ([way.arrival(Direction.DOWN, 1000) for _ in range(20)] for way in lines)
    assert first == second


def test_outages_are_as_many_and_as_long_as_was_said() -> None:
    time = Time()
    ways = [Way(Quality(outages_per_day=20, outage_s=300), random.Random(n), time) for n in range(50)]
    time.now += 5 * DAY_S
    begun, seconds = zip(*(way.outages() for way in ways), strict=True)
    assert sum(begun) / 50 / 5 == pytest.approx(20 / (1 + 20 * 300 / DAY_S), rel=0.1)
    assert sum(seconds) / sum(begun) == pytest.approx(300, rel=0.05)


def test_a_flawless_line_is_no_line_at_all() -> None:
    assert QUALITIES["none"].flawless
    assert not any(QUALITIES[name].flawless for name in ("good", "village", "bad"))
    slow = [QUALITIES[name].kbps for name in ("good", "village", "bad")]
    assert slow == sorted(slow, reverse=True)
