import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedules.wire.messages import (
    Ack,
    AiringEnded,
    AiringMissed,
    AiringStarted,
    HeadCounted,
    NoticeRead,
    PlaybackSpan,
    QuizAnswered,
    SignedIn,
    SignInMethod,
    SignInUndone,
    StationEntered,
)
from schedules.wire.topics import BoxId
from tests.tvclient.evening import NOON, airing, lesson
from tvclient.adapters.journal import KEPT_AFTER_ACK, Journal
from tvclient.core.airtime import shown_ms
from tvclient.core.reading import opened_as


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


@pytest.fixture
def journal(path: Path) -> Iterator[Journal]:
    opened = Journal(path)
    yield opened
    opened.close()


def write(journal: Journal, count: int) -> None:
    for people in range(count):
        journal.append(HeadCounted(airing=airing().id, people=people), NOON, 5)


def waiting(journal: Journal) -> list[int]:
    return [row.sequence for row in journal.unacknowledged(1000)]


def ack(
    journal: Journal, through: int, *gaps: tuple[int, int], generation: str = "g", epoch: str | None = None
) -> bool:
    return journal.acknowledge(
        Ack(box=BoxId(1), epoch=epoch or journal.epoch, generation=generation, through=through, gaps=gaps)
    )


def test_rows_are_numbered_from_one_without_holes(journal: Journal) -> None:
    write(journal, 5)
    assert waiting(journal) == [1, 2, 3, 4, 5]
    first = journal.unacknowledged(1)[0]
    assert first.at == NOON
    assert first.uncertainty_ms == 5
    assert msgspec.json.decode(first.body)["kind"] == "head_counted"


def test_the_epoch_and_the_rows_outlive_the_program(path: Path) -> None:
    first = Journal(path)
    write(first, 3)
    first.close()
    again = Journal(path)
    assert again.epoch == first.epoch
    assert again.append(HeadCounted(airing=airing().id, people=9), NOON, 5) == 4
    again.close()


def test_only_what_is_committed_on_the_other_side_is_not_sent_again(journal: Journal) -> None:
    write(journal, 10)
    ack(journal, 3, (5, 6), (9, 9))
    assert waiting(journal) == [5, 6, 9, 10]
    ack(journal, 8)
    assert waiting(journal) == [9, 10]
    assert not ack(journal, 3)
    assert waiting(journal) == [9, 10]


def test_a_new_generation_asks_for_everything_again(journal: Journal) -> None:
    write(journal, 4)
    ack(journal, 4)
    assert waiting(journal) == []
    ack(journal, 2, generation="restored")
    assert waiting(journal) == [3, 4]


def test_an_ack_of_another_epoch_or_of_the_future_changes_nothing(journal: Journal) -> None:
    write(journal, 2)
    assert not ack(journal, 2, epoch="other")
    assert not ack(journal, 3)
    assert waiting(journal) == [1, 2]


def test_only_acknowledged_rows_are_ever_forgotten_and_no_number_comes_twice(journal: Journal) -> None:
    write(journal, 4)
    ack(journal, 3)
    journal.forget(NOON + KEPT_AFTER_ACK * 20)
    assert waiting(journal) == [4]
    ack(journal, 4)
    journal.forget(NOON + KEPT_AFTER_ACK * 20)
    write(journal, 1)
    assert waiting(journal) == [5]
    assert journal.through() == 5


def test_what_is_recent_is_kept_for_a_restored_database(journal: Journal) -> None:
    write(journal, 2)
    ack(journal, 2)
    journal.forget(NOON + KEPT_AFTER_ACK - timedelta(hours=1))
    ack(journal, 0, generation="restored")
    assert waiting(journal) == [1, 2]


def test_where_the_box_stood_is_never_forgotten_before_its_rows(journal: Journal) -> None:
    for station in ("machang", "hongxing"):
        journal.append(StationEntered(station=station), NOON, 5)
        write(journal, 1)
    ack(journal, 4)
    journal.forget(NOON + KEPT_AFTER_ACK * 20)
    assert journal.restored().entered == "hongxing"
    ack(journal, 0, generation="restored")
    assert waiting(journal) == [1, 3]
    assert journal.waiting() == 2


def test_the_hours_of_the_month_are_restored_as_they_were_shown_in_this_station(journal: Journal, path: Path) -> None:
    def show(from_ms: int, to_ms: int, at: datetime = NOON) -> None:
        span = PlaybackSpan(
            airing=airing().id,
            lesson=lesson(),
            package=airing().package,
            from_ms=from_ms,
            to_ms=to_ms,
            started_at=at,
        )
        journal.append(span, at, 5)

    journal.append(StationEntered(station="machang"), NOON, 5)
    show(0, 50_000)
    journal.append(StationEntered(station="hongxing"), NOON, 5)
    show(0, 15_000)
    show(10_000, 30_000)
    show(0, 15_000)
    first = NOON.replace(day=1)
    show(40_000, 45_000, first)
    show(0, 7_000, first - timedelta(days=1))
    ack(journal, journal.through())
    journal.forget(first + timedelta(days=30, hours=11))
    journal.close()
    again = Journal(path)
    assert shown_ms(again.restored().airtime, NOON) == 35_000
    assert shown_ms(again.restored().airtime, first - timedelta(days=1)) == 7_000
    again.close()


