"""Entries that arise by themselves, one of each origin: kept up as things change, derived again whenever somebody asks.

Whoever changes a row of which entries arise leaves a mark, in the same transaction; the link takes marks up. An entry
is found again by its origin, so that deriving twice changes nothing. What changed stays readable in its history.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

import msgspec
from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session, UOWTransaction

from contentserver.kernel.db import Database
from contentserver.ledger import history, rules
from contentserver.ledger.kinds import KINDS
from contentserver.ledger.models import LedgerEntry, LedgerMark
from contentserver.ledger.ports import Arisen, Source
from contentserver.timetable import holiday_table
from schedules.holidays import HolidayTable

AT_ONCE = 200
"""Marks, or origins, taken up by one unit of work."""


@dataclass(slots=True)
class Derived:
    """How many entries came, changed, went, and stayed as they were."""

    new: int = 0
    changed: int = 0
    gone: int = 0
    same: int = 0

    def __str__(self) -> str:
        """For the command line."""
        return f"{self.new} entries came, {self.changed} changed, {self.gone} went, {self.same} stayed"

    def add(self, other: "Derived") -> None:
        """Count another one's too."""
        self.new, self.changed = self.new + other.new, self.changed + other.changed
        self.gone, self.same = self.gone + other.gone, self.same + other.same


def watch(database: Database, sources: Sequence[Source]) -> None:
    """From now on, changes of what entries arise from leave marks."""

    def changed(session: Session, _context: UOWTransaction) -> None:
        marks = {
            (source.code, key)
            for row in _touched(session)
            for source in sources
            if isinstance(row, tuple(source.tables))
            for key in source.marks(row)
        }
        if marks:
            session.execute(insert(LedgerMark), [{"source": code, "key": key} for code, key in sorted(marks)])

    database.after_flush(changed)


def refresh(session: Session, sources: Sequence[Source], now: datetime, calendar: HolidayTable) -> int:
    """Derive what has marks.

    Returns:
        How many marks there were; `AT_ONCE` means that there may be more.
    """
    marks = session.scalars(select(LedgerMark).order_by(LedgerMark.id).limit(AT_ONCE)).all()
    for source in sources:
        keys = sorted({mark.key for mark in marks if mark.source == source.code})
        if keys and (origins := source.origins(session, keys)):
            settle(session, source, origins, now, calendar)
    if marks:
        session.execute(delete(LedgerMark).where(LedgerMark.id.in_([mark.id for mark in marks])))
    return len(marks)


def settle(
    session: Session, source: Source, origins: Collection[str], now: datetime, calendar: HolidayTable
) -> Derived:
    """Bring the entries of some origins to what their source says now."""
    query = select(LedgerEntry).where(LedgerEntry.source == source.code, LedgerEntry.origin.in_(origins))
    standing = {row.origin: row for row in session.scalars(query)}
    found, counted = {one.origin: one for one in source.arisen(session, origins)}, Derived()
    for origin, one in sorted(found.items()):
        row = standing.get(origin)
        if row is None:
            session.add(_entry(source, one, now, calendar))
            counted.new += 1
        elif _says(row, source, one):
            counted.same += 1
        else:
            _follow(session, row, source, one, now, calendar)
            counted.changed += 1
    missing = [origin for origin, row in standing.items() if origin not in found and row.removed_at is None]
    for origin in sorted(source.ended(session, missing)) if missing else ():
        row = standing[origin]
        history.keep(session, row, "removed", who=None, why="", now=now, calendar=calendar)
        row.removed_at = now
        counted.gone += 1
    session.flush()
    return counted


def derive_again(database: Database, sources: Sequence[Source], now: datetime) -> Derived:
    """Derive everything, a part in each unit of work; what no source has any more is looked at too."""
    counted = Derived()
    for source in sources:
        with database.reader() as session:
            query = select(LedgerEntry.origin).where(LedgerEntry.source == source.code, LedgerEntry.origin != "")
            origins = sorted({*source.everything(session), *session.scalars(query)})
        for some in _parts(origins):
            with database.unit_of_work() as session:
                counted.add(settle(session, source, some, now, holiday_table(session)))
    return counted


def _entry(source: Source, one: Arisen, now: datetime, calendar: HolidayTable) -> LedgerEntry:
    kind = KINDS.shipped[source.kind]
    return LedgerEntry(
        station_id=one.station_id,
        region_code=one.region_code,
        kind=source.kind,
        version=f":{kind.version}",
        day=one.day,
        month=rules.month_of(one.day),
        title=rules.title_of(kind, one.fields),
        fields=msgspec.json.encode(one.fields).decode(),
        source=source.code,
        origin=one.origin,
        written_at=now,
        late=history.is_late(one.day, now, calendar),
    )


def _says(row: LedgerEntry, source: Source, one: Arisen) -> bool:
    """Whether an entry says already what arose; from then on it has the version of the kind of that time."""
    fields = msgspec.json.decode(row.fields, type=dict[str, str])
    there = (row.kind, row.station_id, row.day, fields, row.removed_at)
    return there == (source.kind, one.station_id, one.day, dict(one.fields), None)


def _follow(
    session: Session, row: LedgerEntry, source: Source, one: Arisen, now: datetime, calendar: HolidayTable
) -> None:
    history.keep(session, row, "arose_anew", who=None, why="", now=now, calendar=calendar, other_day=one.day)
    made = _entry(source, one, now, calendar)
    for name in ("station_id", "region_code", "kind", "version", "day", "month", "title", "fields"):
        setattr(row, name, getattr(made, name))
    row.removed_at = None


def _touched(session: Session) -> Iterable[object]:
    yield from session.new
    yield from session.deleted
    yield from (one for one in session.dirty if session.is_modified(one))


def _parts(origins: Sequence[str]) -> Iterator[list[str]]:
    left = iter(origins)
    while some := list(islice(left, AT_ONCE)):
        yield some
