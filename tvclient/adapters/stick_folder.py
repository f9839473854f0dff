"""One folder on a USB stick that somebody brought: read without following a single link, written beside what is there.

Nobody knows who filled the stick. Every part of a path is opened by itself and must be a real folder, every file a real
file; what is larger than it may be is not read. Nothing here knows what the files mean: `stick.py`.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from schedules.wire.on_stick import FOLDER

MOST_PLACES = 64
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def places(roots: tuple[Path, ...]) -> tuple[Path, ...]:
    """Folders named `yuanjiao` at most two levels below the roots, where sticks are mounted."""
    found = []
    for root in roots:
        for place in (root, *_folders(root), *(deeper for one in _folders(root) for deeper in _folders(one))):
            candidate = place / FOLDER
            try:
                if stat.S_ISDIR(candidate.lstat().st_mode):
                    found.append(candidate)
            except OSError:
                continue
    return tuple(found)


def _folders(place: Path) -> list[Path]:
    try:
        with os.scandir(place) as entries:
            inside = [Path(entry.path) for entry in entries if entry.is_dir(follow_symlinks=False)]
    except OSError:
        return []
    return sorted(inside)[:MOST_PLACES]


class StickFolder:
    """The folder, held open; whatever is mounted at its path later is another one."""

    def __init__(self, place: Path) -> None:
        """Open it.

        Raises:
            OSError: it is no folder, or is gone.
        """
        self._place = place
        self._root = os.open(place, _FOLDER)
        self._identity = _identity(os.fstat(self._root))

    def close(self) -> None:
        """Let go of it, so that the stick can be unmounted."""
        os.close(self._root)

    def present(self) -> bool:
        """Whether this very folder is still there."""
        try:
            return _identity(self._place.lstat()) == self._identity
        except OSError:
            return False

    @contextmanager
    def open(self, path: str) -> Iterator[tuple[BinaryIO, int]]:
        """A file and its length.

        Raises:
            OSError: it is not there, no plain file, or a part of its path is no plain folder.
        """
        with self._parent(path) as (folder, name):
            handle = os.open(name, _READ, dir_fd=folder)
        with os.fdopen(handle, "rb") as file:
            seen = os.fstat(handle)
            if not stat.S_ISREG(seen.st_mode):
                raise FileNotFoundError(path)
            yield file, seen.st_size

    def read(self, path: str, limit: int) -> bytes:
        """A file's bytes.

        Raises:
            OSError: as `open`, or it is longer than `limit`.
        """
        with self.open(path) as (file, length):
            if length > limit:
                raise OSError(f"{path} is too long")
            return file.read(limit)

    def names(self, folder: str) -> list[str]:
        """What lies in a folder; empty where it is none."""
        try:
            with self._parent(f"{folder}/x") as (inside, _name):
                return sorted(os.listdir(inside))  # noqa: PTH208  # a path would be another folder by now
        except OSError:
            return []

    def write(self, path: str, data: bytes) -> None:
        """A new file, whole or not at all, in a folder that is made if need be.

        Raises:
            OSError: the stick is full, locked or gone, or something else lies in the way.
        """
        with self._parent(path, make=True) as (folder, name):
            draft = f"{name}.tmp"
            handle = os.open(
                draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644, dir_fd=folder
            )
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(handle)
            os.replace(draft, name, src_dir_fd=folder, dst_dir_fd=folder)
            os.fsync(folder)

    def remove(self, path: str) -> None:
        """Drop a file.

        Raises:
            OSError: it is not there, or the stick is locked.
        """
        with self._parent(path) as (folder, name):
            os.unlink(name, dir_fd=folder)

    @contextmanager
    def _parent(self, path: str, *, make: bool = False) -> Iterator[tuple[int, str]]:
        """The open folder that a path's last part lies in, and that part."""
        *folders, name = path.split("/")
        if any(part in {"", ".", ".."} or "\0" in part for part in (*folders, name)):
            raise FileNotFoundError(path)
        handle = os.dup(self._root)
        try:
            for part in folders:
                if make:
                    with suppress(FileExistsError):
                        os.mkdir(part, dir_fd=handle)
                deeper = os.open(part, _FOLDER, dir_fd=handle)
                os.close(handle)
                handle = deeper
            yield handle, name
        finally:
            os.close(handle)


def _identity(seen: os.stat_result) -> tuple[int, int]:
    return seen.st_dev, seen.st_ino
