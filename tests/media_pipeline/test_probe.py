"""What every odd recording is found to be, within which bounds, and how its reader is confined."""

import random
import re
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import msgspec
import pytest

from media_pipeline import probe as module
from media_pipeline.allowed import opening
from media_pipeline.errors import Code, Refused
from media_pipeline.probe import MAX_DURATION_S, accept, ask, probe
from media_pipeline.recording import Picture, Recording
from media_pipeline.remarks import RemarkCode
from tests.media_pipeline.recordings import ODD

R = RemarkCode
MARK = "canary-4b1d7c"


@dataclass(frozen=True, slots=True)
class Facts:
    """What a recording must be found to be; `picture` names further fields."""

    seconds: float = 6
    size: tuple[int, int] | None = (640, 360)
    rate: str = "25"
    sounds: tuple[tuple[int, str, str], ...] = ((1, "", ""),)
    remarks: frozenset[RemarkCode] = frozenset()
    steady: bool = True
    start_s: float = 0
    cover: bool = False
    picture: dict[str, Any] = field(default_factory=dict)


def facts(*remarks: RemarkCode, **others: Any) -> Facts:
    """An ordinary recording but for what is named."""
    return Facts(remarks=frozenset(remarks), **others)


STEREO = ((2, "", ""),)
PQ = {"codec": "hevc", "depth": 10, "primaries": "bt2020", "matrix": "bt2020nc", "full_range": False}
FACTS: dict[str, Facts] = {
    "ordinary": facts(picture={"codec": "h264", "variable": False, "fields": "progressive", "depth": 8, "rotation": 0}),
    "rotated": facts(R.ROTATED, size=(360, 640), picture={"rotation": 270}),
    "hdr_pq": facts(seconds=5, picture={**PQ, "transfer": "smpte2084", "hdr": True}),
    "hdr_hlg": facts(seconds=5, picture={**PQ, "transfer": "arib-std-b67", "hdr": True}),
    "variable_mkv": facts(R.NO_SOUND, seconds=7.87, rate="30", picture={"variable": True}, sounds=()),
    "variable_mp4": facts(seconds=8, rate="30", picture={"variable": True}),
    "slide_stands": facts(R.NO_SOUND, seconds=30, rate="30", picture={"variable": True}, sounds=()),
    "camcorder_mpeg4": facts(size=(640, 480), sounds=STEREO, steady=False, picture={"codec": "mpeg4"}),
    "camcorder_mjpeg": facts(size=(640, 480), rate="30", steady=False, picture={"full_range": True}),
    "interlaced_ps": facts(
        start_s=0.53,
        picture={"codec": "mpeg2video", "fields": "top_first"},
        size=(768, 576),
        sounds=STEREO,
        steady=False,
    ),
    "interlaced_ts": facts(
        start_s=1.43,
        picture={"codec": "mpeg2video", "fields": "top_first"},
        size=(768, 576),
        sounds=STEREO,
        steady=False,
    ),
    "interlaced_h264": facts(
        size=(1024, 576), sounds=STEREO, steady=False, start_s=1.475, picture={"fields": "top_first"}
    ),
    "dv_pal": facts(seconds=5, picture={"fields": "bottom_first"}, size=(768, 576), sounds=STEREO, steady=False),
    "dv_ntsc_avi": facts(
        seconds=5.005,
        size=(873, 480),
        rate="30000/1001",
        sounds=STEREO,
        steady=False,
        picture={"fields": "bottom_first", "codec": "dvvideo"},
    ),
    "four_to_three": facts(size=(640, 480)),
    "odd_size": facts(size=(641, 363), picture={"codec": "vp8"}),
    "stretched": facts(size=(386, 288)),
    "portrait": facts(size=(360, 640), picture={"rotation": 0}),
    "scope": facts(size=(860, 360)),
    "silent": facts(R.NO_SOUND, sounds=()),
    "sound_m4a": facts(R.SOUND_ALONE, size=None),
    "sound_mp3": facts(R.SOUND_ALONE, sounds=STEREO, steady=False, size=None),
    "sound_wav": facts(R.SOUND_ALONE, steady=False, size=None),
    "sound_amr": facts(R.SOUND_ALONE, steady=False, size=None),
    "cover_mp3": facts(R.SOUND_ALONE, steady=False, cover=True, size=None),
    "cover_m4a": facts(R.SOUND_ALONE, cover=True, size=None),
    "one_still": facts(R.SOUND_ALONE, cover=True, size=None),
    "mono": facts(),
    "surround": facts(R.DOWNMIXED, sounds=((6, "", ""),)),
    "two_tracks": facts(sounds=((2, "zh", "普通话"), (2, "zh", "方言"))),
    "unknown_track": facts(R.STREAM_IGNORED, sounds=((1, "", ""), (1, "", ""))),
    "jumping_times": facts(R.TIMES_MENDED, seconds=7.6, steady=False, start_s=18001.4),
    "joined": facts(R.TIMES_MENDED, seconds=5.05, steady=False, start_s=1.46),
    "joined_flv": facts(R.TIMES_MENDED, seconds=6.06, steady=False, start_s=0.06),
    "other_programme": facts(R.STREAM_IGNORED, seconds=9.03, steady=False, start_s=1.46),
    "late_track": facts(seconds=16.02, sounds=((1, "", ""), (1, "", "")), steady=False, start_s=1.4),
    "no_times": facts(R.NO_SOUND, R.TIMES_MENDED, steady=False, sounds=()),
    "hole_of_hours": facts(R.TIMES_MENDED, steady=False),
    "cut_mp4": facts(R.CUT_SHORT, seconds=3.64, steady=False),
    "cut_mkv": facts(R.CUT_SHORT, seconds=3.64, steady=False),
    "cut_avi": facts(R.CUT_SHORT, seconds=3.41, steady=False),
    "cut_ts": facts(R.CUT_SHORT, seconds=3.66, steady=False, start_s=1.46),
    "cut_fragments": facts(R.CUT_SHORT, seconds=3.72, steady=False),
    "live_webm": facts(steady=False, picture={"codec": "vp8"}),
    "picture_ends": facts(R.PICTURE_ENDS_EARLY, seconds=7),
    "sound_ends": facts(R.SOUND_ENDS_EARLY, seconds=7),
    "late_sound": facts(),
    "companions": facts(R.STREAM_IGNORED),
    "data": facts(R.STREAM_IGNORED, steady=False, start_s=1.46),
    "timecode": facts(R.STREAM_IGNORED),
    "chapters_mp4": facts(),
    "chapters_mkv": facts(),
    "damaged_mp4": facts(R.PICTURE_DAMAGED),
    "damaged_mkv": facts(R.PICTURE_DAMAGED, steady=False),
    "damaged_ts": facts(R.PICTURE_DAMAGED, steady=False, start_s=1.46),
    "rate_60": facts(seconds=5, size=(320, 180), rate="60"),
    "rate_120": facts(seconds=5, size=(320, 180), rate="120"),
    "rate_1": facts(seconds=8, size=(320, 180), rate="1"),
    "rate_ntsc": facts(rate="30000/1001"),
    "full_range": facts(picture={"full_range": True}),
    "depth_444": facts(picture={"depth": 10}),
    "depth_422": facts(picture={"depth": 10}),
    "gbr": facts(picture={"matrix": "gbr", "full_range": True}),
    "alpha": facts(picture={"codec": "prores", "depth": 12}),
    "ten_hours_mkv": facts(start_s=36000),
    "ten_hours_ts": facts(steady=False, start_s=36001.4),
    "realmedia": facts(size=(352, 288), steady=False),
    "windows_media": facts(size=(352, 288), steady=False),
    "flash": facts(steady=False),
    "phone_3gp": facts(size=(176, 144), rate="15"),
}


