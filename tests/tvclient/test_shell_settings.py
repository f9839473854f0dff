"""Settings by the whole television without a screen: over a restart, before a real server, and where none answers."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event as Flag
from threading import Thread

import pytest

from tests.tvclient.awaiting import eventually
from tests.tvclient.clockwork import ClockworkPlayer
from tests.tvclient.counterpart import BOX, Counterpart
from tests.tvclient.evening import way_to
from tvclient.adapters.identity import Vault
from tvclient.core import effects
from tvclient.core.events import Event, Key, KeyPressed, RawKey
from tvclient.core.geometry import FocusId
from tvclient.core.pages import settings as page
from tvclient.core.screens import current_screen
from tvclient.core.state import Language, Screen, State
from tvclient.settings import SOFTWARE, Settings
from tvclient.shell import Shell


class Television:
    """A shell in a thread of its own, with what it rang."""

    def __init__(self, settings: Settings) -> None:
        self.rung: list[tuple[effects.Sound, int]] = []
        self.player = ClockworkPlayer(self._post, 4000)
        self.shell = Shell(
            settings,
            self.player,
            lambda _state: None,
            sound_at=lambda sound, percent: self.rung.append((sound, percent)),
        )
        self._stop = Flag()
        self._thread = Thread(target=self.shell.run_until, args=(self._stop,), daemon=True)
        self._thread.start()

    def _post(self, event: Event) -> None:
        self.shell.post(event)

    @property
    def state(self) -> State:
        return self.shell.state

    @property
    def reached(self) -> bool | None:
        check = self.state.line_check
        return check.facts.reached if check and check.facts else None

    def press(self, *keys: Key) -> None:
        for key in keys:
            self.shell.post(KeyPressed(key))

    def open_settings(self, thing: str) -> None:
        eventually(lambda: current_screen(self.state) is Screen.TODAY, "today")
        self.press(*way_to(Screen.SETTINGS))
        eventually(lambda: current_screen(self.state) is Screen.SETTINGS, "the settings")
        downs = {page.LANGUAGE: 0, page.QUIETER: 3, page.REMOTE: 4, page.LINE: 5, page.ABOUT: 6}
        self.press(*(Key.DOWN,) * downs[FocusId(thing)])

    def close(self) -> None:
        self._stop.set()
        self._thread.join(10)
        self.shell.close()
        self.player.close()


@contextmanager
def television(settings: Settings) -> Iterator[Television]:
    tv = Television(settings)
    try:
        yield tv
    finally:
        tv.close()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "tv"


def enrolled(data: Path, server: Counterpart) -> Settings:
    Vault(data / "secret").keep(server.credentials())
    return Settings(server=server.url, data=data, remote=False, serial="YJ-1")


def test_what_was_chosen_is_there_after_a_restart_whatever_the_command_line_says(
    data: Path, http_server: Counterpart
) -> None:
    settings = enrolled(data, http_server)
    with television(settings) as tv:
        tv.open_settings(page.LANGUAGE)
        tv.press(Key.OK, Key.DOWN, Key.OK, Key.DOWN, Key.OK, Key.DOWN, Key.OK)
        eventually(lambda: tv.state.volume.percent == 95, "everything pressed")
        tv.press(Key.RIGHT, Key.RIGHT, Key.OK)
        eventually(lambda: tv.rung == [(effects.Sound.CHIME, 95)], "the chime")
        eventually((data / "volume").exists, "the volume is kept")
    assert json.loads((data / "preferences.json").read_text()) == {"language": "en", "simple": False, "labels": True}
    with television(settings) as tv:
        assert (tv.state.language, tv.state.simple, tv.state.labels) == (Language.EN, False, True)
        assert tv.state.volume.percent == 95
        assert tv.player.volumes == [95]


def test_a_damaged_file_stops_no_television(data: Path, http_server: Counterpart) -> None:
    settings = enrolled(data, http_server)
    (data / "preferences.json").write_text("{")
    (data / "remotes.json").write_text("{")
    with television(settings) as tv:
        assert (tv.state.language, tv.state.simple, tv.state.labels) == (Language.ZH, True, False)
        tv.open_settings(page.LANGUAGE)
        tv.press(Key.OK)
        eventually(lambda: tv.state.language is Language.EN, "English")
    with television(settings) as tv:
        assert tv.state.language is Language.EN


def test_the_line_is_looked_at_and_the_box_says_what_it_is(data: Path, http_server: Counterpart) -> None:
    with television(enrolled(data, http_server)) as tv:
        tv.open_settings(page.LINE)
        eventually(lambda: tv.state.box_card.number == BOX, "the box's number")
        assert tv.state.box_card.serial == "YJ-1"
        assert tv.state.box_card.software == SOFTWARE
        assert tv.state.box_card.free_bytes
        tv.press(Key.OK)
        eventually(lambda: tv.reached is True, "that the server answers")
        http_server.stop()
        tv.press(Key.OK)
        eventually(lambda: tv.reached is False, "that nobody answers")


def test_a_taught_remote_is_on_the_disk(data: Path, http_server: Counterpart) -> None:
    with television(enrolled(data, http_server)) as tv:
        tv.open_settings(page.REMOTE)
        tv.press(Key.OK)
        for code in range(6):
            tv.shell.post(RawKey("odd", code))
        tv.press(Key.BACK)
        eventually((data / "remotes.json").exists, "the file")
    taught = json.loads((data / "remotes.json").read_text())
    assert taught == {"odd": {"0": "ok", "1": "up", "2": "down", "3": "left", "4": "right", "5": "back"}}
