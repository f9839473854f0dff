"""Frames, chunks and tracks of a plan agree with each other."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from media_pipeline.ladder import Codec, Rung, frame_rate
from media_pipeline.plan import LOW_SOUND, MAIN, MAX_TRACKS, Plan, in_codecs, sounds, timing, tracks
from media_pipeline.recording import Picture, Recording, Sound

RUNG = Rung(name="360p", width=640, height=360, crf=24, cap_bps=500_000)


def recording(duration_ms: int, rate: str) -> Recording:
    picture = Picture(index=0, codec="h264", width=640, height=360, frame_rate=rate, bps=1_000_000)
    return Recording(container="mp4", bytes=1, duration_ms=duration_ms, picture=picture)


@given(st.integers(200, 4 * 3600 * 1000), st.sampled_from(["25", "30000/1001", "24", "50", "12", "5", "17"]))
def test_chunks_cover_every_frame_once_and_begin_with_whole_segments(duration_ms: int, rate: str) -> None:
    given_recording = recording(duration_ms, rate)
    timed = timing(given_recording, 1)
    assert given_recording.picture is not None
    assert timed.rate == frame_rate(given_recording.picture)
    assert abs(timed.frames / timed.rate - Fraction(duration_ms, 1000)) <= 1 / timed.rate
    plan = Plan(duration_ms=duration_ms, timing=timed, rungs=(RUNG,), picture=given_recording.picture, sounds=())
    starts = [start for start, _ in plan.chunks]
    assert starts[0] == 0
    assert all(start + frames == after for (start, frames), after in zip(plan.chunks, starts[1:], strict=False))
    assert sum(frames for _, frames in plan.chunks) == timed.frames
    assert all(start % (3 * timed.group) == 0 for start in starts)
    assert all(frames > timed.group for _, frames in plan.chunks[1:])
    assert (timed.timescale / timed.rate).denominator == 1


def test_what_cannot_be_entered_is_one_chunk() -> None:
    given_recording = recording(600_000, "25")
    plan = Plan(
        duration_ms=600_000,
        timing=timing(given_recording, 1),
        rungs=(RUNG,),
        picture=given_recording.picture,
        sounds=(),
        in_one=True,
    )
    assert len(plan.chunks) == 1


def sound(channels: int, language: str = "", title: str = "") -> Sound:
    return Sound(
        index=1, codec="aac", channels=channels, sample_rate=48_000, bps=64_000, language=language, title=title
    )


def test_stereo_has_a_second_group_for_weak_lines() -> None:
    planned = sounds(tracks([sound(2, "zh"), sound(1, "en")], []))
    assert [(one.group, one.number, one.channels) for one in planned] == [
        (MAIN, 0, 2),
        (MAIN, 1, 1),
        (LOW_SOUND, 0, 1),
        (LOW_SOUND, 1, 1),
    ]
    assert {one.group for one in sounds(tracks([sound(1)], []))} == {MAIN}


@given(
    st.lists(st.builds(sound, st.integers(1, 8), st.sampled_from(["", "zh", "en"]), st.sampled_from(["", "方言"]))),
    st.lists(st.tuples(st.builds(sound, st.integers(1, 8)), st.sampled_from(["zh", "hui"]))),
)
def test_every_track_has_a_name_of_its_own(recorded: list[Sound], added: list[tuple[Sound, str]]) -> None:
    made = tracks(recorded, added)
    assert len(made) == min(len(recorded) + len(added), MAX_TRACKS)
    assert len({track.label for track in made}) == len(made)
    assert all(track.channels in {1, 2} for track in made)


def test_other_codecs_come_beside_but_not_for_the_weak_line() -> None:
    low = Rung(name="low", width=640, height=360, crf=26, cap_bps=100_000)
    made = in_codecs((RUNG, low), (Codec.H264, Codec.HEVC, Codec.AV1))
    assert [(rung.name, rung.codec) for rung in made] == [("360p-hevc", Codec.HEVC), ("360p-av1", Codec.AV1)]
