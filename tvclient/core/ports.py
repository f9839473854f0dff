"""What the shell needs from the player, said as a Protocol; `tvclient/adapters/player.py` fulfils it with libmpv.

The verified path is the caller's business: a player opens what it is given. All methods return at once; what came
of them arrives as events through the callback given to the player's constructor.
"""

from pathlib import Path
from typing import Protocol

from schedules.airings import AiringId


class Player(Protocol):
    """Plays one package at a time, into whatever surface the UI has attached."""

    def cue(self, airing: AiringId, playlist: Path, captions: Path | None, from_ms: int) -> None:
        """Open paused on the frame at `from_ms`; answers PlayerCued or PlayerFailed."""

    def play(self) -> None:
        """Start moving; answers PlayerMoved repeatedly, then PlayerEnded."""

    def seek(self, position_ms: int) -> None:
        """Jump."""

    def set_speed(self, factor: float) -> None:
        """Play at this factor of normal speed with the pitch kept."""

    def stop(self) -> None:
        """Close what is open; nothing is reported of it afterwards."""

    def close(self) -> None:
        """Free everything."""
