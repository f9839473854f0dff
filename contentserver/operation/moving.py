"""`admin to-postgresql`: a whole SQLite database into an empty PostgreSQL, counted and compared on both sides.

The source is locked, and read only; one transaction fills the target. Until it is committed a table of its own marks
the target as unfinished. Indexes for searching words are PostgreSQL's own, over the same `…_words` tables.
"""

import hashlib
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from psycopg import sql
from sqlalchemy import Connection, Integer, Table, create_engine, inspect, make_url, select

from contentserver.kernel.db import Base
from contentserver.kernel.errors import Conflict, Rejected
from contentserver.operation.places import sqlite_file
from contentserver.operation.schema import head, migrate, revision_of

MARK = "yuanjiao_move_unfinished"
AT_ONCE = 5000
OLDEST = 150000
_SEARCH = "_words_index"
"""How the names of SQLite's tables for searching end; PostgreSQL has an index instead."""
_GUARD = "audit_entries_whole"


@dataclass(frozen=True, slots=True)
class Compared:
    """One table on both sides: rows, and the same number from all values, in whatever order."""

    table: str
    rows: int
    checksum: str


def move(source_url: str, target_url: str, *, empty_target: bool = False) -> list[Compared]:
    """Move everything; gives what was compared, all of it equal.

    Raises:
        Rejected: the source is not SQLite or not at this program's revision; the target is not PostgreSQL 15 or newer,
            or cannot hold a value; or the two sides differ.
        Conflict: a program still uses the source, or the target is not empty.
    """
    file = sqlite_file(source_url)
    if file is None or not file.exists():
        raise Rejected("not_sqlite", "YUANJIAO_DATABASE_URL names no SQLite file.")
    if make_url(target_url).get_backend_name() != "postgresql":
        raise Rejected("not_postgresql", "Give an address such as postgresql+psycopg://yuanjiao@localhost/yuanjiao.")
    with _locked(file), _dsn(target_url) as target:
        source = create_engine("sqlite://", creator=lambda: _read_only(file))
        try:
            if revision_of(source) != head():
                raise Rejected("not_at_head", "The database is of another release. Run admin init first.")
            _require_whole(source)
            _prepare(target, target_url, empty=empty_target)
            with source.connect() as reading:
                return _fill(reading, target, target_url)
        except psycopg.Error as error:
            raise Rejected(
                "move_failed", f"PostgreSQL: {str(error).strip()} Nothing was moved; repeat with --empty-target."
            ) from error
        finally:
            source.dispose()


def unfinished(connection: Connection) -> bool:
    """Whether a move into this database was broken off."""
    return inspect(connection).has_table(MARK)


@contextmanager
def _locked(file: Path) -> Iterator[None]:
    """Nobody else has the database open, and nobody opens it meanwhile.

    Every connection in WAL mode holds a lock as long as it lives; leaving that mode needs them all gone.
    """
    with closing(sqlite3.connect(file, timeout=3, isolation_level=None)) as lock:
        try:
            lock.execute("PRAGMA journal_mode = DELETE")
            lock.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            raise Conflict(
                "in_use", f"A program has {file} open. Stop serve, worker and ingest first; boxes keep what they have."
            ) from error
        try:
            yield
        finally:
            lock.execute("ROLLBACK")
            lock.execute("PRAGMA journal_mode = WAL")


