"""A Mosquitto that a test starts, kills and starts again on the same port."""

import shutil
import socket
import subprocess
from pathlib import Path

from tests.tvclient.awaiting import eventually

_PROGRAM = shutil.which("mosquitto", path="/usr/sbin:/usr/bin:/usr/local/sbin") or "mosquitto"


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Broker:
    """One broker; its data is gone when it is started again."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        self.port = free_port()
        self._config = folder / "mosquitto.conf"
        self._config.write_text(
            f"listener {self.port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 10000\n"
            f"max_inflight_messages 200\nuser root\nlog_dest file {folder / 'log'}\n"
        )
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen([_PROGRAM, "-c", str(self._config)])
        eventually(self._listens, "the broker listens")

    def kill(self) -> None:
        assert self._process
        self._process.kill()
        self._process.wait(10)
        self._process = None

    def stop(self) -> None:
        if self._process:
            self.kill()

    def _listens(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
        except OSError:
            return False
        return True
