"""A real package in a real window: cued still, every picture shown, captions over it, the end reported; damage said."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import pytest
from PIL import Image

pytestmark = pytest.mark.xdist_group("television-video")
SECONDS, RATE = 5, 25
CAPTIONS = "WEBVTT\n\n00:00:00.000 --> 00:00:09.000\n化验单上先看氮、磷、钾三样，缺哪样补哪样，不缺的不多施。\n"


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("package")
    picture = f"testsrc2=size=640x360:rate={RATE}:duration={SECONDS}"
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-f", "lavfi", "-i", picture]
    command += ["-f", "lavfi", "-i", f"sine=frequency=440:duration={SECONDS}"]
    command += ["-c:v", "libx264", "-preset", "ultrafast", "-g", "50", "-pix_fmt", "yuv420p", "-c:a", "aac"]
    command += ["-f", "hls", "-hls_time", "2", "-hls_segment_type", "fmp4", "-hls_playlist_type", "vod"]
    subprocess.run([*command, "index.m3u8"], cwd=folder, check=True, timeout=60)
    (folder / "zh.vtt").write_text(CAPTIONS, "utf-8")
    return folder


def play(playlist: Path, out: Path, seek_ms: int | None = None) -> dict[str, Any]:
    command = [
        sys.executable,
        "-m",
        "tests.tvclient.ui.playing",
        str(playlist),
        str(playlist.parent / "zh.vtt"),
        str(out),
    ]
    environment = os.environ | {"SDL_VIDEODRIVER": "offscreen"}
    arguments = command if seek_ms is None else [*command, str(seek_ms)]
    done = subprocess.run(arguments, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def test_plays_from_the_first_picture_to_the_end(package: Path, tmp_path: Path) -> None:
    shot = tmp_path / "shot.png"
    seen = play(package / "index.m3u8", shot)
    kinds = [kind for kind, _position in seen["said"]]
    assert kinds[0] == "PlayerCued"
    assert kinds[-1] == "PlayerEnded"
    assert set(kinds[1:-1]) == {"PlayerMoved"}
    positions = [position for kind, position in seen["said"] if kind == "PlayerMoved"]
    assert positions == sorted(positions)
    assert positions[0] < 500
    assert seen["said"][-1][1] == pytest.approx(SECONDS * 1000, abs=150)
    assert seen["cued"] == 1
    assert seen["pictures"] > SECONDS * 5  # a busy machine leaves some out; how many: tests/benchmarks
    assert seen["idle_flips"] == 0
    picture = Image.open(shot).convert("RGB")
    block = picture.crop((290, 560, 990, 670))
    counts = {colour: count for count, colour in block.getcolors(block.width * block.height) or []}
    assert counts[0, 0, 0] > block.width * block.height / 2
    assert counts[255, 255, 255] > 1000


def test_seeks_to_the_instant_asked_for(package: Path, tmp_path: Path) -> None:
    seen = play(package / "index.m3u8", tmp_path / "shot.png", seek_ms=3500)
    positions = [position for kind, position in seen["said"] if kind == "PlayerMoved"]
    assert any(3500 <= position < 3600 for position in positions)
    assert not any(2000 <= position < 3400 for position in positions)


def test_an_address_in_a_playlist_is_not_followed(package: Path, tmp_path: Path) -> None:
    (tmp_path / "init.mp4").write_bytes((package / "init.mp4").read_bytes())
    playlist = tmp_path / "index.m3u8"
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        address = f"http://127.0.0.1:{server.getsockname()[1]}/seg.m4s"
        playlist.write_text(f'#EXTM3U\n#EXT-X-MAP:URI="init.mp4"\n#EXTINF:2,\n{address}\n#EXT-X-ENDLIST\n')
        seen = play(playlist, tmp_path / "shot.png")
        with pytest.raises(BlockingIOError):
            server.accept()
    assert seen["said"] == [["PlayerFailed", None]]


def test_a_damaged_package_is_said(package: Path, tmp_path: Path) -> None:
    for file in package.iterdir():
        damaged = file.suffix == ".m4s"
        (tmp_path / file.name).write_bytes(b"\xa5" * 4000 if damaged else file.read_bytes())
    seen = play(tmp_path / "index.m3u8", tmp_path / "shot.png")
    assert seen["said"][-1] == ["PlayerFailed", None]
