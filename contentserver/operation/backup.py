"""A backup while everything runs: files, then the database at one instant, then the files that came meanwhile.

Files of data are whole before a row names them, and never change under a name that says their content; a file that is
taken away meanwhile was read before. So every file that the database names is there: decision 38. Bringing it back:
`restoring.py`.
"""

import os
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec

from contentserver.kernel.db import Database
from contentserver.kernel.errors import Rejected
from contentserver.operation import sealed, snapshot, store
from contentserver.operation.places import data_files, key_files, sqlite_file
from contentserver.operation.schema import revision_of
from contentserver.operation.store import Kept, Manifest, Pace
from contentserver.settings import PREFIX, Settings


@dataclass(frozen=True, slots=True)
class Asked:
    """How a backup is to be made.

    Attributes:
        passphrase: seals keys and settings; None leaves them out.
        broker: the folder of Mosquitto's configuration and state; None leaves it out, boxes' accounts are made again.
        keep: so many generations stay, this one among them; 0 for all.
        bytes_per_s: bound on reading; 0 for none.
    """

    passphrase: str | None = None
    broker: Path | None = None
    keep: int = 0
    bytes_per_s: int = 0


@dataclass(frozen=True, slots=True)
class Made:
    """What was made: its name, files, bytes of them, bytes that were new in the store, generations removed."""

    name: str
    files: int
    bytes: int
    new_bytes: int
    removed: tuple[str, ...]


class _Taking:
    """Files of data on their way into the store; what a former generation had under the same facts is not read."""

    def __init__(self, folder: Path, root: Path, pace: Pace) -> None:
        self._folder, self._root, self._pace = folder, root, pace
        self._contents = store.trusted(folder)
        self._before = {_facts(one): one for made in store.generations(folder) for one in store.manifest_of(made).files}
        self.found: dict[str, Kept] = {}
        self.new_bytes = 0

    def missing(self, settings: Settings) -> Iterator[int]:
        """Sizes of what has to be read."""
        facts = ((one.path, one.bytes, one.mtime_ns) for one in data_files(settings))
        yield from (fact[1] for fact in facts if fact not in self._before)

    def take(self, settings: Settings) -> None:
        """Read what is there now and was not read yet; what disappears meanwhile is nobody's any more."""
        for file in data_files(settings):
            facts = (file.path, file.bytes, file.mtime_ns)
            taken = self.found.get(file.path)
            if taken is not None and _facts(taken) == facts:
                continue
            if (known := self._before.get(facts)) is not None:
                self.found[file.path] = known
                continue
            there = len(self._contents)
            try:
                digest, size = store.take(self._root / file.path, self._folder, self._contents, self._pace)
            except FileNotFoundError:
                continue
            self.new_bytes += size if len(self._contents) > there else 0
            self.found[file.path] = Kept(file.path, size, file.mtime_ns, digest)
        self._pace.settle()


def make(settings: Settings, folder: Path, asked: Asked, now: datetime) -> Made:
    """Make one generation.

    Raises:
        Rejected: the folder lies among the data, there is no room, the broker's folder is none, `pg_dump` refused.
        Conflict: another backup is at work here.
    """
    if folder.resolve().is_relative_to(settings.data_dir.resolve()):
        raise Rejected("backup_inside", f"{folder} lies inside {settings.data_dir}. Choose a folder on another disk.")
    if asked.broker is not None and not (asked.broker / sealed.BROKER_FILES[0]).exists():
        raise Rejected("broker_missing", f"{asked.broker} is no folder of Mosquitto's: {sealed.BROKER_FILES[0]}.")
    with store.locked(folder), _told_of_full_disk(folder):
        taking = _Taking(folder, settings.data_dir, Pace(asked.bytes_per_s))
        store.needed([*taking.missing(settings), _database_bytes(settings)], folder)
        generation = store.new_generation(folder, now)
        taking.take(settings)
        revision, part = _database(settings, generation)
        taking.take(settings)
        manifest = Manifest(
            format=store.FORMAT,
            made_at=now,
            revision=revision,
            engine="sqlite" if part.name == snapshot.SQLITE_NAME else "postgresql",
            database=part,
            sealed=_sealed(settings, generation, asked),
            files=tuple(taking.found[path] for path in sorted(taking.found)),
        )
        store.finish(generation, manifest)
        removed = store.clear_away(folder, asked.keep) if asked.keep else []
    total = sum(one.bytes for one in manifest.files) + part.bytes
    return Made(generation.name, len(manifest.files), total, taking.new_bytes + part.bytes, tuple(removed))


def be_modest() -> None:
    """This process gives way to all others: processor and disk."""
    os.nice(10)
    if shutil.which("ionice"):
        subprocess.run(["ionice", "-c", "3", "-p", str(os.getpid())], check=False, capture_output=True)


def settings_lines(settings: Settings) -> str:
    """The settings that differ from what holds without them, as systemd and a shell read them."""
    lines = []
    for field in msgspec.structs.fields(Settings):
        value = getattr(settings, field.name)
        if field.required or value != field.default:
            written = str(value).lower() if isinstance(value, bool) else str(value)
            lines.append(f"{PREFIX}{field.name.upper()}={shlex.quote(written)}\n")
    return "".join(lines)


def _database(settings: Settings, generation: Path) -> tuple[str, store.Part]:
    database = Database(settings.database_url)
    try:
        revision = revision_of(database.engine)
    finally:
        database.engine.dispose()
    return revision, store.part_of(snapshot.take(settings.database_url, generation))


def _sealed(settings: Settings, generation: Path, asked: Asked) -> store.Part | None:
    if asked.passphrase is None:
        return None
    file = generation / sealed.NAME
    sealed.write(file, sealed.seal(settings_lines(settings), key_files(settings), asked.broker, asked.passphrase))
    return store.part_of(file)


def _database_bytes(settings: Settings) -> int:
    file = sqlite_file(settings.database_url)
    return file.stat().st_size if file is not None and file.exists() else 0


def _facts(kept: Kept) -> tuple[str, int, int]:
    return kept.path, kept.bytes, kept.mtime_ns


@contextmanager
def _told_of_full_disk(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Rejected(
            "backup_failed", f"{folder}: {error.strerror or error}. This backup is not whole; the ones before it are."
        ) from error
