"""What is this recording? Asked in a limited child process, since the answer needs a stranger's bytes to be parsed.

`probe` is the parent's half. The child is this module run as a program: it opens the file with PyAV behind the same
allow-list as the encoder, reads every packet to learn the true length, decodes the first pictures, and prints one JSON
value.
"""

import stat
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import msgspec

from media_pipeline import confine
from media_pipeline.allowed import MAX_PIXELS
from media_pipeline.errors import Code, Refused
from media_pipeline.recording import Recording

MAX_DURATION_S = 4 * 3600
MIN_DURATION_MS = 200
MIN_SIDE = 16
MIN_RATE, MAX_RATE = Fraction(1, 60), 1000
"""Measured frames a second. A lone picture under sound is a cover and no matter of rates."""
MAX_STREAMS = 64
TIME_LIMIT_S = 120
LIMITS = confine.Limits(cpu_s=90, memory_bytes=4 << 30, file_bytes=1 << 20)
_ROOT = Path(__file__).resolve().parent.parent


class Verdict(msgspec.Struct, frozen=True):
    """The child's answer: a recording, or a code and the reason."""

    recording: Recording | None = None
    code: Code | None = None
    message: str = ""


def probe(source: Path) -> Recording:
    """Facts about a recording.

    Raises:
        Refused: it cannot become a package; `code` says why.
        FileNotFoundError: there is no such file.
    """
    source = source.resolve(strict=True)
    if not stat.S_ISREG(source.stat().st_mode):
        raise Refused(Code.NOT_A_VIDEO, "This is not a file.")
    answer = ask([sys.executable, "-I", "-c", _CHILD.format(root=str(_ROOT)), str(source)])
    try:
        verdict = msgspec.json.decode(answer, type=Verdict)
    except msgspec.DecodeError as error:
        raise Refused(Code.NOT_A_VIDEO, "The file broke the reader; it is damaged or hostile.") from error
    if verdict.recording is None:
        raise Refused(verdict.code or Code.NOT_A_VIDEO, verdict.message)
    return accept(verdict.recording)


def ask(argv: Sequence[str]) -> bytes:
    """What the confined child prints; the limit of a file's size bounds that too.

    Raises:
        Refused: it did not end in time.
    """
    with tempfile.TemporaryFile() as answer, tempfile.TemporaryDirectory(prefix="yuanjiao-probe-") as empty:
        process = confine.start(argv, LIMITS, cwd=Path(empty), stdout=answer, stderr=subprocess.DEVNULL)
        try:
            process.wait(timeout=TIME_LIMIT_S)
        except subprocess.TimeoutExpired as error:
            raise Refused(Code.NOT_A_VIDEO, "The file could not be read in reasonable time.") from error
        finally:
            confine.end(process)
        answer.seek(0)
        return answer.read()


def accept(recording: Recording) -> Recording:
    """The recording itself, if its size, length and rate are within bounds.

    Raises:
        Refused: `too_long`, `too_large`, `no_picture` or `not_a_video`.
    """
    if recording.duration_ms > MAX_DURATION_S * 1000:
        raise Refused(Code.TOO_LONG, f"The recording is longer than {MAX_DURATION_S // 3600} hours.")
    if recording.duration_ms < MIN_DURATION_MS:
        raise Refused(Code.NOT_A_VIDEO, f"Only {recording.duration_ms} ms of the recording can be played.")
    picture = recording.picture
    if picture is None:
        return recording
    if picture.width * picture.height > MAX_PIXELS or min(picture.width, picture.height) < MIN_SIDE:
        raise Refused(Code.TOO_LARGE, f"A picture of {picture.width} x {picture.height} cannot be encoded.")
    if Fraction(picture.frame_rate) > MAX_RATE:
        raise Refused(Code.TOO_LARGE, f"The recording has more than {MAX_RATE} pictures a second.")
    if Fraction(picture.frame_rate) < MIN_RATE:
        raise Refused(Code.NO_PICTURE, "The picture changes less than once a minute; send the sound alone.")
    return recording


_CHILD = "import sys; sys.path.insert(0, {root!r}); from media_pipeline.reader import main; main(sys.argv[1])"
