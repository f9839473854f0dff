"""Lessons with damaged files, through the whole television in a real window: left out, said once, the minute kept."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import pytest
from PIL import Image

from tvclient.ui.theme import COLOURS

pytestmark = [pytest.mark.xdist_group("television-video"), pytest.mark.timeout(180)]
SECONDS = 10
LEFT_OUT = ((0, 4, 5, 9), (4, 7))
"""Seconds of either lesson that are damaged."""


def made(folder: Path, *source: str) -> None:
    folder.mkdir(parents=True)
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-f", "lavfi", "-i", *source]
    command += ["-f", "hls", "-hls_time", "1", "-hls_segment_type", "fmp4", "-hls_playlist_type", "vod"]
    subprocess.run([*command, "-hls_segment_filename", "%d.m4s", "index.m3u8"], cwd=folder, check=True, timeout=60)


@pytest.fixture(scope="module")
def evening(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("damaged")
    picture = f"testsrc2=size=640x360:rate=25:duration={SECONDS}"
    made(folder / "lesson/360p", picture, "-c:v", "libx264", "-preset", "ultrafast", "-g", "25", "-pix_fmt", "yuv420p")
    made(folder / "lesson/sound", f"sine=frequency=440:duration={SECONDS - 0.1}", "-c:a", "aac")
    command = [sys.executable, "-m", "tests.tvclient.ui.damaged_evening", str(folder)]
    environment = os.environ | {"SDL_VIDEODRIVER": "offscreen"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=150, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    (folder / "said.json").write_text(done.stdout.splitlines()[-1], "utf-8")
    return folder


@pytest.fixture(scope="module")
def said(evening: Path) -> dict[str, Any]:
    heard: dict[str, Any] = json.loads((evening / "said.json").read_text("utf-8"))
    return heard


@pytest.mark.parametrize("lesson", [0, 1])
def test_each_damaged_piece_is_one_fact_and_no_other_is(said: dict[str, Any], lesson: int) -> None:
    facts = [fact for fact in said["facts"] if fact["kind"] == "segment_damaged"]
    mine = [fact for fact in facts if fact["airing"] == said["airings"][lesson]]
    assert [(fact["file"], fact["from_ms"], fact["to_ms"]) for fact in mine] == [
        (f"360p/{second}.m4s", second * 1000, (second + 1) * 1000) for second in LEFT_OUT[lesson]
    ]
    assert not [fact for fact in said["facts"] if fact["kind"] == "airing_missed"]


@pytest.mark.parametrize("lesson", [0, 1])
def test_what_is_left_is_shown_at_its_own_minute_and_only_that_counts(said: dict[str, Any], lesson: int) -> None:
    mine = [fact for fact in said["facts"] if fact.get("airing") == said["airings"][lesson]]
    spans = [(fact["from_ms"], fact["to_ms"]) for fact in mine if fact["kind"] == "playback_span"]
    for second in LEFT_OUT[lesson]:
        assert not any(begin < second * 1000 + 900 and end > second * 1000 + 100 for begin, end in spans)
    for second in {0: (2, 7), 1: (1, 6, 9)}[lesson]:
        assert any(begin <= second * 1000 and end >= second * 1000 + 700 for begin, end in spans), second
    late = [look["late_ms"] for look in said["seen"] if look["lesson"] == lesson and look["late_ms"] is not None]
    settled = sorted(abs(one) for one in late)
    assert settled[len(settled) // 2] < 1000
    assert [fact["complete"] for fact in mine if fact["kind"] == "airing_ended"] == [True]


def test_over_a_damaged_piece_there_are_words_and_never_nothing(evening: Path, said: dict[str, Any]) -> None:
    looks = [look for look in said["seen"] if look["picture"]]
    for second in (0, 4, 5):
        first = [look for look in looks if look["lesson"] == 0]
        inside = [look for look in first if second * 1000 < look["live_ms"] < second * 1000 + 900]
        assert {look["picture"] for look in inside} == {"damaged"}
    assert {look["picture"] for look in looks} <= {"moving", "damaged", "opening"}
    shots = sorted(evening.glob("*.png"))
    assert {"0-damaged-4", "1-damaged-4", "1-damaged-7"} <= {shot.stem for shot in shots}
    paper = tuple(round(value * 255) for value in COLOURS["paper"][:3])
    for shot in shots:
        colours = {colour: count for count, colour in Image.open(shot).convert("RGB").getcolors(2**20) or []}
        assert len(colours) > 50, shot.stem
        if "damaged" in shot.stem or "opening" in shot.stem:
            assert colours.get(paper, 0) > 100, shot.stem


def test_the_server_learns_by_what_lessons_are_decoded(said: dict[str, Any]) -> None:
    assert said["decoder"] == "no" or Path("/dev/dri").exists()
    assert said["decoder"]
