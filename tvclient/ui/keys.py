"""From the window's keyboard to the core's keys: repeats at our own pace, no burst that outlives the hand.

The table of names is `adapters.remote.KEYBOARD`. Remotes that evdev reads do not come this way.
"""

import time
from collections.abc import Callable
from typing import Any, Final

import structlog
from kivy.clock import Clock
from kivy.core.window import Keyboard, Window

from tvclient.adapters.remote import KEYBOARD
from tvclient.core.events import Key, KeyPressed

REPEAT_AFTER_S: Final = 0.4
REPEAT_EVERY_S: Final = 0.12
BURST: Final = 2
REPEATING: Final = frozenset({Key.UP, Key.DOWN, Key.LEFT, Key.RIGHT, Key.OK, Key.VOLUME_UP, Key.VOLUME_DOWN})

log = structlog.get_logger(__name__)


class Keys:
    """Takes the window's keys and gives core keys to `post`.

    `forget_burst` must be called whenever everything posted has been carried out: until then at most two moves wait,
    and more are dropped. Digits are never dropped, since a card reader types a number in one burst.
    """

    def __init__(self, post: Callable[[KeyPressed], None]) -> None:
        self._post = post
        self._waiting = 0
        self._last_at: float | None = None
        self._held: Key | None = None
        self._repeat_first = Clock.create_trigger(self._begin_repeating, REPEAT_AFTER_S)
        self._repeat_on = Clock.create_trigger(self._repeat, REPEAT_EVERY_S, interval=True)
        Window.fbind("on_key_down", self._down)
        Window.fbind("on_key_up", self._up)

    def press(self, key: Key, *, repeat: bool = False) -> None:
        """A key of any source, on the thread that draws."""
        if not key.isdigit():
            if self._waiting >= BURST:
                return
            self._waiting += 1
        before, self._last_at = self._last_at, time.monotonic()
        since_ms = None if before is None else round((self._last_at - before) * 1000)
        self._post(KeyPressed(key, repeat, since_ms))

    def forget_burst(self) -> None:
        """Everything posted so far is done."""
        self._waiting = 0

    def _down(self, _window: Any, code: int, *_rest: Any) -> bool:
        key = KEYBOARD.get(Keyboard.keycode_to_string(Window, code))
        if key is None:
            log.info("keyboard.unknown_key", code=code)
            return True
        if key is self._held:
            return True
        self._let_go()
        self._held = key
        self.press(key)
        if key in REPEATING:
            self._repeat_first()
        return True

    def _up(self, _window: Any, code: int, *_rest: Any) -> bool:
        if KEYBOARD.get(Keyboard.keycode_to_string(Window, code)) is self._held:
            self._let_go()
        return True

    def _let_go(self) -> None:
        self._held = None
        self._repeat_first.cancel()
        self._repeat_on.cancel()

    def _begin_repeating(self, _dt: float) -> None:
        self._repeat(0)
        self._repeat_on()

    def _repeat(self, _dt: float) -> None:
        if self._held is not None:
            self.press(self._held, repeat=True)
