"""Remotes and keyboards: their key names become the core's keys. Infrared, CEC and USB remotes are read by evdev.

SDL knows neither OK nor the colour keys of a remote, therefore evdev. A remote is taken exclusively, so that no key
reaches the system twice; a keyboard with letters is left alone, its keys come through the window (`KEYBOARD`).
A key that Linux has no name for tells its scan code alone; here it is a code above all of Linux's (`SCAN`). While a
remote is being learnt every key is posted as it is, and whatever may be a remote is listened to.
"""

import select
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from threading import Event as Flag
from threading import Thread
from types import MappingProxyType
from typing import Any, Protocol

import evdev
import structlog
from evdev.device import KbdInfo

from tvclient.adapters.learnt_keys import LearntKeys
from tvclient.core.events import Key, KeyPressed, RawKey
from tvclient.core.learning import NEEDED

RESCAN_S = 1.0
REPEAT_AFTER_MS, REPEAT_EVERY_MS = 400, 120
SCAN = 1 << 32
"""Codes from here on are scan codes of keys that Linux does not know."""
HELD_S = 0.25
"""The same scan code again within this is a key that is held."""

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
        "numpadadd": Key.VOLUME_UP,
        "numpadsubstract": Key.VOLUME_DOWN,
    }
    | _DIGITS
    | {f"numpad{digit}": key for digit, key in _DIGITS.items()}
)
"""Names that Kivy gives to keys (`keycode[1]`)."""

_LETTERS = frozenset({"KEY_A", "KEY_Q", "KEY_Z"})
_OF_A_REMOTE = frozenset({"KEY_OK", "KEY_SELECT", "KEY_RED", "KEY_GREEN", "KEY_NUMERIC_1", "KEY_CHANNELUP"})

log = structlog.get_logger(__name__)


class Device(Protocol):
    """What is needed of `evdev.InputDevice`."""

    name: str
    repeat: Any

    @property
    def path(self) -> Any:
        """Where it is."""

    def fileno(self) -> int:
        """What can be waited for."""

    def capabilities(self) -> Any:
        """Codes of all its events, by type."""

    def read(self) -> Iterable[Any]:
        """What has happened since."""

    def grab(self) -> None:
        """Have it for oneself."""

    def close(self) -> None:
        """Let it go."""


def is_remote(keys: Collection[str]) -> bool:
    """Whether a device with these keys is a remote: arrows and what only remotes have, and no letters."""
    names = set(keys)
    return bool(names & _OF_A_REMOTE) and {"KEY_UP", "KEY_DOWN"} <= names and not names & _LETTERS


def may_be_remote(keys: Collection[str], *, scans: bool) -> bool:
    """Whether a device may be an unknown remote: keys enough or scan codes, neither letters nor a mouse's buttons."""
    names = set(keys)
    if names & _LETTERS or any(name.startswith("BTN_") for name in names):
        return False
    return scans or len(names) >= len(NEEDED)


def names_of(code: int) -> tuple[str, ...]:
    """All names of a Linux key code; some codes have several."""
    known = evdev.ecodes.bytype[evdev.ecodes.EV_KEY].get(code, ())
    return (known,) if isinstance(known, str) else tuple(known)


def key_of(code: int) -> Key | None:
    """What a Linux key code means; None for a key that means nothing here."""
    return next((REMOTE[name] for name in names_of(code) if name in REMOTE), None)


