"""The player without a picture reports as a real one does."""

import queue
from collections.abc import Iterator
from pathlib import Path

import pytest

from schedules.airings import AiringId
from tvclient.adapters.dark_player import DarkPlayer
from tvclient.core.events import Event, PlayerCued, PlayerEnded, PlayerFailed, PlayerMoved
from tvclient.core.ports import Playable, Track

AIRING = AiringId("a")


class Said:
    """What a player posts, in order."""

    def __init__(self) -> None:
        self._events: queue.Queue[Event] = queue.Queue()
        self.post = self._events.put

    def next(self) -> Event:
        return self._events.get(timeout=10)

    def until_end(self) -> list[Event]:
        found = [self.next()]
        while not isinstance(found[-1], PlayerEnded):
            found.append(self.next())
        return found


@pytest.fixture
def said() -> Said:
    return Said()


@pytest.fixture
def player(said: Said) -> Iterator[DarkPlayer]:
    found = DarkPlayer(said.post)
    yield found
    found.close()


@pytest.fixture
def playable(tmp_path: Path) -> Playable:
    """Sixty seconds of nothing, and of silence in two languages."""
    for name in ("init.mp4", "seg.m4s"):
        (tmp_path / name).touch()
    file = tmp_path / "index.m3u8"
    file.write_text('#EXTM3U\n#EXT-X-MAP:URI="init.mp4"\n#EXTINF:60.0,\nseg.m4s\n#EXT-X-ENDLIST\n')
    return Playable(file, (Track(file, "zh"), Track(file, "en")))


def test_it_waits_until_it_is_told_to_play_and_then_runs_to_the_end(
    player: DarkPlayer, said: Said, playable: Playable
) -> None:
    player.cue(AIRING, playable, 59_000)
    assert said.next() == PlayerCued(AIRING)
    player.play()
    moved = said.until_end()
    positions = [event.position_ms for event in moved if isinstance(event, PlayerMoved | PlayerEnded)]
    assert positions == sorted(positions)
    assert positions[0] >= 59_000
    assert moved[-1] == PlayerEnded(AIRING, 60_000)


def test_a_seek_and_a_speed_change_where_it_is(player: DarkPlayer, said: Said, playable: Playable) -> None:
    player.cue(AIRING, playable, 0)
    player.play()
    player.set_speed(1.05)
    player.choose_sound(1)
    player.seek(59_500)
    assert said.until_end()[-1] == PlayerEnded(AIRING, 60_000)


def test_what_is_no_playlist_fails_at_once(player: DarkPlayer, said: Said, tmp_path: Path) -> None:
    player.cue(AIRING, Playable(tmp_path / "none.m3u8"), 0)
    assert said.next() == PlayerFailed(AIRING, "player_failed")


def test_nothing_is_said_after_stop(player: DarkPlayer, said: Said, playable: Playable) -> None:
    player.cue(AIRING, playable, 0)
    player.play()
    player.stop()
    player.cue(AiringId("b"), playable, 59_900)
    player.play()
    later = said.until_end()
    first_cued = next(n for n, event in enumerate(later) if event == PlayerCued(AiringId("b")))
    assert all(event.airing == "b" for event in later[first_cued:] if isinstance(event, PlayerMoved | PlayerEnded))
