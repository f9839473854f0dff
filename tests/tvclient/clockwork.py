"""A player without pictures: a true implementation of the port whose media time is the machine's monotonic time."""

import time
from collections.abc import Callable
from threading import Event as Flag
from threading import RLock, Thread

from schedules.airings import AiringId
from tvclient.core import events
from tvclient.core.ports import Playable


class ClockworkPlayer:
    """Plays `duration_ms` of nothing, and tells of it as a real player does."""

    def __init__(self, post: Callable[[events.Event], None], duration_ms: int) -> None:
        self.chosen: list[int] = []
        self.captioned: list[int] = []
        self.volumes: list[int] = []
        self.opened: list[tuple[Playable, int]] = []
        self._post, self._duration_ms = post, duration_ms
        self._lock = RLock()
        self._airing: AiringId | None = None
        self._position_ms, self._speed, self._since = 0.0, 1.0, 0.0
        self._moving = False
        self._stop = Flag()
        self._thread = Thread(target=self._run, daemon=True)
        self._thread.start()

    def cue(self, airing: AiringId, playable: Playable, from_ms: int) -> None:
        with self._lock:
            if not playable.playlist.read_bytes().startswith(b"#EXTM3U"):
                self._post(events.PlayerFailed(airing, "player_failed"))
                return
            self.opened.append((playable, from_ms))
            self._airing, self._position_ms, self._speed, self._moving = airing, from_ms, 1.0, False
        self._post(events.PlayerCued(airing))

    def play(self) -> None:
        with self._lock:
            self._moving, self._since = True, time.monotonic()

    def pause(self) -> None:
        with self._lock:
            self._advance()
            self._moving = False

    def seek(self, position_ms: int) -> None:
        with self._lock:
            self._position_ms, self._since = position_ms, time.monotonic()

    def set_speed(self, factor: float) -> None:
        with self._lock:
            self._advance()
            self._speed = factor

    def set_volume(self, percent: int) -> None:
        self.volumes.append(percent)

    def choose_sound(self, number: int) -> None:
        self.chosen.append(number)

    def choose_captions(self, number: int) -> None:
        self.captioned.append(number)

    def stop(self) -> None:
        with self._lock:
            self._airing, self._moving = None, False

    def close(self) -> None:
        self._stop.set()
        self._thread.join(5)

    def _advance(self) -> None:
        now = time.monotonic()
        if self._moving:
            self._position_ms += (now - self._since) * 1000 * self._speed
        self._since = now

    def _run(self) -> None:
        while not self._stop.wait(0.1):
            with self._lock:
                if self._airing is None or not self._moving:
                    continue
                self._advance()
                if self._position_ms >= self._duration_ms:
                    self._post(events.PlayerEnded(self._airing, self._duration_ms))
                    self._airing, self._moving = None, False
                else:
                    self._post(events.PlayerMoved(self._airing, round(self._position_ms)))
