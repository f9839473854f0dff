"""Chunks: the same bytes whoever makes them, in whatever order; nothing is done twice, a death costs one at most."""

import json
import os
import signal
import subprocess
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from media_pipeline import chunks, plan
from media_pipeline.chunks import LocalCrew
from media_pipeline.encode import program
from media_pipeline.errors import EncodeFailed
from media_pipeline.transcode import Package, Progress, Stage, transcode
from tests.media_pipeline.conftest import film


class Enough(Exception):
    """Raised by a listener that wants no more."""


@pytest.fixture(autouse=True)
def short_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chunks of one segment."""
    monkeypatch.setattr(plan, "SEGMENTS_PER_CHUNK", 1)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty-two seconds: four chunks."""
    return film(tmp_path_factory.mktemp("chunks") / "long.mp4", seconds=22, size="160x90", rate=10)


class Counted:
    """A crew that remembers which chunks it was given."""

    def __init__(self, workers: int, numbers: Callable[[Sequence[int]], Sequence[int]] = list) -> None:
        self.asked: list[int] = []
        self._crew, self._numbers = LocalCrew(workers), numbers

    def work(self, job: Path, numbers: Sequence[int], listen: chunks.Listener) -> None:
        self.asked += numbers
        self._crew.work(job, self._numbers(numbers), listen)


def made(source: Path, out: Path, crew: Counted) -> Package:
    return transcode(source, out, crew=crew)


def test_workers_and_their_order_leave_no_trace(source: Path, tmp_path: Path) -> None:
    one, two = Counted(1), Counted(3, lambda numbers: numbers[::-1])
    assert made(source, tmp_path / "a", one).name == made(source, tmp_path / "b", two).name
    assert one.asked == two.asked == [0, 1, 2, 3]


def test_the_same_call_goes_on_where_one_stopped(source: Path, tmp_path: Path) -> None:
    undisturbed = made(source, tmp_path / "a", Counted(1))

    def listen(progress: Progress) -> None:
        finished = len(list((tmp_path / "b").glob(".making-*/chunks/0*")))
        if progress.stage is Stage.ENCODE and finished >= 2:
            raise Enough

    with pytest.raises(Enough):
        transcode(source, tmp_path / "b", progress=listen, workers=1)
    (left,) = (tmp_path / "b").iterdir()
    assert left.name.startswith(".making-")
    kept = {path.name: path.stat().st_ino for path in (left / "chunks").iterdir()}
    assert sorted(kept) == ["00000", "00001"]
    again = Counted(2)
    package = made(source, tmp_path / "b", again)
    assert again.asked == [2, 3]
    assert package.name == undisturbed.name
    assert [path.name for path in (tmp_path / "b").iterdir()] == [package.name]


def test_an_encoder_that_is_killed_is_started_again(source: Path, tmp_path: Path) -> None:
    undisturbed = made(source, tmp_path / "a", Counted(1))
    killed: list[int] = []

    def listen(progress: Progress) -> None:
        if progress.stage is Stage.ENCODE and not killed:
            killed.extend(_children("chunks"))
            for child in killed:
                os.kill(child, signal.SIGKILL)

    package = transcode(source, tmp_path / "b", progress=listen, workers=1)
    assert package.name == undisturbed.name


def test_a_chunk_that_always_fails_is_told_with_what_the_encoder_said(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("media_pipeline.command.PRESET", "never heard of")
    with pytest.raises(EncodeFailed) as caught:
        transcode(source, tmp_path / "out")
    assert "never heard of" in " ".join(caught.value.argv)
    assert caught.value.stderr_tail


def test_a_chunk_that_a_power_cut_emptied_is_made_again(source: Path, tmp_path: Path) -> None:
    def listen(progress: Progress) -> None:
        if progress.stage is Stage.SEAL:
            raise Enough

    with pytest.raises(Enough):
        transcode(source, tmp_path, progress=listen)
    spoilt = next(tmp_path.glob(".making-*/chunks/00001/*.mp4"))
    spoilt.write_bytes(b"")
    with pytest.raises(EncodeFailed, match="made again"):
        transcode(source, tmp_path)
    assert transcode(source, tmp_path).path.is_dir()


def test_a_chunk_made_again_is_held_to_the_lower_cap_again(tmp_path: Path) -> None:
    """Calm, then a storm: the storm's chunk is encoded twice. Made anew after a power cut, it must end the same."""
    source = tmp_path / "storm.mp4"
    calm, storm = "color=c=gray:s=320x180:r=10:d=36", "testsrc2=s=320x180:r=10:d=12,noise=alls=90:allf=t"
    argv = [program(), "-v", "error", "-f", "lavfi", "-i", calm, "-f", "lavfi", "-i", storm]
    argv += ["-filter_complex", "[0][1]concat=n=2", "-c:v", "libx264", "-preset", "ultrafast", "-qp", "18", str(source)]
    subprocess.run(argv, check=True, timeout=60, stdin=subprocess.DEVNULL)
    undisturbed = transcode(source, tmp_path / "a")

    def listen(progress: Progress) -> None:
        if progress.stage is Stage.SEAL:
            raise Enough

    out = tmp_path / "b"
    with pytest.raises(Enough):
        transcode(source, out, progress=listen)
    (work,) = out.iterdir()
    tightened = json.loads((work / "even-0.json").read_bytes())
    assert tightened
    for spoilt in chunks.place(work, int(max(tightened))).iterdir():
        spoilt.write_bytes(b"")
    with pytest.raises(EncodeFailed, match="made again"):
        transcode(source, out)
    assert transcode(source, out).name == undisturbed.name


def test_an_error_in_one_thread_stops_all(source: Path, tmp_path: Path) -> None:
    def listen(progress: Progress) -> None:
        if progress.stage is Stage.ENCODE:
            raise Enough

    with pytest.raises(Enough):
        transcode(source, tmp_path / "out", progress=listen, workers=3)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("chunk")]


def _children(below: str) -> list[int]:
    """Encoders that are at work in a folder of this name."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
            if parent == os.getpid() and below in str((entry / "cwd").readlink()):
                found.append(int(entry.name))
        except (OSError, ValueError, IndexError):
            continue
    return found
