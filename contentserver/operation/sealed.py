"""What nobody else may read, in one file that a passphrase opens: keys, settings, the broker's state.

A tar archive in the age format (age-encryption.org/v1: scrypt and ChaCha20-Poly1305), which the program `age` opens
without this one.
"""

import io
import os
import tarfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from pyrage import DecryptError, passphrase

from contentserver.adapters.key_files import read_secret
from contentserver.kernel.errors import Rejected

NAME = "keys.age"
SETTINGS = "settings.env"
KEYS, BROKER = "keys/", "broker/"
SHORTEST = 12
BROKER_FILES = ("dynamic-security.json", "mosquitto.db", "mosquitto.conf")


def passphrase_in(file: Path) -> str:
    """The passphrase in a file that its owner alone may read.

    Raises:
        KeyUnusable: others can read it.
        Rejected: there is none, or it is too short to keep anything.
    """
    if not file.exists():
        raise Rejected("passphrase_missing", f"{file} is not there: the passphrase stands on the paper, too.")
    found = read_secret(file).decode(errors="replace").strip()
    if len(found) < SHORTEST:
        raise Rejected("passphrase_short", f"{file}: a passphrase has at least {SHORTEST} characters.")
    return found


def seal(settings_text: str, keys: Iterable[Path], broker: Path | None, words: str) -> bytes:
    """All of it in one sealed archive."""
    found: dict[str, bytes] = {SETTINGS: settings_text.encode()}
    found |= {KEYS + file.name: file.read_bytes() for file in keys}
    if broker is not None:
        found |= {BROKER + name: (broker / name).read_bytes() for name in BROKER_FILES if (broker / name).exists()}
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name, data in found.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(data), 0o600
            archive.addfile(entry, io.BytesIO(data))
    return bytes(passphrase.encrypt(packed.getvalue(), words))


def opened(file: Path, words: str) -> Mapping[str, bytes]:
    """What a sealed archive holds, by name.

    Raises:
        Rejected: the passphrase is another, or the file was altered.
    """
    try:
        packed = passphrase.decrypt(file.read_bytes(), words)
    except DecryptError as error:
        raise Rejected("passphrase_wrong", "The passphrase is another one, or the file was altered.") from error
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        return {one.name: taken.read() for one in archive if (taken := archive.extractfile(one)) is not None}


def write(target: Path, data: bytes) -> None:
    """A new file that its owner alone reads."""
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
