"""The one window: made with our values, stepped by hand where there is no main loop, read back as a picture.

Kivy makes its window on import, so `open_window` must run before anything else asks for it.
"""

import ctypes
import time
from collections.abc import Callable

from kivy.config import Config
from PIL import Image

MAX_FPS = 60
_SDL_VIDEO = 0x20


class NoWindow(Exception):
    """There is no display."""


def open_window(width: int, height: int, *, fullscreen: bool = False) -> None:
    """Open the window with this many real pixels. Only its first call in a process counts.

    Args:
        fullscreen: with all pixels of the display instead. It is made in that size: without a window manager, as on a
            box, nobody would make it so, and a larger one would stand beside the display.

    Raises:
        NoWindow: there is no display to open it on.
    """
    if fullscreen:
        width, height = display_size() or (width, height)
    for key, value in {
        "width": width,
        "height": height,
        "fullscreen": "auto" if fullscreen else 0,
        "resizable": 1,
        "maxfps": MAX_FPS,
        "multisamples": 0,
        "show_cursor": 0,
        "vsync": 0,
    }.items():
        Config.set("graphics", key, str(value))
    Config.set("kivy", "exit_on_escape", "0")
    Config.set("kivy", "log_level", "warning")
    Config.remove_section("input")
    Config.add_section("input")

    from kivy.core.window import Window

    if Window is None:
        raise NoWindow("no window can be opened: is there a display?")
    Window.clearcolor = (0, 0, 0, 1)


def display_size() -> tuple[int, int] | None:
    """Pixels of the first display; None where SDL knows none.

    SDL stays joined to the display: an X server that its last client leaves begins anew.
    """
    from tvclient.ui.sdl import load_sdl

    class Mode(ctypes.Structure):
        _fields_ = (
            ("format", ctypes.c_uint32),
            ("w", ctypes.c_int),
            ("h", ctypes.c_int),
            ("rate", ctypes.c_int),
            ("more", ctypes.c_void_p),
        )

    sdl, mode = load_sdl(), Mode()
    if sdl.SDL_InitSubSystem(_SDL_VIDEO) or sdl.SDL_GetDesktopDisplayMode(0, ctypes.byref(mode)):
        return None
    return (mode.w, mode.h) if mode.w > 0 and mode.h > 0 else None


def framebuffer() -> Image.Image:
    """What is in the framebuffer now, upright, RGB. Only on the thread that draws, between drawing and flipping."""
    from kivy.core.window import Window
    from kivy.graphics.opengl import GL_RGB, GL_UNSIGNED_BYTE, glReadPixels

    width, height = Window.system_size
    pixels = glReadPixels(0, 0, width, height, GL_RGB, GL_UNSIGNED_BYTE)
    return Image.frombytes("RGB", (width, height), bytes(pixels)).transpose(Image.Transpose.FLIP_TOP_BOTTOM)


def step_until(done: Callable[[], bool], seconds: float) -> bool:
    """Turn the loop by hand until `done` says so, at most this long. Returns what `done` said last."""
    from kivy.base import EventLoop

    deadline = time.monotonic() + seconds
    while not done() and time.monotonic() < deadline:
        EventLoop.idle()
    return done()
