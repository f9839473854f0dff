"""Offset, drift and their honesty: random oscillators over random lines, a server whose clock is set, a single liar."""

import random
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tvclient.core.timekeeping import KEPT, LEAST_DRIFT_PPM, SPAN_S, Sample, Timekeeper, begin, observed

HOUR_S = 3600.0
EPOCH = 1_795_000_000.0


@dataclass
class World:
    """A box whose oscillator is wrong by `ppm`, asking over a line of its own."""

    seed: int
    ppm: float
    base_s: float = 0.06
    jitter_s: float = 0.04

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        self.keeper = begin(0.0, EPOCH - 300, 60_000)

    def utc(self, mono: float) -> float:
        return EPOCH + mono * (1 + self.ppm / 1e6)

    def exchange(self, mono: float, step_s: float = 0.0) -> None:
        there = self.base_s + self.random.expovariate(1 / self.jitter_s)
        back = self.base_s + self.random.expovariate(1 / self.jitter_s)
        asked, answered = mono, mono + there + back
        received = self.utc(mono + there) + step_s
        delay = answered - asked
        self.keeper = observed(self.keeper, Sample(answered, received + delay / 2, delay * 500 + 1))

    def ask_for(self, since: float, until: float, every_s: float = 64.0) -> None:
        mono = since
        while mono < until:
            self.exchange(mono)
            mono += every_s

    def error_ms(self, mono: float) -> float:
        return abs(self.keeper.estimate.utc(mono) - self.utc(mono)) * 1000


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.floats(-100, 100))
def test_drift_is_learnt_and_carries_through_eight_hours_of_silence(seed: int, ppm: float) -> None:
    world = World(seed, ppm)
    world.ask_for(0, 3 * HOUR_S)
    assert world.error_ms(3 * HOUR_S) <= 20
    assert abs(world.keeper.estimate.drift_ppm - ppm) <= world.keeper.estimate.drift_error_ppm
    later = 11 * HOUR_S
    assert world.error_ms(later) <= 125
    assert world.error_ms(later) <= world.keeper.estimate.uncertainty_at(later)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.floats(-100, 100), st.floats(64, 8 * HOUR_S), st.floats(0.0, 0.6))
def test_the_truth_lies_within_the_uncertainty(seed: int, ppm: float, asked_for_s: float, jitter_s: float) -> None:
    world = World(seed, ppm, jitter_s=jitter_s + 0.001)
    world.ask_for(0, asked_for_s)
    for later in (0.0, HOUR_S, 8 * HOUR_S):
        at = asked_for_s + later
        assert world.error_ms(at) <= world.keeper.estimate.uncertainty_at(at)


def test_before_the_drift_is_known_the_oscillator_is_trusted_no_further_than_it_deserves() -> None:
    world = World(1, ppm=90)
    world.ask_for(0, 120)
    assert world.keeper.estimate.uncertainty_at(HOUR_S * 8) > 90 * 8 * 3.6


def test_a_single_answer_that_cannot_be_true_changes_nothing() -> None:
    world = World(2, ppm=20)
    world.ask_for(0, HOUR_S)
    before = world.keeper.estimate
    world.exchange(HOUR_S, step_s=900)
    assert world.keeper.estimate == before
    world.exchange(HOUR_S + 10)
    assert world.error_ms(HOUR_S + 10) < 20
    assert world.keeper.doubted is None


def test_a_server_whose_clock_is_set_is_followed_at_the_second_answer() -> None:
    world = World(3, ppm=-40)
    world.ask_for(0, HOUR_S)
    world.exchange(HOUR_S, step_s=7200)
    world.exchange(HOUR_S + 10, step_s=7200)
    assert abs(world.keeper.estimate.utc(HOUR_S + 20) - (world.utc(HOUR_S + 20) + 7200)) < 0.1
    assert abs(world.keeper.estimate.drift_ppm + 40) < 15


@pytest.mark.parametrize("every_s", [1.0, 64.0, 900.0])
def test_what_is_kept_stays_small_and_spread_over_time(every_s: float) -> None:
    world = World(4, ppm=10)
    world.ask_for(0, 24 * HOUR_S if every_s > 1 else 2 * HOUR_S, every_s)
    spans = [one.mono // SPAN_S for one in world.keeper.samples]
    assert len(spans) <= KEPT
    assert spans == sorted(set(spans))


def test_nothing_asked_nothing_known() -> None:
    keeper: Timekeeper = begin(10.0, EPOCH, 60_000, drift_ppm=12)
    assert keeper.estimate.utc(10.0) == EPOCH
    assert keeper.estimate.uncertainty_at(10.0) == 60_000
    assert keeper.estimate.drift_error_ppm > LEAST_DRIFT_PPM
