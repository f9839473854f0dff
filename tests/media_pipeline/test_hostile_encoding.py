"""The encoder alone with hostile files, as if the prober had been fooled; and its limits, met for real."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from media_pipeline import allowed, command, confine, encode
from media_pipeline import transcode as way
from media_pipeline.command import Film, Source
from media_pipeline.confine import Limits
from media_pipeline.errors import DiskFull, EncodeFailed, MediaError
from media_pipeline.ladder import Rung
from media_pipeline.plan import SoundPlan, Timing, Track
from media_pipeline.recording import Picture
from media_pipeline.transcode import Progress, Stage, transcode
from media_pipeline.verify import verify_package
from tests.media_pipeline.conftest import film
from tests.media_pipeline.hostile import HOSTILE, Canary
from tests.media_pipeline.test_hostile import BECOMES, HARMLESS, MARK, canary, quiet

__all__ = ["canary"]

AT_MOST_S = 60
PICTURE = Picture(index=0, codec="h264", width=320, height=180, frame_rate="25", bps=0)
TIMING = Timing(source_rate="25", step=1, frames=50)
RUNG = Rung(name="360p", width=160, height=90, crf=30, cap_bps=400_000)
SOUND = SoundPlan(
    group="main",
    number=0,
    track=Track(file=0, stream=0, channels=1, language="zh", label="1"),
    channels=1,
    bps=64_000,
)
ANY = {"protocol_whitelist": allowed.PROTOCOLS, "format_whitelist": allowed.DEMUXERS, "max_pixels": allowed.MAX_PIXELS}
"""How a recording is opened, but for the container's name: whatever it is taken for."""


@pytest.mark.parametrize("name", [name for name, code in BECOMES.items() if code is HARMLESS])
def test_what_the_prober_lets_through_is_encoded_from_its_own_bytes(
    name: str, tmp_path: Path, canary: tuple[Canary, socket.socket]
) -> None:
    bird, listener = canary
    (tmp_path / "upload").mkdir()
    path = HOSTILE[name].make(tmp_path / "upload", bird)
    begun = time.monotonic()
    package = transcode(path, tmp_path / "out")
    assert time.monotonic() - begun < AT_MOST_S
    assert verify_package(package.path) == ()
    assert package.manifest.duration_ms <= 2000
    assert quiet(listener)
    assert told(tmp_path / "out") == []


@pytest.mark.parametrize("name", HOSTILE)
def test_an_encoder_whose_prober_was_fooled_asks_nobody(
    name: str, tmp_path: Path, canary: tuple[Canary, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encode, "_SILENCE_S", 2)
    bird, listener = canary
    for folder in ("upload", "work"):
        (tmp_path / folder).mkdir()
    source = Source(HOSTILE[name].make(tmp_path / "upload", bird), ANY)
    shown = Film(source, PICTURE, TIMING)
    program = encode.program()
    runs = [
        command.survey(program, shown, 1.0, 2.0),
        command.measure_sound(program, source, SOUND),
        command.encode_chunk(program, shown, 0, TIMING.frames, [RUNG]),
    ]
    begun = time.monotonic()
    for argv in runs:
        try:
            said = encode.run(argv, tmp_path / "work", 2.0)
        except MediaError as error:
            said = f"{error} {getattr(error, 'stderr_tail', '')}"
        assert MARK not in said
    assert time.monotonic() - begun < AT_MOST_S
    assert quiet(listener)
    assert told(tmp_path / "work") == []


def told(folder: Path) -> list[Path]:
    """Files that hold the secret."""
    return [path for path in folder.rglob("*") if path.is_file() and MARK.encode() in path.read_bytes()]


def test_the_encoder_inherits_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YUANJIAO_SECRET_KEY", MARK)
    asked = "import os, resource as r, sys; print(dict(os.environ), os.getcwd(), os.getsid(0) == os.getppid(), "
    asked += "*(r.getrlimit(x)[1] for x in (r.RLIMIT_FSIZE, r.RLIMIT_AS, r.RLIMIT_CPU, r.RLIMIT_CORE)), "
    asked += "sorted(map(int, os.listdir('/proc/self/fd')))[:-1], file=sys.stderr)"
    with (tmp_path / "open-in-the-parent").open("w"):
        said = encode.run([sys.executable, "-I", "-c", asked], tmp_path, 10.0)
    assert MARK not in said
    assert "YUANJIAO" not in said
    assert str(tmp_path) in said
    assert said.split(") ")[-1] or said
    print(said)
