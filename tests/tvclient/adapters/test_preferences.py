"""What was chosen at the television, and what remotes were taught, over a restart and over damage."""

from pathlib import Path

import pytest

from tvclient.adapters.learnt_keys import LearntKeys
from tvclient.adapters.preferences import PreferencesFile
from tvclient.adapters.remote import SCAN
from tvclient.core.events import Key
from tvclient.core.state import Language, Preferences

USUAL = Preferences(Language.ZH)


def test_what_was_chosen_is_found_again(tmp_path: Path) -> None:
    chosen = Preferences(Language.EN, simple=False, labels=True)
    PreferencesFile(tmp_path / "tv" / "preferences.json").keep(chosen)
    assert PreferencesFile(tmp_path / "tv" / "preferences.json").read(USUAL) == chosen
    assert [path.name for path in (tmp_path / "tv").iterdir()] == ["preferences.json"]


def test_where_nothing_was_chosen_the_settings_of_the_program_hold(tmp_path: Path) -> None:
    file = tmp_path / "preferences.json"
    assert PreferencesFile(file).read(Preferences(Language.EN, simple=False)) == Preferences(Language.EN, simple=False)
    file.write_text('{"labels": true, "newer": [1]}')
    assert PreferencesFile(file).read(Preferences(Language.EN)) == Preferences(Language.EN, labels=True)


@pytest.mark.parametrize("damage", ["", "{", '{"language": "fr"}', '{"simple": 1}', "[]", "\udcff"])
def test_an_unreadable_file_is_as_if_absent(tmp_path: Path, damage: str) -> None:
    file = tmp_path / "preferences.json"
    file.write_bytes(damage.encode("utf-8", "surrogateescape"))
    assert PreferencesFile(file).read(USUAL) == USUAL
    PreferencesFile(file).keep(Preferences(Language.EN))
    assert PreferencesFile(file).read(USUAL).language is Language.EN


def test_a_disk_that_cannot_be_written_costs_only_the_memory(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    PreferencesFile(tmp_path / "file" / "preferences.json").keep(USUAL)
    remotes = LearntKeys(tmp_path / "file" / "remotes.json")
    remotes.keep("a", {7: "ok"})
    assert remotes.key("a", 7) is Key.OK


def test_remotes_are_told_apart_and_found_again(tmp_path: Path) -> None:
    file = tmp_path / "remotes.json"
    remotes = LearntKeys(file)
    remotes.keep("红外", {7: "ok", SCAN + 0xFFFF_FFFF: "back"})
    remotes.keep("usb", {7: "up"})
    for known in (remotes, LearntKeys(file)):
        assert (known.key("红外", 7), known.key("usb", 7), known.key("红外", 8)) == (Key.OK, Key.UP, None)
        assert known.key("红外", SCAN + 0xFFFF_FFFF) is Key.BACK
        assert (known.knows("usb"), known.knows("other")) == (True, False)
    remotes.keep("usb", {9: "down"})
    assert LearntKeys(file).key("usb", 7) is None
    assert [path.name for path in tmp_path.iterdir()] == ["remotes.json"]


@pytest.mark.parametrize("damage", ["", '{"a": {"7": "jump"}}', '{"a": {"x": "ok"}}', "null"])
def test_unreadable_remotes_are_as_if_never_taught(tmp_path: Path, damage: str) -> None:
    (tmp_path / "remotes.json").write_text(damage)
    assert not LearntKeys(tmp_path / "remotes.json").knows("a")
