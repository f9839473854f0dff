"""A player without a picture: opens the package, keeps time, reports as a real one does. For boxes without a screen.

It fulfils `core.ports.Player` for the fleet and for tests of everything around the picture; the picture is libmpv's
(`player.py`). Media time runs on the machine's monotonic clock.
"""

import threading
import time
from collections.abc import Callable

from schedules.airings import AiringId
from tvclient.adapters.playlist import PlaylistUnusable, timeline
from tvclient.adapters.turning import OwnThread, Turn, Turning
from tvclient.core.events import Event, PlayerCued, PlayerEnded, PlayerFailed, PlayerMoved
from tvclient.core.ports import Playable

REPORT_S = 0.25


class DarkPlayer:
    """Plays one package at a time to nobody."""

    def __init__(
        self,
        post: Callable[[Event], None],
        run: Callable[[str, Turn], Turning] = OwnThread,
        report_s: float = REPORT_S,
    ) -> None:
        """`post` takes what the player reports, every `report_s` seconds while it plays, from where `run` runs it."""
        self._post, self._report_s = post, report_s
        self._lock = threading.Lock()
        self._airing: AiringId | None = None
        self._length_ms = 0
        self._position_ms = 0.0
        self._moving_since: float | None = None
        self._speed = 1.0
        self._running = run("dark-player", self._turn)
        self._running.start()

    def cue(self, airing: AiringId, playable: Playable, from_ms: int) -> None:
        """See `core.ports.Player`."""
        try:
            length_ms = timeline(playable).length_ms
        except PlaylistUnusable:
            self._post(PlayerFailed(airing, "player_failed"))
            return
        with self._lock:
            self._airing, self._length_ms, self._position_ms = airing, length_ms, float(from_ms)
            self._moving_since, self._speed = None, 1.0
        self._post(PlayerCued(airing))

    def play(self) -> None:
        """See `core.ports.Player`."""
        with self._lock:
            if self._airing is not None and self._moving_since is None:
                self._moving_since = time.monotonic()
        self._running.wake()

    def pause(self) -> None:
        """See `core.ports.Player`."""
        with self._lock:
            self._settle()
            self._moving_since = None

    def seek(self, position_ms: int) -> None:
        """See `core.ports.Player`."""
        with self._lock:
            self._settle()
            self._position_ms = float(position_ms)

    def set_speed(self, factor: float) -> None:
        """See `core.ports.Player`."""
        with self._lock:
            self._settle()
            self._speed = factor

    def set_volume(self, percent: int) -> None:
        """See `core.ports.Player`; nobody hears it."""
        self.volume = percent

    def choose_sound(self, number: int) -> None:
        """See `core.ports.Player`; nobody hears it."""

    def choose_captions(self, number: int) -> None:
        """See `core.ports.Player`; nobody hears it."""

    def stop(self) -> None:
        """See `core.ports.Player`."""
        with self._lock:
            self._airing = self._moving_since = None

    def close(self) -> None:
        """See `core.ports.Player`."""
        self.stop()
        self._running.close(5)

    def _settle(self) -> None:
        """Bring the position up to now."""
        if self._moving_since is not None:
            now = time.monotonic()
            self._position_ms += (now - self._moving_since) * 1000 * self._speed
            self._moving_since = now

    def _turn(self) -> float | None:
        """Say where it is; when to say it again, or None while nothing moves."""
        with self._lock:
            if self._moving_since is None or self._airing is None:
                return None
            self._settle()
            airing, position = self._airing, int(min(self._position_ms, self._length_ms))
            ended = position >= self._length_ms
            left_s = (self._length_ms - self._position_ms) / 1000 / self._speed
            if ended:
                self._airing = self._moving_since = None
        self._post(PlayerEnded(airing, position) if ended else PlayerMoved(airing, position))
        return None if ended else max(0.01, min(self._report_s, left_s))
