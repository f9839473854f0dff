"""The television's composition root: player, shell, window, keys, mirror; nothing is decided here.

The only place where the core's shell and Kivy meet. Kivy opens its window when it is imported, hence the order of
`run`; what the first picture can do without comes after it: libmpv, and all screens but one. Begin with
`core/__init__.py` for what it all does.
"""

import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog

from tvclient.adapters.late_player import LatePlayer
from tvclient.adapters.means import Means
from tvclient.adapters.memory import collect_again
from tvclient.adapters.mirror import Frames, Mirror
from tvclient.adapters.no_player import NoPlayer
from tvclient.adapters.recent_log import RecentLog
from tvclient.adapters.sounds import Sounds
from tvclient.adapters.voice import EspeakVoice
from tvclient.adapters.voice_notes import NotePlayer
from tvclient.core.events import Event, Key
from tvclient.core.state import State
from tvclient.kiosk.watchdog import Watchdog
from tvclient.settings import Settings
from tvclient.shell import Shell
from tvclient.ui.fonts import FaceMissing
from tvclient.ui.window import NoWindow, open_window

if TYPE_CHECKING:
    from tvclient.adapters.player import MpvPlayer
    from tvclient.ui.video import Video

FULL_HD = (1920, 1080)
STARTED_S = 1.0
"""So long after the first picture all is there that stays."""

log = structlog.get_logger(__name__)


def run(settings: Settings, recent: RecentLog | None = None) -> int:
    """Run the television until its window is closed or the process is told to end; `recent` keeps its log.

    Returns:
        0 after an orderly end; 1 where there is no window, no face or no catalogue, said on standard error.
    """
    width, height = settings.window or FULL_HD
    try:
        open_window(width, height, fullscreen=settings.window is None)
        if settings.play is not None:
            return _play(settings.play)
        television = _Television(settings, recent)
    except (NoWindow, FaceMissing, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    television.run()
    return 0


def _play(file: Path) -> int:
    from tvclient.ui.one_file import OneFile

    collect_again()
    account, problem = OneFile(file).run()
    print(account)
    if problem:
        print(problem, file=sys.stderr)
    return 1 if problem else 0


class _Television:
    """Everything that runs, and in which order it ends."""

    def __init__(self, settings: Settings, recent: RecentLog | None) -> None:
        from kivy.core.window import Window

        from tvclient.ui.keys import Keys
        from tvclient.ui.loop import Loop
        from tvclient.ui.stage import Stage
        from tvclient.ui.theme import register_face

        register_face()
        self._window: Any = Window
        self._frames = Frames()
        self._player = LatePlayer(self._make_player)
        self._sounds = Sounds(settings.data / "sounds")
        self._voice = EspeakVoice(self._post)
        self._voice_notes = NotePlayer(self._post)
        self._loop = Loop(self._turn, self._due_in_s)
        means = Means(self._loop.wake)
        means.frames, means.recent = self._frames, recent
        means.decoding = lambda: self._player.decoder
        self._shell = Shell(
            settings,
            self._player,
            self._show,
            self._sounds.play,
            self._voice,
            self._leave,
            means,
            self._sounds.play_at,
            self._voice_notes,
        )
        self._keys = Keys(self._shell.post)
        self._video: Video | None = None
        self._stage = Stage(self._shell.poster, self._player.caption, None, self._shell.say, self._shell.answer_file)
        Window.add_widget(self._stage)
        self._watchdog = Watchdog()
        self._mirror = Mirror(settings.mirror_port, self._press, self._frames) if settings.mirror_port else None
        Window.fbind("on_flip", self._keep_picture)
        if self._mirror:
            log.info("mirror.ready", address=self._mirror.address)

    def run(self) -> None:
        """Turn until told to end."""
        from kivy.base import stopTouchApp
        from kivy.clock import Clock

        Clock.schedule_once(lambda _dt: collect_again(), STARTED_S)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopTouchApp())
        self._shell.start()
        self._stage.show(self._shell.state)
        try:
            self._loop.run()
        finally:
            self._close()

    def _make_player(self) -> "MpvPlayer | NoPlayer":
        try:
            return self._make_libmpv()
        except Exception:  # whatever a machine lacks: all but the lessons goes on
            log.exception("player.missing")
            return NoPlayer(self._post)

    def _make_libmpv(self) -> "MpvPlayer":
        from tvclient.adapters.player import MpvPlayer
        from tvclient.ui.video import Video

        player = MpvPlayer(self._post)
        try:
            self._video = Video(player.handle, self._pictured, self._loop.wake)
        except BaseException:
            player.close()
            raise
        self._stage.carry(self._video)
        return player

    def _due_in_s(self) -> float:
        return self._shell.due_in_s()

    def _turn(self) -> None:
        self._shell.run_due()
        self._keys.forget_burst()
        self._watchdog.turned()
        if self._frames.asked:
            self._window.canvas.ask_update()

    def _leave(self) -> None:
        from kivy.base import stopTouchApp

        stopTouchApp()

    def _post(self, event: Event) -> None:
        self._shell.post(event)

    def _show(self, state: State) -> None:
        self._stage.show(state)

    def _press(self, key: Key) -> None:
        from kivy.clock import Clock

        Clock.schedule_once(lambda _dt: self._keys.press(key), -1)
        self._loop.wake()

    def _pictured(self) -> None:
        self._stage.moved(self._player.position_ms)

    def _keep_picture(self, _window: Any) -> None:
        from tvclient.ui.window import framebuffer

        if self._frames.wanted:
            self._frames.put(framebuffer())

    def _close(self) -> None:
        self._watchdog.stopping()
        if self._mirror:
            self._mirror.close()
        self._shell.close()
        self._stage.close()
        if self._video:
            self._video.close()
        self._player.close()
        self._voice.close()
        self._voice_notes.close()
        self._sounds.close()
