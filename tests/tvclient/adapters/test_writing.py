"""A full disk: lessons go first, then the reserve, then facts wait; none is lost, and their order stays."""

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from schedules.wire.messages import HeadCounted
from tests.small_disk import fill, small_disk
from tests.tvclient.evening import NOON, airing
from tvclient.adapters.journal import Journal
from tvclient.adapters.reserve import Reserve
from tvclient.adapters.writing import AGAIN_S, GROW_EVERY_S, Writing

DISK = 4 * 1024**2
RESERVE = 1024**2
PIECE = 128 * 1024


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "disk", DISK) as place:
        yield place


def free(place: Path) -> int:
    return shutil.disk_usage(place).free


class Box:
    """A journal on a disk, and lessons that can make room."""

    def __init__(self, disk: Path, lessons: int = 0) -> None:
        self.disk, self.asked = disk, 0
        self.lessons = disk / "lessons"
        if lessons:
            self.lessons.write_bytes(bytes(lessons))
        self.journal = Journal(disk / "journal.db", Reserve(disk / "journal.reserve", RESERVE, PIECE))
        self.writing = Writing(self.journal, self._make_room)
        self.ticks = 0.0

    def _make_room(self, needed: int) -> int:
        self.asked += 1
        if not self.lessons.exists():
            return 0
        freed = self.lessons.stat().st_size
        self.lessons.unlink()
        return freed

    def count(self, facts: int) -> None:
        for _ in range(facts):
            self.writing.take(HeadCounted(airing=airing().id, people=1, phrases=("x" * 2000,)), NOON, 5)
            self.ticks += AGAIN_S
            self.writing.write(self.ticks)

    def rows(self) -> list[int]:
        return [row.sequence for row in self.journal.unacknowledged(100_000)]


def test_lessons_go_first_and_the_reserve_stays(disk: Path) -> None:
    box = Box(disk, lessons=DISK // 4)
    fill(disk)
    box.count(50)
    assert box.asked >= 1
    assert not box.lessons.exists()
    assert box.journal.reserve.left() == RESERVE
    assert box.rows() == list(range(1, 51))
    box.journal.close()


def test_where_no_lesson_can_go_the_reserve_is_used_piece_by_piece_and_grows_back(disk: Path) -> None:
    box = Box(disk)
    filler = fill(disk)
    box.count(100)
    assert len(box.writing) == 0
    assert 0 < box.journal.reserve.left() < RESERVE
    assert box.rows() == list(range(1, 101))
    filler.unlink()
    box.ticks += GROW_EVERY_S
    box.writing.write(box.ticks)
    assert box.journal.reserve.left() == RESERVE
    assert free(disk) > PIECE
    box.journal.close()


def test_what_finds_no_room_at_all_waits_and_is_written_in_order_later(disk: Path) -> None:
    box = Box(disk)
    filler = fill(disk)
    box.count(400)
    assert box.journal.reserve.left() == 0
    on_disk = len(box.rows())
    assert on_disk + len(box.writing) == 400
    assert on_disk >= 100
    assert len(box.writing) > 0
    filler.unlink()
    box.ticks += AGAIN_S
    assert box.writing.write(box.ticks) == 400 - on_disk
    assert box.rows() == list(range(1, 401))
    box.journal.close()


def test_a_box_that_starts_on_a_full_disk_has_its_facts_and_writes_on(disk: Path) -> None:
    box = Box(disk)
    box.count(20)
    epoch = box.journal.epoch
    box.journal.close()
    fill(disk)
    again = Box(disk)
    assert again.journal.epoch == epoch
    again.count(20)
    assert again.rows() == list(range(1, 41))
    again.journal.close()


_LIMITED = """
import resource, signal, sys
from pathlib import Path
from tests.tvclient.adapters.test_writing import Box

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
disk = Path(sys.argv[1])
box = Box(disk)
box.count(5)
resource.setrlimit(resource.RLIMIT_FSIZE, (1, resource.RLIM_INFINITY))
box.count(5)
waiting = len(box.writing)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
box.count(5)
print(waiting, len(box.writing), *box.rows())
"""


def test_a_disk_that_refuses_to_write_keeps_facts_waiting_and_drops_no_lesson(tmp_path: Path) -> None:
    said = subprocess.run(
        [sys.executable, "-c", _LIMITED, str(tmp_path)], check=True, capture_output=True, cwd=Path.cwd(), timeout=60
    ).stdout
    waiting, after, *rows = said.split(b"\n")[-2].split()
    assert int(waiting) == 5
    assert int(after) == 0
    assert [int(row) for row in rows] == list(range(1, 16))


def test_a_reserve_is_given_back_where_none_is_wanted(tmp_path: Path) -> None:
    assert Reserve(tmp_path / "reserve", RESERVE, PIECE).left() == RESERVE
    assert Reserve(tmp_path / "reserve", 0, PIECE).left() == 0
    assert not (tmp_path / "reserve").exists()


def test_a_refused_row_leaves_no_transaction_open(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.db")
    plain = sqlite3.connect(tmp_path / "journal.db", isolation_level=None)
    plain.execute("CREATE TRIGGER full BEFORE INSERT ON event BEGIN SELECT RAISE(ROLLBACK, 'full'); END")
    with pytest.raises(sqlite3.Error, match="full"):
        journal.append(HeadCounted(airing=airing().id, people=1), NOON, 5)
    plain.execute("DROP TRIGGER full")
    assert journal.append(HeadCounted(airing=airing().id, people=1), NOON, 5) == 1
    assert msgspec.json.decode(journal.unacknowledged(1)[0].body)["people"] == 1
    plain.close()
    journal.close()
