"""libmpv's picture as a Kivy widget.

Rendering in Kivy's own GL context blanks the UI. So there is a second SDL context that shares objects with Kivy's, and
in it a framebuffer on a texture that Kivy made (and blitted once, so that GL allocated it). That context is current
only around a call of libmpv. A new picture is announced on libmpv's thread and drawn on Kivy's.
"""

import ctypes
from collections.abc import Callable
from pathlib import Path
from typing import Any

import kivy
import mpv
from kivy.clock import Clock
from kivy.core.window import Window
from kivy.graphics import Color, Rectangle
from kivy.graphics.texture import Texture

from tvclient.ui.theme import theme
from tvclient.ui.widgets import Placed

_SHARE_WITH_CURRENT_CONTEXT = 22
_FRAMEBUFFER, _COLOR_ATTACHMENT0 = 0x8D40, 0x8CE0


class SdlMissing(Exception):
    """Kivy came without the SDL2 that its window uses."""


def _load_sdl() -> ctypes.CDLL:
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
    return sdl


class SecondContext:
    """The second GL context, and how to be in it: `with context: ...`. Made on the thread that draws."""

    def __init__(self) -> None:
        self._sdl = _load_sdl()
        self._window, self._kivy = self._sdl.SDL_GL_GetCurrentWindow(), self._sdl.SDL_GL_GetCurrentContext()
        self._sdl.SDL_GL_SetAttribute(_SHARE_WITH_CURRENT_CONTEXT, 1)
        self._own = self._sdl.SDL_GL_CreateContext(self._window)
        self._sdl.SDL_GL_MakeCurrent(self._window, self._kivy)

    def __enter__(self) -> None:
        self._sdl.SDL_GL_MakeCurrent(self._window, self._own)

    def __exit__(self, *_exception: object) -> None:
        self._sdl.SDL_GL_MakeCurrent(self._window, self._kivy)

    def address(self, name: bytes) -> int:
        """Where a GL function is; 0 for none."""
        return self._sdl.SDL_GL_GetProcAddress(name) or 0

    def function(self, name: bytes, *argtypes: Any) -> Callable[..., None]:
        """A GL function that returns nothing."""
        return ctypes.CFUNCTYPE(None, *argtypes)(self.address(name))

    def close(self) -> None:
        """Free it."""
        self._sdl.SDL_GL_DeleteContext(self._own)


class Video(Placed):
    """Fills the design with libmpv's picture, as many pixels as the window has.

    Args:
        handle: the libmpv instance (`adapters.player.MpvPlayer.handle`).
        on_picture: called after each new picture, on the thread that draws.

    Attributes:
        pictures: how many pictures have been drawn.
    """

    def __init__(self, handle: mpv.MPV, on_picture: Callable[[], None]) -> None:
        super().__init__(at=[0, 0, 1920, 1080])
        self.pictures = 0
        self._on_picture = on_picture
        self._context = SecondContext()
        u, i = ctypes.c_uint, ctypes.c_int
        self._generate = self._context.function(b"glGenFramebuffers", i, ctypes.POINTER(u))
        self._delete = self._context.function(b"glDeleteFramebuffers", i, ctypes.POINTER(u))
        self._bind = self._context.function(b"glBindFramebuffer", u, u)
        self._attach = self._context.function(b"glFramebufferTexture2D", u, u, u, u, i)
        self._flush = self._context.function(b"glFlush")
        self._framebuffer = u(0)
        self._size = (0, 0)
        self._texture: Texture | None = None
        self._resolve = mpv.MpvGlGetProcAddressFn(lambda _data, name: self._context.address(name))
        with self._context:
            self._renderer = mpv.MpvRenderContext(
                handle, "opengl", opengl_init_params={"get_proc_address": self._resolve}
            )
        with self.canvas:
            Color(1, 1, 1)
            self._rectangle = Rectangle()
        self._draw_soon = Clock.create_trigger(self._draw)
        self._renderer.update_cb = self._draw_soon
        self.fbind("pos", self._fit)
        self.fbind("size", self._fit)
        self._fit()

    @property
    def texture(self) -> Texture | None:
        """What libmpv draws into."""
        return self._texture

    def close(self) -> None:
        """Free what libmpv and GL hold; before the player is closed."""
        self._draw_soon.cancel()
        self._renderer.update_cb = None
        with self._context:
            self._renderer.free()
            self._delete(1, ctypes.byref(self._framebuffer))
        self._context.close()

    def _fit(self, *_: object) -> None:
        self._rectangle.pos, self._rectangle.size = self.pos, self.size
        size = (max(round(1920 * theme.unit), 16), max(round(1080 * theme.unit), 16))
        if size == self._size:
            return
        self._size = size
        texture = Texture.create(size=size, colorfmt="rgba")
        texture.blit_buffer(bytes(size[0] * size[1] * 4), colorfmt="rgba")
        with self._context:
            if self._framebuffer.value:
                self._delete(1, ctypes.byref(self._framebuffer))
            self._generate(1, ctypes.byref(self._framebuffer))
            self._bind(_FRAMEBUFFER, self._framebuffer.value)
            self._attach(_FRAMEBUFFER, _COLOR_ATTACHMENT0, texture.target, texture.id, 0)
        self._texture = self._rectangle.texture = texture
        self._render()

    def _draw(self, *_: object) -> None:
        with self._context:
            fresh = self._renderer.update()
        if fresh:
            self._render()
            self.pictures += 1
            self._on_picture()

    def _render(self) -> None:
        width, height = self._size
        with self._context:
            self._renderer.render(
                opengl_fbo={"w": width, "h": height, "fbo": int(self._framebuffer.value)},
                flip_y=True,
                block_for_target_time=False,
            )
            self._flush()
        self.canvas.ask_update()
        Window.canvas.ask_update()
