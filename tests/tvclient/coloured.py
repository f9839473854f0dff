"""A real package that is known by its colours: the left of the picture stays, the right changes every second."""

import shutil
import subprocess
from pathlib import Path

from media_pipeline.captions import CaptionInput
from media_pipeline.encode import program
from media_pipeline.transcode import transcode
from schedules.airings import PackageName
from tests.tvclient.counterpart import Counterpart

LEFT, RIGHT, OTHER_RIGHT = (196, 40, 40), (40, 60, 190), (30, 150, 70)
"""What stays, and what the right side shows in turn; as they are before the encoder takes its part."""
CAPTIONS = "WEBVTT\n\n00:00:00.000 --> 01:00:00.000\n化验单上先看氮、磷、钾三样\n"


def recording(path: Path, seconds: int, *, size: str = "640x360") -> Path:
    """The recording, with a soft tone."""
    width, _, height = size.partition("x")
    box = f"drawbox=x={int(width) // 2}:w={int(width) // 2}:h={height}:t=fill"
    picture = f"color=c={_hex(LEFT)}:s={size}:r=25:d={seconds},{box}:c={_hex(RIGHT)},"
    picture += f"{box}:c={_hex(OTHER_RIGHT)}:enable='lt(mod(t,2),1)'"
    argv = ["-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", f"sine=330:r=44100:d={seconds}"]
    argv += ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac", "-shortest", str(path)]
    subprocess.run([program(), "-y", "-loglevel", "error", *argv], check=True, timeout=60, stdin=subprocess.DEVNULL)
    return path


def add_lesson(server: Counterpart, folder: Path, seconds: int) -> PackageName:
    """Make the package as the office makes it, and give it to the server, approved."""
    folder.mkdir(parents=True)
    words = folder / "lesson.zh.vtt"
    words.write_text(CAPTIONS, encoding="utf-8")
    made = transcode(recording(folder / "lesson.mkv", seconds), folder / "out", [CaptionInput(words, "zh")])
    name = PackageName(made.name)
    shutil.copytree(made.path, server.packages / name)
    server.approve(name)
    return name


def _hex(colour: tuple[int, int, int]) -> str:
    return "0x" + "".join(f"{part:02x}" for part in colour)
