"""An X display of one's own whose picture lies in memory, and keys pressed on it: what a viewer sees, and when.

`Xvfb -fbdir` keeps the frame buffer in a file (XWD, see XWDFile.h); looking at it costs the programs nothing. Keys come
by XTEST, as from a keyboard.
"""

import ctypes
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT = 1280, 720
MIDDLE = slice(112, 530)
"""Rows between the programs' clocks and what they say of their lines: a minute that ends is no answer to a key."""
LOOK_S = 0.002
_POINTER_ROOT = 1
Pixels = NDArray[np.uint32]


class Display:
    """A virtual screen of 1280x720; `close` ends it."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        command = ["Xvfb", "-displayfd", "1", "-screen", "0", f"{WIDTH}x{HEIGHT}x24", "-nolisten", "tcp", "-noreset"]
        with (folder / "xvfb.log").open("wb") as log:
            self._server = subprocess.Popen([*command, "-fbdir", str(folder)], stdout=subprocess.PIPE, stderr=log)
        assert self._server.stdout is not None
        self.name = f":{self._server.stdout.readline().decode().strip()}"
        self._picture = _mapped(folder / "Xvfb_screen0")
        self._keys = _Keyboard(self.name)

    @property
    def pid(self) -> int:
        """The X server."""
        return self._server.pid

    def close(self) -> None:
        """End the server."""
        self._keys.close()
        self._server.terminate()
        self._server.wait(20)

    def picture(self) -> Pixels:
        """A copy of what is shown now."""
        return np.array(self._picture)

    def part(self, rows: slice, columns: slice) -> Pixels:
        """A part of what is shown, as it goes on changing."""
        return self._picture[rows, columns]

    def press(self, key: str) -> float:
        """Press a key by its X name and let it go. Returns when."""
        return self._keys.press(key)

    def let_go(self) -> None:
        """Keys go to whatever window is there, as at the beginning: a program may have kept them and ended."""
        self._keys.let_go()

    def await_change(self, before: Pixels, within_s: float = 10) -> float | None:
        """When the middle of the picture was first another one than before; None if it never was."""
        shown, told = self._picture[MIDDLE], before[MIDDLE]
        deadline = time.perf_counter() + within_s
        while np.array_equal(shown, told):
            if time.perf_counter() > deadline:
                return None
            time.sleep(LOOK_S)
        return time.perf_counter()

    def await_rest(self, rest_s: float, within_s: float = 60, since: float | None = None) -> float:
        """When the last change came before the picture stood still for so long; it stands since then at least."""
        seen = self.picture()
        last = since or time.perf_counter()
        deadline = last + within_s
        while (now := time.perf_counter()) - last < rest_s:
            if now > deadline:
                raise TimeoutError("the picture does not come to rest")
            if not np.array_equal(self._picture[MIDDLE], seen[MIDDLE]):
                seen, last = self.picture(), time.perf_counter()
            time.sleep(LOOK_S)
        return last

    def likeness(self, other: Pixels) -> float:
        """Which part of the middle's pixels is the same."""
        return float(np.mean(self._picture[MIDDLE] == other[MIDDLE]))


def until(done: Callable[[], bool], within_s: float) -> bool:
    """Look often; whether it was done in time."""
    deadline = time.perf_counter() + within_s
    while not done():
        if time.perf_counter() > deadline:
            return False
        time.sleep(LOOK_S)
    return True


def _mapped(file: Path) -> Pixels:
    head = np.fromfile(file, dtype=">u4", count=25)
    begin, per_line = int(head[0] + 12 * head[19]), int(head[12])
    memory = np.memmap(file, dtype="<u4", mode="r", offset=begin, shape=(HEIGHT, per_line // 4))
    return memory[:, :WIDTH]


class _Keyboard:
    def __init__(self, display: str) -> None:
        self._x: Any = ctypes.CDLL("libX11.so.6")
        self._test: Any = ctypes.CDLL("libXtst.so.6")
        self._x.XOpenDisplay.restype = ctypes.c_void_p
        self._x.XStringToKeysym.restype = ctypes.c_ulong
        self._display = ctypes.c_void_p(self._x.XOpenDisplay(display.encode()))

    def press(self, key: str) -> float:
        code = self._x.XKeysymToKeycode(self._display, ctypes.c_ulong(self._x.XStringToKeysym(key.encode())))
        at = time.perf_counter()
        for down in (1, 0):
            self._test.XTestFakeKeyEvent(self._display, code, down, 0)
        self._x.XFlush(self._display)
        return at

    def let_go(self) -> None:
        self._x.XSetInputFocus(self._display, ctypes.c_ulong(_POINTER_ROOT), _POINTER_ROOT, ctypes.c_ulong(0))
        self._x.XSync(self._display, 0)

    def close(self) -> None:
        self._x.XCloseDisplay(self._display)
