"""The player of a television on which libmpv cannot be loaded, or cannot draw: it plays nothing, and says so.

Everything else goes on: the timetable, signing in, alerts, the journal. Why there is no second player: decision 26.
"""

from collections.abc import Callable
from typing import Final

from schedules.airings import AiringId
from tvclient.core.events import PlayerFailed
from tvclient.core.ports import Playable

NO_PLAYER: Final = "no_player"


class NoPlayer:
    """See `core.ports.Player`.

    Attributes:
        position_ms: where the picture is; there is none.
        decoder: by what it was decoded; by nothing.
    """

    def __init__(self, post: Callable[[PlayerFailed], None]) -> None:
        self._post = post
        self.position_ms = 0
        self.decoder = ""

    def caption(self, position_ms: int) -> str:
        """No caption stands over no picture."""
        del position_ms
        return ""

    def cue(self, airing: AiringId, playable: Playable, from_ms: int) -> None:
        """See the port: it cannot."""
        del playable, from_ms
        self._post(PlayerFailed(airing, NO_PLAYER))

    def play(self) -> None:
        """See the port."""

    def pause(self) -> None:
        """See the port."""

    def seek(self, position_ms: int) -> None:
        """See the port."""

    def set_speed(self, factor: float) -> None:
        """See the port."""

    def set_volume(self, percent: int) -> None:
        """See the port."""

    def choose_sound(self, number: int) -> None:
        """See the port."""

    def choose_captions(self, number: int) -> None:
        """See the port."""

    def stop(self) -> None:
        """See the port."""

    def close(self) -> None:
        """See the port."""
