"""No hostile file is read past its own bytes: refused in words, or harmless, while a canary listens."""

import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import imageio_ffmpeg
import msgspec
import pytest

from media_pipeline.errors import Code, Refused
from media_pipeline.probe import probe
from media_pipeline.recording import Recording
from tests.media_pipeline.hostile import HOSTILE, Canary
from tests.media_pipeline.recordings import ffmpeg, picture

MARK = "canary-4b1d7c"
HARMLESS = None
BECOMES: dict[str, Code | None] = {
    **dict.fromkeys(HOSTILE, Code.REFUSED_FORMAT),
    **dict.fromkeys(["avi_playlist", "avi_script", "avi_captions", "mov_address", "linked"], HARMLESS),
    **dict.fromkeys(["size_lie_avi", "rate_zero", "duration_lie", "chapters"], HARMLESS),
    **dict.fromkeys([name for name in HOSTILE if name.startswith("name_")], HARMLESS),
    **dict.fromkeys(["size_lie_raw", "size_real", "png_bomb", "index_bomb", "streams"], Code.TOO_LARGE),
    **dict.fromkeys(["countless", "zlib_bomb", "duration_real"], Code.NO_PICTURE),
    **dict.fromkeys(["empty", "zeroes", "folder", "pipe", "device", "process", "sound_lie"], Code.NOT_A_VIDEO),
    "rate_slow": Code.TOO_LONG,
    "rate_fast": Code.NOT_A_VIDEO,
}


@pytest.fixture
def canary(tmp_path: Path) -> Iterator[tuple[Canary, socket.socket]]:
    """An address that must stay quiet, and a secret."""
    secret = tmp_path / "secret.txt"
    secret.write_text(f"{MARK} " * 100)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        yield Canary(f"http://127.0.0.1:{listener.getsockname()[1]}", secret), listener


def quiet(listener: socket.socket) -> bool:
    """Whether nobody has knocked."""
    try:
        listener.accept()[0].close()
    except BlockingIOError:
        return True
    return False


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files(name: str, tmp_path: Path, canary: tuple[Canary, socket.socket]) -> None:
    bird, listener = canary
    folder = tmp_path / "upload"
    folder.mkdir()
    path = HOSTILE[name].make(folder, bird)
    code, told = answer(path)
    assert code is BECOMES[name], told
    assert MARK not in told
    assert quiet(listener)


def answer(path: Path) -> tuple[Code | None, str]:
    """The code of a refusal, and all that is told of a file."""
    try:
        return HARMLESS, msgspec.json.encode(harmless(probe(path))).decode()
    except Refused as refused:
        return refused.code, refused.message


def harmless(recording: Recording) -> Recording:
    """The recording, found to be what its bytes really hold."""
    assert recording.picture is not None
    assert (recording.picture.width, recording.picture.height) == (320, 180)
    assert recording.duration_ms <= 2000
    assert len(recording.chapters) <= 500
    return recording


def test_the_canary_sings(tmp_path: Path, canary: tuple[Canary, socket.socket]) -> None:
    bird, listener = canary
    path = HOSTILE["playlist_m3u8"].make(tmp_path, bird)
    argv = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-loglevel", "quiet", "-rw_timeout", "300000"]
    argv += ["-protocol_whitelist", "file,http,tcp"]
    subprocess.run([*argv, "-i", str(path), "-f", "null", "-"], check=False, timeout=60, stdin=subprocess.DEVNULL)
    assert not quiet(listener)


def test_a_picture_is_no_recording(tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    ffmpeg(*picture(1), "-frames:v", "1", path)
    assert answer(path)[0] is Code.REFUSED_FORMAT
