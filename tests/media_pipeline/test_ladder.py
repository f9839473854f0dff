"""The ladder's promises, for every picture that can come and for every way samples can come out."""

from fractions import Fraction
from itertools import pairwise

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from media_pipeline.ladder import (
    FLOOR_BPS,
    MAX_RATE,
    MIN_RATE,
    NOTICEABLE_VMAF,
    OVERHEAD_BPS,
    WEAK_LINE_BPS,
    WORTH_SAVING,
    Measured,
    candidates,
    frame_rate,
    kept,
    low_rung,
    replaces,
)
from media_pipeline.recording import Picture

pictures = st.builds(
    Picture,
    index=st.just(0),
    codec=st.sampled_from(["h264", "hevc", "mpeg2video"]),
    width=st.integers(16, 8192),
    height=st.integers(16, 4352),
    frame_rate=st.fractions(Fraction(1), Fraction(240), max_denominator=1001).map(str),
    bps=st.integers(10_000, 100_000_000),
)


def picture(width: int, height: int, rate: str = "25", bps: int = 8_000_000) -> Picture:
    return Picture(index=0, codec="h264", width=width, height=height, frame_rate=rate, bps=bps)


def came_out(*rows: tuple[int, float]) -> list[Measured]:
    """Candidates of a full HD picture with these rates and VMAF."""
    rungs = candidates(picture(1920, 1080), 24)
    return [
        Measured(rung=rung, bps=bps, vmaf=vmaf, vmaf_p5=vmaf) for rung, (bps, vmaf) in zip(rungs, rows, strict=True)
    ]


measured = st.lists(st.tuples(st.integers(30_000, 4_500_000), st.floats(20, 99)), min_size=4, max_size=4).map(
    lambda rows: came_out(*rows)
)


@given(pictures)
def test_no_rung_is_larger_than_the_picture_or_than_full_hd(shown: Picture) -> None:
    for rung in candidates(shown, 24):
        assert rung.width <= min(shown.width, 1920)
        assert rung.height <= min(shown.height, 1080)
        assert rung.width % 2 == rung.height % 2 == 0
        assert rung.level


@given(pictures)
def test_no_rung_spends_more_than_the_recording_and_its_keyframes(shown: Picture) -> None:
    thrift = 1.6 if shown.codec == "hevc" else 1.0
    for rung in candidates(shown, 24):
        keyframes = rung.width * rung.height * 0.35 / 2
        assert rung.cap_bps <= max(shown.bps * thrift, keyframes, FLOOR_BPS) + 1


@given(pictures)
@example(Picture(index=0, codec="h264", width=1103, height=360, frame_rate="25", bps=8_000_000))
def test_rungs_shrink_and_have_names_of_their_own(shown: Picture) -> None:
    made = candidates(shown, 24)
    assert made
    areas = [rung.width * rung.height for rung in made]
    assert areas == sorted(areas, reverse=True)
    assert len({rung.name for rung in made}) == len(made)


@given(pictures)
def test_shape_is_kept(shown: Picture) -> None:
    for rung in candidates(shown, 24):
        assert abs(rung.width - rung.height * shown.width / shown.height) <= 2 + 2 * shown.width / shown.height


@given(pictures)
def test_rate_is_bounded_and_never_raised_beyond_a_standard_neighbour(shown: Picture) -> None:
    rate = frame_rate(shown)
    assert MIN_RATE <= rate <= MAX_RATE
    assert rate <= max(Fraction(shown.frame_rate) * Fraction(51, 50), MIN_RATE)


@pytest.mark.parametrize(
    ("size", "names"),
    [
        ((1920, 1080), ["1080p", "720p", "540p", "360p"]),
        ((3840, 2160), ["1080p", "720p", "540p", "360p"]),
        ((1280, 720), ["720p", "540p", "360p"]),
        ((1440, 1080), ["1080p", "720p", "540p", "360p"]),
        ((1080, 1920), ["1080p", "720p", "540p", "360p"]),
        ((1150, 648), ["648p", "540p", "360p"]),
        ((640, 360), ["360p"]),
        ((320, 240), ["240p"]),
    ],
)
def test_the_usual_sizes(size: tuple[int, int], names: list[str]) -> None:
    assert [rung.name for rung in candidates(picture(*size), 24)] == names


@pytest.mark.parametrize(
    ("rate", "made"),
    [("25", "25"), ("30000/1001", "30000/1001"), ("50", "25"), ("2983/100", "30000/1001"), ("15", "15"), ("1", "5")],
)
def test_the_usual_rates(rate: str, made: str) -> None:
    assert frame_rate(picture(640, 360, rate)) == Fraction(made)


@given(measured, st.integers(0, 200_000))
def test_what_is_kept_adds_quality_upwards_and_saves_downwards(found: list[Measured], sound_bps: int) -> None:
    chosen = kept(found, sound_bps)
    assert chosen
    assert [one for one in found if one in chosen] == list(chosen)
    best = max(one.vmaf for one in found)
    assert chosen[0] is found[0] or best - chosen[0].vmaf < NOTICEABLE_VMAF
    for above, below in pairwise(chosen):
        saves = below.bps + sound_bps <= WORTH_SAVING * (above.bps + sound_bps)
        assert saves or (below.bps + sound_bps + OVERHEAD_BPS) * 1.1 <= WEAK_LINE_BPS


def test_slides_keep_the_sharp_picture_and_the_cheap_one() -> None:
    chosen = kept(came_out((330_000, 96.8), (230_000, 89.5), (170_000, 83.8), (100_000, 68.5)), 64_000)
    assert [one.rung.name for one in chosen] == ["1080p", "360p"]


def test_a_picture_that_gains_nothing_by_its_size_loses_its_largest() -> None:
    chosen = kept(came_out((4_400_000, 89.2), (2_950_000, 87.0), (1_900_000, 83.4), (530_000, 71.0)), 64_000)
    assert [one.rung.name for one in chosen] == ["540p", "360p"]


def test_small_steps_down_never_add_up_to_a_large_one() -> None:
    chosen = kept(came_out((4_400_000, 95.0), (2_950_000, 90.5), (1_900_000, 86.0), (530_000, 81.0)), 64_000)
    assert [one.rung.name for one in chosen] == ["720p", "360p"]


@given(
    st.integers(20_000, 3_000_000),
    st.sampled_from([0, 48_000, 64_000]),
    st.floats(1, 30),
    st.sampled_from([Fraction(25), Fraction(30000, 1001), Fraction(12), Fraction(25, 2)]),
)
def test_every_lesson_has_something_for_a_weak_line(
    bps: int, sound_bps: int, shortest_s: float, rate: Fraction
) -> None:
    (smallest,) = [one for one in came_out(*[(bps, 50.0)] * 4) if one.rung.name == "360p"]
    low = low_rung(smallest, sound_bps, shortest_s, rate)
    if low is None:
        assert bps + sound_bps <= WEAK_LINE_BPS
        return
    worst = low.cap_bps * shortest_s + 0.9 * low.buffer_bits
    assert low.cap_bps == FLOOR_BPS or worst / shortest_s + sound_bps <= WEAK_LINE_BPS
    assert low.every == 1 or rate / low.every >= 10


def test_the_weak_line_takes_the_place_of_what_looks_the_same() -> None:
    *_, smallest = came_out(*[(300_000, 66.0)] * 4)
    assert replaces(msgspec.structs.replace(smallest, vmaf=65.0), smallest)
    assert not replaces(msgspec.structs.replace(smallest, vmaf=50.0), smallest)
