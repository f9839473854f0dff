"""ClamAV's daemon asked about a file, by its INSTREAM command over TCP or a Unix socket.

The file's bytes go through the socket, so the daemon needs no right to read the folder. Its `StreamMaxLength` must be
as large as the largest recording; what is larger it does not look at, and says so.
"""

import socket
import struct
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlsplit

from contentserver.courses import ScanImpossible, ScannerAway

_PIECE_BYTES = 256 * 1024
_ANSWER_BYTES = 4096
_TIMEOUT_S = 120


class Clamd:
    """One daemon, at `tcp://host:port` or `unix:///path`."""

    def __init__(self, address: str) -> None:
        self._parts = urlsplit(address)
        if self._parts.scheme not in {"tcp", "unix"}:
            raise ValueError(f"{address}: tcp://host:port or unix:///path")

    def scan(self, file: Path) -> str:
        """What the daemon found in a file; empty where it found nothing.

        Raises:
            ScannerAway: it does not answer.
            ScanImpossible: it answers, and cannot look at this file.
        """
        try:
            with self._connected() as line, file.open("rb") as opened:
                answer = _ask(line, opened)
        except OSError as error:
            if not file.exists():
                raise
            raise ScannerAway(str(error)) from error
        said = answer.rstrip(b"\0\n").decode("utf-8", "replace").removeprefix("stream: ")
        if said == "OK":
            return ""
        if said.endswith(" FOUND"):
            return said.removesuffix(" FOUND")
        if not said:
            raise ScannerAway("it ended the connection")
        raise ScanImpossible(said)

    def _connected(self) -> socket.socket:
        if self._parts.scheme == "tcp":
            return socket.create_connection((self._parts.hostname or "127.0.0.1", self._parts.port or 3310), _TIMEOUT_S)
        line = socket.socket(socket.AF_UNIX)
        line.settimeout(_TIMEOUT_S)
        try:
            line.connect(self._parts.path)
        except OSError:
            line.close()
            raise
        return line


def _ask(line: socket.socket, opened: BinaryIO) -> bytes:
    """Send a file; gives the answer, which may come before all is sent where the file is too large."""
    try:
        line.sendall(b"zINSTREAM\0")
        while piece := opened.read(_PIECE_BYTES):
            line.sendall(struct.pack("!L", len(piece)) + piece)
        line.sendall(struct.pack("!L", 0))
    except (BrokenPipeError, ConnectionResetError):
        pass  # it says why
    answer = b""
    while len(answer) < _ANSWER_BYTES and (more := line.recv(_ANSWER_BYTES)):
        answer += more
    return answer
