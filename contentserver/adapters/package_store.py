"""Packages in a folder, and the signed addresses under which they leave.

An address is `/media/<package>/<file>?e=<expiry>&s=<signature>`: the signature covers package and expiry, so one
address part serves all files of a package, and expires. Behind nginx the bytes leave by X-Accel-Redirect. Beside the
packages lie the releases of the television's program; whoever sends one has asked before who wants it.
"""

import hashlib
import hmac
import os
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flask import Response, send_from_directory

from media_pipeline.errors import ManifestInvalid
from media_pipeline.manifest import MANIFEST_FILE, Manifest, decode_manifest

LIFETIME = timedelta(hours=24)
RELEASES = "releases"
_NAME = re.compile(r"sha256-[0-9a-f]{64}")


class FolderStore:
    """Packages below one folder, each in a sub-folder of its name."""

    def __init__(self, folder: Path, secret: str, accel_prefix: str) -> None:
        self.folder = folder
        self._secret = secret.encode()
        self._accel_prefix = accel_prefix

    def manifest(self, package: str) -> Manifest:
        """The package's manifest."""
        if not _NAME.fullmatch(package):
            raise ValueError("no package name")
        return decode_manifest((self.folder / package / MANIFEST_FILE).read_bytes())

    def size(self, package: str) -> int:
        """Bytes of all files that the manifest names."""
        return sum(file.bytes for file in self.manifest(package).files)

    def has(self, package: str, file: str) -> bool:
        """Whether the package is here and its manifest names the file (or it is the manifest itself)."""
        try:
            manifest = self.manifest(package)
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

    def send(self, package: str, file: str) -> Response:
        """The file as a response, by nginx where it stands in front."""
        if not self._accel_prefix:
            return send_from_directory(self.folder / package, file, conditional=True)
        response = Response()
        response.headers["X-Accel-Redirect"] = f"{self._accel_prefix}{package}/{file}"
        response.headers.pop("Content-Type", None)
        response.headers["Cache-Control"] = "private, max-age=86400, immutable"
        return response

    def keep_release(self, sha256: str, data: bytes) -> None:
        """Keep an archive of the television's program; it is whole on the disk, or not there."""
        place = self.folder / RELEASES / f"{sha256}.zip"
        place.parent.mkdir(parents=True, exist_ok=True)
        draft = place.with_suffix(f".{os.getpid()}")
        with draft.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(place)

    def send_release(self, sha256: str) -> Response:
        """The archive as a response, by nginx where it stands in front."""
        return self.send(RELEASES, f"{sha256}.zip")

    def _signature(self, package: str, expiry: int) -> str:
        return hmac.new(self._secret, f"media:{package}:{expiry}".encode(), hashlib.sha256).hexdigest()[:32]
