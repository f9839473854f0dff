"""A folder of backups: generations, each with a manifest, over one store of contents that they share.

    FOLDER/contents/ab/<sha256>     a file's content, once, whoever names it
    FOLDER/20261129T020000Z/        one generation: manifest.json, the database, the sealed keys, and at last `whole`

`whole` holds the SHA-256 of the manifest, and is written after everything else is on the disk: a generation without
it, or with another one, was interrupted and counts for nothing. What is in a generation: `backup.py`.
"""

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

import msgspec

from contentserver.kernel.errors import Conflict, NotFound, Rejected

FORMAT = 1
CONTENTS, MANIFEST, WHOLE, LOCK = "contents", "manifest.json", "whole", "lock"
BLOCK = 1 << 20
AT_ONCE, FILES_AT_ONCE = 64 << 20, 200
"""Written so much, it has to be on the disk before more is: no flood of writing holds up the programs."""
_NAME = re.compile(r"\d{8}T\d{6}Z")


class Part(msgspec.Struct, frozen=True):
    """A file of a generation's own folder."""

    name: str
    bytes: int
    sha256: str


class Kept(msgspec.Struct, frozen=True):
    """A file of the data folder, and the content that it had."""

    path: str
    bytes: int
    mtime_ns: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True):
    """What a generation holds.

    Attributes:
        revision: of the tables.
        engine: `sqlite` or `postgresql`.
        sealed: the keys, the settings, the broker's state; None where they were left out.
    """

    format: int
    made_at: datetime
    revision: str
    engine: str
    database: Part
    sealed: Part | None
    files: tuple[Kept, ...]


