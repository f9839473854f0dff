import evdev
import pytest

from tvclient.adapters.remote import KEYBOARD, REMOTE, is_remote, key_of
from tvclient.core.events import Key

FULL_KEYBOARD = {"KEY_A", "KEY_Q", "KEY_Z", "KEY_UP", "KEY_DOWN", "KEY_ENTER", "KEY_SELECT", "KEY_1"}


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("KEY_OK", Key.OK),
        ("KEY_SELECT", Key.OK),
        ("KEY_ENTER", Key.OK),
        ("KEY_RED", Key.RED),
        ("KEY_GREEN", Key.GREEN),
        ("KEY_NUMERIC_7", Key.D7),
        ("KEY_7", Key.D7),
        ("KEY_KP7", Key.D7),
        ("KEY_EXIT", Key.BACK),
        ("KEY_CHANNELUP", Key.CHANNEL_UP),
    ],
)
def test_codes_of_linux_become_keys(name: str, key: Key) -> None:
    assert key_of(evdev.ecodes.ecodes[name]) is key


def test_every_name_in_the_table_is_known_to_linux() -> None:
    assert not {name for name in REMOTE if name not in evdev.ecodes.ecodes}


def test_a_key_that_means_nothing_is_ignored() -> None:
    assert key_of(evdev.ecodes.ecodes["KEY_BRIGHTNESSUP"]) is None
    assert key_of(99_999) is None


def test_five_keys_digits_and_colours_are_on_both() -> None:
    needed = {Key.UP, Key.DOWN, Key.LEFT, Key.RIGHT, Key.OK, Key.BACK, Key.RED, Key.GREEN, Key.YELLOW, Key.BLUE}
    needed |= {Key(str(digit)) for digit in range(10)}
    assert needed <= set(REMOTE.values())
    assert needed <= set(KEYBOARD.values())
    assert (KEYBOARD["f2"], KEYBOARD["numpad5"], KEYBOARD["escape"]) == (Key.GREEN, Key.D5, Key.BACK)


def test_a_remote_is_told_from_a_keyboard_and_a_power_button() -> None:
    assert is_remote({"KEY_UP", "KEY_DOWN", "KEY_OK", "KEY_RED", "KEY_NUMERIC_1"})
    assert is_remote({"KEY_UP", "KEY_DOWN", "KEY_SELECT"})
    assert not is_remote(FULL_KEYBOARD)
    assert not is_remote({"KEY_POWER"})
    assert not is_remote(set())