def _read_only(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{file}?mode=ro", uri=True, check_same_thread=False)


@contextmanager
def _dsn(target_url: str) -> Iterator[psycopg.Connection[Any]]:
    url = make_url(target_url).set(drivername="postgresql")
    try:
        connection = psycopg.connect(url.render_as_string(hide_password=False), connect_timeout=10)
    except psycopg.OperationalError as error:
        raise Rejected("target_away", f"PostgreSQL does not answer: {str(error).strip()}") from error
    with connection:
        if connection.info.server_version < OLDEST:
            raise Rejected("postgresql_old", "PostgreSQL is older than 15.")
        yield connection


def _require_whole(source: Any) -> None:
    """Every table is one that this program knows: nothing is left behind unseen."""
    known = {*Base.metadata.tables, "alembic_version"}
    strange = {name for name in inspect(source).get_table_names() if name not in known and _SEARCH not in name}
    if strange:
        raise Rejected("table_unknown", f"Tables that this program does not know: {', '.join(sorted(strange))}.")


def _prepare(target: psycopg.Connection[Any], target_url: str, *, empty: bool) -> None:
    """Make the tables, with the mark that they are not filled; what migrations put in is taken out again."""
    names = _tables_of(target)
    if names and empty:
        target.execute("DROP SCHEMA public CASCADE")
        target.execute("CREATE SCHEMA public")
    elif MARK in names:
        raise Conflict("move_unfinished", "An earlier move into this database was broken off. Add --empty-target.")
    elif names:
        raise Conflict("not_empty", f"The database has tables already ({len(names)}). Give an empty one.")
    target.execute(sql.SQL("CREATE TABLE {} ()").format(sql.Identifier(MARK)))
    target.commit()
    migrate(target_url)
    target.execute(f"ALTER TABLE audit_entries DISABLE TRIGGER {_GUARD}")
    ours = sql.SQL(", ").join(map(sql.Identifier, Base.metadata.tables))
    target.execute(sql.SQL("TRUNCATE {}").format(ours))
    target.execute(f"ALTER TABLE audit_entries ENABLE TRIGGER {_GUARD}")
    target.commit()


def _tables_of(target: psycopg.Connection[Any]) -> set[str]:
    found = target.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    return {str(row[0]) for row in found}


def _fill(reading: Connection, target: psycopg.Connection[Any], target_url: str) -> list[Compared]:
    """Fill, compare, and only then commit."""
    compared = []
    for table in Base.metadata.sorted_tables:
        there = _copy(reading, target, table)
        here = _count(_rows_of(target, table), table)
        if there != here:
            raise Rejected(
                "sides_differ",
                f"{table.name}: {there.rows} rows here, {here.rows} there, or their values differ. Nothing was moved.",
            )
        _go_on(target, table)
        compared.append(there)
    target.execute(sql.SQL("DROP TABLE {}").format(sql.Identifier(MARK)))
    target.commit()
    target.autocommit = True
    target.execute("ANALYZE")
    return compared


def _copy(reading: Connection, target: psycopg.Connection[Any], table: Table) -> Compared:
    """COPY one table; the checksum is of what was read."""
    columns = sql.SQL(", ").join(sql.Identifier(column.name) for column in table.columns)
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table.name), columns)
    rows = reading.execution_options(yield_per=AT_ONCE).execute(select(table))
    with target.cursor().copy(statement) as copy:

        def passing() -> Iterator[Sequence[Any]]:
            for row in rows:
                copy.write_row(row)
                yield row

        return _count(passing(), table)


def _rows_of(target: psycopg.Connection[Any], table: Table) -> Iterator[Sequence[Any]]:
    """What PostgreSQL holds, through a cursor of its own side."""
    columns = sql.SQL(", ").join(sql.Identifier(column.name) for column in table.columns)
    with target.cursor(name=f"compare_{table.name}"[:60]) as cursor:
        cursor.itersize = AT_ONCE
        cursor.execute(sql.SQL("SELECT {} FROM {}").format(columns, sql.Identifier(table.name)))
        yield from cursor


def _count(rows: Iterator[Sequence[Any]], table: Table) -> Compared:
    """Rows, and the sum of their hashes: the same in any order."""
    number = total = 0
    for row in rows:
        number += 1
        total += int.from_bytes(hashlib.sha256(_canonical(row)).digest()[:16], "big")
    return Compared(table.name, number, f"{total % (1 << 128):032x}")


def _canonical(row: Sequence[Any]) -> bytes:
    """The values as both databases give them, each with its length before it."""
    texts = [_text(value) for value in row]
    return "".join(f"{len(text)}:{text}" for text in texts).encode()


def _text(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return f"b{int(value)}"
        case float():
            return f"n{value!r}" if value % 1 else f"n{int(value)}"
        case int():
            return f"n{value}"
        case datetime():
            aware = value if value.tzinfo else value.replace(tzinfo=UTC)
            return f"t{aware.astimezone(UTC).isoformat()}"
        case date():
            return f"d{value.isoformat()}"
        case UUID():
            return f"u{value.hex}"
        case bytes() | memoryview():
            return f"x{bytes(value).hex()}"
        case _:
            return f"s{value}"


def _go_on(target: psycopg.Connection[Any], table: Table) -> None:
    """Numbers that PostgreSQL gives go on after the highest."""
    for column in table.primary_key.columns:
        if isinstance(column.type, Integer) and column is table.autoincrement_column:
            sequence = target.execute("SELECT pg_get_serial_sequence(%s, %s)", (table.name, column.name)).fetchone()
            if sequence and sequence[0]:
                names = {"column": sql.Identifier(column.name), "table": sql.Identifier(table.name)}
                query = sql.SQL("SELECT setval(%s, GREATEST((SELECT max({column}) FROM {table}), 1), "
                                "(SELECT count(*) > 0 FROM {table}))").format(**names)  # fmt: skip
                target.execute(query, (sequence[0],))
