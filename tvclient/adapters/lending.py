"""Lends this box's packages to its neighbours: plain HTTP, read-only, to addresses of the local network alone.

What can be read: verified files of trusted packages, by the names that their manifest gives them, their manifest and
approval, and the shelf. Nothing else has a name here, so there is no path to walk out of. Few at once and not too fast:
a neighbour must not disturb the lesson on this television. The other side: `neighbours.py`.
"""

import re
import time
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from threading import BoundedSemaphore, Lock, Thread
from typing import Any, BinaryIO
from urllib.parse import unquote

from media_pipeline.manifest import MANIFEST_FILE
from schedules.airings import PackageName
from schedules.wire.codec import encode
from schedules.wire.messages import Shelf
from tvclient.adapters.lan import private
from tvclient.adapters.packages import PackageStore

APPROVAL = "approval"
AT_ONCE = 6
BYTES_PER_S = 4_000_000
PIECE = 65_536
REQUEST_S = 5.0
_RANGE = re.compile(r"bytes=(\d{1,15})-(\d{0,15})")


class Lending:
    """The server of one box. Listens from the start, answers while `shelf` gives one."""

    def __init__(self, store: PackageStore, shelf: Callable[[], Shelf | None], address: str = "") -> None:
        """Lend from `store`.

        Args:
            shelf: what to say of oneself; None while the box lends nothing.
            address: where to listen; empty for every address of this machine.
        """
        self._server = _Server((address, 0), store, shelf)
        self._thread = Thread(target=self._server.serve_forever, name="lending", daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.server_address[1])

    def close(self) -> None:
        """Stop; answers under way are cut off."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 2 * AT_ONCE

    def __init__(self, address: tuple[str, int], store: PackageStore, shelf: Callable[[], Shelf | None]) -> None:
        self.store, self.shelf = store, shelf
        self._room = BoundedSemaphore(AT_ONCE)
        self._lock = Lock()
        self._free_at = 0.0
        super().__init__(address, _Handler)

    def verify_request(self, request: Any, client_address: Any) -> bool:
        """Whether somebody may ask at all."""
        del request
        return private(str(client_address[0])) and self._room.acquire(blocking=False)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Answer, and make room for the next one."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._room.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A neighbour who hangs up is no error."""

    def wait_for_turn(self, size: int) -> None:
        """All answers together are no faster than `BYTES_PER_S`."""
        with self._lock:
            now = time.monotonic()
            begins = max(now, self._free_at)
            self._free_at = begins + size / BYTES_PER_S
        if begins > now:
            time.sleep(begins - now)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = REQUEST_S
    server_version, sys_version = "yuanjiao", ""

    def do_GET(self) -> None:
        """The shelf at `/`, a package's papers and files below its name."""
        shelf = self.server.shelf()
        if shelf is None:
            self.send_error(HTTPStatus.FORBIDDEN)
            return
        if self.path == "/":
            self._send(BytesIO(encode(shelf)))
            return
        name, _, path = unquote(self.path.removeprefix("/")).partition("/")
        found = self._find(PackageName(name), path)
        if found is None:
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        with found:
            self._send(found)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Nothing: neighbours ask often."""

    def _find(self, name: PackageName, path: str) -> BinaryIO | None:
        if path in {MANIFEST_FILE, APPROVAL}:
            papers = self.server.store.papers(name)
            return BytesIO(papers[path == APPROVAL]) if papers else None
        return self.server.store.open(name, path)

    def _send(self, file: BinaryIO) -> None:
        size = file.seek(0, 2)
        first, last = self._asked_for(size)
        if first > last >= 0:
            self.send_response(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE)
            self.send_header("Content-Range", f"bytes */{size}")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        whole = (first, last) == (0, size - 1)
        self.send_response(HTTPStatus.OK if whole else HTTPStatus.PARTIAL_CONTENT)
        if not whole:
            self.send_header("Content-Range", f"bytes {first}-{last}/{size}")
        self.send_header("Content-Type", "application/octet-stream")
        left = max(0, last - first + 1)
        self.send_header("Content-Length", str(left))
        self.end_headers()
        file.seek(first)
        while left > 0 and (piece := file.read(min(PIECE, left))):
            self.server.wait_for_turn(len(piece))
            self.wfile.write(piece)
            left -= len(piece)

    def _asked_for(self, size: int) -> tuple[int, int]:
        """First and last byte that are wanted; all of them where the header is absent or strange."""
        asked = _RANGE.fullmatch(self.headers.get("Range", ""))
        if asked is None:
            return 0, size - 1
        return int(asked[1]), min(int(asked[2]), size - 1) if asked[2] else size - 1
