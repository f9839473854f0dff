"""The thread that reads remotes, before real file descriptors: here a pipe stands where the kernel's device would."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import evdev
import pytest
from evdev import InputEvent
from evdev.ecodes import EV_KEY, EV_MSC, EV_SYN, MSC_SCAN, SYN_REPORT

from tests.tvclient.awaiting import eventually
from tvclient.adapters.learnt_keys import LearntKeys
from tvclient.adapters.remote import SCAN, Hearing, RemoteReader, may_be_remote
from tvclient.core.events import Key, KeyPressed, RawKey

CODES = evdev.ecodes.ecodes
KNOWN = [CODES[name] for name in ("KEY_UP", "KEY_DOWN", "KEY_OK")]
ODD = [CODES[f"KEY_F{number}"] for number in range(13, 20)]
"""Keys that Linux names and nothing here knows."""
LETTERS = [CODES[f"KEY_{letter}"] for letter in "AQZ"] + ODD


class PipeDevice:
    """What the kernel would be: events come through a descriptor that can be waited for."""

    def __init__(self, name: str, codes: list[int], *, scans: bool = False) -> None:
        self.name, self.path, self.repeat = name, f"/dev/input/{name}", None
        self._able = {EV_KEY: codes} | ({EV_MSC: [MSC_SCAN]} if scans else {})
        self._reading, self._writing = os.pipe()
        self._waiting: list[InputEvent] = []
        self.grabbed = self.closed = 0
        self.gone = False

    def capabilities(self) -> Any:
        return self._able

    def fileno(self) -> int:
        return self._reading

    def read(self) -> Iterable[InputEvent]:
        if self.gone:
            raise OSError("unplugged")
        count = len(os.read(self._reading, 4096))
        taken, self._waiting = self._waiting[:count], self._waiting[count:]
        return taken

    def grab(self) -> None:
        self.grabbed += 1

    def close(self) -> None:
        self.closed += 1

    def happens(self, *events: InputEvent) -> None:
        self._waiting.extend(events)
        os.write(self._writing, b"." * len(events))

    def unplug(self) -> None:
        self.gone = True
        os.write(self._writing, b".")

    def free(self) -> None:
        os.close(self._reading)
        os.close(self._writing)


def at(kind: int, code: int, value: int, milliseconds: int = 0) -> InputEvent:
    return InputEvent(milliseconds // 1000, milliseconds % 1000 * 1000, kind, code, value)


def down(code: int, value: int = 1) -> tuple[InputEvent, InputEvent]:
    return at(EV_KEY, code, value), at(EV_SYN, SYN_REPORT, 0)


def scan(value: int, milliseconds: int = 0) -> tuple[InputEvent, InputEvent]:
    return at(EV_MSC, MSC_SCAN, value, milliseconds), at(EV_SYN, SYN_REPORT, 0, milliseconds)


class Room:
    """A reader and the devices that are plugged in."""

    def __init__(self, file: Path, *devices: PipeDevice) -> None:
        self.devices = {device.path: device for device in devices}
        self.posted: list[KeyPressed | RawKey] = []
        self.learnt = LearntKeys(file)
        self.reader = RemoteReader(
            self.posted.append, self.learnt, lambda: list(self.devices), self.devices.__getitem__
        )
        self.reader.start()

    def says(self, *expected: KeyPressed | RawKey) -> None:
        eventually(lambda: len(self.posted) >= len(expected), f"{expected}, not {self.posted}")
        assert self.posted == list(expected)
        self.posted.clear()

    def close(self) -> None:
        self.reader.close()
        for device in self.devices.values():
            device.free()


@pytest.fixture
def remote() -> PipeDevice:
    return PipeDevice("remote", [*KNOWN, *ODD])


@pytest.fixture
def odd() -> PipeDevice:
    return PipeDevice("odd", ODD)


@pytest.fixture
def keyboard() -> PipeDevice:
    return PipeDevice("keyboard", LETTERS)


@pytest.fixture
def room(tmp_path: Path, remote: PipeDevice, odd: PipeDevice, keyboard: PipeDevice) -> Iterator[Room]:
    room = Room(tmp_path / "remotes.json", remote, odd, keyboard)
    yield room
    room.close()


def test_known_keys_are_keys_and_unknown_ones_nothing(room: Room, remote: PipeDevice) -> None:
    remote.happens(*down(ODD[0]), *down(KNOWN[2]), *down(KNOWN[2], 2), *down(KNOWN[2], 0), *down(KNOWN[0]))
    room.says(KeyPressed(Key.OK), KeyPressed(Key.OK, repeat=True), KeyPressed(Key.UP))


def test_while_learning_every_key_is_posted_as_it_is_and_never_its_repeats(room: Room, remote: PipeDevice) -> None:
    eventually(lambda: remote.grabbed, "the remote")
    room.reader.learning = True
    remote.happens(*down(ODD[0]), *down(ODD[0], 2), *down(ODD[0], 0), *down(KNOWN[2]))
    room.says(RawKey("remote", ODD[0]), RawKey("remote", KNOWN[2], Key.OK))


def test_what_was_learnt_counts_at_once_and_after_a_restart(tmp_path: Path, room: Room, remote: PipeDevice) -> None:
    room.learnt.keep("remote", {ODD[0]: "green"})
    remote.happens(*down(ODD[0]), *down(ODD[0], 2))
    room.says(KeyPressed(Key.GREEN), KeyPressed(Key.GREEN, repeat=True))
    again = PipeDevice("remote", ODD)
    later = Room(tmp_path / "remotes.json", again)
    again.happens(*down(ODD[0]))
    later.says(KeyPressed(Key.GREEN))
    later.close()


def test_an_odd_remote_is_listened_to_while_learning_and_kept_once_it_was_taught(
    room: Room, odd: PipeDevice, keyboard: PipeDevice
) -> None:
    eventually(lambda: odd.closed, "the odd remote passed over")
    assert not odd.grabbed
    room.reader.learning = True
    eventually(lambda: odd.grabbed, "the odd remote taken")
    odd.happens(*down(ODD[3]))
    room.says(RawKey("odd", ODD[3]))
    room.learnt.keep("odd", {ODD[3]: "ok"})
    odd.happens(*down(ODD[3]))
    room.says(RawKey("odd", ODD[3], taught=Key.OK))
    room.reader.learning = False
    odd.happens(*down(ODD[3]))
    room.says(KeyPressed(Key.OK))
    assert not keyboard.grabbed


def test_an_odd_remote_that_was_not_taught_is_let_go_again(room: Room, odd: PipeDevice, remote: PipeDevice) -> None:
    room.reader.learning = True
    eventually(lambda: odd.grabbed, "the odd remote taken")
    closed = odd.closed
    room.reader.learning = False
    eventually(lambda: odd.closed > closed, "the odd remote let go")
    assert not remote.closed


def test_a_remote_that_is_pulled_out_ends_nothing(room: Room, remote: PipeDevice, odd: PipeDevice) -> None:
    room.learnt.keep("odd", {ODD[0]: "up"})
    room.reader.learning = True
    eventually(lambda: odd.grabbed and remote.grabbed, "both")
    del room.devices[remote.path]
    remote.unplug()
    eventually(lambda: remote.closed, "it is gone")
    room.reader.learning = False
    odd.happens(*down(ODD[0]))
    room.says(KeyPressed(Key.UP))
    remote.free()


def heard(*events: InputEvent) -> list[tuple[int, bool]]:
    hearing = Hearing()
    return [said for event in events if (said := hearing.take(event)) is not None]


def test_a_scan_code_without_a_name_is_a_key_of_its_own_and_held_while_it_comes_again() -> None:
    events = [*scan(0x40_0B), *scan(0x40_0B, 110), *scan(0x40_0B, 220), *scan(0x40_0B, 900), *scan(0x40_0C, 950)]
    assert heard(*events) == [
        (SCAN + 0x40_0B, False),
        (SCAN + 0x40_0B, True),
        (SCAN + 0x40_0B, True),
        (SCAN + 0x40_0B, False),
        (SCAN + 0x40_0C, False),
    ]


def test_the_scan_code_of_a_key_with_a_name_is_no_key_of_its_own() -> None:
    named = (at(EV_MSC, MSC_SCAN, 5), at(EV_KEY, KNOWN[2], 1), at(EV_SYN, SYN_REPORT, 0))
    assert heard(*named, *scan(5, 110), *scan(5, 220)) == [(KNOWN[2], False)]


def test_a_negative_scan_code_is_one_too() -> None:
    assert heard(*scan(-1)) == [(SCAN + 0xFFFF_FFFF, False)]


def test_what_may_be_an_unknown_remote() -> None:
    assert may_be_remote({f"KEY_F{number}" for number in range(13, 19)}, scans=False)
    assert may_be_remote(set(), scans=True)
    assert not may_be_remote({"KEY_POWER", "KEY_SLEEP"}, scans=False)
    assert not may_be_remote({"KEY_A"}, scans=True)
    assert not may_be_remote({"BTN_LEFT", *(f"KEY_F{number}" for number in range(1, 9))}, scans=True)
