"""Fragments of real encoders are taken apart and moved without a seam; broken ones are refused, never trusted."""

import io
import struct
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from itertools import accumulate, pairwise
from pathlib import Path

import av
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media_pipeline.boxes import BoxesBroken, Fragment, codec, moved, split, timescale
from media_pipeline.encode import program

CODECS = {
    "h264": (["-c:v", "libx264", "-profile:v", "high", "-level", "3.0"], r"avc1.64001e"),
    "hevc": (["-c:v", "libx265", "-x265-params", "log-level=error", "-tag:v", "hvc1"], "hvc1.1.6.L60.90"),
    "hev1": (["-c:v", "libx265", "-x265-params", "log-level=error", "-pix_fmt", "yuv420p10"], "hev1.2.4.L60.90"),
    "av1": (["-c:v", "libsvtav1", "-preset", "12"], "av01.0.00M.08"),
}
PICTURE = ["-g", "50", "-sc_threshold", "0", "-flags", "+cgop", "-video_track_timescale", "25000"]
PICTURE += ["-movflags", "+cmaf+frag_keyframe+empty_moov+default_base_moof"]
SOUND = ["-c:a", "aac", "-movflags", "+cmaf+empty_moov+default_base_moof", "-frag_duration", "2000000"]


def made(path: Path, source: str, *options: str) -> bytes:
    argv = [program(), "-y", "-loglevel", "error", "-f", "lavfi", "-i", source, *options, "-f", "mp4", str(path)]
    subprocess.run(argv, check=True, timeout=90, stdin=subprocess.DEVNULL, env={"SVT_LOG": "1"})
    return path.read_bytes()


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Five seconds in each codec: three fragments of two, two and one seconds."""
    home = tmp_path_factory.mktemp("boxes")
    return {
        name: made(home / f"{name}.mp4", "testsrc2=s=320x180:r=25:d=5", "-pix_fmt", "yuv420p", *options, *PICTURE)
        for name, (options, _) in CODECS.items()
    }


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return made(tmp_path_factory.mktemp("boxes") / "sound.mp4", "sine=330:r=48000:d=5", *SOUND)


def cut(data: bytes, fragment: Fragment) -> bytes:
    return data[fragment.offset : fragment.offset + fragment.size]


def packets(data: bytes) -> list[tuple[int, int, int, bool]]:
    """Decode time, duration, size and sync of every sample, by another program's reader."""
    with av.open(io.BytesIO(data), "r") as container:
        read = [packet for packet in container.demux(container.streams[0]) if packet.size]
        return [(int(each.dts or 0), int(each.duration or 0), each.size, each.is_keyframe) for each in read]


def shown(data: bytes) -> list[int]:
    """Presentation times of the decoded pictures or sounds, in the track's timescale."""
    with av.open(io.BytesIO(data), "r") as container:
        return [int(frame.pts or 0) for frame in container.decode(container.streams[0])]


@pytest.mark.parametrize("name", CODECS)
def test_fragments_are_what_another_reader_finds(pictures: dict[str, bytes], name: str) -> None:
    data = pictures[name]
    init, fragments = split(data)
    assert timescale(init) == 25000
    assert codec(init) == CODECS[name][1]
    samples = packets(data)
    starts = [0, *accumulate(fragment.samples for fragment in fragments)]
    assert [fragment.samples for fragment in fragments] == [50, 50, 25]
    assert [fragment.duration for fragment in fragments] == [50000, 50000, 25000]
    for fragment, start in zip(fragments, starts, strict=False):
        own = samples[start : start + fragment.samples]
        head = fragment.first_sample_end - own[0][2]
        assert (fragment.decode_time - fragments[0].decode_time, fragment.sync) == (
            own[0][0] - samples[0][0],
            own[0][3],
        )
        assert fragment.size == head + sum(size for _, _, size, _ in own)
    assert all(one.offset + one.size <= other.offset for one, other in pairwise(fragments))
    assert [fragment.sequence for fragment in fragments] == [1, 2, 3]


def test_sound_is_taken_apart_too(sound: bytes) -> None:
    init, fragments = split(sound)
    assert (timescale(init), codec(init)) == (48000, "mp4a.40.2")
    samples = packets(sound)
    assert sum(fragment.samples for fragment in fragments) == len(samples)
    assert sum(fragment.duration for fragment in fragments) == sum(duration for _, duration, _, _ in samples)
    assert all(fragment.sync for fragment in fragments)
    assert all(one.decode_time + one.duration == other.decode_time for one, other in pairwise(fragments))


