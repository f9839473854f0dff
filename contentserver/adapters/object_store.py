"""Packages in a store that speaks S3: whole packages are put there, nginx fetches their files by presigned addresses.

A package's name is the hash of its manifest, which goes up last and only when everything that it names is there: who
finds a manifest finds the package. What was read of manifests is remembered, being immutable; a store that does not
answer is left alone for a few seconds, so that a page of many lessons waits once.
"""

import hashlib
import io
import shutil
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

import structlog
import urllib3
from flask import Response, request
from minio import Minio
from minio.error import MinioException, S3Error
from urllib3.exceptions import HTTPError

from contentserver.adapters.package_store import NAME, PIECE, RELEASES, Store, accelerated
from contentserver.courses import StoreAway
from contentserver.deploy import StoreFront
from media_pipeline.manifest import MANIFEST_FILE, Manifest, decode_manifest, package_name

SCHEMES: Final = {"s3+https": True, "s3+http": False}
INTERNAL: Final = "/internal/s3"
"""Of nginx: what lies behind it goes to the store."""
FETCHED_WITHIN: Final = timedelta(hours=1)
CONNECT_S, READ_S = 3.0, 20.0
LEFT_ALONE_S: Final = 5.0
REMEMBERED: Final = 512
AT_ONCE: Final = 4
KINDS: Final = {
    ".m4s": "video/iso.segment",
    ".mp4": "video/mp4",
    ".m3u8": "application/vnd.apple.mpegurl",
    ".vtt": "text/vtt",
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".json": "application/json",
}
"""As in nginx' configuration."""
ABSENT: Final = frozenset({"NoSuchKey", "NoSuchObject", "NotFound"})

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Place:
    """Where the store is: `s3+https://key:secret@host/bucket/folder?region=…`."""

    secure: bool
    host: str
    key: str
    secret: str
    bucket: str
    folder: str
    region: str


def place_of(url: str) -> Place:
    """The place that a setting names.

    Raises:
        ValueError: it names none.
    """
    parts = urlsplit(url)
    bucket, _slash, folder = unquote(parts.path).strip("/").partition("/")
    if parts.scheme not in SCHEMES or not (parts.hostname and parts.username and parts.password and bucket):
        raise ValueError("a store of packages is s3+https://KEY:SECRET@host/bucket")
    return Place(
        secure=SCHEMES[parts.scheme],
        host=parts.netloc.rpartition("@")[2],
        key=unquote(parts.username),
        secret=unquote(parts.password),
        bucket=bucket,
        folder=folder,
        region=parse_qs(parts.query).get("region", ["us-east-1"])[0],
    )


