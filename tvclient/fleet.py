"""`python -m tvclient.fleet --boxes N`: many boxes in one process: the real core and adapters, no screen.

Each box has a folder, a key, a journal and a link of its own; it enrols, stores, plays to nobody and reports as any
other. What is different is the player alone (`adapters/dark_player.py`).
"""

import argparse
import signal
import sys
import threading
from pathlib import Path

from tvclient.adapters.dark_player import DarkPlayer
from tvclient.core.events import Event
from tvclient.settings import Settings
from tvclient.shell import Shell


class DarkBox:
    """One box without a screen, on a thread of its own."""

    def __init__(self, server: str, data: Path, serial: str) -> None:
        data.mkdir(parents=True, exist_ok=True)
        self._player = DarkPlayer(self._post)
        settings = Settings(server=server, data=data, serial=serial, remote=False)
        self.shell = Shell(settings, self._player, lambda _state: None)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self.shell.run_until, args=(self._stop,), name=serial)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def close(self) -> None:
        """End, and wait for the end."""
        self._stop.set()
        self._thread.join()
        self.shell.close()
        self._player.close()

    def _post(self, event: Event) -> None:
        self.shell.post(event)


def main() -> int:
    """Run until told to end."""
    parser = argparse.ArgumentParser(prog="python -m tvclient.fleet", description=__doc__)
    parser.add_argument("--server", default="http://127.0.0.1:8080", metavar="URL")
    parser.add_argument("--boxes", type=int, default=1, metavar="N")
    parser.add_argument("--data", type=Path, default=Path("var/fleet"), metavar="DIR")
    given = parser.parse_args()
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    boxes = [DarkBox(given.server, given.data / f"box-{n:05d}", f"fleet-{n:05d}") for n in range(1, given.boxes + 1)]
    for box in boxes:
        box.start()
    stopped.wait()
    for box in boxes:
        box.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
