"""Short recordings made on the spot, and one package of each worker's own to look at and to damage copies of.

The package has all that a package can have, as cheaply as possible: two chunks, two renditions (the second for weak
lines, with half the pictures), two languages of sound in two groups, captions, chapters, thumbnails.
"""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from media_pipeline.captions import CaptionInput
from media_pipeline.encode import program
from media_pipeline.transcode import Package, transcode

CAPTIONS = (
    "WEBVTT\n\n00:00.200 --> 00:01.000\n缺哪样补哪样，\n不缺的不多施。\n\n00:01.200 --> 00:02.000\n今年不施钾。\n"
)
CHAPTERS = """;FFMETADATA1
[CHAPTER]
TIMEBASE=1/1000
START=0
END=12000
title=缺哪样
[CHAPTER]
TIMEBASE=1/1000
START=12000
END=32000
title=补哪样
"""
STEREO = "aevalsrc=0.3*sin(330*2*PI*t)|0.2*sin(440*2*PI*t):s=44100:d=32"
Film = Callable[..., Path]


def film(path: Path, *, seconds: float = 3, size: str = "640x360", rate: int = 25, sound: bool = True) -> Path:
    """A test picture with a tone, in the container that the name asks for."""
    argv = ["-f", "lavfi", "-i", f"testsrc2=s={size}:r={rate}:d={seconds}"]
    if sound:
        argv += ["-f", "lavfi", "-i", f"sine=330:r=44100:d={seconds}"]
    return _made([*argv, "-c:a", "aac", "-g", "25"], path)


def _made(argv: list[str], path: Path) -> Path:
    codec = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"]
    whole = [program(), "-y", "-loglevel", "error", *argv, *codec, str(path)]
    subprocess.run(whole, check=True, timeout=60, stdin=subprocess.DEVNULL)
    return path


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Thirty-two seconds, 160 x 90, noisy enough for two renditions; Chinese stereo, English mono; two chapters."""
    folder = tmp_path_factory.mktemp("clip")
    chapters = folder / "chapters.txt"
    chapters.write_text(CHAPTERS, encoding="utf-8")
    inputs = ["testsrc2=s=160x90:r=20:d=32,noise=alls=45:allf=t", STEREO, "sine=550:r=44100:d=32"]
    argv = [word for given in inputs for word in ("-f", "lavfi", "-i", given)]
    argv += ["-i", str(chapters), "-map", "0", "-map", "1", "-map", "2", "-map_chapters", "3", "-c:a", "aac"]
    argv += ["-metadata:s:a:0", "language=zho", "-metadata:s:a:1", "language=eng", "-g", "20"]
    return _made(argv, folder / "clip.mkv")


@pytest.fixture(scope="session")
def captions(tmp_path_factory: pytest.TempPathFactory) -> CaptionInput:
    """Two captions in Chinese."""
    path = tmp_path_factory.mktemp("captions") / "clip.zh.vtt"
    path.write_text(CAPTIONS, encoding="utf-8")
    return CaptionInput(path, "zh")


@pytest.fixture(scope="session")
def package(clip: Path, captions: CaptionInput, tmp_path_factory: pytest.TempPathFactory) -> Package:
    """The clip's package; not to be changed."""
    return transcode(clip, tmp_path_factory.mktemp("out"), [captions])


@pytest.fixture
def copied(package: Package, tmp_path: Path) -> Path:
    """A copy of the package's folder, under its own name, to be damaged."""
    return Path(shutil.copytree(package.path, tmp_path / package.name))
