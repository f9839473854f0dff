"""Bytes of the disk set aside for the journal: a file of nothing that shrinks when the disk is full.

What it gives up is free for the next row. It grows back when there is room again. Who comes first: `writing.py`.
"""

import os
import shutil
from pathlib import Path

import structlog

PIECE = 1024**2
"""Bytes given up at once: some thousand rows."""

log = structlog.get_logger(__name__)


class Reserve:
    """One such file."""

    def __init__(self, path: Path, size: int, piece: int = PIECE) -> None:
        """Set aside what there is room for.

        Args:
            size: bytes to be set aside; 0 for none, and what was set aside before is given back.
            piece: bytes that are given up at once; as much stays free beside the reserve.
        """
        self._path, self._size, self._piece = path, size, piece
        if size == 0:
            path.unlink(missing_ok=True)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            self.grow()

    def left(self) -> int:
        """Bytes set aside at this moment."""
        try:
            seen = self._path.stat()
        except FileNotFoundError:
            return 0
        return min(seen.st_size, seen.st_blocks * 512)

    def needed(self) -> bool:
        """Whether the disk is so full that a row may not fit."""
        return self._free() < self._piece

    def give(self) -> int:
        """Give up a piece.

        Returns:
            Its bytes; 0 when nothing is left.
        """
        left = self.left()
        given = min(left, self._piece)
        if given:
            self._resize(left - given)
            log.warning("journal.reserve_used", left=left - given)
        return given

    def grow(self) -> None:
        """Set aside again what was given up, as far as the disk has room for it and for a piece beside it."""
        left = self.left()
        wanted = min(self._size, left + self._free() - 2 * self._piece)
        if wanted <= left:
            return
        try:
            self._resize(wanted)
        except OSError as error:
            log.info("journal.reserve_small", reason=str(error))
            self._resize(left)

    def _resize(self, size: int) -> None:
        handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            if size > os.fstat(handle).st_size:
                os.posix_fallocate(handle, 0, size)
            else:
                os.ftruncate(handle, size)
            os.fsync(handle)
        finally:
            os.close(handle)

    def _free(self) -> int:
        return shutil.disk_usage(self._path.parent).free
