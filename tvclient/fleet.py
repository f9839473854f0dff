"""`python -m tvclient.fleet --boxes N`: many boxes in one process: the real core and adapters, no screen.

Each box has a folder, a key, a journal and a link of its own; it enrols, stores, plays to nobody and reports as any
other. What is different is the player (`adapters/dark_player.py`), and that the villagers are imagined: with
`--sign-in` they press the remote's keys, one person every few seconds of a lesson. Each takes a few threads, so that a
few dozen are enough; thousands that only keep timetables are a crowd (`crowd.py`): `--enrolled FILE`.
"""

import argparse
import logging
import signal
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec
import structlog

from schedules.wire.messages import Credentials
from tvclient.adapters.dark_player import DarkPlayer
from tvclient.core.events import Event, Key, KeyPressed
from tvclient.core.state import PlayPhase, State
from tvclient.crowd import Crowd
from tvclient.settings import Settings
from tvclient.shell import Shell

SIGN_IN_EVERY_S = 2.0


class DarkBox:
    """One box without a screen, on a thread of its own."""

    def __init__(self, server: str, data: Path, serial: str, numbers: Sequence[str] = ()) -> None:
        """`numbers` are typed on the remote during every lesson, in order."""
        data.mkdir(parents=True, exist_ok=True)
        self._numbers, self._next_sign_in = numbers, 0.0
        self._player = DarkPlayer(self._post)
        settings = Settings(server=server, data=data, serial=serial, remote=False)
        self.shell = Shell(settings, self._player, self._watch)
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

    def _watch(self, state: State) -> None:
        """What the imagined villagers do about what they see."""
        playback = state.playback
        if playback is None or playback.phase is not PlayPhase.PLAYING or time.monotonic() < self._next_sign_in:
            return
        here = state.signed_in.get(playback.airing.id, frozenset())
        numbers = {member.number: member.id for member in state.roster.members}
        for number in self._numbers:
            if number in numbers and numbers[number] not in here:
                self._next_sign_in = time.monotonic() + SIGN_IN_EVERY_S
                for key in (Key.GREEN, *map(Key, number), Key.OK, Key.BACK):
                    self.shell.post(KeyPressed(key))
                return


def main() -> int:
    """Run until told to end."""
    parser = argparse.ArgumentParser(prog="python -m tvclient.fleet", description=__doc__)
    parser.add_argument("--server", default="http://127.0.0.1:8080", metavar="URL")
    parser.add_argument("--boxes", type=int, default=1, metavar="N")
    parser.add_argument("--data", type=Path, default=Path("var/fleet"), metavar="DIR")
    parser.add_argument("--sign-in", action="append", default=[], metavar="NUMBER", help="may be given several times")
    parser.add_argument(
        "--enrolled", type=Path, metavar="FILE", help="boxes of `contentserver admin enrol-fleet`; timetables alone"
    )
    parser.add_argument("--no-fsync", action="store_true", help="with --enrolled: do not wait for the disk")
    given = parser.parse_args()
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    if given.enrolled:
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
        enrolled = msgspec.json.decode(given.enrolled.read_bytes(), type=list[Credentials])
        crowd = Crowd(enrolled, given.data, given.server, durable=not given.no_fsync)
        crowd.run(stopped.is_set)
        return 0
    boxes = [
        DarkBox(given.server, given.data / f"box-{number:05d}", f"fleet-{number:05d}", given.sign_in)
        for number in range(1, given.boxes + 1)
    ]
    for box in boxes:
        box.start()
    stopped.wait()
    for box in boxes:
        box.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
