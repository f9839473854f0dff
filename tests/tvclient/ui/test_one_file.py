"""One file without a server: it plays to its end and says how it went; what is no video is said to be none."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.media_pipeline.conftest import film

pytestmark = pytest.mark.xdist_group("television-video")


def play(file: Path, more: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tvclient", "--play", str(file), "--windowed", "640x360"]
    environment = os.environ | {"SDL_VIDEODRIVER": "offscreen", "SDL_AUDIODRIVER": "dummy"} | (more or {})
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=200, check=False)


def test_a_film_plays_to_its_end(tmp_path: Path) -> None:
    done = play(film(tmp_path / "film.mp4", seconds=2, size="320x180"))
    assert done.returncode == 0, done.stderr
    said = re.search(r"(\d+) pictures drawn, (\d+) dropped, hardware decoding: (\S+)", done.stdout)
    assert said is not None
    assert int(said[1]) > 0
    assert said[3] == "no" or Path("/dev/dri").exists()


def test_where_the_chip_cannot_decode_the_program_does(tmp_path: Path) -> None:
    os_says = {"LIBVA_DRIVER_NAME": "none-such", "VDPAU_DRIVER": "none-such", "CUDA_VISIBLE_DEVICES": ""}
    done = play(film(tmp_path / "film.mp4", seconds=1, size="320x180"), os_says)
    assert done.returncode == 0, done.stderr
    said = re.search(r"(\d+) pictures drawn", done.stdout)
    assert said is not None
    assert int(said[1]) > 0


def test_without_libmpv_it_is_said(tmp_path: Path) -> None:
    (tmp_path / "mpv.py").write_text('raise OSError("Cannot find libmpv in the usual places.")\n')
    done = play(film(tmp_path / "film.mp4", seconds=1, size="320x180"), {"PYTHONPATH": str(tmp_path)})
    assert done.returncode == 1
    assert "Cannot find libmpv" in done.stderr


def test_what_is_no_film_is_named(tmp_path: Path) -> None:
    letter = tmp_path / "letter.mp4"
    letter.write_text("not a film")
    done = play(letter)
    assert done.returncode == 1
    assert f"{letter} cannot be played" in done.stderr


def test_what_is_not_there_is_named(tmp_path: Path) -> None:
    done = play(tmp_path / "nothing.mp4")
    assert done.returncode == 2
    assert "no such file" in done.stderr
