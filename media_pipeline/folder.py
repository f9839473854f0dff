"""Where a package is built: a hidden folder beside its destination, locked while its maker lives.

It is named by what is to be made, so that the same call finds what an interrupted one had finished. A finished
package leaves it under its own name; what nobody has touched for a week is removed by the next maker.
"""

import errno
import fcntl
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import msgspec

from media_pipeline.errors import Busy, DiskFull

_PREFIX = ".making-"
KEPT_S = 7 * 24 * 3600

T = TypeVar("T")


@contextmanager
def workshop(out: Path, key: str) -> Iterator[Path]:
    """The hidden folder in `out` for one making; the caller removes it when the package has left it.

    Raises:
        Busy: another maker is at it.
        DiskFull: the block found no room to write.
    """
    out.mkdir(parents=True, exist_ok=True)
    sweep(out)
    made = out / f"{_PREFIX}{key}"
    made.mkdir(exist_ok=True)
    os.utime(made)
    lock = os.open(made, os.O_RDONLY | os.O_DIRECTORY)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Busy("This recording is being encoded here at this moment.") from error
        if not made.exists() or not os.path.samestat(os.fstat(lock), made.stat()):
            raise Busy("This recording was being encoded here until this moment.")
        yield made
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise DiskFull("The disk filled up.") from error
        raise
    finally:
        os.close(lock)


def sweep(out: Path) -> None:
    """Remove what was left in `out` and not gone on with for a week."""
    for left in out.glob(f"{_PREFIX}*"):
        try:
            if time.time() - left.stat().st_mtime < KEPT_S:
                continue
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


def remembered(path: Path, kind: type[T], make: Callable[[], T]) -> T:
    """What an earlier call wrote to `path`, or what `make` gives now, written there for the next call."""
    if path.exists():
        try:
            return msgspec.json.decode(path.read_bytes(), type=kind)
        except msgspec.DecodeError:
            path.unlink()
    made = make()
    write(path, msgspec.json.encode(made))
    return made


def write(path: Path, data: bytes) -> None:
    """Write a file so that it is there whole or not at all."""
    part = path.with_name(f".{path.name}-{os.getpid()}-{time.monotonic_ns()}")
    with part.open("wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
    part.replace(path)


def settle(built: Path, destination: Path) -> None:
    """Make `built` durable and give it its name. A package that is already there stays, being the same bytes."""
    for path in sorted(built.rglob("*"), reverse=True):
        sync(path)
    sync(built)
    if not destination.exists():
        built.rename(destination)
    sync(destination.parent)


def sync(path: Path) -> None:
    """Make a file's bytes, or a folder's names, outlast a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
