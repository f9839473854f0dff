"""The command line: `probe`, `transcode`, `verify`. Says things; decides nothing.

Errors end with status 1 and one sentence, or one JSON line where the caller asked for JSON.
"""

import argparse
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from fractions import Fraction
from pathlib import Path
from typing import Any, NoReturn

import msgspec
from rich.console import Console
from rich.progress import BarColumn, TaskProgressColumn, TextColumn
from rich.progress import Progress as Bar
from rich.table import Table

from media_pipeline import languages
from media_pipeline.captions import CaptionInput
from media_pipeline.errors import MediaError
from media_pipeline.ladder import Codec
from media_pipeline.probe import probe
from media_pipeline.recording import Recording
from media_pipeline.remarks import Remark
from media_pipeline.transcode import Package, Progress, SoundInput, Stage, transcode
from media_pipeline.verify import verify_package

_INTERRUPTED = 130
_STAGES = {
    Stage.PROBE: "Reading the recording",
    Stage.SURVEY: "Looking and listening",
    Stage.SEARCH: "Trying samples",
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
        _fail("interrupted", "Stopped. The same command goes on where it stopped.", as_json)
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
        "--captions",
        type=_caption,
        action="append",
        default=[],
        metavar="FILE:LANG",
        help="WebVTT, SRT or ASS; repeatable",
    )
    make.add_argument(
        "--audio", type=_sound, action="append", default=[], metavar="FILE:LANG", help="another sound track; repeatable"
    )
    make.add_argument(
        "--also",
        type=Codec,
        action="append",
        default=[],
        choices=[Codec.HEVC, Codec.AV1],
        help="renditions in this codec beside H.264; repeatable",
    )
    make.add_argument("--workers", type=_count, default=0, metavar="N", help="encoders at once (default: processors)")
    make.add_argument("--progress", choices=["bar", "json"], default="bar")
    make.set_defaults(run=_transcode)
    check = commands.add_parser("verify", help="check a package's folder")
    check.add_argument("folder", type=Path, metavar="DIR")
    check.add_argument("--json", action="store_true", help="for programs")
    check.set_defaults(run=_verify)
    return parser


def _caption(text: str) -> CaptionInput:
    return CaptionInput(*_file_and_language(text))


def _sound(text: str) -> SoundInput:
    return SoundInput(*_file_and_language(text))


def _file_and_language(text: str) -> tuple[Path, str]:
    path, colon, language = text.rpartition(":")
    if not colon or not path or not languages.TAG.fullmatch(language):
        raise argparse.ArgumentTypeError(f"{text!r} is not FILE:LANG, such as lesson.srt:zh")
    return Path(path), language


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 64:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 to 64")
    return int(text)


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
    table.add_row("container", recording.container)
    table.add_row("length", f"{recording.duration_ms / 1000:.2f} s")
    table.add_row("size", f"{recording.bytes / 1e6:.2f} MB")
    picture = recording.picture
    if picture is None:
        table.add_row("picture", "none")
    else:
        rate = f"{float(Fraction(picture.frame_rate)):.3g} fps{' (varies)' if picture.variable else ''}"
        kind = " HDR" if picture.hdr else "" if picture.fields == "progressive" else " interlaced"
        size = f"{picture.width} x {picture.height}, {picture.depth} bit{kind}"
        table.add_row("picture", f"{picture.codec} {size}, {rate}, {picture.bps / 1000:.0f} kbit/s")
    for sound in recording.sounds:
        named = " ".join(filter(None, (sound.language, sound.title)))
        table.add_row(
            "sound", f"{sound.codec}, {sound.layout or sound.channels}, {sound.sample_rate} Hz{named and f', {named}'}"
        )
    if not recording.sounds:
        table.add_row("sound", "none")
    for chapter in recording.chapters:
        table.add_row("chapter", f"{chapter.start_ms / 1000:.1f} s  {chapter.title}")
    for remark in recording.remarks:
        table.add_row("remark", _remark(remark))
    return table


def _remark(remark: Remark) -> str:
    """A remark in short: what, whose, how often, when, and the figure."""
    parts: list[str] = [remark.code]
    if remark.track:
        parts.append(f"({remark.track})")
    if remark.count > 1:
        parts.append(f"x{remark.count}")
    if remark.at_ms is not None:
        parts.append(f"at {remark.at_ms / 1000:.1f} s")
    if remark.length_ms is not None:
        parts.append(f"for {remark.length_ms / 1000:.1f} s")
    return " ".join([*parts, remark.detail]).strip()


def _transcode(given: argparse.Namespace) -> int:
    as_json = given.progress == "json"
    listening: AbstractContextManager[Callable[[Progress], None]] = nullcontext(_say) if as_json else _BarListener()
    with listening as listen:
        package = transcode(
            given.file,
            given.out,
            given.captions,
            listen,
            audio=given.audio,
            codecs=given.also,
            workers=given.workers,
        )
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
    manifest = package.manifest
    table = Table("rendition", "picture", "size", "average", "peak", "VMAF", "5th", box=None, pad_edge=False)
    for rendition in manifest.renditions:
        shown = f"{rendition.width}x{rendition.height} {rendition.frame_rate:g} fps" if rendition.width else "none"
        table.add_row(
            rendition.name,
            shown,
            f"{rendition.bytes / 1e6:.2f} MB",
            f"{rendition.average_bps / 1000:.0f} kbit/s",
            f"{rendition.peak_bps / 1000:.0f} kbit/s",
            "" if rendition.vmaf is None else f"{rendition.vmaf:.1f}",
            "" if rendition.vmaf_p5 is None else f"{rendition.vmaf_p5:.1f}",
        )
    for sound in manifest.sounds:
        loud = "silent" if sound.loudness_lufs is None else f"{sound.loudness_lufs:.1f} LUFS"
        table.add_row(
            f"{sound.group} {sound.label}",
            loud,
            f"{sound.bytes / 1e6:.2f} MB",
            f"{sound.average_bps / 1000:.0f} kbit/s",
        )
    table.add_section()
    table.add_row("content", manifest.content)
    for remark in manifest.remarks:
        table.add_row("remark", _remark(remark))
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
