"""Short recordings made on the spot, and one package of each worker's own to look at and to damage copies of."""

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
Film = Callable[..., Path]


def film(path: Path, *, seconds: float = 3, size: str = "640x360", rate: int = 25, sound: bool = True) -> Path:
    """A test picture with a tone, in the container that the name asks for."""
    argv = [program(), "-y", "-loglevel", "error", "-f", "lavfi", "-i", f"testsrc2=s={size}:r={rate}:d={seconds}"]
    if sound:
        argv += ["-f", "lavfi", "-i", f"sine=330:r=44100:d={seconds}"]
    argv += ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "25", "-c:a", "aac", str(path)]
    subprocess.run(argv, check=True, timeout=60, stdin=subprocess.DEVNULL)
    return path


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Seven seconds of picture and tone, 640 x 360."""
    return film(tmp_path_factory.mktemp("clip") / "clip.mp4", seconds=7)


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
