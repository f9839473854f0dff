"""Entries as pages list them: a month of a region or of a station, by kind; and everything of a station's year."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, TextClause, func, select
from sqlalchemy.orm import Session

from contentserver.kernel.pagination import PAGE_SIZE, Page
from contentserver.ledger import history, kinds, words
from contentserver.ledger.models import STANDS, LedgerEntry, LedgerPhotograph
from contentserver.ledger.rules import KindOfEntry
from contentserver.regions import subtree_filter
from contentserver.stations import Station


@dataclass(frozen=True, slots=True)
class Shown:
    """An entry with its kind, its values in words and its photographs."""

    row: LedgerEntry
    kind: KindOfEntry
    lines: Sequence[tuple[str, str]]
    photographs: Sequence[LedgerPhotograph]


def page_of_entries(
    session: Session, region: str, month: date, *, kind: str = "", words_: str = "", number: int = 1
) -> Page[LedgerEntry]:
    """One page of a region's month, the newest day first."""
    where: list[ColumnElement[bool] | TextClause] = [
        LedgerEntry.month == month,
        STANDS,
        subtree_filter(LedgerEntry.region_code, region),
    ]
    if kind:
        where.append(LedgerEntry.kind == kind)
    if words_:
        where.append(LedgerEntry.title.contains(words_, autoescape=True))
    total = session.scalar(select(func.count()).select_from(LedgerEntry).where(*where)) or 0
    number = min(max(1, number), max(1, -(-total // PAGE_SIZE)))
    query = select(LedgerEntry).where(*where).order_by(LedgerEntry.day.desc(), LedgerEntry.id.desc())
    rows = session.scalars(query.limit(PAGE_SIZE).offset((number - 1) * PAGE_SIZE)).all()
    return Page(rows, number, total)


def month_of_station(session: Session, station_id: UUID, month: date, *, removed: bool = False) -> list[Shown]:
    """A station's entries of a month, the newest day first."""
    query = select(LedgerEntry).where(LedgerEntry.station_id == station_id, LedgerEntry.month == month)
    if not removed:
        query = query.where(STANDS)
    return shown(session, session.scalars(query.order_by(LedgerEntry.day.desc(), LedgerEntry.id.desc())).all())


def between(session: Session, station_id: UUID, first: date, last: date) -> list[Shown]:
    """A station's entries of some months, given by their first days, in the order of the book."""
    query = select(LedgerEntry).where(
        LedgerEntry.station_id == station_id, LedgerEntry.month >= first, LedgerEntry.month <= last, STANDS
    )
    return shown(session, session.scalars(query.order_by(LedgerEntry.day, LedgerEntry.id)).all())


def shown(session: Session, rows: Sequence[LedgerEntry]) -> list[Shown]:
    """Entries in words, with their photographs."""
    pictures: dict[UUID, list[LedgerPhotograph]] = {row.id: [] for row in rows}
    for one in history.photographs_of(session, pictures):
        if one.entry_id is not None:
            pictures[one.entry_id].append(one)
    known: dict[tuple[str, str, str], KindOfEntry] = {}
    found = []
    for row in rows:
        key = (row.kind, row.version, row.region_code)
        if key not in known:
            known[key] = kinds.KINDS.named(session, *key)
        lines = words.lines_of(known[key], history.values_of(row))
        found.append(Shown(row, known[key], lines, pictures[row.id]))
    return found


def stations_named(session: Session, ids: Sequence[UUID]) -> Mapping[UUID, Station]:
    """Stations by their ids."""
    return {one.id: one for one in session.scalars(select(Station).where(Station.id.in_(set(ids))))}
