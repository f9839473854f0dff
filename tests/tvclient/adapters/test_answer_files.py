"""Files of answers on the disk: fetched once, verified, kept without a line, gone with the question. Lessons first."""

import hashlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from schedules.wire.messages import AnswerFile, AnswerFileKind, FetchRules
from tests.tvclient.awaiting import eventually
from tests.tvclient.counterpart import TOKEN, Counterpart
from tvclient.adapters.answer_files import BEHIND_LESSONS_S, AnswerFiles
from tvclient.adapters.api import Api
from tvclient.adapters.clock import Clock
from tvclient.adapters.ration import Ration
from tvclient.adapters.turning import OwnThread, Turn, Turning
from tvclient.core.events import Event, FilesChanged

PICTURE, SOUND = b"a picture" * 1000, b"a sound" * 500


class ByHand:
    """No thread: the test gives the turns itself."""

    def start(self) -> None:
        pass

    def wake(self) -> None:
        pass

    def close(self, within_s: float) -> None:
        pass


def by_hand(_name: str, _turn: Turn) -> Turning:
    return ByHand()


def named(data: bytes, kind: AnswerFileKind = AnswerFileKind.PHOTO) -> AnswerFile:
    return AnswerFile(kind=kind, sha256=hashlib.sha256(data).hexdigest(), bytes=len(data))


class Box:
    """A box that keeps files, and what it tells of them."""

    def __init__(self, folder: Path, api: Api, run: Callable[[str, Turn], Turning] = by_hand) -> None:
        self.told: list[Event] = []
        self.lessons_come = False
        self.ration = Ration()
        self.folder = folder / "answer_files"
        clock = Clock(folder / "clock")
        self.files = AnswerFiles(self.folder, api, clock, self.ration, lambda: self.lessons_come, self.told.append, run)

    def keeps(self, *files: AnswerFile) -> float | None:
        """It wants these; gives back when it looks again."""
        self.files.keep(files)
        self.files.turn()
        return self.files.turn()

    def on_disk(self) -> set[str]:
        return {file.name for file in self.folder.iterdir()} if self.folder.is_dir() else set()


@pytest.fixture
def api(http_server: Counterpart) -> Iterator[Api]:
    with Api(http_server.url, TOKEN) as opened:
        yield opened


@pytest.fixture
def box(tmp_path: Path, api: Api, http_server: Counterpart) -> Box:
    for data in (PICTURE, SOUND):
        http_server.answer_files[named(data).sha256] = data
    return Box(tmp_path, api)


def asked(server: Counterpart) -> list[str]:
    return [one for one in server.requests if "answer-files" in one]


def test_files_come_in_their_order_are_told_and_found_again(
    box: Box, tmp_path: Path, api: Api, http_server: Counterpart
) -> None:
    picture, sound = named(PICTURE), named(SOUND, AnswerFileKind.VOICE)
    assert box.keeps(picture, sound) is None
    both = frozenset({picture.sha256, sound.sha256})
    assert box.told == [
        FilesChanged(frozenset()),
        FilesChanged(frozenset({picture.sha256})),
        FilesChanged(both),
    ]
    path = box.files.path(picture.sha256)
    assert path is not None
    assert path.read_bytes() == PICTURE
    again = Box(tmp_path, api)
    assert again.files.path(picture.sha256) is None
    again.keeps(picture, sound)
    assert again.told == [FilesChanged(both)]
    assert len(asked(http_server)) == 2


def test_what_no_question_names_any_more_goes_from_the_disk(box: Box) -> None:
    picture, sound = named(PICTURE), named(SOUND)
    box.keeps(picture, sound)
    (box.folder / ".half.tmp").write_bytes(b"x")
    box.keeps(sound)
    assert box.on_disk() == {sound.sha256}
    assert box.files.path(picture.sha256) is None
    box.keeps()
    assert box.on_disk() == set()
    assert box.told[-1] == FilesChanged(frozenset())


def test_nothing_is_touched_before_it_is_known_what_is_wanted(box: Box) -> None:
    box.folder.mkdir()
    (box.folder / "a").write_bytes(b"x")
    assert box.files.turn() is None
    assert (box.on_disk(), box.told) == ({"a"}, [])


def test_a_file_that_was_altered_on_its_way_or_on_the_disk_is_not_shown(box: Box, http_server: Counterpart) -> None:
    picture = named(PICTURE)
    http_server.answer_files[picture.sha256] = PICTURE[:-1] + b"!"
    wait_s = box.keeps(picture)
    assert wait_s is not None
    assert wait_s > 60
    assert (box.on_disk(), box.files.path(picture.sha256)) == (set(), None)
    box.folder.mkdir(exist_ok=True)
    (box.folder / picture.sha256).write_bytes(PICTURE[:-1] + b"?")
    http_server.answer_files[picture.sha256] = PICTURE
    box.keeps(picture)
    assert (box.folder / picture.sha256).read_bytes() == PICTURE


@pytest.mark.parametrize("data", [PICTURE + b"more", PICTURE * 400, b""])
def test_more_or_less_than_was_said_is_not_kept(box: Box, http_server: Counterpart, data: bytes) -> None:
    picture = named(PICTURE)
    http_server.answer_files[picture.sha256] = data
    box.keeps(picture)
    assert box.on_disk() == set()


def test_lessons_come_first(box: Box, http_server: Counterpart) -> None:
    box.lessons_come = True
    assert box.keeps(named(PICTURE)) == BEHIND_LESSONS_S
    assert asked(http_server) == []
    box.lessons_come = False
    assert box.keeps(named(PICTURE)) is None
    assert len(asked(http_server)) == 1


def test_the_servers_rules_for_the_line_hold_for_them_too(box: Box, http_server: Counterpart) -> None:
    box.ration.rules = FetchRules(daily_bytes=len(PICTURE) // 2)
    wait_s = box.keeps(named(PICTURE))
    assert wait_s is not None
    assert asked(http_server) == []
    box.ration.rules = FetchRules()
    box.keeps(named(PICTURE))
    assert box.ration.today(datetime.now(UTC)) == len(PICTURE)


def test_one_that_is_refused_keeps_no_other_waiting(box: Box) -> None:
    sound = named(SOUND)
    box.keeps(named(b"never brought"), sound)
    assert box.on_disk() == {sound.sha256}


def test_a_name_that_is_no_digest_reaches_neither_disk_nor_line(box: Box, http_server: Counterpart) -> None:
    for name in ("../../clock", "A" * 64, "a" * 63, ""):
        box.keeps(AnswerFile(kind=AnswerFileKind.PHOTO, sha256=name, bytes=4))
    assert (asked(http_server), box.on_disk()) == ([], set())


def test_without_a_line_what_is_here_stays(box: Box, tmp_path: Path) -> None:
    picture = named(PICTURE)
    box.keeps(picture)
    with Api("http://127.0.0.1:9", TOKEN) as nowhere:
        alone = Box(tmp_path, nowhere)
        assert alone.keeps(picture, named(SOUND)) is not None
        assert alone.files.path(picture.sha256) is not None


def test_on_a_thread_of_its_own_it_comes_when_it_is_wanted(tmp_path: Path, api: Api, http_server: Counterpart) -> None:
    picture = named(PICTURE)
    http_server.answer_files[picture.sha256] = PICTURE
    box = Box(tmp_path, api, OwnThread)
    box.files.start()
    box.files.keep((picture,))
    eventually(lambda: box.files.path(picture.sha256), "the picture")
    box.files.close()
