"""The television's composition root: player, shell, window, keys, mirror; nothing is decided here.

The only place where the core's shell and Kivy meet. Kivy opens its window when it is imported, and libmpv must be there
before; hence the order of `run`. Begin with `core/__init__.py` for what it all does.
"""

import signal
import sys
from typing import Any

import structlog

from tvclient.adapters.mirror import Mirror
from tvclient.adapters.player import MpvPlayer
from tvclient.adapters.sounds import Sounds
from tvclient.adapters.voice import EspeakVoice
from tvclient.core.events import Event, Key
from tvclient.core.state import State
from tvclient.settings import Settings
from tvclient.shell import Shell
from tvclient.ui.fonts import FaceMissing
from tvclient.ui.window import NoWindow, open_window

FULL_HD = (1920, 1080)

log = structlog.get_logger(__name__)


def run(settings: Settings) -> int:
    """Run the television until its window is closed or the process is told to end.

    Returns:
        0 after an orderly end; 1 where there is no window, no face or no catalogue, said on standard error.
    """
    width, height = settings.window or FULL_HD
    try:
        open_window(width, height, fullscreen=settings.window is None)
        television = _Television(settings)
    except (NoWindow, FaceMissing, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    television.run()
    return 0


class _Television:
    """Everything that runs, and in which order it ends."""

    def __init__(self, settings: Settings) -> None:
        from kivy.core.window import Window

        from tvclient.ui.keys import Keys
        from tvclient.ui.stage import Stage
        from tvclient.ui.theme import register_face
        from tvclient.ui.video import Video

        register_face()
        self._window: Any = Window
        self._player = MpvPlayer(self._post)
        self._sounds = Sounds(settings.data / "sounds")
        self._voice = EspeakVoice(self._post)
        self._shell = Shell(settings, self._player, self._show, self._sounds.play, self._voice)
        self._keys = Keys(self._shell.post)
        self._video = Video(self._player.handle, self._pictured)
        self._stage = Stage(self._shell.poster, self._player.caption, self._video)
        Window.add_widget(self._stage)
        self._mirror = Mirror(settings.mirror_port, self._press) if settings.mirror_port else None
        if self._mirror:
            Window.fbind("on_flip", self._mirror_picture)
            log.info("mirror.ready", address=self._mirror.address)

    def run(self) -> None:
        """Turn until told to end."""
        from kivy.base import runTouchApp, stopTouchApp
        from kivy.clock import Clock

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopTouchApp())
        self._shell.start()
        self._stage.show(self._shell.state)
        Clock.schedule_interval(self._turn, 0)
        try:
            runTouchApp()
        finally:
            self._close()

    def _turn(self, _dt: float) -> None:
        self._shell.run_due()
        self._keys.forget_burst()
        if self._mirror and self._mirror.frames.asked:
            self._window.canvas.ask_update()

    def _post(self, event: Event) -> None:
        self._shell.post(event)

    def _show(self, state: State) -> None:
        self._stage.show(state)

    def _press(self, key: Key) -> None:
        from kivy.clock import Clock

        Clock.schedule_once(lambda _dt: self._keys.press(key), -1)

    def _pictured(self) -> None:
        self._stage.moved(self._player.position_ms)

    def _mirror_picture(self, _window: Any) -> None:
        from tvclient.ui.window import framebuffer

        if self._mirror and self._mirror.frames.wanted:
            self._mirror.frames.put(framebuffer())

    def _close(self) -> None:
        if self._mirror:
            self._mirror.close()
        self._shell.close()
        self._stage.close()
        self._video.close()
        self._player.close()
        self._voice.close()
        self._sounds.close()
