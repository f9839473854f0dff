"""The database: engine, declarative base, column types, sessions. SQLite by default, PostgreSQL by URL.

A `Session` is the unit of work. Services never commit; the edges do: `http.py`, the
worker, the ingest, the command line.
"""

import errno
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, Dialect, MetaData, create_engine, event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase, Session, UOWTransaction, mapped_column, sessionmaker
from sqlalchemy.types import TypeDecorator

from contentserver.kernel.ids import new_id

IMMEDIATE = "yuanjiao_immediate"
"""Execution option: take SQLite's write lock at BEGIN, so that a unit of work that writes never fails half-way."""


class UtcDateTime(TypeDecorator[datetime]):
    """Aware UTC in Python; TIMESTAMP WITH TIME ZONE on PostgreSQL, naive UTC text on SQLite."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive datetime")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Base of all tables; constraint names are the same on both engines, so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: UtcDateTime()}  # noqa: RUF012  # read by SQLAlchemy


def id_column() -> Any:
    """A primary key column of time-ordered UUIDs."""
    return mapped_column(primary_key=True, default=new_id)


def make_engine(url: str) -> Engine:
    """An engine for `url`; SQLite gets WAL, foreign keys, full durability and patience."""
    if not url.startswith("sqlite"):
        return create_engine(url, pool_size=16, max_overflow=16, pool_pre_ping=True)
    engine = create_engine(url, connect_args={"timeout": 30, "check_same_thread": False})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # BEGIN is ours, see _begin_sqlite
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    immediate = connection.get_execution_options().get(IMMEDIATE, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


class Database:
    """The engine and its two kinds of sessions."""

    def __init__(self, url: str) -> None:
        self.engine = make_engine(url)
        self._reading = sessionmaker(self.engine, expire_on_commit=False)
        self._writing = sessionmaker(self.engine.execution_options(**{IMMEDIATE: True}), expire_on_commit=False)

    def reader(self) -> Session:
        """A session for looking; the caller closes it."""
        return self._reading()

    def writer(self) -> Session:
        """A session for changing; the caller commits and closes it."""
        return self._writing()

    def after_flush(self, heard: Callable[[Session, UOWTransaction], None]) -> None:
        """From now on something is called after each flush of a session for changing, inside its transaction."""
        event.listen(self._writing, "after_flush", heard)

    def before_commit(self, heard: Callable[[Session], None]) -> None:
        """From now on something is called before a session for changing commits, inside its transaction."""
        event.listen(self._writing, "before_commit", heard)

    @contextmanager
    def unit_of_work(self) -> Iterator[Session]:
        """Commit at the end of the block, roll back if it raises."""
        with self._writing.begin() as session:
            yield session


def disk_full(error: BaseException) -> bool:
    """Whether a fault says that a disk is full: that of files, of SQLite or of PostgreSQL."""
    if isinstance(error, OSError):
        return error.errno in (errno.ENOSPC, errno.EDQUOT)
    cause = error.orig if isinstance(error, DBAPIError) else error
    return getattr(cause, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL or getattr(cause, "sqlstate", "") == "53100"
