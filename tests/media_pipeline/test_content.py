"""What moves decides the kind of a lesson and how many frames it needs."""

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_pipeline.content import MAX_STEP, STALE_SHARE, STALE_YDIF, STILL_YDIF, Content, frame_step, kind, moments
from media_pipeline.ladder import MIN_RATE

motions = st.lists(st.floats(0, 20), max_size=400)
rates = st.sampled_from([Fraction(25), Fraction(30), Fraction(24), Fraction(30000, 1001), Fraction(15), Fraction(10)])


@pytest.mark.parametrize(
    ("motion", "expected"),
    [
        ([0.0] * 90 + [3.0] * 10, Content.SLIDES),
        ([0.9, 1.0, 1.1, 1.0] * 30, Content.HEAD),
        ([0.7] * 80 + [2.5] * 20, Content.BOARD),
        ([3.0, 4.0, 5.0] * 40, Content.FIELD),
        ([], Content.SLIDES),
    ],
)
def test_kinds(motion: list[float], expected: Content) -> None:
    assert kind(motion) is expected


def test_pictures_shown_twice_need_half_the_frames() -> None:
    assert frame_step([1.0, 0.0] * 200, Fraction(25)) == 2


def test_a_slide_that_turns_now_and_then_needs_few() -> None:
    assert frame_step(([0.0] * 99 + [9.0]) * 5, Fraction(25)) == 5


def test_cameras_rates_are_lowered_like_round_ones() -> None:
    assert frame_step([0.0] * 900, Fraction(30000, 1001)) == 5


def test_even_motion_needs_all() -> None:
    assert frame_step([1.0] * 300, Fraction(25)) == 1


@given(motions, rates)
def test_few_frames_lag_whatever_moves(motion: list[float], rate: Fraction) -> None:
    step = frame_step(motion, rate)
    assert 1 <= step <= MAX_STEP
    assert step == 1 or rate / step >= MIN_RATE
    assert round(2 * rate) % step == 0
    lagging = 0
    for start in range(0, len(motion), step):
        moved = [one for one in motion[start + 1 : start + step] if one >= STILL_YDIF]
        lagging += sum(sum(moved[: place + 1]) > STALE_YDIF for place in range(len(moved)))
    assert step == 1 or lagging <= STALE_SHARE * len(motion) + 1


@given(motions, st.integers(1, 15), st.integers(1, 60))
def test_samples_lie_inside_and_apart(motion: list[float], count: int, length: int) -> None:
    found = moments(motion, count, length)
    assert len(found) <= count
    assert list(found) == sorted(found)
    assert all(later - earlier >= length for earlier, later in pairwise(found))
    assert all(start >= 0 and start + length <= len(motion) for start in found)
    assert found or len(motion) < length


def test_samples_take_calm_and_lively_parts_alike() -> None:
    motion = ([0.1] * 50 + [5.0] * 50) * 20
    levels = {motion[start + 10] for start in moments(motion, 8, 50)}
    assert levels == {0.1, 5.0}
