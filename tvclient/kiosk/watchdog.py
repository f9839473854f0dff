"""Tells systemd that the program is up and that its picture still turns (sd_notify(3)); elsewhere does nothing.

Called from the loop that draws: a program whose window hangs falls silent, and systemd starts it anew.
"""

import os
import socket
import time
from collections.abc import Mapping

import structlog

SHARE = 3
"""So many signs of life within the time that systemd allows."""

log = structlog.get_logger(__name__)


class Watchdog:
    """One program's word to its service manager."""

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        """Read where to speak, and how often (`NOTIFY_SOCKET`, `WATCHDOG_USEC`)."""
        address = environment.get("NOTIFY_SOCKET", "")
        self._address = "\0" + address[1:] if address.startswith("@") else address
        allowed_s = int(environment.get("WATCHDOG_USEC") or 0) / 1e6
        self._every_s = allowed_s / SHARE
        self._next_at = 0.0
        self._ready = False

    def turned(self) -> None:
        """The picture's loop has turned once; cheap."""
        if not self._address:
            return
        if not self._ready:
            self._ready = True
            self._say("READY=1")
        now = time.monotonic()
        if self._every_s and now >= self._next_at:
            self._next_at = now + self._every_s
            self._say("WATCHDOG=1")

    def stopping(self) -> None:
        """An orderly end has begun."""
        if self._address:
            self._say("STOPPING=1")

    def _say(self, words: str) -> None:
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
                channel.connect(self._address)
                channel.send(words.encode())
        except OSError as error:
            log.warning("watchdog.unheard", reason=str(error))
