"""A whole database moves from SQLite into PostgreSQL, equal on both sides, or nothing does."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from uuid import uuid4

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select, text

from contentserver.boxes import Box
from contentserver.consultations.models import CaseWords
from contentserver.documents.models import Document
from contentserver.kernel.db import Base, Database
from contentserver.kernel.errors import Conflict, Rejected
from contentserver.kernel.searching import has_words
from contentserver.operation import moving
from tests.contentserver.conftest import create_postgres_database
from tests.contentserver.operation.conftest import House, refused
from tests.demo.stack import ROOT


@pytest.fixture
def target(postgres: str) -> str:
    return create_postgres_database(postgres, f"v{uuid4().hex}")


def _counts(url: str) -> dict[str, int]:
    database = Database(url)
    with database.reader() as session:
        found = {
            name: session.scalar(select(func.count()).select_from(table)) or 0
            for name, table in Base.metadata.tables.items()
        }
    database.engine.dispose()
    return found


def test_every_row_arrives(house: House, target: str) -> None:
    before = (house.folder / "server.db").read_bytes()
    compared = moving.move(house.settings.database_url, target)
    assert {one.table: one.rows for one in compared} == _counts(house.settings.database_url) == _counts(target)
    assert sum(one.rows > 0 for one in compared) > 60
    with closing(sqlite3.connect(house.folder / "server.db")) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert len(before) == (house.folder / "server.db").stat().st_size


def test_the_product_goes_on_there(house: House, target: str) -> None:
    moving.move(house.settings.database_url, target)
    database = Database(target)
    with database.unit_of_work() as session:
        last = session.scalar(select(func.max(Box.id))) or 0
        old = session.get_one(Box, last)
        new = Box(station_id=old.station_id, public_key="new", http_token_hash="new", enrolled_at=old.enrolled_at)
        session.add(new)
        session.flush()
        assert new.id == last + 1
        words = session.scalars(select(CaseWords)).first()
        assert words is not None
        one = words.words.split()[0]
        query = select(CaseWords.id).where(has_words(session, [one], CaseWords.words, CaseWords.id, "case_words_index"))
        assert words.id in session.scalars(query).all()
        assert session.scalars(select(Document)).first() is not None
        with pytest.raises(Exception, match="never changed"), session.begin_nested():
            session.execute(text("UPDATE audit_entries SET subject = 'other'"))
    database.engine.dispose()


def test_a_target_that_holds_anything_is_left_alone(house: House, target: str) -> None:
    plain = target.replace("+psycopg", "")
    with psycopg.connect(plain) as other:
        other.execute("CREATE TABLE mine (n int)")
    with refused(Conflict, "empty"):
        moving.move(house.settings.database_url, target)
    with psycopg.connect(plain) as other:
        assert other.execute("SELECT count(*) FROM mine").fetchone() == (0,)


def test_a_running_program_is_noticed(house: House, target: str) -> None:
    database = house.database()
    with database.reader() as session:
        session.scalar(select(func.count()).select_from(Box))
        with refused(Conflict, "Stop serve"):
            moving.move(house.settings.database_url, target)
    with refused(Conflict, "Stop serve"):  # its connection stays open, although it does nothing
        moving.move(house.settings.database_url, target)
    database.engine.dispose()
    moving.move(house.settings.database_url, target)


def test_a_source_of_another_release_is_refused(house: House, target: str) -> None:
    with closing(sqlite3.connect(house.folder / "server.db")) as db, db:
        db.execute("UPDATE alembic_version SET version_num = '0020'")
    with refused(Rejected, "admin init"):
        moving.move(house.settings.database_url, target)


@pytest.mark.parametrize(
    ("source", "to", "said"),
    [("postgresql+psycopg://x@127.0.0.1:1/x", "", "SQLite"), ("", "sqlite:///x.db", "postgresql+psycopg://")],
)
def test_other_addresses_are_refused(house: House, source: str, to: str, said: str) -> None:
    with refused(Rejected, said):
        moving.move(source or house.settings.database_url, to)


def test_a_server_that_is_away(house: House) -> None:
    with refused(Rejected, "does not answer"):
        moving.move(house.settings.database_url, "postgresql+psycopg://x@127.0.0.1:1/x")


@pytest.mark.parametrize("value", ["'a' || char(0) || 'b'", f"'{'x' * 200}'"])
def test_what_postgresql_cannot_hold_stops_it(house: House, target: str, value: str) -> None:
    """SQLite keeps a NUL and a text that is too long; it is said where, and can be repeated once it is mended."""
    file = house.folder / "server.db"
    with closing(sqlite3.connect(file)) as db, db:
        db.execute(f"UPDATE courses SET title = {value}")  # noqa: S608  # ours
    with refused(Rejected, "Nothing was moved"):
        moving.move(house.settings.database_url, target)
    database = Database(target)
    with database.engine.connect() as connection:
        assert moving.unfinished(connection)
        assert connection.execute(text("SELECT count(*) FROM regions")).scalar_one() == 0
    database.engine.dispose()
    with refused(Conflict, "--empty-target"):
        moving.move(house.settings.database_url, target)
    with closing(sqlite3.connect(file)) as db, db:
        db.execute("UPDATE courses SET title = 'mended'")
    moving.move(house.settings.database_url, target, empty_target=True)
    assert _counts(target) == _counts(house.settings.database_url)


def test_a_difference_is_noticed(house: House, target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = moving._rows_of

    def other(connection: "psycopg.Connection[object]", table: object) -> Iterator[object]:
        for row in rows(connection, table):  # type: ignore[arg-type]  # handed on as it came
            yield ("other", *row[1:])

    monkeypatch.setattr(moving, "_rows_of", other)
    with refused(Rejected, "differ"):
        moving.move(house.settings.database_url, target)


KILLED = """
import os, signal, sys
from contentserver.operation import moving
count = 0
copy = moving._copy
def some(reading, target, table):
    global count
    count += 1
    if count == 12:
        os.kill(os.getpid(), signal.SIGKILL)
    return copy(reading, target, table)
moving._copy = some
moving.move(sys.argv[1], sys.argv[2])
"""


def test_a_move_that_is_killed_leaves_the_source_and_can_be_repeated(house: House, target: str) -> None:
    before = _counts(house.settings.database_url)
    killed = [sys.executable, "-c", KILLED, house.settings.database_url, target]
    assert subprocess.run(killed, cwd=ROOT, check=False, timeout=120).returncode == -9
    with refused(Conflict, "--empty-target"):
        moving.move(house.settings.database_url, target)
    moving.move(house.settings.database_url, target, empty_target=True)
    assert _counts(target) == before == _counts(house.settings.database_url)


VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.text(), st.binary(), st.dates(), st.uuids(), st.floats(-1e9, 1e9)
)


@given(st.lists(st.tuples(VALUES, VALUES), max_size=6), st.randoms())
def test_the_checksum_asks_for_no_order_and_for_every_value(rows: list[tuple[object, object]], random: object) -> None:
    table = Base.metadata.tables["regions"]
    shuffled = list(rows)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # Hypothesis' own
    assert moving._count(iter(rows), table) == moving._count(iter(shuffled), table)
    if rows:
        altered = [("altered", object), *rows[1:]]
        assert moving._count(iter(rows), table) != moving._count(iter(altered), table)
        assert moving._count(iter(rows[1:]), table) != moving._count(iter(rows), table)
