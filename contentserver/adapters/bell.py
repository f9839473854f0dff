"""A bell between two programs of one machine: the web rings after a commit, the link looks at once what is due.

A datagram on a Unix socket in the data folder. Nothing depends on it: where a ring is lost, or the link runs on another
machine, the change is noticed at the link's next look (`ingest.POLL_S`).
"""

import socket
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Thread

_NAME = "link.bell"


def ring(data_dir: Path) -> None:
    """Wake the link, if one listens."""
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.setblocking(False)
        sender.sendto(b"!", str(data_dir / _NAME))


class Bell:
    """The listening end; `rung` is called on a thread of its own after each ring."""

    def __init__(self, data_dir: Path, rung: Callable[[], None]) -> None:
        self._file, self._rung = data_dir / _NAME, rung
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._closed = False

    def start(self) -> None:
        """Begin to listen; an older socket file, left by a killed program, is replaced."""
        self._file.unlink(missing_ok=True)
        self._socket.bind(str(self._file))
        Thread(target=self._listen, name="bell", daemon=True).start()

    def close(self) -> None:
        """Stop listening."""
        self._closed = True
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._file.unlink(missing_ok=True)

    def _listen(self) -> None:
        while not self._closed:
            try:
                self._socket.recv(16)
            except OSError:
                return
            self._rung()
