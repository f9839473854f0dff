"""An alert over the real line: on the screen, read aloud where a voice is, answered for good; silence is no fault."""

from pathlib import Path
from threading import Event as Flag
from threading import Thread

import pytest

from schedules.wire import topics
from schedules.wire.messages import AlertsMessage
from tests.tvclient.awaiting import eventually
from tests.tvclient.clockwork import ClockworkPlayer
from tests.tvclient.counterpart import LAYER, Counterpart, now
from tests.tvclient.evening import alert
from tvclient.adapters.identity import Vault
from tvclient.adapters.voice import EspeakVoice
from tvclient.core import effects
from tvclient.core.events import Event, Key, KeyPressed
from tvclient.core.ports import Voice
from tvclient.core.screens import current_screen
from tvclient.core.state import Screen
from tvclient.settings import Settings
from tvclient.shell import Shell


class Told:
    """A voice that writes down what it was told."""

    def __init__(self) -> None:
        self.words: list[str] = []

    def say(self, text: str, language: str) -> None:
        raise AssertionError(f"nobody has wished for {text} in {language}")

    def speak(self, text: str, language: str) -> None:
        self.words.append(f"{language}: {text}")

    def hush(self) -> None:
        self.words.append("hush")

    def close(self) -> None:
        self.words.append("closed")


class Television:
    """A shell in a thread of its own, with its sounds and its voice."""

    def __init__(self, server: str, data: Path, voice: Voice | None) -> None:
        self.sounds: list[effects.Sound] = []
        self.player = ClockworkPlayer(self._post, 4000)
        settings = Settings(server=server, data=data, remote=False)
        self.shell = Shell(settings, self.player, lambda _state: None, self.sounds.append, voice)
        self._stop = Flag()
        self._thread = Thread(target=self.shell.run_until, args=(self._stop,), daemon=True)
        self._thread.start()

    def _post(self, event: Event) -> None:
        self.shell.post(event)

    def shows(self, screen: Screen) -> None:
        eventually(lambda: current_screen(self.shell.state) is screen, f"the screen {screen}")

    def close(self) -> None:
        self._stop.set()
        self._thread.join(10)
        self.shell.close()
        self.player.close()


def warn(server: Counterpart, revision: int, *names: str) -> None:
    alerts = tuple(alert(name, sent=now()) for name in names)
    message = AlertsMessage(layer=LAYER, revision=revision, published_at=now(), alerts=alerts)
    server.publish(topics.alerts(LAYER), server.signer.sign(message))


@pytest.fixture
def data(server: Counterpart, tmp_path: Path) -> Path:
    """The data of an enrolled box."""
    server.want()
    Vault(tmp_path / "tv" / "secret").keep(server.credentials())
    return tmp_path / "tv"


def test_it_is_heard_read_answered_and_stays_answered_over_a_restart(server: Counterpart, data: Path) -> None:
    voice = Told()
    tv = Television(server.url, data, voice)
    try:
        eventually(lambda: tv.shell.state.online, "the line")
        warn(server, 1, "hail")
        tv.shows(Screen.ALERT)
        eventually(lambda: voice.words, "the voice")
        assert voice.words == ["zh: 冰雹红色预警。马场村一带有冰雹。马上进屋，关好门窗。牛羊赶进圈。"]
        assert tv.sounds == [effects.Sound.ALERT]
        eventually(lambda: server.reported and server.reported.alerts == {LAYER: 1}, "the box's word")

        def answered() -> bool:
            tv.shell.post(KeyPressed(Key.OK))
            return current_screen(tv.shell.state) is not Screen.ALERT

        eventually(answered, "the answer, a second after it came")
        eventually(lambda: voice.words[-1] == "hush", "silence")
    finally:
        tv.close()
    again = Television(server.url, data, None)
    try:
        eventually(lambda: again.shell.state.alerts, "the stored alert")
        assert current_screen(again.shell.state) is not Screen.ALERT
        warn(server, 2, "hail", "flood")
        again.shows(Screen.ALERT)
        assert again.shell.state.alert_shown == "flood"
    finally:
        again.close()


@pytest.mark.parametrize("absent", [True, False])
def test_without_a_voice_it_is_shown_all_the_same(server: Counterpart, data: Path, absent: bool) -> None:
    silent: list[object] = []
    voice = EspeakVoice(silent.append, "no-such-program") if absent else None
    tv = Television(server.url, data, voice)
    try:
        eventually(lambda: tv.shell.state.online, "the line")
        warn(server, 1, "hail")
        tv.shows(Screen.ALERT)
        assert not tv.shell.state.speaking
        warn(server, 2)
        tv.shows(Screen.TODAY)
        assert silent == []
    finally:
        tv.close()
        if voice:
            voice.close()
