"""An evening of the real shell, recorded and replayed; the kept evening and its account; the program's own words."""

import json
import subprocess
import sys
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from tests.tvclient import golden_evening
from tests.tvclient.awaiting import eventually
from tests.tvclient.clockwork import ClockworkPlayer
from tests.tvclient.counterpart import Counterpart, now
from tests.tvclient.evening import WANG, airing
from tvclient.adapters.identity import Vault
from tvclient.adapters.recorder import Recorder
from tvclient.core.events import Event, Key, KeyPressed, Ticked
from tvclient.core.recording import Beginning, replay
from tvclient.core.screens import current_screen
from tvclient.core.state import Screen, State
from tvclient.replay import main
from tvclient.settings import Settings
from tvclient.shell import Shell


def test_the_kept_evening_is_told_as_it_always_was() -> None:
    """Where a rule was meant to change: `python -m tests.tvclient.golden_evening`, and read the difference."""
    told = golden_evening.told(golden_evening.RECORDING.read_bytes())
    assert told.splitlines() == golden_evening.ACCOUNT.read_text("utf-8").splitlines()


def test_the_kept_evening_goes_from_the_claim_code_to_the_next_countdown() -> None:
    screens = [current_screen(one.state) for one in replay(golden_evening.RECORDING.read_bytes())]
    passed = [screens[0], *(after for before, after in pairwise(screens) if before != after)]
    wanted = [Screen.ENROLMENT, Screen.TODAY, Screen.COUNTDOWN, Screen.SIGN_IN, Screen.COUNTDOWN, Screen.BROADCAST]
    wanted += [Screen.NAMES, Screen.BROADCAST, Screen.SIGN_IN, Screen.BROADCAST, Screen.AFTER, Screen.TODAY]
    assert passed == [*wanted, Screen.COUNTDOWN]


def test_an_evening_of_the_shell_is_replayed_as_it_was_shown(http_server: Counterpart, tmp_path: Path) -> None:
    data, file = tmp_path / "tv", tmp_path / "evening"
    http_server.want()
    http_server.plan(1, airing(start=now() + timedelta(seconds=2), seconds=3, package=http_server.add_package()))
    Vault(data / "secret").keep(http_server.credentials())
    (data / "volume").write_text("40")
    (data / "preferences.json").write_text(json.dumps({"language": "en", "simple": False, "labels": True}))
    shown: list[State] = []

    def post(event: Event) -> None:
        shell.post(event)

    player = ClockworkPlayer(post, 3000)
    shell = Shell(Settings(server=http_server.url, data=data, remote=False, record=file), player, shown.append)
    try:
        first = shell.state
        shell.start()

        def turned(kind: str) -> bool:
            shell.run_due()
            return any(body["kind"] == kind for body in http_server.bodies())

        eventually(lambda: turned("station_entered") and shell.state.roster.members, "the roster")
        eventually(lambda: turned("airing_started"), "the lesson")
        for key in (*WANG.number, "ok"):
            shell.post(KeyPressed(Key(key)))
        eventually(lambda: turned("airing_ended"), "the lesson's end")
        last = shell.state
    finally:
        shell.close()
        player.close()
    moments = list(replay(file.read_bytes()))
    states = [one.state for one in moments]
    assert states[0] == first
    assert states[-1] == last
    following = iter(states)
    assert all(any(state == replayed for replayed in following) for state in shown)
    assert len(shown) > 20


def replayed(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tvclient.replay", *arguments], capture_output=True, text=True, check=False, timeout=60
    )


def test_the_program_tells_an_evening() -> None:
    done = replayed(str(golden_evening.RECORDING))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == golden_evening.ACCOUNT.read_text("utf-8")


def test_the_program_stops_when_it_is_told_to(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(golden_evening.RECORDING), "--until", "19:29:30"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines == golden_evening.ACCOUNT.read_text("utf-8").splitlines()[: len(lines)]
    assert lines[-1].startswith("19:29:30.000  key back")


def test_the_program_tells_what_changes_in_the_state(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(golden_evening.RECORDING), "--states"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if line[0] != " "] == golden_evening.ACCOUNT.read_text("utf-8").splitlines()
    assert any(line.strip() == "over_home = (names)" for line in lines)


def test_whoever_reads_only_the_beginning_is_not_scolded(tmp_path: Path) -> None:
    file = tmp_path / "long"
    recorder = Recorder(file, Beginning(at=now()))
    for number in range(4000):
        recorder.took(KeyPressed(Key.UP) if number % 2 else Ticked(), now())
    recorder.close()
    command = f"{sys.executable} -m tvclient.replay {file} | head -n 1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False, timeout=60)
    assert "the television begins" in done.stdout
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "No such file or directory."),
        ("", "This is no recording: it has no whole line."),
        ("lesson\nlesson\n", "Line 1 is damaged"),
        (f"{golden_evening.RECORDING.read_text('utf-8')}{{}}\n", "is damaged"),
    ],
)
def test_what_cannot_be_replayed_is_said_and_nothing_else(content: str | None, words: str, tmp_path: Path) -> None:
    file = tmp_path / "evening"
    if content is not None:
        file.write_text(content, "utf-8")
    done = replayed(str(file))
    assert done.returncode == 2
    assert words in done.stderr
    assert done.stderr.startswith(f"{file}: ")
    assert len(done.stderr.splitlines()) == 1


def test_an_unclear_end_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(golden_evening.RECORDING), "--until", "soon"]) == 2
    assert capsys.readouterr().err.startswith("--until soon: a time such as 21:30, or a day and a time such as ")
