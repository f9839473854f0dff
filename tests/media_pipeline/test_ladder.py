"""The ladder's promises, for every picture that can come."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_pipeline.ladder import FLOOR_BPS, MAX_RATE, frame_rate, rungs
from media_pipeline.plan import plan
from media_pipeline.recording import Picture, Recording, Sound

pictures = st.builds(
    Picture,
    codec=st.just("h264"),
    width=st.integers(16, 8192),
    height=st.integers(16, 4352),
    frame_rate=st.fractions(Fraction(1), Fraction(240), max_denominator=1001).map(str),
    bps=st.integers(10_000, 100_000_000),
)


@given(pictures)
def test_no_rung_is_larger_than_the_picture_or_than_full_hd(picture: Picture) -> None:
    for rung in rungs(picture):
        assert rung.width <= min(picture.width, 1920)
        assert rung.height <= min(picture.height, 1080)
        assert rung.width % 2 == rung.height % 2 == 0


@given(pictures)
def test_no_rung_spends_more_than_the_recording(picture: Picture) -> None:
    assert all(rung.cap_bps <= max(picture.bps, FLOOR_BPS) for rung in rungs(picture))


@given(pictures)
def test_rungs_shrink_and_have_names_of_their_own(picture: Picture) -> None:
    made = rungs(picture)
    assert made
    areas = [rung.width * rung.height for rung in made]
    assert areas == sorted(areas, reverse=True)
    assert len({rung.name for rung in made}) == len(made)


@given(pictures)
def test_shape_is_kept(picture: Picture) -> None:
    for rung in rungs(picture):
        assert abs(rung.width - rung.height * picture.width / picture.height) <= 2 + 2 * picture.width / picture.height


@given(pictures)
def test_rate_is_bounded_and_never_raised_beyond_a_standard_neighbour(picture: Picture) -> None:
    rate = frame_rate(picture)
    assert 0 < rate <= MAX_RATE
    assert rate <= Fraction(picture.frame_rate) * Fraction(51, 50)


@pytest.mark.parametrize(
    ("size", "names"),
    [
        ((1920, 1080), ["1080p", "720p", "480p", "360p"]),
        ((3840, 2160), ["1080p", "720p", "480p", "360p"]),
        ((1280, 720), ["720p", "480p", "360p"]),
        ((1440, 1080), ["1080p", "720p", "480p", "360p"]),
        ((1080, 1920), ["1080p", "720p", "480p", "360p"]),
        ((1024, 576), ["576p", "480p", "360p"]),
        ((640, 360), ["360p"]),
        ((320, 240), ["240p"]),
    ],
)
def test_the_usual_sizes(size: tuple[int, int], names: list[str]) -> None:
    assert [rung.name for rung in rungs(Picture("h264", *size, "25", 8_000_000))] == names


@pytest.mark.parametrize(
    ("rate", "made"),
    [("25", "25"), ("30000/1001", "30000/1001"), ("50", "25"), ("2983/100", "30000/1001"), ("15", "15")],
)
def test_the_usual_rates(rate: str, made: str) -> None:
    assert frame_rate(Picture("h264", 640, 360, rate, 1_000_000)) == Fraction(made)


@given(pictures, st.integers(0, 8), st.integers(100, 4 * 3600 * 1000))
def test_plan_follows_the_recording(picture: Picture, channels: int, duration_ms: int) -> None:
    sound = Sound("aac", channels, 48_000, 64_000) if channels else None
    decided = plan(Recording("mov", 1, duration_ms, picture, sound))
    assert decided.channels == min(channels, 2)
    assert decided.rungs == rungs(picture)
    assert decided.time_limit_s > decided.duration_s == duration_ms / 1000
    assert decided.expected_bytes > 0
