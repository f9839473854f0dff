"""One box without a screen, on threads of its own, as a television has them: for tests of a single box."""

import threading
from collections.abc import Sequence
from pathlib import Path

from tvclient.adapters.dark_player import DarkPlayer
from tvclient.core.events import Event, KeyPressed
from tvclient.core.state import State
from tvclient.fleet.villagers import Habits, Villagers
from tvclient.settings import Settings
from tvclient.shell import Shell


class DarkBox:
    """The shell and everything below it; the player plays to nobody."""

    def __init__(
        self,
        server: str,
        data: Path,
        serial: str,
        numbers: Sequence[str] = (),
        authority: str = "",
        release: str | None = None,
    ) -> None:
        """Nothing runs before `start`.

        Args:
            numbers: typed on the remote during every lesson, in order.
            release: the program's, as the launcher says it; None takes no other one.
        """
        data.mkdir(parents=True, exist_ok=True)
        self._villagers = Villagers(Habits(numbers=tuple(numbers)), serial)
        self._player = DarkPlayer(self._post)
        settings = Settings(server=server, data=data, serial=serial, authority=authority, remote=False, release=release)
        self._stop = threading.Event()
        self.shell = Shell(settings, self._player, self._watch, leave=self._stop.set)
        self._thread = threading.Thread(target=self.shell.run_until, args=(self._stop,), name=serial)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    @property
    def left(self) -> bool:
        """Whether the program has ended itself, to begin anew."""
        return self._stop.is_set()

    def close(self) -> None:
        """End, and wait for the end."""
        self._stop.set()
        self._thread.join()
        self.shell.close()
        self._player.close()

    def _post(self, event: Event) -> None:
        self.shell.post(event)

    def _watch(self, state: State) -> None:
        for key in self._villagers.press(state):
            self.shell.post(KeyPressed(key))
