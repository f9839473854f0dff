"""Answers and quizzes by the whole television without a screen: from the paper to the page, and after a restart."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from threading import Event as Flag
from threading import Thread

from schedules.wire.messages import GreenChannel, QuizMode, QuizQuestion, Quizzes
from tests.tvclient.awaiting import eventually
from tests.tvclient.clockwork import ClockworkPlayer
from tests.tvclient.core.answering import answered, photo, voice
from tests.tvclient.counterpart import Counterpart, now
from tests.tvclient.evening import airing
from tvclient.adapters.identity import Vault
from tvclient.core.events import Event, Key, KeyPressed, NoteEnded
from tvclient.core.pages import answer, focusables
from tvclient.core.screens import current_screen
from tvclient.core.state import Screen, State
from tvclient.settings import Settings
from tvclient.shell import Shell

PICTURE, SOUND = b"a picture" * 1000, b"a sound" * 500
TO_ANSWER = (Key.BLUE, Key.DOWN, Key.DOWN, Key.DOWN, Key.OK, Key.OK)


class Notes:
    """Remembers what is to be heard."""

    def __init__(self) -> None:
        self.heard: list[bytes] = []
        self.stopped = 0

    def play(self, _name: str, file: Path, _percent: int) -> None:
        self.heard.append(file.read_bytes())

    def set_volume(self, percent: int) -> None:
        pass

    def stop(self) -> None:
        self.stopped += 1

    def close(self) -> None:
        pass


class Television:
    """A shell in a thread of its own."""

    def __init__(self, server: str, data: Path) -> None:
        self.notes = Notes()
        self.player = ClockworkPlayer(self._post, 4000)
        settings = Settings(server=server, data=data, remote=False)
        self.shell = Shell(settings, self.player, lambda _state: None, notes=self.notes)
        self._stop = Flag()
        self._thread = Thread(target=self.shell.run_until, args=(self._stop,), daemon=True)
        self._thread.start()

    def _post(self, event: Event) -> None:
        self.shell.post(event)

    @property
    def state(self) -> State:
        return self.shell.state

    def press(self, *keys: Key) -> None:
        for key in keys:
            self.shell.post(KeyPressed(key))

    def close(self) -> None:
        self._stop.set()
        self._thread.join(10)
        self.shell.close()
        self.player.close()


@contextmanager
def television(server: str, data: Path) -> Iterator[Television]:
    tv = Television(server, data)
    try:
        yield tv
    finally:
        tv.close()


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def test_files_of_an_answer_come_are_heard_and_are_there_without_a_line(
    http_server: Counterpart, tmp_path: Path
) -> None:
    server, data = http_server, tmp_path / "tv"
    files = (photo(digest(PICTURE), len(PICTURE)), voice(digest(SOUND), len(SOUND)))
    server.papers["green_channel"] = GreenChannel(version="1a", cases=(answered("a", now(), *files),))
    server.answer_files |= {digest(PICTURE): PICTURE, digest(SOUND): SOUND}
    server.want(papers={"green_channel": "1a"})
    Vault(data / "secret").keep(server.credentials())
    with television(server.url, data) as tv:
        eventually(lambda: len(tv.state.papers.stored) == 2, "both files")
        tv.press(*TO_ANSWER)
        eventually(lambda: current_screen(tv.state) is Screen.ANSWER, "the answer")
        assert answer.NOTE in {thing.id for thing in focusables(tv.state)}
        tv.press(Key.DOWN)
        eventually(lambda: answer.picture_shown(tv.state) == digest(PICTURE), "the picture's page")
        path = tv.shell.answer_file(digest(PICTURE))
        assert path is not None
        assert path.read_bytes() == PICTURE
        tv.press(Key.LEFT, Key.OK)
        eventually(lambda: tv.notes.heard == [SOUND], "the voice note")
        tv.shell.post(NoteEnded(digest(SOUND)))
        eventually(lambda: tv.notes.stopped == 1, "silence")
    server.stop()
    with television(server.url, data) as tv:
        eventually(lambda: len(tv.state.papers.stored) == 2, "both files, without a line")


def test_a_paper_without_the_question_takes_its_files_from_the_disk(http_server: Counterpart, tmp_path: Path) -> None:
    server, data = http_server, tmp_path / "tv"
    picture = photo(digest(PICTURE), len(PICTURE))
    server.papers["green_channel"] = GreenChannel(version="1a", cases=(answered("a", now(), picture),))
    server.answer_files[digest(PICTURE)] = PICTURE
    server.want(papers={"green_channel": "1a"})
    Vault(data / "secret").keep(server.credentials())
    with television(server.url, data) as tv:
        eventually(lambda: tv.state.papers.stored, "the picture")
        assert tv.shell.answer_file(digest(PICTURE))
        tv.shell._line.desired_came(server.want(version=2, papers={}))
        eventually(lambda: not tv.state.papers.stored, "the picture's end")
        assert list((data / "documents" / "answer_files").iterdir()) == []


def test_turns_of_a_question_go_on_where_the_journal_ends(http_server: Counterpart, tmp_path: Path) -> None:
    server, data = http_server, tmp_path / "tv"
    one = airing(start=now() + timedelta(seconds=2), seconds=4, package=server.add_package())
    each = QuizQuestion(id="q", version=1, lesson=one.lesson.id, text="问", options=("一", "二"), mode=QuizMode.EACH)
    server.papers["quizzes"] = Quizzes(version="1a", questions=(each,))
    server.want(papers={"quizzes": "1a"})
    server.plan(1, one)
    Vault(data / "secret").keep(server.credentials())

    def turns() -> list[int]:
        return [body["turn"] for body in server.bodies() if body["kind"] == "quiz_answered"]

    with television(server.url, data) as tv:
        eventually(lambda: current_screen(tv.state) is Screen.QUIZ, "the question")
        tv.press(Key.D1, Key.D2)
        eventually(lambda: turns() == [1, 2], "two answers, acknowledged")
    with television(server.url, data) as tv:
        eventually(lambda: current_screen(tv.state) is Screen.QUIZ, "the question again")
        tv.press(Key.D1)
        eventually(lambda: turns() == [1, 2, 3], "the third answer")
