"""When `append` has returned, the fact outlives kill -9, a torn log and a power cut.

A power cut takes what was written and not yet synced; so the system calls of a real journal are watched, and whoever
says that a fact is written while bytes of it are unsynced is found out.
"""

import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schedules.wire.messages import HeadCounted
from tests.tvclient.evening import NOON, airing
from tvclient.adapters.journal import Journal

FACTS = 60
_WRITER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from schedules.airings import AiringId
from schedules.wire.messages import Ack, HeadCounted
from schedules.wire.topics import BoxId
from tvclient.adapters.journal import Journal

path, facts, weakened = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
journal = Journal(path)
if weakened:
    journal._db.execute(f"PRAGMA synchronous = {weakened}")
for number in range(facts):
    fact = HeadCounted(airing=AiringId("a"), people=number, phrases=("x" * 700,))
    written = journal.append(fact, datetime.now(UTC), 1)
    sys.stdout.write(f"{written}\\n")
    sys.stdout.flush()
    if number % 7 == 6:
        journal.acknowledge(Ack(box=BoxId(1), epoch=journal.epoch, generation="g", through=written - 3))
"""


def writer(path: Path, facts: int, weakened: str = "") -> list[str]:
    return [sys.executable, "-c", _WRITER, str(path), str(facts), weakened]


def rows(path: Path) -> list[int]:
    """Every row's sequence, acknowledged or not, and the file is whole."""
    Journal(path).close()
    plain = sqlite3.connect(path)
    assert plain.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    found = [sequence for (sequence,) in plain.execute("SELECT sequence FROM event ORDER BY sequence")]
    plain.close()
    return found


@pytest.mark.parametrize("seed", range(6))
def test_killed_at_any_moment_it_has_what_it_said(tmp_path: Path, seed: int) -> None:
    path = tmp_path / "journal.db"
    lines_before_the_end = Random(seed).randrange(1, 400)
    writing = subprocess.Popen(writer(path, 100_000), stdout=subprocess.PIPE, cwd=Path.cwd())
    assert writing.stdout
    for _ in range(lines_before_the_end):
        assert writing.stdout.readline()
    os.kill(writing.pid, signal.SIGKILL)
    said = lines_before_the_end + writing.stdout.read().count(b"\n")
    writing.stdout.close()
    assert writing.wait(10) == -signal.SIGKILL
    found = rows(path)
    assert found == list(range(1, len(found) + 1))
    assert len(found) >= said


@pytest.fixture(scope="module")
def torn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, list[int]]]:
    """A journal as it lies on the disk while it is open, and how long its log was after each row."""
    folder = tmp_path_factory.mktemp("torn")
    journal = Journal(folder / "open" / "journal.db")
    lengths = []
    for people in range(40):
        journal.append(HeadCounted(airing=airing().id, people=people, phrases=("x" * 300,)), NOON, 1)
        lengths.append((folder / "open" / "journal.db-wal").stat().st_size)
    copy = folder / "copy"
    shutil.copytree(folder / "open", copy)
    (copy / "journal.db-shm").unlink()
    yield copy, lengths
    journal.close()


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_log_torn_anywhere_has_every_row_before_the_tear(torn: tuple[Path, list[int]], data: st.DataObject) -> None:
    folder, lengths = torn
    at = data.draw(st.integers(0, lengths[-1]))
    broken = folder.parent / f"torn-{at}"
    shutil.rmtree(broken, ignore_errors=True)
    shutil.copytree(folder, broken)
    os.truncate(broken / "journal.db-wal", at)
    found = rows(broken / "journal.db")
    shutil.rmtree(broken)
    assert found == list(range(1, len(found) + 1))
    assert len(found) >= sum(length <= at for length in lengths)


_CALL = re.compile(r"^\d+\s+(?P<call>\w+)\((?P<fd>\d+)<(?P<file>[^>]*)>")


def said_too_early(tmp_path: Path, weakened: str) -> int:
    """How often a journal said that a fact is written while bytes of its log were not synced."""
    trace = tmp_path / "trace"
    watched = ["strace", "-f", "-y", "-s", "0", "-o", str(trace), "-e", "trace=write,pwrite64,fdatasync,fsync"]
    done = subprocess.run(
        [*watched, *writer(tmp_path / "journal.db", FACTS, weakened)],
        cwd=Path.cwd(),
        capture_output=True,
        timeout=120,
        check=False,
    )
    if b"PTRACE" in done.stderr or b"ptrace" in done.stderr:
        pytest.skip(f"system calls may not be watched here: {done.stderr.decode()[:200]}")
    assert done.stdout.count(b"\n") == FACTS
    unsynced, early, said = False, 0, 0
    for line in trace.read_text(encoding="utf-8", errors="replace").splitlines():
        call = _CALL.match(line)
        if call is None:
            continue
        if call["fd"] == "1" and call["call"] == "write":
            said += 1
            early += unsynced
        elif call["file"].endswith("journal.db-wal"):
            unsynced = call["call"] in {"write", "pwrite64"}
    assert said == FACTS
    return early


def test_a_power_cut_takes_no_fact_that_was_said_to_be_written(tmp_path: Path) -> None:
    assert said_too_early(tmp_path, weakened="") == 0


def test_the_watch_finds_a_journal_that_syncs_too_seldom(tmp_path: Path) -> None:
    assert said_too_early(tmp_path, weakened="NORMAL") > FACTS / 2


def test_the_living_connection_is_durable(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.db")
    asked = {name: journal._db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")}
    assert asked == {"journal_mode": "wal", "synchronous": 2}
    journal.close()
