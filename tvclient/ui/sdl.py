"""The SDL2 that Kivy's window uses, called directly where Kivy offers no way: contexts, waiting, waking."""

import ctypes
from functools import lru_cache
from pathlib import Path

import kivy

USER_EVENT = 0x8000
EVENT_BYTES = 56
"""SDL_Event is a union of this size; its first four bytes are the type."""


class SdlMissing(Exception):
    """Kivy came without the SDL2 that its window uses."""


@lru_cache(maxsize=1)
def load_sdl() -> ctypes.CDLL:
    """The very library that Kivy has loaded, its functions' types said.

    Raises:
        SdlMissing: see there.
    """
    beside = Path(kivy.__file__).resolve().parents[1]
    found = [*beside.glob("[Kk]ivy.libs/libSDL2-2*"), *beside.glob("[Kk]ivy/.dylibs/SDL2")]
    if not found:
        raise SdlMissing("no SDL2 beside Kivy")
    sdl = ctypes.CDLL(str(found[0]))
    for name in (
        "SDL_GL_GetProcAddress",
        "SDL_GL_GetCurrentWindow",
        "SDL_GL_GetCurrentContext",
        "SDL_GL_CreateContext",
    ):
        getattr(sdl, name).restype = ctypes.c_void_p
    sdl.SDL_GL_GetProcAddress.argtypes = [ctypes.c_char_p]
    sdl.SDL_GL_CreateContext.argtypes = [ctypes.c_void_p]
    sdl.SDL_GL_DeleteContext.argtypes = [ctypes.c_void_p]
    sdl.SDL_GL_MakeCurrent.argtypes = [ctypes.c_void_p, ctypes.c_void_p]
    sdl.SDL_GetCurrentVideoDriver.restype = ctypes.c_char_p
    sdl.SDL_WaitEventTimeout.argtypes = [ctypes.c_void_p, ctypes.c_int]
    sdl.SDL_PushEvent.argtypes = [ctypes.c_void_p]
    return sdl
