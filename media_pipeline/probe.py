"""What is this recording? Asked in a limited child process, since the answer needs a stranger's bytes to be parsed.

`probe` is the parent's half. The child is this module run as a program: it opens the file with PyAV behind the same
allow-list as the encoder, reads every packet to learn the true length, decodes one picture, and prints one JSON value.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import msgspec

from media_pipeline import confine
from media_pipeline.errors import Code, Refused
from media_pipeline.recording import Recording

MAX_DURATION_S = 4 * 3600
MAX_PIXELS = 8192 * 4352
TIME_LIMIT_S = 120
_LIMITS = confine.Limits(cpu_s=90, memory_bytes=4 << 30, file_bytes=1 << 20)
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
    argv = [sys.executable, "-I", "-c", _CHILD.format(root=str(_ROOT)), str(source)]
    with tempfile.TemporaryDirectory(prefix="yuanjiao-probe-") as empty:
        process = confine.start(argv, _LIMITS, cwd=Path(empty), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        try:
            answer, _ = process.communicate(timeout=TIME_LIMIT_S)
        except subprocess.TimeoutExpired as error:
            raise Refused(Code.NOT_A_VIDEO, "The file could not be read in reasonable time.") from error
        finally:
            confine.end(process)
    try:
        verdict = msgspec.json.decode(answer, type=Verdict)
    except msgspec.DecodeError as error:
        raise Refused(Code.NOT_A_VIDEO, "The file broke the reader; it is damaged or hostile.") from error
    if verdict.recording is None:
        raise Refused(verdict.code or Code.NOT_A_VIDEO, verdict.message)
    return accept(verdict.recording)


def accept(recording: Recording) -> Recording:
    """The recording itself, if its size and length are within bounds.

    Raises:
        Refused: `too_long` or `too_large`.
    """
    if recording.duration_ms > MAX_DURATION_S * 1000:
        raise Refused(Code.TOO_LONG, f"The recording is longer than {MAX_DURATION_S // 3600} hours.")
    picture = recording.picture
    if picture.width * picture.height > MAX_PIXELS or min(picture.width, picture.height) < 16:
        raise Refused(Code.TOO_LARGE, f"A picture of {picture.width} x {picture.height} cannot be encoded.")
    return recording


_CHILD = "import sys; sys.path.insert(0, {root!r}); from media_pipeline.reader import main; main(sys.argv[1])"
