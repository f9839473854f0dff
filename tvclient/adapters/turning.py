"""What recurs in a box goes by turns: in a television on a thread of its own, in a fleet by a few hands for all boxes.

A turn does what is due and says after how many seconds the next one should come at the latest; `wake` brings it at
once. Who gives the turns in a fleet: `tvclient/fleet/hands.py`.
"""

from collections.abc import Callable
from threading import Event, Thread
from typing import Protocol

Turn = Callable[[], float | None]
"""Gives seconds until the next turn at the latest; None for none before somebody wakes it."""


class Turning(Protocol):
    """Something that is given turns, never two at once."""

    def start(self) -> None:
        """The first turn comes at once."""

    def wake(self) -> None:
        """Something happened: the next turn comes at once. From any thread."""

    def close(self, within_s: float) -> None:
        """No more turns; wait so long at most for one that is under way."""


class OwnThread:
    """Turns on a thread of their own."""

    def __init__(self, name: str, turn: Turn) -> None:
        """Nothing runs before `start`."""
        self._turn = turn
        self._news = Event()
        self._closed = False
        self._thread = Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """See `Turning`."""
        self._thread.start()

    def wake(self) -> None:
        """See `Turning`."""
        self._news.set()

    def close(self, within_s: float) -> None:
        """See `Turning`."""
        self._closed = True
        self._news.set()
        if self._thread.is_alive():
            self._thread.join(within_s)

    def _run(self) -> None:
        while not self._closed:
            pause_s = self._turn()
            self._news.wait(pause_s)
            self._news.clear()