def refusal(path: Path) -> Code:
    """The code under which a file is refused, in a sentence."""
    with pytest.raises(Refused) as caught:
        probe(path)
    assert caught.value.message.endswith(".")
    return caught.value.code


def test_every_odd_recording_has_its_facts() -> None:
    assert set(FACTS) | {"no_index"} == set(ODD)


@pytest.mark.parametrize("name", FACTS)
def test_odd_recordings(name: str, tmp_path: Path) -> None:
    path = ODD[name].make(tmp_path)
    expected = FACTS[name]
    recording = probe(path)
    assert recording.bytes == path.stat().st_size
    assert abs(recording.duration_ms / 1000 - expected.seconds) <= 0.06
    assert abs(recording.start_ms / 1000 - expected.start_s) <= 0.06
    assert {remark.code for remark in recording.remarks} == expected.remarks
    assert recording.steady is expected.steady
    assert (recording.cover is not None) is expected.cover
    assert tuple((sound.channels, sound.language, sound.title) for sound in recording.sounds) == expected.sounds
    assert all(sound.bps > 5000 and sound.sample_rate >= 8000 and sound.layout for sound in recording.sounds)
    picture = recording.picture
    assert (picture and (picture.width, picture.height)) == expected.size
    if picture is not None:
        assert picture.frame_rate == expected.rate
        bps = picture.bps + sum(sound.bps for sound in recording.sounds)
        assert 0.4 < bps * recording.duration_ms / 8000 / recording.bytes <= 1.06
        assert {name: getattr(picture, name) for name in expected.picture} == expected.picture
    assert abs(played_s(path, recording) - recording.duration_ms / 1000) <= 0.1