class Pace:
    """Holds reading to so many bytes a second (0 for no bound), and writing to what the disk has taken."""

    def __init__(self, bytes_per_s: int = 0) -> None:
        self._rate, self._begun, self._taken = bytes_per_s, time.monotonic(), 0
        self._written: list[int] = []
        self._waiting = 0

    def take(self, count: int) -> None:
        """Wait as long as so many bytes may take."""
        self._taken += count
        if self._rate:
            time.sleep(max(0.0, self._begun + self._taken / self._rate - time.monotonic()))

    def written(self, descriptor: int, size: int) -> None:
        """A file was written; once they are many, wait until all of them are on the disk."""
        self._written.append(os.dup(descriptor))
        self._waiting += size
        if self._waiting >= AT_ONCE or len(self._written) >= FILES_AT_ONCE:
            self.settle()

    def settle(self) -> None:
        """What was written is on the disk, and out of the machine's cache."""
        written, self._written, self._waiting = self._written, [], 0
        for descriptor in written:
            try:
                os.fdatasync(descriptor)
                os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
            finally:
                os.close(descriptor)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """One backup, or one clearing away, at a time.

    Raises:
        Conflict: another one is at work in this folder.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Conflict("backup_running", f"Another backup is at work in {folder}.") from error
        yield


def generations(folder: Path) -> list[Path]:
    """The generations that are whole, the oldest first."""
    return [one for one in _begun(folder) if manifest_bytes(one) is not None]


def generation(folder: Path, name: str = "") -> Path:
    """A generation by its name; the newest unless named.

    Raises:
        NotFound: there is none, or it is not whole.
    """
    whole = generations(folder)
    found = [one for one in whole if not name or one.name == name]
    if found:
        return found[-1]
    unfinished = [one.name for one in _begun(folder) if one not in whole]
    hint = f" Not whole, and of no use: {', '.join(unfinished)}." if unfinished else ""
    raise NotFound("backup_missing", f"{folder} holds no whole backup{f' {name}' if name else ''}.{hint}")


def manifest_of(generation_: Path) -> Manifest:
    """What a whole generation holds.

    Raises:
        Rejected: it is not whole, or a newer program made it.
    """
    raw = manifest_bytes(generation_)
    if raw is None:
        raise Rejected("backup_not_whole", f"{generation_.name} is not whole.")
    if msgspec.json.decode(raw, type=_Format).format > FORMAT:
        raise Rejected("backup_newer", f"A newer program made {generation_.name}. Install that program first.")
    return msgspec.json.decode(raw, type=Manifest)


class _Format(msgspec.Struct):
    format: int


def manifest_bytes(generation_: Path) -> bytes | None:
    """The manifest as `whole` vouches for it; None where it does not."""
    try:
        raw, seal = (generation_ / MANIFEST).read_bytes(), (generation_ / WHOLE).read_text().strip()
    except (OSError, UnicodeDecodeError):
        return None
    return raw if hashlib.sha256(raw).hexdigest() == seal else None


def new_generation(folder: Path, now: datetime) -> Path:
    """An empty generation.

    Raises:
        Conflict: one was begun in this very second.
    """
    made = folder / f"{now:%Y%m%dT%H%M%SZ}"
    try:
        made.mkdir(mode=0o700)
    except FileExistsError as error:
        raise Conflict("backup_running", f"{made.name} is there already; wait a second.") from error
    return made


def finish(generation_: Path, manifest: Manifest) -> None:
    """Everything on the disk, then the manifest, then the word that it is whole."""
    _write(generation_ / MANIFEST, msgspec.json.encode(manifest))
    sync(generation_)
    _write(generation_ / WHOLE, hashlib.sha256(msgspec.json.encode(manifest)).hexdigest().encode() + b"\n")
    _sync_folder(generation_)
    _sync_folder(generation_.parent)


def sync(place: Path) -> None:
    """Everything that was written on the file system of a place is on its disk."""
    done = subprocess.run(["sync", "-f", str(place)], check=False, capture_output=True)
    if done.returncode:
        os.sync()


def content_file(folder: Path, sha256: str) -> Path:
    """Where a content lies."""
    return folder / CONTENTS / sha256[:2] / sha256


def trusted(folder: Path) -> set[str]:
    """Contents that a whole generation names; what an interrupted backup wrote may be half on the disk."""
    return {one.sha256 for whole in generations(folder) for one in manifest_of(whole).files}


def take(source: Path, folder: Path, known: set[str], pace: Pace) -> tuple[str, int]:
    """Read a file into the store of contents; what is there already is not written again.

    Returns:
        Its SHA-256, and its bytes.

    Raises:
        FileNotFoundError: it is gone.
    """
    with source.open("rb", buffering=0) as reading:
        draft = folder / CONTENTS / f".draft-{os.getpid()}"
        try:
            with _created(draft) as writing:
                digest, size = copied(reading, writing, pace)
                pace.written(writing.fileno(), size)
            target = content_file(folder, digest)
            if digest not in known:
                target.parent.mkdir(exist_ok=True, mode=0o700)
                draft.replace(target)
                known.add(digest)
        finally:
            draft.unlink(missing_ok=True)
    return digest, size


def copied(reading: BinaryIO, writing: BinaryIO | None, pace: Pace) -> tuple[str, int]:
    """Copy (or only read) to the end; gives SHA-256 and bytes. The machine's cache stays with the programs."""
    digest, size = hashlib.sha256(), 0
    while block := reading.read(BLOCK):
        pace.take(len(block))
        digest.update(block)
        size += len(block)
        if writing is not None:
            writing.write(block)
    with suppress(OSError):
        os.posix_fadvise(reading.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    if writing is not None:
        writing.flush()
    return digest.hexdigest(), size


def part_of(file: Path) -> Part:
    """A file of a generation, durable, as the manifest names it."""
    with file.open("rb", buffering=0) as reading:
        digest, size = copied(reading, None, Pace())
        os.fsync(reading.fileno())
    return Part(file.name, size, digest)


def clear_away(folder: Path, keep: int) -> list[str]:
    """Remove the oldest generations but so many, those that were interrupted, and contents that none names.

    Returns:
        The names of those that were removed.
    """
    stay = generations(folder)[-keep:]
    leave = [one for one in _begun(folder) if one not in stay]
    for one in leave:
        (one / WHOLE).unlink(missing_ok=True)  # from here on nobody takes what is left of it for a backup
        shutil.rmtree(one)
    named = trusted(folder)
    for file in (folder / CONTENTS).glob("*/*"):
        if file.name not in named:
            file.unlink()
    return [one.name for one in leave]


def needed(sizes: Iterable[int], folder: Path) -> None:
    """See beforehand whether there is room.

    Raises:
        Rejected: there is not.
    """
    wanted, free = sum(sizes) + (64 << 20), shutil.disk_usage(folder).free
    if wanted > free:
        raise Rejected(
            "disk_full",
            f"{folder} has {free >> 20} MB free, and this needs up to {wanted >> 20} MB. Make room, or choose another.",
        )


def _begun(folder: Path) -> list[Path]:
    return sorted(one for one in folder.glob("*Z") if _NAME.fullmatch(one.name) and one.is_dir())


def _created(file: Path) -> BinaryIO:
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    return os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")


def _write(file: Path, data: bytes) -> None:
    with _created(file) as writing:
        writing.write(data)
        writing.flush()
        os.fsync(writing.fileno())


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
