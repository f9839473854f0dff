"""What is accepted, and what is refused under which code."""

import subprocess
from pathlib import Path

import msgspec
import pytest

from media_pipeline.encode import program
from media_pipeline.errors import Code, Refused
from media_pipeline.probe import MAX_DURATION_S, accept, probe
from media_pipeline.recording import Recording
from tests.media_pipeline.conftest import film

PLAYLIST = "#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\nfile://{clip}\n#EXT-X-ENDLIST\n"
SCRIPTS = {
    "playlist": PLAYLIST,
    "playlist after a mark": "\ufeff" + PLAYLIST,
    "concat": "ffconcat version 1.0\nfile {clip}\n",
    "session": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\n",
    "dash": '<?xml version="1.0"?><MPD><BaseURL>{clip}</BaseURL></MPD>',
}


def refusal(path: Path) -> Code:
    """The code under which a file is refused."""
    with pytest.raises(Refused) as caught:
        probe(path)
    assert caught.value.message.endswith(".")
    return caught.value.code


def test_facts(clip: Path) -> None:
    recording = probe(clip)
    assert recording.bytes == clip.stat().st_size
    assert abs(recording.duration_ms - 7000) <= 60
    assert (recording.picture.codec, recording.picture.width, recording.picture.height) == ("h264", 640, 360)
    assert recording.picture.frame_rate == "25"
    assert recording.sound is not None
    assert (recording.sound.codec, recording.sound.channels) == ("aac", 1)


@pytest.mark.parametrize("kind", ["mkv", "ts", "mov"])
def test_other_containers(tmp_path: Path, kind: str) -> None:
    recording = probe(film(tmp_path / f"a.{kind}", seconds=1, size="320x240", sound=False))
    assert recording.sound is None
    assert abs(recording.duration_ms - 1000) <= 100


@pytest.mark.parametrize("script", SCRIPTS)
@pytest.mark.parametrize("ending", ["mp4", "avi", "m3u8", "ts"])
def test_scripts_in_disguise_are_refused(clip: Path, tmp_path: Path, script: str, ending: str) -> None:
    path = tmp_path / f"lesson.{ending}"
    path.write_text(SCRIPTS[script].format(clip=clip), encoding="utf-8")
    assert refusal(path) is Code.REFUSED_FORMAT


def test_a_picture_is_no_recording(tmp_path: Path) -> None:
    path = tmp_path / "photo.png"
    argv = [program(), "-loglevel", "error", "-f", "lavfi", "-i", "testsrc2=s=320x240:d=1", "-frames:v", "1", str(path)]
    subprocess.run(argv, check=True, timeout=30, stdin=subprocess.DEVNULL)
    assert refusal(path) is Code.REFUSED_FORMAT


@pytest.mark.parametrize(
    "content", [b"", b"a letter, not a lesson\n" * 40, bytes(5000), b"\x7fELF" + bytes(range(256)) * 9]
)
def test_no_video_at_all(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "lesson.mp4"
    path.write_bytes(content)
    assert refusal(path) is Code.NOT_A_VIDEO


def test_sound_alone(tmp_path: Path) -> None:
    path = tmp_path / "sound.m4a"
    argv = [program(), "-loglevel", "error", "-f", "lavfi", "-i", "sine=330:d=1", "-c:a", "aac", str(path)]
    subprocess.run(argv, check=True, timeout=30, stdin=subprocess.DEVNULL)
    assert refusal(path) is Code.NO_PICTURE


def test_cut_off_before_the_index(clip: Path, tmp_path: Path) -> None:
    path = tmp_path / "cut.mp4"
    path.write_bytes(clip.read_bytes()[: clip.stat().st_size // 2])
    assert refusal(path) is Code.TRUNCATED


def test_cut_off_behind_the_index(clip: Path, tmp_path: Path) -> None:
    whole = tmp_path / "fast.mp4"
    argv = [program(), "-loglevel", "error", "-i", str(clip), "-c", "copy", "-movflags", "+faststart", str(whole)]
    subprocess.run(argv, check=True, timeout=30, stdin=subprocess.DEVNULL)
    path = tmp_path / "cut.mp4"
    path.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    assert refusal(path) is Code.TRUNCATED


def test_length_and_size_have_bounds(clip: Path) -> None:
    recording = probe(clip)
    for changed, code in (
        (msgspec.structs.replace(recording, duration_ms=(MAX_DURATION_S + 1) * 1000), Code.TOO_LONG),
        (_sized(recording, 20_000, 20_000), Code.TOO_LARGE),
        (_sized(recording, 8, 8), Code.TOO_LARGE),
    ):
        with pytest.raises(Refused) as caught:
            accept(changed)
        assert caught.value.code is code


def _sized(recording: Recording, width: int, height: int) -> Recording:
    picture = msgspec.structs.replace(recording.picture, width=width, height=height)
    return msgspec.structs.replace(recording, picture=picture)


def test_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        probe(tmp_path / "nothing.mp4")


def test_odd_names(clip: Path, tmp_path: Path) -> None:
    path = tmp_path / "-i 第三讲\n%03d.mp4"
    path.write_bytes(clip.read_bytes())
    assert probe(path).picture.width == 640