def test_the_evening_is_restored_from_the_rows(journal: Journal) -> None:
    one, other = airing(), airing(slot="other")
    for member in ("a", "b"):
        journal.append(SignedIn(airing=one.id, lesson=lesson(), member=member, method=SignInMethod.NUMBER), NOON, 1)
    journal.append(SignInUndone(airing=one.id, member="a"), NOON, 1)
    journal.append(
        AiringStarted(
            airing=one.id, planned_start=NOON, duration_ms=1, lesson=lesson(), package=one.package, late_ms=0
        ),
        NOON,
        1,
    )
    journal.append(AiringEnded(airing=one.id, complete=False), NOON, 1)
    journal.append(AiringMissed(airing=other.id, lesson=lesson(), reason="refused"), NOON, 1)
    restored = journal.restored()
    assert restored.signed_in == {one.id: frozenset({"b"})}
    assert restored.started == {one.id}
    assert restored.closed == {other.id}


def test_opened_notices_are_known_from_the_rows_and_are_those_of_the_station(journal: Journal) -> None:
    journal.append(NoticeRead(notice="elsewhere", version=1), NOON, 1)
    journal.append(StationEntered(station="here"), NOON, 1)
    for version in (1, 2, 2):
        journal.append(NoticeRead(notice="a", version=version), NOON, 1)
    assert journal.restored().opened == {opened_as("a", 1), opened_as("a", 2)}


def answer(turn: int, choice: int, question: str = "q") -> QuizAnswered:
    one = airing()
    return QuizAnswered(airing=one.id, lesson=one.lesson, question=question, version=1, turn=turn, choice=choice)


def test_the_turns_of_a_question_outlive_the_program_and_what_was_taken_back_is_gone(path: Path) -> None:
    first = Journal(path)
    for body in (answer(1, 2), answer(2, 0), answer(0, 1, "together"), answer(3, 1), answer(3, -1)):
        first.append(body, NOON, 1)
    first.close()
    again = Journal(path)
    assert again.restored().answers == {airing().id: {"q": (2, 0), "together": (1,)}}
    again.close()


def test_turns_that_the_server_has_acknowledged_count_on_for_as_long_as_any_lesson_lasts(path: Path) -> None:
    first = Journal(path)
    for turn in (1, 2):
        first.append(answer(turn, 0), NOON, 1)
    ack(first, 2)
    first.append(answer(3, 1), NOON, 1)
    first.forget(NOON + timedelta(days=1))
    first.close()
    again = Journal(path)
    assert waiting(again) == [3]
    assert again.restored().answers == {airing().id: {"q": (0, 0, 1)}}
    again.forget(NOON + KEPT_AFTER_ACK * 2)
    assert again.restored().answers == {airing().id: {"q": (-1, -1, 1)}}
    again.close()


def test_a_damaged_file_is_set_aside_and_a_new_epoch_begins(path: Path) -> None:
    path.write_bytes(b"no database at all" * 100)
    journal = Journal(path)
    write(journal, 1)
    assert waiting(journal) == [1]
    journal.close()
    assert len(list(path.parent.glob("journal.db.damaged-*"))) == 1


_WRITER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from schedules.airings import AiringId
from schedules.wire.messages import HeadCounted
from tvclient.adapters.journal import Journal

journal = Journal(Path(sys.argv[1]))
while True:
    number = journal.append(HeadCounted(airing=AiringId("a"), people=1), datetime.now(UTC), 1)
    print(number, flush=True)
"""


@pytest.mark.parametrize("after", [1, 7, 40])
def test_what_was_said_to_be_written_survives_kill_9(path: Path, after: int) -> None:
    writer = subprocess.Popen([sys.executable, "-c", _WRITER, str(path)], stdout=subprocess.PIPE, cwd=Path.cwd())
    assert writer.stdout
    said = 0
    while said < after:
        said = int(writer.stdout.readline())
    os.kill(writer.pid, signal.SIGKILL)
    said = max([said, *(int(line) for line in writer.stdout.read().split(b"\n")[:-1] if line)])
    writer.stdout.close()
    assert writer.wait(10) == -signal.SIGKILL
    journal = Journal(path)
    numbers = waiting(journal)
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) >= said
    journal.close()
    plain = sqlite3.connect(path)
    assert plain.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    plain.close()


acks = st.lists(st.tuples(st.integers(0, 30), st.lists(st.tuples(st.integers(1, 30), st.integers(0, 5)), max_size=3)))


@given(st.integers(1, 30), acks)
def test_no_ack_ever_hides_a_row_that_the_server_lacks(
    rows: int, words: list[tuple[int, list[tuple[int, int]]]]
) -> None:
    memory = Journal(Path(":memory:"))
    write(memory, rows)
    lacking: set[int] = set(range(1, rows + 1))
    for through, raw in words:
        gaps = tuple((first, first + length) for first, length in raw if first > through)
        if not ack(memory, through, *gaps):
            continue
        seen = max((last for _, last in gaps), default=through)
        missing = {n for first, last in gaps for n in range(first, last + 1)}
        lacking = {n for n in lacking if n > seen} | {n for n in missing if n <= rows}
        assert lacking <= set(waiting(memory))
    memory.close()


def test_a_journal_that_cannot_be_opened_just_now_is_never_set_aside(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    journal = Journal(path)
    epoch = journal.epoch
    journal.append(AiringEnded(airing=airing().id, complete=True), NOON, 0)
    journal.close()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("PRAGMA locking_mode = EXCLUSIVE")
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(sqlite3.OperationalError):
        Journal(path)
    other.close()
    again = Journal(path)
    assert (again.epoch, len(again.unacknowledged(10))) == (epoch, 1)
    again.close()
    assert [file.name for file in tmp_path.iterdir() if "damaged" in file.name] == []
