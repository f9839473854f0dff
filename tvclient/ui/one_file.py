"""One file, full screen, and nothing else: what a box can do with a video, before anything is enrolled.

Back, or the file's end, ends it; then one says how it went. The way to it: `python -m tvclient --play FILE`.
"""

from pathlib import Path
from typing import Any

from kivy.base import runTouchApp, stopTouchApp
from kivy.clock import Clock
from kivy.core.window import Keyboard, Window

from tvclient.adapters.player import MpvPlayer
from tvclient.adapters.remote import KEYBOARD
from tvclient.core.events import Key
from tvclient.ui.theme import theme
from tvclient.ui.video import Video


class OneFile:
    """Plays until its end."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._player = MpvPlayer(lambda _event: None)
        self._video = Video(self._player.handle, self._look)
        self._problem = ""
        self._dropped = 0
        Window.add_widget(self._video)
        Window.fbind("on_key_down", self._pressed)
        Window.fbind("size", self._fit)
        self._fit()
        self._player.handle.event_callback("end-file")(self._ended)

    def run(self) -> tuple[str, str]:
        """Play.

        Returns:
            One line on how it went, and what was wrong; the second is empty when nothing was.
        """
        self._player.show(self._file)
        try:
            runTouchApp()
            return self._account(), self._problem
        finally:
            self._video.close()
            self._player.close()

    def _account(self) -> str:
        drawn, decoder = self._video.pictures, self._player.decoder or "no"
        return f"{drawn} pictures drawn, {self._dropped} dropped, hardware decoding: {decoder}"

    def _look(self) -> None:
        """At what libmpv says of itself, while it plays."""
        handle = self._player.handle
        self._dropped = handle.frame_drop_count or self._dropped

    def _ended(self, event: Any) -> None:
        if event.data.reason == event.data.ERROR:
            self._problem = f"{self._file} cannot be played"
        Clock.schedule_once(lambda _dt: stopTouchApp())

    def _pressed(self, _window: Any, code: int, *_rest: Any) -> bool:
        if KEYBOARD.get(Keyboard.keycode_to_string(Window, code)) is Key.BACK:
            stopTouchApp()
        return True

    def _fit(self, *_: object) -> None:
        theme.fit(*Window.size)