class Hearing:
    """What one remote says: its events become codes of keys that went down."""

    def __init__(self) -> None:
        self._scan: int | None = None
        self._named: set[int] = set()
        self._last: tuple[int, float] = (0, 0.0)

    def take(self, event: Any) -> tuple[int, bool] | None:
        """The code of a key that went down, and whether it is only held; None for anything else."""
        if event.type == evdev.ecodes.EV_MSC and event.code == evdev.ecodes.MSC_SCAN:
            self._scan = event.value & (SCAN - 1)
        elif event.type == evdev.ecodes.EV_KEY:
            if self._scan is not None:
                self._named.add(self._scan)
            self._scan = None
            return (event.code, event.value == 2) if event.value in (1, 2) else None
        elif event.type == evdev.ecodes.EV_SYN and self._scan is not None:
            scan, self._scan = self._scan, None
            if scan not in self._named:  # a held key of infrared repeats its scan code without its name
                return SCAN + scan, self._held(scan, event.timestamp())
        return None

    def _held(self, scan: int, at: float) -> bool:
        before, self._last = self._last, (scan, at)
        return before[0] == scan and 0 <= at - before[1] < HELD_S


class RemoteReader:
    """A thread that reads every remote, also those plugged in later.

    Attributes:
        learning: keys are posted as they are, known or not.
    """

    def __init__(
        self,
        post: Callable[[KeyPressed | RawKey], None],
        learnt: LearntKeys,
        find: Callable[[], Collection[str]] = evdev.list_devices,
        open_device: Callable[[str], Device] = evdev.InputDevice,
    ) -> None:
        """Give every key press to `post`; `find` and `open_device` are the machine's own unless told otherwise."""
        self.learning = False
        self._post, self._learnt, self._find, self._open = post, learnt, find, open_device
        self._stop = Flag()
        self._devices: dict[str, tuple[Device, Hearing]] = {}
        self._passed_over: set[str] = set()
        self._listening = False
        """Whether the last look at the devices was one for learning; `learning` changes in another thread."""
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
            by_number = {device.fileno(): path for path, (device, _hearing) in self._devices.items()}
            ready, _, _ = select.select(list(by_number), [], [], RESCAN_S)
            for number in ready:
                self._read(by_number[number])
        for path in list(self._devices):
            self._drop(path)

    def _rescan(self) -> None:
        if self.learning != self._listening:
            self._listening = self.learning
            self._passed_over.clear()
            for path in [path for path, (device, _) in self._devices.items() if not self._wanted(device)]:
                self._drop(path)
        paths = set(self._find())
        self._passed_over &= paths
        for path in paths - set(self._devices) - self._passed_over:
            try:
                self._look_at(path)
            except OSError as error:
                self._passed_over.add(path)
                log.warning("remote.unreadable", path=path, reason=str(error))

    def _look_at(self, path: str) -> None:
        device = self._open(path)
        if not self._wanted(device):
            device.close()
            self._passed_over.add(path)
            return
        device.grab()
        with suppress(OSError):  # some remotes repeat at a rate of their own
            device.repeat = KbdInfo(delay=REPEAT_AFTER_MS, repeat=REPEAT_EVERY_MS)
        self._devices[path] = device, Hearing()
        log.info("remote.found", name=device.name)

    def _wanted(self, device: Device) -> bool:
        able = device.capabilities()
        names = {name for code in able.get(evdev.ecodes.EV_KEY, []) for name in names_of(code)}
        if is_remote(names) or self._learnt.knows(device.name):
            return True
        scans = evdev.ecodes.MSC_SCAN in able.get(evdev.ecodes.EV_MSC, [])
        return self._listening and may_be_remote(names, scans=scans)

    def _read(self, path: str) -> None:
        device, hearing = self._devices[path]
        try:
            for event in device.read():
                pressed = hearing.take(event)
                if pressed is not None:
                    self._press(device.name, *pressed)
        except OSError:
            self._drop(path)

    def _press(self, device: str, code: int, repeat: bool) -> None:
        known, taught = key_of(code), self._learnt.key(device, code)
        if self.learning:
            if not repeat:
                self._post(RawKey(device, code, known, taught))
            return
        key = taught or known
        if key is None:
            log.info("remote.unknown_key", code=code)
        else:
            self._post(KeyPressed(key, repeat))

    def _drop(self, path: str) -> None:
        device, _hearing = self._devices.pop(path)
        log.info("remote.gone", name=device.name)
        with suppress(OSError):
            device.close()
