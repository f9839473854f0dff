"""The encoder alone with hostile files, as if the prober had been fooled; and its limits, met for real."""

import contextlib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

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
ANY: dict[str, str | int] = {
    "protocol_whitelist": allowed.PROTOCOLS,
    "format_whitelist": allowed.DEMUXERS,
    "max_pixels": allowed.MAX_PIXELS,
}
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


@pytest.mark.parametrize("name", [name for name in HOSTILE if name != "name_bytes"])
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


def test_without_the_allow_list_the_canary_sings(
    tmp_path: Path, canary: tuple[Canary, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encode, "_SILENCE_S", 2)
    bird, listener = canary
    source = Source(HOSTILE["playlist_m3u8"].make(tmp_path, bird), {"protocol_whitelist": "file,http,tcp"})
    with pytest.raises(EncodeFailed, match="hung"):
        encode.run(command.survey(encode.program(), Film(source, PICTURE, TIMING), 1.0, 2.0), tmp_path, 2.0)
    assert not quiet(listener)


def told(folder: Path) -> list[Path]:
    """Files that hold the secret."""
    return [path for path in folder.rglob("*") if path.is_file() and MARK.encode() in path.read_bytes()]


ASKED = """
import os, resource, sys
print("environment", sorted(os.environ), file=sys.stderr)
print("folder", os.getcwd(), file=sys.stderr)
print("open", sorted(os.listdir("/proc/self/fd"), key=int)[:-1], file=sys.stderr)
print("leads", os.getsid(0) == os.getpid(), os.nice(0), file=sys.stderr)
limits = ("FSIZE", "AS", "CPU", "CORE")
print("limits", *(max(resource.getrlimit(getattr(resource, f"RLIMIT_{name}"))) for name in limits), file=sys.stderr)
"""


def test_the_encoder_inherits_nothing_but_its_limits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YUANJIAO_SECRET_KEY", MARK)
    with (tmp_path / "open-in-the-parent").open("w"):
        said = encode.run([sys.executable, "-I", "-c", ASKED], tmp_path, 10.0)
    assert said.splitlines() == [
        "environment ['LC_ALL', 'PATH']",
        f"folder {tmp_path}",
        "open ['0', '1', '2']",
        "leads True 10",
        f"limits {8 << 30} {8 << 30} {4 * 520} 0",
    ]


def limited(monkeypatch: pytest.MonkeyPatch, **changes: int) -> None:
    """Tighten the encoder's limits."""

    def tight(**usual: int) -> Limits:
        return Limits(**(usual | changes))

    monkeypatch.setattr(confine, "Limits", tight)


NOISE = [
    "-nostdin",
    "-loglevel",
    "error",
    "-progress",
    "pipe:1",
    "-f",
    "lavfi",
    "-i",
    "testsrc2=s=640x360,noise=alls=50",
]


@pytest.mark.parametrize(
    ("limit", "words"),
    [
        ({"file_bytes": 100_000}, "larger than it may be"),
        ({"cpu_s": 1}, "longer than it may"),
        ({"memory_bytes": 120 << 20}, "ended with"),
    ],
)
def test_an_encoder_that_wants_more_than_it_may_is_stopped(
    limit: dict[str, int], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limited(monkeypatch, **limit)
    with pytest.raises(EncodeFailed, match=words) as caught:
        encode.run([encode.program(), *NOISE, "-t", "600", "-c:v", "libx264", "a.mp4"], tmp_path, 600)
    assert "libx264" in caught.value.argv
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_an_encoder_that_says_nothing_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encode, "_SILENCE_S", 0.2)
    with pytest.raises(EncodeFailed, match="hung"):
        encode.run(["sleep", "100"], tmp_path, 1.0)


def test_a_full_disk_is_told_from_a_failure(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").symlink_to("/dev/full")
    with pytest.raises(DiskFull):
        encode.run([encode.program(), *NOISE, "-y", "-t", "5", "-c:v", "libx264", "a.mp4"], tmp_path, 5.0)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 16 MB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=16m", "none", str(disk)], check=False, capture_output=True, timeout=20
    )
    if mounted.returncode:
        pytest.skip("only root may mount a small disk")
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True, timeout=20)


@pytest.mark.parametrize("stage", [Stage.SURVEY, Stage.ENCODE, Stage.SEAL])
def test_a_disk_that_fills_up_leaves_nothing_half(
    stage: Stage, small_disk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(way, "_SPARE_BYTES", 1 << 20)
    clip = film(tmp_path / "clip.mp4", size="160x90")
    filler = small_disk / "filler"

    def fill(progress: Progress) -> None:
        if progress.stage is stage and not filler.exists():
            with filler.open("wb", buffering=0) as stream:
                while stream.write(bytes(4096)) == 4096:
                    pass

    def full(progress: Progress) -> None:
        with contextlib.suppress(OSError):
            fill(progress)

    with pytest.raises(DiskFull):
        transcode(clip, small_disk / "out", progress=full)
    assert [path.name for path in (small_disk / "out").iterdir() if not path.name.startswith(".")] == []
    filler.unlink()
    package = transcode(clip, small_disk / "out")
    assert verify_package(package.path) == ()
    assert package.name == transcode(clip, tmp_path / "elsewhere").name
