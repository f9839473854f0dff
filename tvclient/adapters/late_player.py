"""The player that a television begins with: libmpv is loaded when the first lesson is opened, not before.

A lesson is opened some twenty seconds before it begins (`core/playing.py`), so nobody waits for it; the first picture
after switching on does not wait either, and a television that plays nothing is smaller. What plays: `player.py`.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from schedules.airings import AiringId
from tvclient.core.ports import Playable

if TYPE_CHECKING:
    from tvclient.adapters.no_player import NoPlayer
    from tvclient.adapters.player import MpvPlayer


class LatePlayer:
    """See `core.ports.Player`; only `cue` makes the player, on the thread that draws.

    Args:
        make: makes it, and whatever shows its pictures.
    """

    def __init__(self, make: Callable[[], "MpvPlayer | NoPlayer"]) -> None:
        self._make = make
        self._made: MpvPlayer | NoPlayer | None = None
        self._percent: int | None = None

    @property
    def position_ms(self) -> int:
        """Media time of the picture last shown."""
        return self._made.position_ms if self._made else 0

    @property
    def decoder(self) -> str:
        """What decodes in hardware; empty for none, or where nothing was played."""
        return self._made.decoder if self._made else ""

    def caption(self, position_ms: int) -> str:
        """The caption of what is open at this media time; empty for none."""
        return self._made.caption(position_ms) if self._made else ""

    def cue(self, airing: AiringId, playable: Playable, from_ms: int) -> None:
        """See the port."""
        if self._made is None:
            self._made = self._make()
            if self._percent is not None:
                self._made.set_volume(self._percent)
        self._made.cue(airing, playable, from_ms)

    def play(self) -> None:
        """See the port."""
        if self._made:
            self._made.play()

    def pause(self) -> None:
        """See the port."""
        if self._made:
            self._made.pause()

    def seek(self, position_ms: int) -> None:
        """See the port."""
        if self._made:
            self._made.seek(position_ms)

    def set_speed(self, factor: float) -> None:
        """See the port."""
        if self._made:
            self._made.set_speed(factor)

    def set_volume(self, percent: int) -> None:
        """See the port."""
        self._percent = percent
        if self._made:
            self._made.set_volume(percent)

    def choose_sound(self, number: int) -> None:
        """See the port."""
        if self._made:
            self._made.choose_sound(number)

    def choose_captions(self, number: int) -> None:
        """See the port."""
        if self._made:
            self._made.choose_captions(number)

    def stop(self) -> None:
        """See the port."""
        if self._made:
            self._made.stop()

    def close(self) -> None:
        """See the port."""
        if self._made:
            self._made.close()