@pytest.mark.parametrize("name", CODECS)
def test_moved_fragments_play_at_their_new_time(pictures: dict[str, bytes], name: str) -> None:
    data = pictures[name]
    init, fragments = split(data)
    twice = init + b"".join(
        moved(cut(data, fragment), number, add)
        for number, (add, fragment) in enumerate(((add, one) for add in (0, 125000) for one in fragments), 1)
    )
    once = shown(data)
    assert shown(twice) == once + [moment + 125000 for moment in once]
    assert [(one.sequence, one.decode_time) for one in split(twice)[1]] == [
        (1 + number + len(fragments) * part, one.decode_time + part * 125000)
        for part in range(2)
        for number, one in enumerate(fragments)
    ]


def test_a_moved_picture_is_the_same_picture(pictures: dict[str, bytes]) -> None:
    data = pictures["h264"]
    init, fragments = split(data)
    alone = init + moved(cut(data, fragments[1]), 7, 1 << 40)
    assert shown(alone) == [moment + (1 << 40) for moment in shown(data)[50:100]]
    assert moved(moved(cut(data, fragments[1]), 7, 1 << 40), 2, -(1 << 40)) == cut(data, fragments[1])


def test_a_first_sample_is_enough_for_a_seeking_picture(pictures: dict[str, bytes]) -> None:
    data = pictures["h264"]
    init, fragments = split(data)
    for fragment in fragments:
        head = init + data[fragment.offset : fragment.offset + fragment.first_sample_end]
        with av.open(io.BytesIO(head), "r") as container:
            assert next(container.decode(container.streams.video[0])).key_frame


def test_a_segment_without_initialisation_is_read(pictures: dict[str, bytes]) -> None:
    data = pictures["h264"]
    _, fragments = split(data)
    init, alone = split(b"".join(cut(data, fragment) for fragment in fragments))
    assert init == b""
    assert [one.samples for one in alone] == [50, 50, 25]
    assert alone[0].offset == 0


def test_a_size_may_be_of_64_bits_or_to_the_end(pictures: dict[str, bytes]) -> None:
    init, (first, *_) = split(pictures["h264"])
    fragment = cut(pictures["h264"], first)
    at = fragment.index(b"mdat") - 4
    body = fragment[at + 8 :]
    endless = init + fragment[:at] + struct.pack(">I4s", 0, b"mdat") + body
    assert split(endless)[1][0].samples == 50
    run = fragment.index(b"trun") + 12  # the data begin eight bytes later
    (offset,) = struct.unpack_from(">i", fragment, run)
    longer = fragment[:run] + struct.pack(">i", offset + 8) + fragment[run + 4 : at]
    long = init + longer + struct.pack(">I4sQ", 1, b"mdat", len(body) + 16) + body
    assert split(long)[1][0].first_sample_end == first.first_sample_end + 8
    assert shown(long) == shown(init + fragment)


def box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", len(body) + 8, kind) + body


def within(kind: bytes, depth: int) -> bytes:
    data = b""
    for _ in range(depth):
        data = box(kind, data)
    return data


def damaged(data: bytes, mark: bytes, at: int, value: bytes) -> bytes:
    place = data.index(mark) + 4 + at
    return data[:place] + value + data[place + len(value) :]


