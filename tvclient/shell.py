"""The loop that binds the core to the world: events in, `step`, the new state shown, effects carried out. No Kivy here.

Everything that happens comes through one queue, from whatever thread; `run_due` empties it in one thread, the window's
or a headless loop's. What is slow (hashing, network) happens elsewhere; a fact is written to the journal here, before
the screen shows it. What the core decides: `core/step.py`.
"""

import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Event as Flag
from typing import assert_never

import structlog

from schedules.airings import Airing, PackageName
from schedules.wire.messages import EventBody
from tvclient.adapters.clock import Clock
from tvclient.adapters.errors import NotPlayable
from tvclient.adapters.journal import Journal
from tvclient.adapters.line import Line
from tvclient.adapters.remote import RemoteReader
from tvclient.core import effects, events
from tvclient.core.ports import Player, Voice
from tvclient.core.state import PlayPhase, State
from tvclient.core.step import step
from tvclient.settings import Settings

TICK_S = 0.1
WRITE_AGAIN_S = 2.0

log = structlog.get_logger(__name__)


class Shell:
    """One television."""

    def __init__(
        self,
        settings: Settings,
        player: Player,
        show: Callable[[State], None],
        sound: Callable[[effects.Sound], None] | None = None,
        voice: Voice | None = None,
    ) -> None:
        """Load what the box has; `start` begins.

        Args:
            player: plays packages; its events go to `post`.
            show: draws a state; called in the thread of `run_due`, only when the state has changed.
            sound: plays a short sound.
            voice: reads alerts aloud.
        """
        self._player, self._show, self._sound, self._voice = player, show, sound, voice
        self._queue: SimpleQueue[events.Event | Callable[[], None]] = SimpleQueue()
        self._clock = Clock(settings.data / "clock")
        self._journal = Journal(settings.data / "journal.db")
        self._unwritten: list[tuple[EventBody, datetime, int]] = []
        self._state = State(now=self._clock.now(), language=settings.language, simple=settings.simple)
        self._next_tick = 0.0
        self._write_again_at = 0.0
        self._opener = ThreadPoolExecutor(1, thread_name_prefix="open")
        self.post(self._journal.restored())
        self._line = Line(settings, self._journal, self._clock, self.post, self._queue.put)
        self._remote = RemoteReader(self.post) if settings.remote else None

    @property
    def state(self) -> State:
        """What the television shows."""
        return self._state

    def start(self) -> None:
        """Step what is stored, so that the first picture is the right one, then begin to talk."""
        self.run_due()
        self._line.start()
        if self._remote:
            self._remote.start()

    def post(self, event: events.Event) -> None:
        """Take an event, from any thread."""
        self._queue.put(event)

    def poster(self, package: PackageName) -> Path | None:
        """The picture of a package, once stored."""
        return self._line.poster(package)

    def run_due(self) -> None:
        """Step everything that has happened; call it often, always in the same thread."""
        before = self._state
        while True:
            try:
                item = self._queue.get_nowait()
            except Empty:
                break
            self._take(item)
        if time.monotonic() >= self._next_tick:
            self._next_tick = time.monotonic() + TICK_S
            self._take(events.Ticked())
            self._write()
        if self._state is not before:
            self._show(self._state)

    def run_until(self, stop: Flag) -> None:
        """Run without a window until `stop` is set."""
        self.start()
        while not stop.wait(0.02):
            self.run_due()

    def close(self) -> None:
        """Stop everything cleanly."""
        if self._remote:
            self._remote.close()
        self._line.close()
        self._player.stop()
        self._opener.shutdown(cancel_futures=True)
        self._journal.close()

    def _take(self, item: events.Event | Callable[[], None]) -> None:
        if callable(item):
            item()
            return
        before = self._state
        self._state, todo = step(before, item, self._clock.now())
        for effect in todo:
            self._carry_out(effect)
        playing = _plays(self._state)
        if playing != _plays(before):
            self._line.playing(playing)

    def _carry_out(self, effect: effects.Effect) -> None:
        match effect:
            case effects.Record(body):
                self._unwritten.append((body, self._clock.now(), self._clock.uncertainty_ms()))
                self._write()
            case effects.Cue(airing, from_ms):
                self._opener.submit(self._open, airing, from_ms)
            case effects.Play():
                self._player.play()
            case effects.Seek(position_ms):
                self._player.seek(position_ms)
            case effects.SetSpeed(factor):
                self._player.set_speed(factor)
            case effects.StopPlayer():
                self._player.stop()
            case effects.Sounded(sound):
                if self._sound:
                    self._sound(sound)
            case effects.Speak() | effects.Hush() | effects.KeepAnswered():
                self._warn(effect)
            case effects.Prefer(packages):
                self._line.prefer(packages)
            case effects.CheckEnrolment():
                self._line.check_enrolment()
            case _:
                assert_never(effect)

    def _warn(self, effect: effects.Speak | effects.Hush | effects.KeepAnswered) -> None:
        match effect:
            case effects.KeepAnswered(alerts):
                self._line.keep_answered(alerts)
            case effects.Speak(text, language) if self._voice:
                self._voice.speak(text, language)
            case effects.Hush() if self._voice:
                self._voice.hush()
            case _:
                log.debug("voice.absent")

    def _write(self) -> None:
        """Write facts in their order; what a full disk refuses waits for the next try, and the lesson goes on."""
        while self._unwritten and time.monotonic() >= self._write_again_at:
            try:
                self._journal.append(*self._unwritten[0])
            except sqlite3.Error:
                log.exception("journal.write_failed", waiting=len(self._unwritten))
                self._write_again_at = time.monotonic() + WRITE_AGAIN_S
                return
            self._unwritten.pop(0)
            self._line.wake()

    def _open(self, airing: Airing, from_ms: int) -> None:
        """Verify the package, away from the screen's thread, then let the player open it."""
        try:
            found = self._line.playable(airing.package)
        except NotPlayable as error:
            log.warning("package.not_playable", package=airing.package, reason=error.reason)
            self.post(events.PlayerFailed(airing.id, error.reason))
            return

        def cue() -> None:
            playback = self._state.playback
            if playback and playback.airing.id == airing.id and playback.phase is PlayPhase.CUEING:
                self._player.cue(airing.id, found, from_ms)

        self._queue.put(cue)


def _plays(state: State) -> bool:
    return state.playback is not None and state.playback.phase is PlayPhase.PLAYING
