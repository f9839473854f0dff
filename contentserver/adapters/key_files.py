"""Keys in files: read only where nobody else can, made where nobody else looks. Which key signs: `trust`."""

import os
import stat
from pathlib import Path

from contentserver.deploy.authority import write_secret
from contentserver.kernel.errors import Outage
from schedules.wire.signing import JwkKey, new_private_jwk

MAX_BYTES = 10_000
"""No key is as long."""


class KeyUnusable(Outage):
    """A key cannot be used; the sentence says which, why, and what to do."""


def read_secret(file: Path) -> bytes:
    """What stands in a file that its owner alone may read.

    Raises:
        KeyUnusable: it is not there, or others could read it, or it belongs to somebody else.
    """
    try:
        descriptor = os.open(file, os.O_RDONLY)
    except FileNotFoundError as error:
        raise KeyUnusable(f"{file} is missing. Restore it: boxes trust it. Without boxes: admin init.") from error
    except OSError as error:
        raise KeyUnusable(f"{file} cannot be read: {error.strerror}.") from error
    try:
        _require_private(file, os.fstat(descriptor))
        return os.read(descriptor, MAX_BYTES)
    finally:
        os.close(descriptor)


def _require_private(file: Path, found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise KeyUnusable(f"{file} is no file.")
    if found.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        mode = stat.S_IMODE(found.st_mode)
        raise KeyUnusable(f"{file} can be reached by others (mode {mode:04o}). Run: chmod 600 {file}")
    if found.st_uid not in {0, os.geteuid()}:
        raise KeyUnusable(f"{file} belongs to another user ({found.st_uid}). Run: chown {os.geteuid()} {file}")


def read_key(file: Path) -> JwkKey:
    """The key in a file.

    Raises:
        KeyUnusable: as `read_secret`, or it holds no Ed25519 key.
    """
    try:
        return JwkKey(read_secret(file))
    except ValueError as error:
        raise KeyUnusable(f"{file} holds no Ed25519 key ({error}). Restore it from a copy.") from error


def make_key(file: Path) -> JwkKey:
    """A new key in a new file.

    Raises:
        FileExistsError: there is one of this name.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    write_secret(file, new_private_jwk())
    return read_key(file)
