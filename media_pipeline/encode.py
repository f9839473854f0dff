"""Runs ffmpeg: confined, timed, listened to, and killed with its whole session when anything goes wrong.

Which arguments to give it is decided in `command.py`; what becomes of its output, by whoever asked.
"""

import errno
import os
import re
import selectors
import signal
import subprocess
import time
import uuid
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

import imageio_ffmpeg

from media_pipeline import confine
from media_pipeline.errors import DiskFull, EncodeFailed

Listener = Callable[[float, float], None]
"""Called with seconds done, and the speed as a multiple of playing. Raising from it stops the program."""

_TAIL = 4000
_SILENCE_S = 180
_NO_ROOM = re.compile(r"No space left on device|Disk quota exceeded")
_STATUS_NO_ROOM = {256 - errno.ENOSPC, 256 - errno.EDQUOT}
"""ffmpeg's exit status is its last error; what it would say of a full disk may not fit on the disk."""


@cache
def program() -> str:
    """Path of the static ffmpeg."""
    return str(imageio_ffmpeg.get_ffmpeg_exe())


@cache
def program_version() -> str:
    """Version of the static ffmpeg, such as `n9.0.2-17-g2a571b6068`."""
    said = subprocess.run([program(), "-version"], capture_output=True, text=True, check=True, timeout=30)
    return said.stdout.split()[2]


def run(argv: Sequence[str], work: Path, duration_s: float, listen: Listener = lambda _done, _speed: None) -> str:
    """Run ffmpeg in `work` on so many seconds of recording.

    Returns:
        Its standard error, whole.

    Raises:
        EncodeFailed: it failed, hung, or took too long.
        DiskFull: it ran out of room.
    """
    time_limit_s = 120 + 40 * duration_s
    limits = confine.Limits(cpu_s=int(time_limit_s * 4), memory_bytes=8 << 30, file_bytes=8 << 30)
    log = work / f".said-{uuid.uuid4().hex}"
    try:
        with log.open("wb") as stderr:
            process = confine.start(argv, limits, cwd=work, stdout=subprocess.PIPE, stderr=stderr)
            try:
                _follow(process, time_limit_s, listen, argv)
            finally:
                confine.end(process)
        said = log.read_text(errors="replace")
    finally:
        log.unlink(missing_ok=True)
    if _NO_ROOM.search(said) or process.returncode in _STATUS_NO_ROOM:
        raise DiskFull("The disk filled up while encoding.")
    if process.returncode != 0:
        raise EncodeFailed(_ended(process.returncode), argv, said[-_TAIL:], process.returncode)
    return said


def _ended(status: int) -> str:
    match -status:
        case signal.SIGXFSZ:
            return "The encoder was stopped: its file grew larger than it may be."
        case signal.SIGKILL:
            return "The encoder was killed: it worked longer than it may, or memory ran out."
    return f"The encoder ended with {status}."


def _follow(process: subprocess.Popen[bytes], time_limit_s: float, listen: Listener, argv: Sequence[str]) -> None:
    """Pass progress on until the program ends."""
    if (stdout := process.stdout) is None:
        raise EncodeFailed("The encoder was started without a voice.", argv, "")
    started = time.monotonic()
    pending = b""
    done_s, speed = 0.0, 0.0
    with selectors.DefaultSelector() as selector:
        selector.register(stdout, selectors.EVENT_READ)
        while True:
            if not selector.select(_SILENCE_S) or time.monotonic() - started > time_limit_s:
                raise EncodeFailed("The encoder hung and was stopped.", argv, "")
            chunk = os.read(stdout.fileno(), 65536)
            if not chunk:
                break
            *lines, pending = (pending + chunk).split(b"\n")
            for line in lines:
                key, _, value = line.decode(errors="replace").partition("=")
                match key:
                    case "out_time_us" if value.lstrip("-").isdigit():
                        done_s = max(int(value) / 1e6, done_s)
                    case "speed" if value.strip().endswith("x"):
                        speed = float(value.strip()[:-1])
                    case "progress":
                        listen(done_s, speed)
    process.wait(timeout=60)
