"""Where a package is built: a hidden folder beside its destination, locked while its maker lives, renamed when whole.

A maker that was killed leaves its folder unlocked; the next one to start in the same place removes it.
"""

import fcntl
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PREFIX = ".making-"


@contextmanager
def workshop(out: Path) -> Iterator[Path]:
    """A new hidden folder in `out`, removed at the end unless it was renamed away."""
    out.mkdir(parents=True, exist_ok=True)
    sweep(out)
    made = out / f"{_PREFIX}{uuid.uuid4().hex}"
    made.mkdir()
    lock = os.open(made, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)
        os.close(lock)


def sweep(out: Path) -> None:
    """Remove what dead makers left in `out`."""
    for left in out.glob(f"{_PREFIX}*"):
        try:
            lock = os.open(left, os.O_RDONLY | os.O_DIRECTORY)
        except OSError:
            continue
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(left, ignore_errors=True)
        except BlockingIOError:
            continue
        finally:
            os.close(lock)


def settle(built: Path, destination: Path) -> None:
    """Make `built` durable and give it its name. A package that is already there stays, being the same bytes."""
    for path in sorted(built.rglob("*"), reverse=True):
        _sync(path)
    _sync(built)
    if not destination.exists():
        built.rename(destination)
    _sync(destination.parent)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
