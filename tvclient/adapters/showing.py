"""Sends the screen to the county: while a help lasts about once a second, and single pictures and logs when asked.

Small pictures, only when something changed, and more slowly the slower the line is: the lesson's own traffic comes
first. Threads live only while there is something to send. Who may look, and whether: `core/helping.py`.
"""

import io
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Thread
from typing import Final

import structlog
from PIL import Image

from tvclient.adapters.api import Api
from tvclient.adapters.errors import AdapterError, Refused
from tvclient.adapters.mirror import Frames
from tvclient.adapters.recent_log import RecentLog

WIDTH: Final = 960
MOST_BYTES: Final = 60_000
QUALITIES: Final = (72, 55, 40, 28)
EVERY_S: Final = 1.0
SLOWEST_S: Final = 15.0
ALIVE_EVERY_S: Final = 10.0
"""So often a screen that does not change is said to be the same."""
TRIES: Final = 5
NOT_AGREED: Final = "help_not_agreed"
"""The server has not heard the yes yet: it is on its way."""

log = structlog.get_logger(__name__)


def pictured(picture: Image.Image) -> bytes:
    """A picture as it travels: JPEG, at most 960 wide and 60 KB."""
    small = picture.convert("RGB")
    small.thumbnail((WIDTH, WIDTH), Image.Resampling.BILINEAR)
    while True:
        for quality in QUALITIES:
            written = io.BytesIO()
            small.save(written, "JPEG", quality=quality)
            if written.tell() <= MOST_BYTES:
                return written.getvalue()
        small = small.resize((small.width * 3 // 4, small.height * 3 // 4))


class Showing:
    """One box's pictures and logs."""

    def __init__(
        self,
        api: Api,
        frames: Frames | None,
        recent: RecentLog | None,
        heard: Callable[[str], None],
        refused: Callable[[str], None],
    ) -> None:
        """Nothing is sent before it is asked for.

        Args:
            frames: where the screen's pictures come from; None for a box without a screen.
            heard: the server has taken something of this help.
            refused: the server holds this help for over.
        """
        self._api, self._frames, self._recent = api, frames, recent
        self._heard, self._refused = heard, refused
        self._once = ThreadPoolExecutor(1, thread_name_prefix="showing")
        self._closed = Event()
        self._over = Event()
        self._thread: Thread | None = None

    @property
    def has_screen(self) -> bool:
        """Whether there is anything to be seen."""
        return self._frames is not None

    def begin(self, help_id: str) -> None:
        """Show the screen until `end`."""
        self.end()
        self._over = over = Event()
        self._thread = Thread(target=self._show, args=(help_id, over), name="help", daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Show it no more."""
        self._over.set()

    def picture(self, command: str, done: Callable[[str], None]) -> None:
        """Send one picture, drawn after this; `done` is told a stable code, empty where it went well."""
        self._once.submit(self._deliver, command, self._photograph, self._api.send_picture, done)

    def log(self, command: str, lines: int, done: Callable[[str], None]) -> None:
        """Send the newest lines of the log, likewise."""

        def written() -> bytes:
            return (self._recent.last(lines) if self._recent else "").encode()

        self._once.submit(self._deliver, command, written, self._api.send_log, done)

    def close(self) -> None:
        """Stop sending."""
        self._closed.set()
        self._over.set()
        self._once.shutdown(wait=False, cancel_futures=True)

    def _photograph(self) -> bytes:
        if self._frames is None:
            raise TimeoutError
        return pictured(self._frames.fresh())

    def _deliver(
        self,
        command: str,
        make: Callable[[], bytes],
        send: Callable[[str, bytes], None],
        done: Callable[[str], None],
    ) -> None:
        try:
            data = make()
        except TimeoutError:
            done("no_picture")
            return
        for attempt in range(TRIES):
            try:
                send(command, data)
            except Refused as error:
                log.warning("showing.refused", command=command, reason=str(error))
                done("refused")
                return
            except AdapterError as error:
                log.info("showing.put_off", command=command, reason=str(error))
            else:
                done("")
                return
            if self._closed.wait(2.0**attempt):
                return
        done("no_line")

    def _show(self, help_id: str, over: Event) -> None:
        sent, sent_at, failures = b"", float("-inf"), 0
        while not over.is_set() and not self._closed.is_set():
            data = self._newest() or sent
            due = data != sent or time.monotonic() - sent_at >= ALIVE_EVERY_S
            began, pause_s = time.monotonic(), EVERY_S
            try:
                if due and not over.is_set():
                    self._api.send_picture(help_id, data if data != sent else b"")
                    sent, sent_at, failures = data, time.monotonic(), 0
                    self._heard(help_id)
                    pause_s = max(EVERY_S, 2 * (time.monotonic() - began))
            except Refused as error:
                if error.code != NOT_AGREED:
                    log.info("help.refused", reason=str(error))
                    self._refused(help_id)
                    return
            except AdapterError as error:
                failures += 1
                pause_s = EVERY_S * 2 ** min(failures, 4)
                log.info("help.not_heard", reason=str(error))
            over.wait(min(SLOWEST_S, pause_s))

    def _newest(self) -> bytes:
        """The screen as it is drawn now; nothing where there is none, or where it draws nothing."""
        try:
            return self._photograph()
        except TimeoutError:
            return b""