def faults(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Kinds of damage, with what is said about each."""
    _, (first, *_) = split(data)
    yield "cut short", b"\0\0\0"
    yield "claims 7 bytes", struct.pack(">I4s", 7, b"free")
    yield "claims 1 bytes", struct.pack(">I4s", 1, b"free")
    yield "claims 0 bytes", struct.pack(">I4sQ", 1, b"free", 0)
    yield "claims", data[:-1]
    yield "no data", data[: data.index(b"mdat") - 4]
    yield "stands alone", box(b"mdat", b"") + data
    yield "stands alone", data + cut(data, first) + box(b"mdat", b"")
    yield "0 trex", box(b"moov", box(b"mvex", b""))
    yield "0 traf", box(b"moof", within(b"moof", 2000)) + box(b"mdat", b"")
    yield "2 traf", box(b"moof", box(b"traf", b"") * 2) + box(b"mdat", b"")
    yield "claims 4294967295 samples", damaged(data, b"trun", 4, b"\xff" * 4)
    yield "no samples", damaged(data, b"trun", 4, b"\0" * 4)
    yield "outside", damaged(data, b"trun", 8, b"\x7f\xff\xff\xff")
    yield "outside", damaged(data, b"trun", 8, b"\xff\xff\xff\xff")
    yield "cannot be moved", damaged(data, b"tfhd", 3, b"\x39")


def test_damage_is_named(pictures: dict[str, bytes]) -> None:
    for said, broken in faults(pictures["h264"]):
        with pytest.raises(BoxesBroken, match=said):
            split(broken)


def test_what_does_not_fit_is_not_written(pictures: dict[str, bytes]) -> None:
    data = pictures["h264"]
    _, (first, *_) = split(data)
    fragment = cut(data, first)
    with pytest.raises(BoxesBroken, match="-1 does not fit into tfdt"):
        moved(fragment, 1, -1 - first.decode_time)
    with pytest.raises(BoxesBroken, match="does not fit into mfhd"):
        moved(fragment, 1 << 32, 0)
    with pytest.raises(BoxesBroken, match="2 moof"):
        moved(fragment * 2, 1, 0)
    with pytest.raises(BoxesBroken, match="tfdt at 32 is cut short"):
        moved(box(b"moof", box(b"mfhd", bytes(8)) + box(b"traf", box(b"tfdt", b"\1" + bytes(7)))), 1, 0)
    short = damaged(fragment, b"tfdt", 0, b"\0")
    with pytest.raises(BoxesBroken, match="does not fit into tfdt"):
        moved(short, 1, 1 << 32)


def test_a_damaged_description_has_no_name(sound: bytes) -> None:
    init, _ = split(sound)
    lengths = init.index(b"esds") + 8 + 4  # the last of the four bytes that say how long the descriptor is
    longer = init[:lengths] + b"\x7f" + init[lengths + 1 :]
    with pytest.raises(BoxesBroken, match="descriptor 3 is missing or cut short"):
        codec(longer)


def test_a_codec_without_a_name_has_none(tmp_path: Path) -> None:
    opus = made(tmp_path / "a.mp4", "sine=330:r=48000:d=1", "-c:a", "libopus", *SOUND[2:])
    assert codec(split(opus)[0]) is None
    with pytest.raises(BoxesBroken, match="0 moov"):
        codec(b"")
    mp3 = made(tmp_path / "b.mp4", "sine=330:r=48000:d=1", "-c:a", "libmp3lame", *SOUND[2:])
    assert codec(split(mp3)[0]) == "mp4a.6b"


@settings(max_examples=400, deadline=None)
@given(draw=st.data())
def test_no_damage_goes_unnoticed_in_any_other_way(
    pictures: dict[str, bytes], sound: bytes, draw: st.DataObject
) -> None:
    whole = draw.draw(st.sampled_from([*pictures.values(), sound]))
    init, (first, *_) = split(whole)
    data = bytearray(init + cut(whole, first))
    mdat = data.rindex(b"mdat") + 4
    for _ in range(draw.draw(st.integers(1, 4))):
        at = draw.draw(st.integers(0, mdat))
        value = draw.draw(st.binary(min_size=1, max_size=4) | st.sampled_from([b"\xff" * 4, b"\0" * 4, b"\0\0\0\x01"]))
        data[at : at + len(value)] = value
    stop = draw.draw(st.integers(0, len(data)) | st.just(len(data)))
    broken = bytes(data[:stop])
    try:
        head, fragments = split(broken)
    except BoxesBroken:
        head, fragments = broken[: len(init)], ()
    for fragment in fragments:
        assert 0 < fragment.first_sample_end <= fragment.size <= len(broken) - fragment.offset
    for attempt in (timescale, codec, lambda part: moved(part, 1, 1)):
        for part in (head, broken[len(init) :]):
            with suppress(BoxesBroken):
                attempt(part)


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_rubbish_is_refused_or_holds_nothing(data: bytes) -> None:
    try:
        _, fragments = split(data)
    except BoxesBroken:
        return
    assert fragments == ()
