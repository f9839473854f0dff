"""The database in one file, as it stood at one instant, while programs write on; and back again.

SQLite by its backup API in one step (a reader holds up no writer in WAL), PostgreSQL by `pg_dump` in its own format.
"""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import sqlalchemy
from sqlalchemy import inspect, make_url, text

from contentserver.kernel.db import Database
from contentserver.kernel.errors import Conflict, Rejected
from contentserver.operation.places import COMPANIONS, sqlite_file

SQLITE_NAME, POSTGRESQL_NAME = "database.db", "database.dump"


def take(database_url: str, generation: Path) -> Path:
    """Write the snapshot into a generation's folder.

    Raises:
        Rejected: `pg_dump` is missing, too old, or refused.
    """
    source = sqlite_file(database_url)
    if source is None:
        target = generation / POSTGRESQL_NAME
        _run(["pg_dump", "--format=custom", "--no-owner", f"--file={target}"], database_url)
        target.chmod(0o600)
        return target
    target = generation / SQLITE_NAME
    target.touch(mode=0o600)
    live = sqlite3.connect(f"file:{source}?mode=rw", uri=True, timeout=30)
    with closing(live) as one, closing(sqlite3.connect(target)) as other:
        one.backup(other)
        other.execute("PRAGMA journal_mode = DELETE")  # one file, which needs no other beside it
    return target


def fault_of(file: Path) -> str:
    """What is wrong with a snapshot; empty for nothing."""
    if file.name == POSTGRESQL_NAME:
        done = subprocess.run(["pg_restore", "--list", str(file)], check=False, capture_output=True, text=True)
        return done.stderr.strip()[-300:] if done.returncode else ""
    try:
        with closing(_reading(file)) as db:
            found = [str(row[0]) for row in db.execute("PRAGMA integrity_check(3)")]
            orphans = db.execute("PRAGMA foreign_key_check").fetchone()
    except sqlite3.DatabaseError as error:
        return str(error)
    if orphans:
        found.append(f"a row of {orphans[0]} names one of {orphans[2]} that is not there")
    return "; ".join(one for one in found if one != "ok")


def values_in(file: Path, table: str, *columns: str) -> Iterator[tuple[str, ...]]:
    """What columns of a snapshot hold, where the first holds anything; nothing where its release lacks them."""
    if file.name == SQLITE_NAME:
        with closing(_reading(file)) as db:
            there = {name for (name,) in db.execute("SELECT name FROM pragma_table_info(?)", (table,))}
            if there.issuperset(columns):
                named: list[sqlalchemy.ColumnElement[str]] = [sqlalchemy.column(one) for one in columns]
                asked = sqlalchemy.select(*named).select_from(sqlalchemy.table(table))
                rows = db.execute(str(asked.distinct()))
                yield from (tuple(map(str, row)) for row in rows if row[0])
        return
    command = ["pg_restore", "--data-only", f"--table={table}", "--file=-", str(file)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    names: Sequence[str] = ()
    for line in done.stdout.splitlines():
        if line.startswith("COPY "):
            names = [one.strip(' "') for one in line[line.index("(") + 1 : line.index(")")].split(",")]
        elif line == "\\.":
            names = ()
        elif set(columns) <= set(names):
            parts = dict(zip(names, line.split("\t"), strict=True))
            if parts[columns[0]] not in {"\\N", ""}:
                yield tuple(parts[one] for one in columns)


def require_empty(database_url: str) -> None:
    """See that a database has nothing that could be lost.

    Raises:
        Conflict: it has tables, or a file of it is there.
    """
    file = sqlite_file(database_url)
    if file is not None:
        if any(file.with_name(file.name + more).exists() for more in COMPANIONS):
            raise Conflict("not_empty", f"{file} is there already. Move it away first.")
        return
    database = Database(database_url)
    try:
        tables = inspect(database.engine).get_table_names()
    finally:
        database.engine.dispose()
    if tables:
        raise Conflict("not_empty", f"The database has tables already ({len(tables)}). Make an empty one first.")


def bring_back(file: Path, database_url: str) -> str:
    """Put a snapshot into an empty database; gives the URL under which it is to be finished.

    A SQLite file gets its name only by `put_in_place`: until then no program finds it.
    """
    target = sqlite_file(database_url)
    if target is None:
        dsn = ["--dbname", make_url(database_url).database or ""]
        _run(["pg_restore", "--no-owner", "--exit-on-error", "--single-transaction", *dsn, str(file)], database_url)
        return database_url
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = _draft(target)
    shutil.copyfile(file, draft)
    draft.chmod(0o600)
    return f"sqlite:///{draft}"


def put_in_place(database_url: str) -> None:
    """What was brought back is finished."""
    target = sqlite_file(database_url)
    if target is None:
        return
    draft = _draft(target)
    with closing(sqlite3.connect(draft)) as db:
        db.execute("PRAGMA journal_mode = DELETE")
    descriptor = os.open(draft, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)
    draft.replace(target)


def server_version(database_url: str) -> int:
    """PostgreSQL's, as a number: 150004 is 15.4; 0 for SQLite."""
    if sqlite_file(database_url) is not None:
        return 0
    database = Database(database_url)
    try:
        with database.engine.connect() as connection:
            return int(connection.execute(text("SHOW server_version_num")).scalar_one())
    finally:
        database.engine.dispose()


def _draft(target: Path) -> Path:
    return target.with_name(f".{target.name}.restoring")


def _reading(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{file}?immutable=1", uri=True)


def _run(command: Sequence[str], database_url: str) -> None:
    """A program of PostgreSQL's, with the address in its environment: a list of processes shows no password."""
    url = make_url(database_url)
    host = url.host or str(url.query.get("host", ""))
    given = {"PGHOST": host, "PGPORT": str(url.port or ""), "PGUSER": url.username, "PGDATABASE": url.database}
    given["PGPASSWORD"] = str(url.password or "")
    environment = {**os.environ, **{name: value for name, value in given.items() if value}}
    try:
        done = subprocess.run(command, check=False, capture_output=True, text=True, env=environment)
    except FileNotFoundError as error:
        raise Rejected("program_missing", f"{command[0]} is missing: install postgresql-client.") from error
    if done.returncode:
        raise Rejected("database_refused", f"{command[0]}: {done.stderr.strip()[-500:]}")
