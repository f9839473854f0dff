"""libmpv's picture as a Kivy widget.

Rendering in Kivy's own GL context blanks the UI. So there is a second SDL context on the same window, current only
around a call of libmpv: the picture goes straight into the window's framebuffer, when Kivy's drawing comes to it. On a
texture between the two every picture would be drawn twice. A new picture is announced on libmpv's thread and drawn on
Kivy's.
"""

from collections.abc import Callable
from typing import Any

import mpv
from kivy.clock import Clock
from kivy.core.window import Window
from kivy.graphics import Callback
from kivy.uix.widget import Widget

from tvclient.ui.sdl import load_sdl

_SHARE_WITH_CURRENT_CONTEXT = 22


class SecondContext:
    """The second GL context, and how to be in it: `with context: ...`. Made on the thread that draws."""

    def __init__(self) -> None:
        self._sdl = load_sdl()
        self._window, self._kivy = self._sdl.SDL_GL_GetCurrentWindow(), self._sdl.SDL_GL_GetCurrentContext()
        self._sdl.SDL_GL_SetAttribute(_SHARE_WITH_CURRENT_CONTEXT, 0)
        self._own = self._sdl.SDL_GL_CreateContext(self._window)
        self._sdl.SDL_GL_MakeCurrent(self._window, self._kivy)

    def __enter__(self) -> None:
        self._sdl.SDL_GL_MakeCurrent(self._window, self._own)

    def __exit__(self, *_exception: object) -> None:
        self._sdl.SDL_GL_MakeCurrent(self._window, self._kivy)

    def address(self, name: bytes) -> int:
        """Where a GL function is; 0 for none."""
        return self._sdl.SDL_GL_GetProcAddress(name) or 0

    def close(self) -> None:
        """Free it."""
        self._sdl.SDL_GL_DeleteContext(self._own)


class Video(Widget):
    """Fills the window with libmpv's picture, in its own proportions, black beside it.

    Args:
        handle: the libmpv instance (`adapters.player.MpvPlayer.handle`).
        on_picture: called after each new picture, on the thread that draws.
        wake: called from any thread when there is something to draw.

    Attributes:
        pictures: how many pictures have come to be drawn.
    """

    def __init__(
        self, handle: mpv.MPV, on_picture: Callable[[], None], wake: Callable[[], None] = lambda: None
    ) -> None:
        super().__init__()
        self.pictures = 0
        self._on_picture, self._wake = on_picture, wake
        self._context = SecondContext()
        self._resolve = mpv.MpvGlGetProcAddressFn(lambda _data, name: self._context.address(name))
        with self._context:
            self._renderer: Any = mpv.MpvRenderContext(
                handle, "opengl", opengl_init_params={"get_proc_address": self._resolve}
            )
        with self.canvas:
            Callback(self._paint)
        Window.fbind("on_draw", self._draw_uncleared)
        self._take_soon = Clock.create_trigger(self._take)
        self._renderer.update_cb = self._announced

    def close(self) -> None:
        """Free what libmpv and GL hold; before the player is closed."""
        self._take_soon.cancel()
        Window.funbind("on_draw", self._draw_uncleared)
        self._renderer.update_cb = None
        self.canvas.clear()
        with self._context:
            self._renderer.free()
        self._context.close()

    def _announced(self) -> None:
        self._take_soon()
        self._wake()

    def _take(self, *_: object) -> None:
        with self._context:
            fresh = self._renderer.update()
        if not fresh:
            return
        if self.parent is None:
            with self._context:
                self._render(skip_rendering=True)
        else:
            self.canvas.ask_update()
            Window.canvas.ask_update()
        self.pictures += 1
        self._on_picture()

    def _draw_uncleared(self, window: Any) -> bool:
        """Draw in place of the window, which would first fill itself with black that libmpv covers anyway."""
        if self.parent is None:
            return False
        window.render_context.draw()
        return True

    def _paint(self, _instruction: object) -> None:
        with self._context:
            self._render()

    def _render(self, **more: bool) -> None:
        width, height = Window.system_size
        self._renderer.render(
            opengl_fbo={"w": width, "h": height, "fbo": 0}, flip_y=True, block_for_target_time=False, **more
        )
