"""Writes the recording of an evening (`core/recording.py`), in a thread of its own; whatever is wrong ends it alone.

Asked for by `--record FILE`. A television that starts again goes on in the same file. The file is never larger than
`LIMIT`, and nobody but its owner may read it: it holds the names on the roll.
"""

import os
import time
from datetime import UTC, datetime
from pathlib import Path
from queue import Empty, Full, Queue
from threading import Thread
from typing import BinaryIO, Final

import structlog

from tvclient.core.events import Event
from tvclient.core.recording import Beginning, begun, happened, is_recording, over

LIMIT: Final = 64 * 1024**2
"""Bytes: more than a day and a night."""
_LAST_WORD = 300
"""Bytes kept for the line that says why the recording stops."""
_BACKLOG = 20_000
"""Steps that may wait for a slow disk: some twenty minutes."""
_FLUSH_S = 1.0
_LOOK = 4096
"""Bytes that are looked at together, to see what is in a file."""

log = structlog.get_logger(__name__)


class _Stopped(Exception):
    """The recording is over; the message says why."""


class Recorder:
    """One run of a television. Its methods return at once and raise nothing."""

    def __init__(self, file: Path, beginning: Beginning, limit: int = LIMIT) -> None:
        """Begin, in the file or behind what is in it.

        Args:
            limit: bytes of the whole file.
        """
        self._file, self._limit, self._size = file, limit, 0
        self._queue: Queue[tuple[Event, datetime] | None] = Queue(_BACKLOG)
        self._closed = False
        self._thread = Thread(target=self._run, args=(beginning,), name="recorder", daemon=True)
        self._thread.start()

    def took(self, event: Event, now: datetime) -> None:
        """A step: this event, at this time."""
        if self._closed:
            return
        try:
            self._queue.put_nowait((event, now))
        except Full:
            self._closed = True
            log.warning("recording.ended", file=str(self._file), reason="the disk is too slow for it")

    def close(self) -> None:
        """Write what waits, for a moment at most."""
        self._closed = True
        try:
            self._queue.put_nowait(None)
        except Full:
            return
        self._thread.join(3)

    def _run(self, beginning: Beginning) -> None:
        try:
            with self._opened() as out:
                self._write(out, begun(beginning))
                log.info("recording.begun", file=str(self._file), limit=self._limit)
                self._follow(out)
        except (OSError, _Stopped, TypeError, ValueError) as error:
            log.warning("recording.ended", file=str(self._file), reason=str(error))
        self._closed = True

    def _follow(self, out: BinaryIO) -> None:
        flushed = time.monotonic()
        while True:
            try:
                item = self._queue.get(timeout=_FLUSH_S)
            except Empty:
                if self._closed:
                    return
                out.flush()
                continue
            if item is None:
                return
            self._write(out, happened(*item))
            if time.monotonic() - flushed >= _FLUSH_S:
                out.flush()
                flushed = time.monotonic()

    def _write(self, out: BinaryIO, line: bytes) -> None:
        if self._size + len(line) > self._limit - _LAST_WORD:
            reason = f"it is full: {self._limit} bytes are what a recording may have"
            if self._size <= self._limit - _LAST_WORD:
                out.write(over(f"The recording stops here: {reason}.", datetime.now(UTC)))
            raise _Stopped(reason)
        out.write(line)
        self._size += len(line)

    def _opened(self) -> BinaryIO:
        descriptor = os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        out = os.fdopen(descriptor, "r+b")
        try:
            self._size = self._whole_lines(out)
        except BaseException:
            out.close()
            raise
        return out

    def _whole_lines(self, out: BinaryIO) -> int:
        """Go behind the last whole line of what is there; a torn one is cut off."""
        there = out.seek(0, os.SEEK_END)
        if there > self._limit - _LAST_WORD:
            raise _Stopped(f"it is full: {self._limit} bytes are what a recording may have")
        out.seek(0)
        if there and not is_recording(out.read(_LOOK)):
            raise _Stopped("the file is there and is no recording; nothing was written to it")
        end, found = there, -1
        while end > 0 and found < 0:
            begin = max(0, end - _LOOK)
            out.seek(begin)
            found = out.read(end - begin).rfind(b"\n")
            end = begin if found < 0 else begin + found + 1
        out.seek(end)
        out.truncate()
        return end
