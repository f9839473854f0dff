"""Remotes and keyboards: their key names become the core's keys. Infrared, CEC and USB remotes are read by evdev.

SDL knows neither OK nor the colour keys of a remote, therefore evdev. A remote is taken exclusively, so that no key
reaches the system twice; a keyboard with letters is left alone, its keys come through the window (`KEYBOARD`).
"""

import select
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from threading import Event as Flag
from threading import Thread
from types import MappingProxyType
from typing import TypeAlias

import evdev
import structlog
from evdev.device import KbdInfo

from tvclient.core.events import Key, KeyPressed

RESCAN_S = 2.0
REPEAT_AFTER_MS, REPEAT_EVERY_MS = 400, 120

_DIGITS = {str(value): Key(str(value)) for value in range(10)}

REMOTE: Mapping[str, Key] = MappingProxyType(
    {
        "KEY_UP": Key.UP,
        "KEY_DOWN": Key.DOWN,
        "KEY_LEFT": Key.LEFT,
        "KEY_RIGHT": Key.RIGHT,
        "KEY_OK": Key.OK,
        "KEY_SELECT": Key.OK,
        "KEY_ENTER": Key.OK,
        "KEY_KPENTER": Key.OK,
        "KEY_BACK": Key.BACK,
        "KEY_EXIT": Key.BACK,
        "KEY_ESC": Key.BACK,
        "KEY_BACKSPACE": Key.BACK,
        "KEY_HOME": Key.HOME,
        "KEY_HOMEPAGE": Key.HOME,
        "KEY_MENU": Key.MENU,
        "KEY_ROOT_MENU": Key.MENU,
        "KEY_CONTEXT_MENU": Key.MENU,
        "KEY_EPG": Key.MENU,
        "KEY_RED": Key.RED,
        "KEY_GREEN": Key.GREEN,
        "KEY_YELLOW": Key.YELLOW,
        "KEY_BLUE": Key.BLUE,
        "KEY_F1": Key.RED,
        "KEY_F2": Key.GREEN,
        "KEY_F3": Key.YELLOW,
        "KEY_F4": Key.BLUE,
        "KEY_CHANNELUP": Key.CHANNEL_UP,
        "KEY_CHANNELDOWN": Key.CHANNEL_DOWN,
        "KEY_PAGEUP": Key.CHANNEL_UP,
        "KEY_PAGEDOWN": Key.CHANNEL_DOWN,
        "KEY_VOLUMEUP": Key.VOLUME_UP,
        "KEY_VOLUMEDOWN": Key.VOLUME_DOWN,
        "KEY_MUTE": Key.MUTE,
    }
    | {f"KEY_{digit}": key for digit, key in _DIGITS.items()}
    | {f"KEY_KP{digit}": key for digit, key in _DIGITS.items()}
    | {f"KEY_NUMERIC_{digit}": key for digit, key in _DIGITS.items()}
)
"""Names of Linux input events."""

KEYBOARD: Mapping[str, Key] = MappingProxyType(
    {
        "up": Key.UP,
        "down": Key.DOWN,
        "left": Key.LEFT,
        "right": Key.RIGHT,
        "enter": Key.OK,
        "numpadenter": Key.OK,
        "escape": Key.BACK,
        "backspace": Key.BACK,
        "home": Key.HOME,
        "menu": Key.MENU,
        "f1": Key.RED,
        "f2": Key.GREEN,
        "f3": Key.YELLOW,
        "f4": Key.BLUE,
        "pageup": Key.CHANNEL_UP,
        "pagedown": Key.CHANNEL_DOWN,
    }
    | _DIGITS
    | {f"numpad{digit}": key for digit, key in _DIGITS.items()}
)
"""Names that Kivy gives to keys (`keycode[1]`)."""

_LETTERS = frozenset({"KEY_A", "KEY_Q", "KEY_Z"})
_OF_A_REMOTE = frozenset({"KEY_OK", "KEY_SELECT", "KEY_RED", "KEY_GREEN", "KEY_NUMERIC_1", "KEY_CHANNELUP"})

_Device: TypeAlias = "evdev.InputDevice[str]"

log = structlog.get_logger(__name__)


def is_remote(keys: Collection[str]) -> bool:
    """Whether a device with these keys is a remote: arrows and what only remotes have, and no letters."""
    names = set(keys)
    return bool(names & _OF_A_REMOTE) and {"KEY_UP", "KEY_DOWN"} <= names and not names & _LETTERS


def names_of(code: int) -> tuple[str, ...]:
    """All names of a Linux key code; some codes have several."""
    known = evdev.ecodes.bytype[evdev.ecodes.EV_KEY].get(code, ())
    return (known,) if isinstance(known, str) else tuple(known)


def key_of(code: int) -> Key | None:
    """What a Linux key code means; None for a key that means nothing here."""
    return next((REMOTE[name] for name in names_of(code) if name in REMOTE), None)


class RemoteReader:
    """A thread that reads every remote, also those plugged in later."""

    def __init__(self, post: Callable[[KeyPressed], None]) -> None:
        """Give every key press to `post`."""
        self._post = post
        self._stop = Flag()
        self._devices: dict[str, _Device] = {}
        self._passed_over: set[str] = set()
        self._thread = Thread(target=self._run, name="remote", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def close(self) -> None:
        """Let all remotes go."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout=RESCAN_S + 3)

    def _run(self) -> None:
        while not self._stop.is_set():
            self._rescan()
            if not self._devices:
                self._stop.wait(RESCAN_S)
                continue
            ready, _, _ = select.select(list(self._devices.values()), [], [], RESCAN_S)
            for device in ready:
                self._read(device)
        for path in list(self._devices):
            self._drop(path)

    def _rescan(self) -> None:
        paths = set(evdev.list_devices())
        self._passed_over &= paths
        for path in paths - set(self._devices) - self._passed_over:
            try:
                device = evdev.InputDevice(path)
                codes = device.capabilities().get(evdev.ecodes.EV_KEY, [])
                if is_remote({name for code in codes for name in names_of(code)}):
                    device.grab()
                    with suppress(OSError):  # some remotes repeat at a rate of their own
                        device.repeat = KbdInfo(delay=REPEAT_AFTER_MS, repeat=REPEAT_EVERY_MS)
                    self._devices[path] = device
                    log.info("remote.found", name=device.name)
                else:
                    device.close()
                    self._passed_over.add(path)
            except OSError as error:
                self._passed_over.add(path)
                log.warning("remote.unreadable", path=path, reason=str(error))

    def _read(self, device: _Device) -> None:
        try:
            for event in device.read():
                if event.type == evdev.ecodes.EV_KEY and event.value in (1, 2):
                    self._press(event.code, repeat=event.value == 2)
        except OSError:
            self._drop(str(device.path))

    def _press(self, code: int, *, repeat: bool) -> None:
        key = key_of(code)
        if key is None:
            log.info("remote.unknown_key", code=code)
        else:
            self._post(KeyPressed(key, repeat))

    def _drop(self, path: str) -> None:
        device = self._devices.pop(path, None)
        if device is not None:
            log.info("remote.gone", name=device.name)
            device.close()
