"""Is what arrived what was sent? The worker reads the recording once, before anything else looks at it.

Whoever waits for an answer in a browser waits for no such reading: a recording of several gigabytes takes a weak server
a minute. A lesson whose recording differs fails, and nothing is made of it.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path

STAGE = "check"
"""What a transcode's row calls it; the stages after it are `media_pipeline.transcode.Stage`."""
CHECKSUM_WRONG = "checksum_wrong"
_PIECE_BYTES = 4 * 1024**2


class ChecksumWrong(Exception):
    """A recording is not the one that was sent."""

    def __init__(self, sent: str, found: str) -> None:
        super().__init__(f"sent {sent}, arrived {found}")


class Checksums:
    """Compares, and remembers what was right: a lesson that has to wait after this is not read anew at every turn."""

    def __init__(self) -> None:
        self._right: set[tuple[Path, int, int, str]] = set()

    def compare(self, recording: Path, sha256: str, go_on: Callable[[], None]) -> None:
        """Raise unless a recording has this SHA-256.

        Args:
            sha256: in hexadecimal; empty where whoever sent it made none.
            go_on: asked after every few megabytes; what it raises ends the reading.

        Raises:
            ChecksumWrong: it has another.
            OSError: it cannot be read.
        """
        if not sha256:
            return
        facts = recording.stat()
        known = (recording, facts.st_size, facts.st_mtime_ns, sha256)
        if known in self._right:
            return
        seen = hashlib.sha256()
        with recording.open("rb") as opened:
            while piece := opened.read(_PIECE_BYTES):
                seen.update(piece)
                go_on()
        if seen.hexdigest() != sha256:
            raise ChecksumWrong(sha256, seen.hexdigest())
        self._right.add(known)
