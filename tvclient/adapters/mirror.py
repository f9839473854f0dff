"""The television's live picture beside a clickable remote, for a machine without a display; only with `--mirror PORT`.

Bound to 127.0.0.1 and answering to loopback names alone; a key needs the token that only the page holds, so no other
site can press one. Knows neither Kivy nor the core's state: it asks for a picture and gets one some frames later.

    GET /             the page
    GET /live         the picture as it changes (multipart JPEG)
    GET /frame.png    one exact screenshot
    POST /key/<name>  a key of the remote, with the page's token in `X-Mirror-Token`
"""

import io
import secrets
import time
from collections.abc import Callable
from functools import cached_property
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Condition, Thread
from typing import Final
from urllib.parse import urlsplit

import structlog
from PIL import Image

from tvclient.core.events import Key

PAGE: Final = Path(__file__).with_name("mirror.html")
PER_SECOND: Final = 8
QUALITY: Final = 82
PATIENCE_S: Final = 5.0
BOUNDARY: Final = "picture"
LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})

log = structlog.get_logger(__name__)


class Frames:
    """The newest picture, handed from the thread that draws to those that watch.

    `wanted` tells the drawing thread whether anybody would look: then, and only then, it reads the framebuffer and
    calls `put`.
    """

    def __init__(self) -> None:
        self._changed = Condition()
        self._picture: Image.Image | None = None
        self._number = 0
        self._watching = 0
        self._asked = False
        self._put_at = 0.0

    @property
    def wanted(self) -> bool:
        """Whether a picture read now would be used."""
        if self._asked:
            return True
        return self._watching > 0 and time.monotonic() - self._put_at >= 1 / PER_SECOND

    @property
    def asked(self) -> bool:
        """Whether somebody waits for a picture even if nothing on the screen moves."""
        return self._asked

    def put(self, picture: Image.Image) -> None:
        """A picture just drawn."""
        with self._changed:
            self._picture, self._number, self._asked = picture, self._number + 1, False
            self._put_at = time.monotonic()
            self._changed.notify_all()

    def fresh(self) -> Image.Image:
        """A picture drawn after this call. Raises TimeoutError where the window draws nothing."""
        with self._changed:
            before, self._asked = self._number, True
            if not self._changed.wait_for(lambda: self._number > before, PATIENCE_S) or self._picture is None:
                raise TimeoutError
            return self._picture

    def after(self, number: int) -> tuple[int, Image.Image | None]:
        """The newest picture and its number, once it is newer than `number`; after a while the old one again."""
        with self._changed:
            self._watching += 1
            self._asked = self._asked or self._picture is None
            try:
                self._changed.wait_for(lambda: self._number > number, PATIENCE_S)
            finally:
                self._watching -= 1
            return self._number, self._picture


class Mirror:
    """The page and its server, each request in a thread of its own.

    Args:
        port: on 127.0.0.1; 0 for any free one.
        press: takes keys; called on the server's threads.
        frames: where the pictures come from; its own unless given.
    """

    def __init__(self, port: int, press: Callable[[Key], None], frames: Frames | None = None) -> None:
        self.frames = frames or Frames()
        self.token = secrets.token_urlsafe(24)
        self.press = press
        mirror = self

        class Handler(_Handler):
            @cached_property
            def mirror(self) -> Mirror:
                return mirror

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._server.daemon_threads = True
        self._thread = Thread(target=self._server.serve_forever, name="mirror", daemon=True)
        self._thread.start()

    @property
    def address(self) -> str:
        """Where the page is."""
        return f"http://127.0.0.1:{self._server.server_port}/"

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Handler(BaseHTTPRequestHandler):
    timeout = 30
    server_version, sys_version = "mirror", ""

    @cached_property
    def mirror(self) -> Mirror:
        """Whose page this is."""
        raise NotImplementedError

    def do_GET(self) -> None:
        """Answer the page, the live picture or one screenshot."""
        if not self._is_local():
            return
        match urlsplit(self.path).path:
            case "/":
                self._page()
            case "/live":
                self._live()
            case "/frame.png":
                self._frame()
            case _:
                self._refuse(HTTPStatus.NOT_FOUND)

    def do_POST(self) -> None:
        """Press a key."""
        if not self._is_local():
            return
        if not secrets.compare_digest(self.headers.get("X-Mirror-Token", "").encode(), self.mirror.token.encode()):
            self._refuse(HTTPStatus.FORBIDDEN)
            return
        path = urlsplit(self.path).path
        name = path.removeprefix("/key/")
        if path == name or name not in set(Key):
            self._refuse(HTTPStatus.NOT_FOUND)
            return
        self.mirror.press(Key(name))
        self.send_response(HTTPStatus.NO_CONTENT)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (as http.server names it)
        """Say it in the log, quietly."""
        log.debug("mirror.request", line=format % args)

    def _is_local(self) -> bool:
        """Whether the request was meant for this machine by name; else it is refused (DNS rebinding)."""
        try:
            name = urlsplit("//" + self.headers.get("Host", "")).hostname
        except ValueError:
            name = None
        if name in LOOPBACK:
            return True
        self._refuse(HTTPStatus.MISDIRECTED_REQUEST)
        return False

    def _refuse(self, status: HTTPStatus) -> None:
        self._send(status, "text/plain; charset=utf-8", status.phrase.encode())

    def _send(self, status: HTTPStatus, kind: str, body: bytes, policy: str = "default-src 'none'") -> None:
        self.send_response(status)
        self._headers(kind, policy)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _headers(self, kind: str, policy: str) -> None:
        self.send_header("Content-Type", kind)
        self.send_header("Cache-Control", "no-store")
        self.send_header("Content-Security-Policy", f"{policy}; frame-ancestors 'none'; base-uri 'none'")
        self.send_header("Cross-Origin-Resource-Policy", "same-origin")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Referrer-Policy", "no-referrer")

    def _page(self) -> None:
        nonce = secrets.token_urlsafe(12)
        page = PAGE.read_text("utf-8").replace("{token}", self.mirror.token).replace("{nonce}", nonce)
        policy = "default-src 'none'; img-src 'self' data:; connect-src 'self'"
        policy += f"; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'"
        self._send(HTTPStatus.OK, "text/html; charset=utf-8", page.encode(), policy)

    def _frame(self) -> None:
        try:
            picture = self.mirror.frames.fresh()
        except TimeoutError:
            self._refuse(HTTPStatus.SERVICE_UNAVAILABLE)
            return
        self._send(HTTPStatus.OK, "image/png", _encoded(picture, "PNG"))

    def _live(self) -> None:
        self.send_response(HTTPStatus.OK)
        self._headers(f"multipart/x-mixed-replace; boundary={BOUNDARY}", "default-src 'none'")
        self.end_headers()
        number = 0
        try:
            while True:
                number, picture = self.mirror.frames.after(number)
                if picture is None:
                    continue
                body = _encoded(picture, "JPEG")
                head = f"--{BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {len(body)}\r\n\r\n"
                self.wfile.write(head.encode() + body + b"\r\n")
        except (ConnectionError, TimeoutError):
            self.close_connection = True


def _encoded(picture: Image.Image, kind: str) -> bytes:
    buffer = io.BytesIO()
    if kind == "PNG":
        picture.save(buffer, kind, compress_level=3)
    else:
        picture.save(buffer, kind, quality=QUALITY)
    return buffer.getvalue()
