"""The command line: `probe`, `transcode`, `verify`. Says things; decides nothing.

Errors end with status 1 and one sentence, or one JSON line where the caller asked for JSON.
"""

import argparse
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any, NoReturn

import msgspec
from rich.console import Console
from rich.progress import BarColumn, TaskProgressColumn, TextColumn
from rich.progress import Progress as Bar
from rich.table import Table

from media_pipeline.captions import CaptionInput
from media_pipeline.errors import MediaError
from media_pipeline.probe import probe
from media_pipeline.recording import Recording
from media_pipeline.transcode import Package, Progress, Stage, transcode
from media_pipeline.verify import verify_package

_INTERRUPTED = 130
_STAGES = {
    Stage.PROBE: "Reading the recording",
    Stage.LOUDNESS: "Measuring the sound",
    Stage.ENCODE: "Encoding",
    Stage.SEAL: "Checking and sealing",
    Stage.DONE: "Done",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit status."""
    given = _parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, _interrupt)
    as_json = getattr(given, "json", False) or getattr(given, "progress", "") == "json"
    try:
        return int(given.run(given))
    except MediaError as error:
        return _fail(error.code, error.message, as_json, getattr(error, "stderr_tail", ""))
    except FileNotFoundError as error:
        return _fail("not_found", f"There is no file {error.filename}.", as_json)
    except OSError as error:
        return _fail("system", str(error), as_json)
    except KeyboardInterrupt:
        _fail("interrupted", "Stopped; nothing was left behind.", as_json)
        return _INTERRUPTED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m media_pipeline", description="A recording in, a package out.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    ask = commands.add_parser("probe", help="say what a recording is")
    ask.add_argument("file", type=Path)
    ask.add_argument("--json", action="store_true", help="for programs")
    ask.set_defaults(run=_probe)
    make = commands.add_parser("transcode", help="make a package from a recording")
    make.add_argument("file", type=Path)
    make.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder that receives the package")
    make.add_argument(
        "--captions", type=_caption, action="append", default=[], metavar="FILE:LANG", help="WebVTT, repeatable"
    )
    make.add_argument("--progress", choices=["bar", "json"], default="bar")
    make.set_defaults(run=_transcode)
    check = commands.add_parser("verify", help="check a package's folder")
    check.add_argument("folder", type=Path, metavar="DIR")
    check.add_argument("--json", action="store_true", help="for programs")
    check.set_defaults(run=_verify)
    return parser


def _caption(text: str) -> CaptionInput:
    path, colon, language = text.rpartition(":")
    if not colon or not path:
        raise argparse.ArgumentTypeError(f"{text!r} is not FILE:LANG")
    return CaptionInput(Path(path), language)


def _interrupt(_signal: int, _frame: object) -> NoReturn:
    raise KeyboardInterrupt


def _say(value: Any) -> None:
    print(msgspec.json.encode(value).decode(), flush=True)


def _fail(code: str, message: str, as_json: bool, detail: str = "") -> int:
    if as_json:
        _say({"error": code, "message": message})
    else:
        print(f"{code}: {message}", file=sys.stderr)
    if detail:
        print(detail, file=sys.stderr)
    return 1


def _probe(given: argparse.Namespace) -> int:
    recording = probe(given.file)
    if given.json:
        _say(recording)
    else:
        Console().print(_recording_table(given.file, recording))
    return 0


def _recording_table(file: Path, recording: Recording) -> Table:
    table = Table("", file.name, box=None, pad_edge=False)
    picture, sound = recording.picture, recording.sound
    table.add_row("container", recording.container)
    table.add_row("length", f"{recording.duration_ms / 1000:.2f} s")
    table.add_row("size", f"{recording.bytes / 1e6:.2f} MB")
    rate = f"{picture.frame_rate} fps, {picture.bps / 1000:.0f} kbit/s"
    table.add_row("picture", f"{picture.codec} {picture.width} x {picture.height}, {rate}")
    heard = "none" if sound is None else f"{sound.codec}, {sound.channels} channels, {sound.sample_rate} Hz"
    table.add_row("sound", heard)
    return table


def _transcode(given: argparse.Namespace) -> int:
    as_json = given.progress == "json"
    listening: AbstractContextManager[Callable[[Progress], None]] = nullcontext(_say) if as_json else _BarListener()
    with listening as listen:
        package = transcode(given.file, given.out, given.captions, listen)
    if as_json:
        _say({"package": package.name, "path": str(package.path)})
    else:
        Console().print(_package_table(package))
        print(package.path)
    return 0


class _BarListener:
    """A bar on a terminal with percent, speed, time left and stage."""

    def __init__(self) -> None:
        columns = (
            TextColumn("{task.description:<22}"),
            BarColumn(),
            TaskProgressColumn(),
            TextColumn("{task.fields[pace]}"),
        )
        self._bar = Bar(*columns)
        self._task = self._bar.add_task(_STAGES[Stage.PROBE], total=1.0, pace="")

    def __enter__(self) -> Callable[[Progress], None]:
        self._bar.start()
        return self._listen

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def _listen(self, progress: Progress) -> None:
        speed = "" if progress.speed is None else f"{progress.speed:.1f}x"
        left = "" if progress.eta_s is None else f"{progress.eta_s:.0f} s left"
        self._bar.update(
            self._task, completed=progress.fraction, description=_STAGES[progress.stage], pace=f"{speed:>6}  {left}"
        )


def _package_table(package: Package) -> Table:
    table = Table("rendition", "size", "average", "peak", box=None, pad_edge=False)
    for rendition in package.manifest.renditions:
        table.add_row(
            rendition.name,
            f"{rendition.bytes / 1e6:.2f} MB",
            f"{rendition.average_bps / 1000:.0f} kbit/s",
            f"{rendition.peak_bps / 1000:.0f} kbit/s",
        )
    return table


def _verify(given: argparse.Namespace) -> int:
    found = verify_package(given.folder)
    for damage in found:
        if given.json:
            _say(damage)
        else:
            print(damage)
    if not found and not given.json:
        print("The package is whole.")
    return 1 if found else 0
