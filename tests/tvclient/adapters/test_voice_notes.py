"""Voice notes: a real libmpv says when one is over; a lesson is silent meanwhile, then as loud as before."""

import subprocess
from pathlib import Path
from typing import cast

import pytest

from media_pipeline.encode import program
from tests.tvclient.awaiting import eventually
from tvclient.adapters import voice_notes
from tvclient.adapters.voice_notes import NotePlayer, VoiceNotes
from tvclient.core.events import Event, NoteEnded
from tvclient.core.ports import Player

pytestmark = pytest.mark.xdist_group("television-video")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Notes as the server makes them, of a short and of a long moment."""
    found = tmp_path_factory.mktemp("notes")
    for name, seconds in (("short", "0.3"), ("long", "60")):
        argv = [program(), "-y", "-loglevel", "error", "-f", "lavfi", "-i", f"sine=440:d={seconds}"]
        argv += ["-ac", "1", "-ar", "24000", "-c:a", "aac", "-b:a", "40k", "-f", "mp4", str(found / name)]
        subprocess.run(argv, check=True, timeout=60, stdin=subprocess.DEVNULL)
    (found / "rubbish").write_bytes(b"no sound at all")
    return found


def test_a_real_note_is_heard_to_its_end(folder: Path) -> None:
    said: list[Event] = []
    player = NotePlayer(said.append)
    player.play("short", folder / "short", 60)
    eventually(lambda: said == [NoteEnded("short")], "the end of the note")
    player.close()


def test_what_cannot_be_read_is_over_at_once(folder: Path) -> None:
    said: list[Event] = []
    player = NotePlayer(said.append)
    player.play("rubbish", folder / "rubbish", 60)
    eventually(lambda: said == [NoteEnded("rubbish")], "the end of nothing")
    player.close()


def test_a_note_that_is_stopped_or_gives_way_says_nothing_of_its_end(folder: Path) -> None:
    said: list[Event] = []
    player = NotePlayer(said.append)
    player.play("long", folder / "long", 60)
    player.set_volume(20)
    player.stop()
    player.play("long", folder / "long", 60)
    player.play("short", folder / "short", 60)
    eventually(lambda: said == [NoteEnded("short")], "the end of the second note")
    player.close()


def test_without_libmpv_a_note_is_over_at_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> None:
        raise OSError("no libmpv")

    monkeypatch.setattr(voice_notes, "_sound_alone", missing)
    said: list[Event] = []
    player = NotePlayer(said.append)
    player.set_volume(10)
    player.stop()
    player.play("short", folder / "short", 60)
    eventually(lambda: said == [NoteEnded("short")], "the end")
    player.close()


class Loudness:
    """A player that only remembers how loud it is, and what notes were asked for."""

    def __init__(self) -> None:
        self.percent: int | None = None
        self.heard: list[tuple[str, int]] = []
        self.stopped = 0

    def set_volume(self, percent: int) -> None:
        self.percent = percent

    def play(self, name: str, _file: Path, percent: int) -> None:
        self.heard.append((name, percent))

    def stop(self) -> None:
        self.stopped += 1

    def close(self) -> None:
        pass


def beside(folder: Path) -> tuple[VoiceNotes, Loudness, Loudness, list[Event]]:
    notes, lessons, said = Loudness(), Loudness(), list[Event]()
    player = cast("Player", lessons)
    one = VoiceNotes(notes, player, lambda name: folder / name if name == "short" else None, said.append, 70)
    return one, notes, lessons, said


def test_a_lesson_is_silent_while_a_note_is_heard_and_then_as_loud_as_it_was_made_meanwhile(folder: Path) -> None:
    one, notes, lessons, said = beside(folder)
    one.play("short", 70)
    assert (notes.heard, lessons.percent) == ([("short", 70)], 0)
    one.set_volume(40)
    assert (notes.percent, lessons.percent) == (40, 0)
    one.stop()
    assert (notes.stopped, lessons.percent) == (1, 40)
    one.set_volume(55)
    assert (notes.percent, lessons.percent) == (40, 55)
    one.stop()
    assert (notes.stopped, said) == (1, [])


def test_a_note_that_is_not_here_is_over_at_once_and_leaves_the_lesson_alone(folder: Path) -> None:
    one, notes, lessons, said = beside(folder)
    one.play("gone", 70)
    assert (notes.heard, lessons.percent, said) == ([], None, [NoteEnded("gone")])
    silent = VoiceNotes(None, cast("Player", lessons), folder.joinpath, said.append, 70)
    silent.play("short", 70)
    silent.stop()
    assert (lessons.percent, said[-1]) == (None, NoteEnded("short"))
