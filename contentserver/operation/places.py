"""What an installation has on its disk: which files of the data folder a backup takes, and which are keys.

New folders of data are taken without being named here; only what is made again, or is in the making, is left out.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import make_url

from contentserver.courses import KEPT
from contentserver.kernel import pulse
from contentserver.settings import Settings

COMPANIONS = ("", "-wal", "-shm", "-journal")
KEY_NAMES = ("*.jwk", "*.pem", "*.key", "journal-key")


@dataclass(frozen=True, slots=True)
class DataFile:
    """A file of the data folder: its path below it, with slashes, and what tells whether it changed."""

    path: str
    bytes: int
    mtime_ns: int


def sqlite_file(database_url: str) -> Path | None:
    """The file of a SQLite database; None for another engine."""
    url = make_url(database_url)
    return Path(url.database or "") if url.get_backend_name() == "sqlite" else None


def key_files(settings: Settings) -> list[Path]:
    """Everything secret beside the signing key, and the keys that lie elsewhere."""
    found = {file for pattern in KEY_NAMES for file in settings.keys_dir.glob(pattern)}
    found |= {settings.signing_key_file, settings.approvals_file}
    if settings.pkcs11_pin_file:
        found.add(Path(settings.pkcs11_pin_file))
    return sorted(file for file in found if file.is_file())


def data_files(settings: Settings) -> Iterator[DataFile]:
    """The files of the data folder that are worth keeping, in order.

    Left out: what begins with a dot (in the making), the queue (`transcodes` rows wake the workers), uploads that no
    lesson is made of (a browser goes on for a week where it stopped; after a restore it begins anew), keys, the
    database, sockets, signs of life.
    """
    own, root = {file.resolve() for file in key_files(settings)}, settings.data_dir
    database = sqlite_file(settings.database_url)
    if database is not None:
        own |= {database.with_name(database.name + more).resolve() for more in COMPANIONS}
    for folder, folders, names in os.walk(root):
        here = Path(folder)
        folders[:] = sorted(one for one in folders if not one.startswith(".") and here / one != root / pulse.FOLDER)
        for name in sorted(names):
            file = here / name
            if not _kept(settings, file) or file.resolve() in own:
                continue
            try:
                found = file.stat()
            except FileNotFoundError:
                continue
            yield DataFile(file.relative_to(root).as_posix(), found.st_size, found.st_mtime_ns)


def _kept(settings: Settings, file: Path) -> bool:
    name = file.name
    if name.startswith((".", f"{settings.queue_file.name}")) or file.suffix in {".part", ".new"}:
        return False
    if file.parent == settings.uploads_dir and not name.startswith(KEPT):
        return False
    return file.is_file() and not file.is_symlink()