def played_s(path: Path, recording: Recording) -> float:
    """Seconds that the encoder's own ffmpeg plays of a recording, opened as the encoder opens it."""
    argv = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-loglevel", "error", "-progress", "pipe:1"]
    argv += [word for key, value in opening(recording).items() for word in (f"-{key}", str(value))]
    argv += ["-i", f"file:{path}", *(word for sound in recording.sounds for word in ("-map", f"0:{sound.index}"))]
    if recording.picture is not None:
        rate = recording.picture.frame_rate
        argv += ["-map", f"0:{recording.picture.index}", "-vf", f"fps={rate}:start_time=0"]
    ran = subprocess.run([*argv, "-f", "null", "-"], check=True, timeout=60, capture_output=True, text=True)
    return int(re.findall(r"out_time_us=(\d+)", ran.stdout)[-1]) / 1e6


def test_cut_before_its_index(tmp_path: Path) -> None:
    assert refusal(ODD["no_index"].make(tmp_path)) is Code.TRUNCATED


@pytest.mark.parametrize(
    ("name", "code", "at_ms", "length_ms"),
    [
        ("cut_mp4", R.CUT_SHORT, None, 2360),
        ("cut_mkv", R.CUT_SHORT, None, 2380),
        ("picture_ends", R.PICTURE_ENDS_EARLY, 4000, 3000),
        ("sound_ends", R.SOUND_ENDS_EARLY, 4000, 3000),
        ("damaged_mp4", R.PICTURE_DAMAGED, 2800, None),
    ],
)
def test_where_and_how_long(tmp_path: Path, name: str, code: R, at_ms: int | None, length_ms: int | None) -> None:
    (remark,) = probe(ODD[name].make(tmp_path)).remarks
    assert remark.code is code
    for told, expected in ((remark.at_ms, at_ms), (remark.length_ms, length_ms)):
        assert (told is None) is (expected is None)
        assert abs((told or 0) - (expected or 0)) <= 100


@pytest.mark.parametrize("name", ["chapters_mp4", "chapters_mkv"])
def test_chapters_are_clipped_and_named(tmp_path: Path, name: str) -> None:
    chapters = probe(ODD[name].make(tmp_path)).chapters
    assert [(chapter.start_ms, chapter.title) for chapter in chapters] == [
        (0, "测土"),
        (2000, "配方 施肥"),
        (4000, "问答"),
    ]
    assert all(chapter.end_ms <= 6000 for chapter in chapters)


