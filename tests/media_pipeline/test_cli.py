"""The command line as programs and people use it: output, exit status, and what an interruption leaves."""

import json
import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from media_pipeline.captions import CaptionInput
from media_pipeline.cli import main
from media_pipeline.transcode import Package
from tests.media_pipeline.conftest import film

COMMAND = [sys.executable, "-m", "media_pipeline"]


def test_probe_as_json(clip: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["probe", str(clip), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["picture"]["height"] == 90


def test_probe_for_people(clip: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["probe", str(clip)]) == 0
    assert "160 x 90" in capsys.readouterr().out


def test_transcode_as_json(clip: Path, captions: CaptionInput, package: Package, tmp_path: Path) -> None:
    argv = [*COMMAND, "transcode", str(clip), "--out", str(tmp_path), "--captions", f"{captions.path}:zh"]
    ran = subprocess.run([*argv, "--progress", "json"], capture_output=True, text=True, timeout=60, check=True)
    *steps, last = [json.loads(line) for line in ran.stdout.splitlines()]
    assert last == {"package": package.name, "path": str(tmp_path / package.name)}
    assert all(set(step) == {"stage", "fraction", "speed", "eta_s"} for step in steps)
    assert steps[-1]["fraction"] == 1.0


def test_transcode_for_people(clip: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["transcode", str(clip), "--out", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert "100%" in said
    assert "kbit/s" in said


@pytest.mark.parametrize("as_json", [True, False])
def test_a_refusal_ends_with_one(tmp_path: Path, capsys: pytest.CaptureFixture[str], as_json: bool) -> None:
    path = tmp_path / "letter.mp4"
    path.write_text("not a lesson")
    argv = ["transcode", str(path), "--out", str(tmp_path / "out")]
    assert main([*argv, "--progress", "json"] if as_json else argv) == 1
    said = capsys.readouterr()
    if as_json:
        assert json.loads(said.out.splitlines()[-1]) == {
            "error": "refused_format",
            "message": "This kind of file is not accepted; send the recording itself.",
        }
    else:
        assert "refused_format: This kind of file is not accepted; send the recording itself." in said.err


def test_a_missing_file_ends_with_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["probe", str(tmp_path / "nothing.mp4"), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["error"] == "not_found"


def test_captions_need_a_language() -> None:
    with pytest.raises(SystemExit):
        main(["transcode", "a.mp4", "--out", "x", "--captions", "a.vtt"])


def test_verify(copied: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", str(copied)]) == 0
    (copied / "poster.jpg").unlink()
    assert main(["verify", str(copied)]) == 1
    assert "missing poster.jpg: listed, but not there" in capsys.readouterr().out


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_leaves_no_package_and_the_same_command_goes_on(tmp_path: Path, sent: signal.Signals) -> None:
    source = film(tmp_path / "long.mp4", seconds=60, size="426x240")
    out = tmp_path / "out"
    argv = ["transcode", str(source), "--out", str(out), "--progress", "json"]
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job ignores it, and its children do
    process = subprocess.Popen([*COMMAND, *argv], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert any(map(_encoding, process.stdout))
        children = _children(process.pid)
        process.send_signal(sent)
        said = process.stdout.read().splitlines()
        assert process.wait(timeout=20) == 130
    finally:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()
    assert json.loads(said[-1])["error"] == "interrupted"
    assert [path.name[:8] for path in out.iterdir()] == [".making-"]
    assert children
    assert not any(_running(child) for child in children)
    assert main(argv) == 0
    assert [path.name[:7] for path in out.iterdir()] == ["sha256-"]


def test_killed_outright_the_encoder_dies_too_and_the_same_command_goes_on(tmp_path: Path) -> None:
    source = film(tmp_path / "long.mp4", seconds=16, size="426x240")
    out = tmp_path / "out"
    argv = ["transcode", str(source), "--out", str(out), "--progress", "json"]
    process = subprocess.Popen([*COMMAND, *argv], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert any(map(_encoding, process.stdout))
    watches = [os.pidfd_open(child) for child in _children(process.pid)]
    process.kill()
    process.wait()
    process.stdout.close()
    for watch in watches:
        assert _ended(watch)
    assert watches
    assert [path.name[:8] for path in out.iterdir()] == [".making-"]
    assert main(argv) == 0
    assert [path.name[:7] for path in out.iterdir()] == ["sha256-"]


def _children(pid: int) -> list[int]:
    """What a process has started, from any of its threads."""
    return [int(one) for task in Path(f"/proc/{pid}/task").iterdir() for one in (task / "children").read_text().split()]


def _encoding(line: str) -> bool:
    """Whether the encoder has been heard, so that it certainly runs."""
    step = json.loads(line)
    return bool(step["stage"] == "encode" and step["fraction"] > 0.26)


def _running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _ended(watch: int) -> bool:
    """Wait until a process that is not our child has ended."""
    try:
        return bool(select.select([watch], [], [], 20)[0])
    finally:
        os.close(watch)
