"""Packages, and the signed addresses under which they leave: in a folder here, in an S3 store in `object_store.py`.

An address is `/media/<package>/<file>?e=<expiry>&s=<signature>`: the signature covers package and expiry, so one
address part serves all files of a package, and expires. Behind nginx the bytes leave by X-Accel-Redirect. Beside the
packages lie the releases of the television's program; whoever sends one has asked before who wants it.
"""

import hashlib
import hmac
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flask import Response, send_from_directory

from contentserver.courses import StoreAway
from contentserver.kernel.files import write_whole
from media_pipeline.errors import ManifestInvalid
from media_pipeline.manifest import MANIFEST_FILE, Manifest, decode_manifest

LIFETIME = timedelta(hours=24)
RELEASES = "releases"
NAME = re.compile(r"sha256-[0-9a-f]{64}")
PIECE = 1 << 20


class Store(ABC):
    """Packages by name, each one's files by path; and beside them the releases of the television's program.

    Attributes:
        folder: where packages are made, one sub-folder each. In a `FolderStore` they stay there.
    """

    def __init__(self, folder: Path, secret: str) -> None:
        self.folder = folder
        self._secret = secret.encode()

    @abstractmethod
    def manifest(self, package: str) -> Manifest:
        """The package's manifest.

        Raises:
            OSError: it is not there; `StoreAway` where that cannot be known now.
            ValueError, ManifestInvalid: it is none.
        """

    @abstractmethod
    def keep(self, package: str, check: Callable[[], None] = lambda: None) -> None:
        """A package that is whole in `folder` is durable from now on, and found by everybody.

        Args:
            check: called often; what it raises ends the keeping, which may be begun anew.
        """

    @abstractmethod
    def forget_local(self, package: str) -> None:
        """Whoever made the package needs it in `folder` no more."""

    @abstractmethod
    def pieces(self, package: str, file: str) -> Iterator[bytes]:
        """A file, read while it is iterated.

        Raises:
            OSError: it is not there.
        """

    @abstractmethod
    def send(self, package: str, file: str) -> Response:
        """The file as a response, by nginx where it stands in front."""

    @abstractmethod
    def keep_release(self, sha256: str, data: bytes) -> None:
        """Keep an archive of the television's program; it is whole, or not there."""

    def size(self, package: str) -> int:
        """Bytes of all files that the manifest names."""
        return sum(file.bytes for file in self.manifest(package).files)

    def has(self, package: str, file: str) -> bool:
        """Whether the package is here and its manifest names the file (or it is the manifest itself).

        Raises:
            StoreAway: that cannot be known now.
        """
        try:
            manifest = self.manifest(package)
        except StoreAway:
            raise
        except (OSError, ValueError, ManifestInvalid):
            return False
        return file == MANIFEST_FILE or any(named.path == file for named in manifest.files)

    def access(self, package: str, now: datetime) -> tuple[str, str, datetime]:
        """Base path, query and expiry of a signed address; a file lies at base + path + query."""
        expires = (now + LIFETIME).replace(microsecond=0)
        stamp = int(expires.timestamp())
        return f"/media/{package}/", f"?e={stamp}&s={self._signature(package, stamp)}", expires

    def address_valid(self, package: str, expiry: str, signature: str, now: datetime) -> bool:
        """Whether the address was made here and has not expired."""
        if not expiry.isascii() or not expiry.isdigit() or len(expiry) > 12:
            return False
        right = hmac.compare_digest(self._signature(package, int(expiry)).encode(), signature.encode())
        return right and now < datetime.fromtimestamp(int(expiry), UTC)

    def send_release(self, sha256: str) -> Response:
        """The archive as a response, by nginx where it stands in front."""
        return self.send(RELEASES, f"{sha256}.zip")

    def _signature(self, package: str, expiry: int) -> str:
        return hmac.new(self._secret, f"media:{package}:{expiry}".encode(), hashlib.sha256).hexdigest()[:32]


class FolderStore(Store):
    """Packages below one folder, each in a sub-folder of its name."""

    def __init__(self, folder: Path, secret: str, accel_prefix: str) -> None:
        super().__init__(folder, secret)
        self._accel_prefix = accel_prefix

    def manifest(self, package: str) -> Manifest:
        """The package's manifest."""
        if not NAME.fullmatch(package):
            raise ValueError("no package name")
        return decode_manifest((self.folder / package / MANIFEST_FILE).read_bytes())

    def keep(self, package: str, check: Callable[[], None] = lambda: None) -> None:
        """It is where it was made; the pipeline has made it durable."""

    def forget_local(self, package: str) -> None:
        """Here it stays."""

    def pieces(self, package: str, file: str) -> Iterator[bytes]:
        """A file, read while it is iterated; known to be there before."""
        found = (self.folder / package / file).resolve()
        found.stat()
        return _read(found)

    def send(self, package: str, file: str) -> Response:
        """The file as a response, by nginx where it stands in front."""
        if not self._accel_prefix:
            return send_from_directory(self.folder / package, file, conditional=True)
        return accelerated(f"{self._accel_prefix}{package}/{file}")

    def keep_release(self, sha256: str, data: bytes) -> None:
        """Keep an archive of the television's program; it is whole on the disk, or not there."""
        place = self.folder / RELEASES / f"{sha256}.zip"
        write_whole(place, data, lambda made: made.chmod(0o644))  # nginx reads it


def accelerated(address: str) -> Response:
    """The word to nginx that it sends what lies at one of its internal addresses."""
    response = Response()
    response.headers["X-Accel-Redirect"] = address
    response.headers.pop("Content-Type", None)
    response.headers["Cache-Control"] = "private, max-age=86400, immutable"
    return response


def _read(file: Path) -> Iterator[bytes]:
    with file.open("rb") as reading:
        while piece := reading.read(PIECE):
            yield piece