@pytest.mark.parametrize("content", [bytes(5000), b"\x7fELF" + bytes(range(256)) * 9, b"PK\x03\x04" + bytes(900)])
def test_no_video_at_all(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "lesson.mp4"
    path.write_bytes(content)
    assert refusal(path) is Code.NOT_A_VIDEO


@pytest.mark.parametrize("name", ["ordinary", "joined", "two_tracks", "camcorder_mpeg4", "flash"])
def test_broken_bytes_are_told_or_refused(tmp_path: Path, name: str) -> None:
    """Whatever is thrown into a file, there is an answer about it."""
    whole = ODD[name].make(tmp_path).read_bytes()
    chance = random.Random(name)
    for number in range(6):
        data = bytearray(whole[: chance.randrange(len(whole) // 2, len(whole))])
        for _ in range(chance.randrange(1, 60)):
            at = chance.randrange(4000 if number % 2 else len(data))
            data[at : at + 4] = chance.randbytes(4)
        path = tmp_path / f"broken-{number}"
        path.write_bytes(data)
        with suppress(Refused):
            assert 200 <= probe(path).duration_ms <= MAX_DURATION_S * 1000


def test_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        probe(tmp_path / "nothing.mp4")


PICTURE = Picture(index=0, codec="h264", width=640, height=360, frame_rate="25", bps=1)
RECORDING = Recording(container="mov", bytes=1, duration_ms=60_000, picture=PICTURE)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"duration_ms": (MAX_DURATION_S + 1) * 1000}, Code.TOO_LONG),
        ({"duration_ms": 199}, Code.NOT_A_VIDEO),
        ({"picture": msgspec.structs.replace(PICTURE, width=20_000, height=20_000)}, Code.TOO_LARGE),
        ({"picture": msgspec.structs.replace(PICTURE, height=8)}, Code.TOO_LARGE),
        ({"picture": msgspec.structs.replace(PICTURE, frame_rate="1001")}, Code.TOO_LARGE),
        ({"picture": msgspec.structs.replace(PICTURE, frame_rate="1/61")}, Code.NO_PICTURE),
    ],
)
def test_bounds(changed: dict[str, Any], code: Code) -> None:
    assert accept(RECORDING) is RECORDING
    with pytest.raises(Refused) as caught:
        accept(msgspec.structs.replace(RECORDING, **changed))
    assert caught.value.code is code


def child(code: str) -> list[str]:
    """A stand-in for the reader, as the reader is started."""
    return [sys.executable, "-I", "-c", code]


def test_the_child_works_in_an_empty_folder_without_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YUANJIAO_SECRET_KEY", MARK)
    told = ask(child("import os; print(os.listdir('.'), dict(os.environ), os.getcwd(), sep='\\n')"))
    files, environment, folder = told.decode().splitlines()
    assert files == "[]"
    assert "YUANJIAO" not in environment
    assert MARK not in environment
    assert Path(folder) != Path.cwd()
    assert not Path(folder).exists()


def test_the_child_gets_no_more_memory_than_its_limit() -> None:
    bomb = "try:\n    bytearray(%d)\nexcept MemoryError:\n    print('refused')"
    assert ask(child(bomb % module.LIMITS.memory_bytes)) == b"refused\n"
    assert ask(child(bomb % (module.LIMITS.memory_bytes // 64))) == b""


def test_the_child_gets_no_more_time_than_its_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LIMITS", replace(module.LIMITS, cpu_s=1))
    assert ask(child("print('begun', flush=True)\nwhile True: pass")) == b"begun\n"


def test_the_child_may_not_hang_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TIME_LIMIT_S", 0.3)
    with pytest.raises(Refused, match="reasonable time"):
        ask(child("import signal; signal.pause()"))


def test_the_child_may_not_write_more_than_its_limit(tmp_path: Path) -> None:
    argv = child(f"print('x' * {module.LIMITS.file_bytes * 3})")
    assert len(ask(argv)) <= module.LIMITS.file_bytes


def test_a_child_that_breaks_is_a_refusal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = ODD["ordinary"].make(tmp_path)
    monkeypatch.setattr(module, "LIMITS", replace(module.LIMITS, memory_bytes=80 << 20))
    assert refusal(path) is Code.NOT_A_VIDEO
    assert [found.name for found in tmp_path.iterdir()] == [path.name]