class S3Store(Store):
    """Packages in a bucket, made in a folder of the machine's own."""

    def __init__(self, folder: Path, secret: str, place: Place, *, fronted: bool) -> None:
        """`fronted`: nginx stands in front and fetches; without it the application carries the bytes itself."""
        super().__init__(folder, secret)
        self._place, self._fronted = place, fronted
        waits = urllib3.Timeout(connect=CONNECT_S, read=READ_S)
        self._client = Minio(
            place.host,
            place.key,
            place.secret,
            secure=place.secure,
            region=place.region,
            http_client=urllib3.PoolManager(timeout=waits, retries=False, maxsize=2 * AT_ONCE),
        )
        self._known: OrderedDict[str, Manifest] = OrderedDict()
        self._guard = threading.Lock()
        self._away_until = 0.0

    def front(self, cache: str) -> StoreFront:
        """What nginx must know, which keeps so much."""
        parts = urlsplit(self._presigned("x"))
        return StoreFront(self._place.secure, parts.netloc, parts.path.removesuffix("/x"), cache)

    def manifest(self, package: str) -> Manifest:
        """The package's manifest, from memory where it was read before."""
        if not NAME.fullmatch(package):
            raise ValueError("no package name")
        with self._guard:
            if (known := self._known.get(package)) is not None:
                self._known.move_to_end(package)
                return known
        data = self._body(f"{package}/{MANIFEST_FILE}")
        if package_name(data) != package:
            raise ValueError("the manifest was altered")
        manifest = decode_manifest(data)
        with self._guard:
            self._known[package] = manifest
            while len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        return manifest

    def keep(self, package: str, check: Callable[[], None] = lambda: None) -> None:
        """Put the package there, the manifest last; what is there already in the right size is left."""
        if self._size(f"{package}/{MANIFEST_FILE}") is not None:
            return
        made = self.folder / package
        written = (made / MANIFEST_FILE).read_bytes()
        if package_name(written) != package:
            raise OSError(f"{package}: the manifest was altered")
        wanted = {file.path: (file.bytes, file.sha256) for file in decode_manifest(written).files}
        with self._asked():
            listed = self._client.list_objects(self._place.bucket, self._key(f"{package}/"), recursive=True)
            there = {one.object_name: one.size for one in listed}
        missing = [path for path, (size, _sha) in wanted.items() if there.get(self._key(f"{package}/{path}")) != size]

        def put(path: str) -> None:
            check()
            self._put_file(f"{package}/{path}", made / path, wanted[path][1])

        try:
            with ThreadPoolExecutor(AT_ONCE) as hands:
                for _done in hands.map(put, missing):
                    pass
        except FileNotFoundError:  # another maker of the same package was done meanwhile, and tidied up
            if self._size(f"{package}/{MANIFEST_FILE}") is None:
                raise
            return
        self._put(f"{package}/{MANIFEST_FILE}", written, "application/json")
        log.info("package.kept", package=package, files=len(missing) + 1)

    def forget_local(self, package: str) -> None:
        """Remove what is in the store too. Another maker of the same package finds it there."""
        made = self.folder / package
        gone = made.with_name(f".gone-{package}-{time.monotonic_ns()}")
        try:
            made.rename(gone)
        except FileNotFoundError:
            return
        shutil.rmtree(gone, ignore_errors=True)

    def pieces(self, package: str, file: str) -> Iterator[bytes]:
        """A file, fetched while it is iterated."""
        with self._asked():
            answer = self._client.get_object(self._place.bucket, self._key(f"{package}/{file}"))
        try:
            with self._asked():
                yield from answer.stream(PIECE)
        finally:
            answer.close()
            answer.release_conn()

    def send(self, package: str, file: str) -> Response:
        """The file as a response: nginx fetches it; without nginx the application does, for trials."""
        if self._fronted:
            parts = urlsplit(self._presigned(f"{package}/{file}"))
            return accelerated(f"{INTERNAL}{parts.path}?{parts.query}")
        size = self._size(f"{package}/{file}")
        if size is None:
            return Response(status=404)
        response = Response(self.pieces(package, file), mimetype="application/octet-stream")
        response.content_length = size
        if "Range" not in request.headers:
            return response
        response.data = b"".join(self.pieces(package, file))
        response.make_conditional(request.environ, accept_ranges=True, complete_length=size)
        return response

    def keep_release(self, sha256: str, data: bytes) -> None:
        """Keep an archive of the television's program."""
        self._put(f"{RELEASES}/{sha256}.zip", data, "application/zip")

    def _key(self, name: str) -> str:
        return f"{self._place.folder}/{name}" if self._place.folder else name

    def _presigned(self, name: str) -> str:
        return self._client.presigned_get_object(self._place.bucket, self._key(name), FETCHED_WITHIN)

    def _body(self, name: str) -> bytes:
        return b"".join(self.pieces(*name.rsplit("/", 1)))

    def _size(self, name: str) -> int | None:
        """Bytes of what is kept under a name; None where there is nothing."""
        try:
            with self._asked():
                return self._client.stat_object(self._place.bucket, self._key(name)).size
        except FileNotFoundError:
            return None

    def _put_file(self, name: str, file: Path, sha256: str) -> None:
        data = file.read_bytes()
        if hashlib.sha256(data).hexdigest() != sha256:
            raise OSError(f"{name} is not what its manifest says")
        self._put(name, data, KINDS.get(file.suffix, "application/octet-stream"))

    def _put(self, name: str, data: bytes, kind: str) -> None:
        """Put, and make sure that it is there as it was sent: by the store's own checksum, else by reading it."""
        with self._asked():
            made = self._client.put_object(
                self._place.bucket, self._key(name), io.BytesIO(data), len(data), content_type=kind
            )
        if made.etag == hashlib.md5(data, usedforsecurity=False).hexdigest():
            return
        if self._body(name) != data:
            raise StoreAway(f"{name} did not arrive as it was sent")

    @contextmanager
    def _asked(self) -> Iterator[None]:
        """Every word with the store; its faults become ours.

        Raises:
            FileNotFoundError: there is no such thing.
            StoreAway: it does not answer or refuses us, or did so a moment ago.
        """
        if time.monotonic() < self._away_until:
            raise StoreAway("the store did not answer a moment ago")
        try:
            yield
        except S3Error as error:
            if error.code in ABSENT:
                raise FileNotFoundError(str(error.object_name)) from error
            raise self._away(error) from error
        except (MinioException, HTTPError) as error:
            raise self._away(error) from error

    def _away(self, error: Exception) -> StoreAway:
        self._away_until = time.monotonic() + LEFT_ALONE_S
        log.warning("store.away", error=repr(error)[:300])
        return StoreAway(repr(error)[:300])
