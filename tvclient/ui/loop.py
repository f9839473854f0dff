"""The window's loop: sleeps until something happens, and then answers at once. Kivy's own looks sixty times a second.

What can happen: a key or the window's system (SDL tells), a clock of Kivy's (animations, repeats), a time that the
program has said, and `wake` from any thread. Pictures follow each other at most as fast as `window.MAX_FPS`.
"""

import ctypes
import math
from collections.abc import Callable
from threading import Event
from typing import Final

from kivy.base import EventLoop, runTouchApp
from kivy.clock import Clock
from kivy.core.window import Window

from tvclient.ui.sdl import EVENT_BYTES, USER_EVENT, load_sdl
from tvclient.ui.window import MAX_FPS

WAITING: Final = frozenset({b"x11", b"wayland"})
"""Where SDL sleeps until there is an event; elsewhere it would look a thousand times a second."""
LONGEST_S: Final = 1.0


class Loop:
    """Turns until Kivy is told to stop.

    Args:
        turn: called in every turn, before what is drawn; on the thread that draws.
        due_in_s: seconds until `turn` must be called even if nothing happens.
    """

    def __init__(self, turn: Callable[[], None], due_in_s: Callable[[], float]) -> None:
        self._turn, self._due_in_s = turn, due_in_s
        self._sdl = load_sdl()
        self._sleeps = self._sdl.SDL_GetCurrentVideoDriver() in WAITING
        self._woken = Event()
        self._knock = (ctypes.c_uint32 * (EVENT_BYTES // 4))(USER_EVENT)

    def wake(self) -> None:
        """Something has happened: turn soon. From any thread."""
        if self._woken.is_set():
            return
        self._woken.set()
        if self._sleeps:
            self._sdl.SDL_PushEvent(self._knock)

    def run(self) -> None:
        """Turn until the end, which `kivy.base.stopTouchApp` brings."""
        runTouchApp(embedded=True)
        while not EventLoop.quit and EventLoop.status == "started":
            self.once()

    def once(self) -> None:
        """Sleep until there is something to do, and do it."""
        self._sleep(self._idle_s())
        self._woken.clear()
        Window.mainloop()
        self._turn()
        EventLoop.idle()

    def _idle_s(self) -> float:
        if Window.canvas.needs_redraw:
            return 0.0
        clock_s = Clock.get_min_timeout()
        clock_s = clock_s - Clock.time() if clock_s else 0.0
        return max(0.0, min(LONGEST_S, clock_s, self._due_in_s()))

    def _sleep(self, seconds: float) -> None:
        if not seconds or self._woken.is_set():
            return
        if self._sleeps:
            self._sdl.SDL_WaitEventTimeout(None, math.ceil(1000 * seconds))
        else:
            self._woken.wait(min(seconds, 1 / MAX_FPS))
