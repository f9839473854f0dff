"""Rows that have become old: how many there are, and taking them away a part at a time.

Looking and taking ask one and the same question, so that a dry run says what a real one does. How old is too old is
not known here: `retention/rules.py`.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import ColumnElement, Select, delete, func, inspect, literal, select, tuple_, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from contentserver.kernel.db import Base

BEING_BROUGHT = timedelta(hours=1)
"""So long a file may lie there before its row is committed."""


@dataclass(frozen=True, slots=True)
class Old:
    """So many old things, how much they weigh where they are files, and since when the oldest is old."""

    things: int = 0
    bytes: int = 0
    oldest: datetime | None = None

    def __add__(self, other: "Old") -> "Old":
        """Both together."""
        oldest = min(filter(None, (self.oldest, other.oldest)), default=None)
        return Old(self.things + other.things, self.bytes + other.bytes, oldest)


class Source(Protocol):
    """One kind of data that becomes old."""

    def look(self, session: Session, before: datetime) -> Old:
        """What is older than an instant; changes nothing."""
        ...

    def take(self, session: Session, before: datetime, most: int) -> Old:
        """Take away the oldest of it, at most so many; gives back what went."""
        ...

    def tidy(self, session: Session, now: datetime) -> None:
        """Bring to an end what a program that was killed has left half done."""
        ...


@dataclass(frozen=True, slots=True)
class OldRows:
    """Rows of a table that are old.

    Attributes:
        since: the instant from which a row's age counts; where it is NULL the row does not age.
        where: which rows of the table, if not all.
        size: bytes of what stands behind a row.
        instead: what the columns become; empty where the row itself goes.
    """

    table: type[Base]
    since: "ColumnElement[Any] | InstrumentedAttribute[Any]"
    where: tuple[ColumnElement[bool], ...] = ()
    size: "ColumnElement[Any] | InstrumentedAttribute[Any] | None" = None
    instead: Mapping[str, object] = field(default_factory=dict)

    def look(self, session: Session, before: datetime) -> Old:
        """What is older than an instant."""
        return _sum(session, self._old(before))

    def take(self, session: Session, before: datetime, most: int) -> Old:
        """Take away the oldest of it, at most so many."""
        part = self._old(before).order_by(self.since, *self._keys()).limit(most)
        found = _sum(session, part)
        key = self._keys()[0] if len(self._keys()) == 1 else tuple_(*self._keys())
        mine = key.in_(part.with_only_columns(*self._keys()))
        change = update(self.table).values(self.instead) if self.instead else delete(self.table)
        session.execute(change.where(mine), execution_options={"synchronize_session": False})
        session.expire_all()
        return found

    def tidy(self, session: Session, now: datetime) -> None:
        """Nothing: rows go whole."""

    def _old(self, before: datetime) -> Select[Any]:
        size = literal(0) if self.size is None else self.size
        return select(self.since.label("since"), size.label("bytes")).where(self.since < before, *self.where)

    def _keys(self) -> tuple[Any, ...]:
        return tuple(inspect(self.table).primary_key)


def sweep(folder: Path, named: Collection[str], now: datetime) -> None:
    """Remove files that lie under a digest which no row names, and which nobody has just brought."""
    brought = (now - BEING_BROUGHT).timestamp()
    for file in folder.glob("??/*"):
        if file.name.partition(".")[0] not in named and file.stat().st_mtime < brought:
            file.unlink(missing_ok=True)


def _sum(session: Session, rows: Select[Any]) -> Old:
    found = rows.subquery()
    things, weight, oldest = session.execute(
        select(func.count(), func.coalesce(func.sum(found.c.bytes), 0), func.min(found.c.since)).select_from(found)
    ).one()
    return Old(things, int(weight), oldest)
