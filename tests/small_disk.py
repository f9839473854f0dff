"""A real file system of a few megabytes, for tests of a disk that is full."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def small_disk(place: Path, size: int) -> Iterator[Path]:
    """Mount so many bytes of memory at `place`; the test is skipped where mounting is not allowed."""
    place.mkdir(parents=True)
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "yuanjiao-test", str(place)], check=False, capture_output=True
    )
    if made.returncode:
        pytest.skip(f"mounting a small file system is not allowed here: {made.stderr.decode().strip()}")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def fill(folder: Path, *, leave: int = 0) -> Path:
    """A file that takes everything that is free, but for some bytes."""
    file = folder / "filler"
    with file.open("ab", buffering=0) as taking:
        free = os.statvfs(folder).f_bavail * os.statvfs(folder).f_frsize - leave
        try:
            while free > 0:
                free -= taking.write(bytes(min(free, 65536)))
        except OSError:
            pass
    return file
