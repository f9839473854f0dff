"""Find documents: a page of those that somebody may know of, what waits for them, the years of which there are some."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, exists, func, literal_column, select, text, union
from sqlalchemy.orm import Session

from contentserver.documents import addressing
from contentserver.documents.models import Document, DocumentRecipient, DocumentWords
from contentserver.kernel import clock
from contentserver.kernel.auth import Person
from contentserver.kernel.pagination import Page, paginate
from contentserver.kernel.searching import has_words, pieces_of
from contentserver.stations import Station

ROWS, COUNTED = 20, 1000


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which documents a list shows: `box` is `in` for those received, `out` for those written; empty: both."""

    box: str = ""
    state: str = ""
    open_only: bool = False
    year: int = 0
    words: str = ""


def documents_seen(session: Session, who: Person, wanted: Wanted, number: int) -> Page[Document]:
    """One page of the documents that a person may know of, the newest first."""
    query = select(Document).where(addressing.seen_by(who), *_conditions(session, who, wanted))
    return paginate(session, query.order_by(Document.changed_at.desc(), Document.id.desc()), number, ROWS, COUNTED)


def _conditions(session: Session, who: Person, wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.box == "in":
        found.append(Document.id.in_(addressing.received(who)))
    elif wanted.box == "out":
        found.append(Document.region_code == who.region_code if who.region_code else Document.id.is_not(None))
    if wanted.state:
        found.append(Document.state == wanted.state)
    if wanted.open_only:
        found.append(still_open(who.region_code))
    if wanted.year:
        found.append(Document.year == wanted.year)
    if wanted.words:
        found.append(_has(session, wanted.words))
    return found


def still_open(region_code: str) -> ColumnElement[bool]:
    """SQL: a document that waits to be read or answered by whoever acts at a region."""
    return Document.id.in_(waiting_at(region_code))


def waiting_at(region_code: str) -> CompoundSelect[Any]:
    """The ids of what waits, each once: by recipients that still owe, an index for each kind of them."""
    of = select(DocumentRecipient.document_id).where(owed())
    here = select(Station.id).where(Station.region_code == region_code)
    offices = of.where(DocumentRecipient.station_id.is_(None), DocumentRecipient.region_code == region_code)
    return union(offices, of.where(DocumentRecipient.station_id.in_(here)))


def owed() -> ColumnElement[bool]:
    """SQL: a recipient that still has something to do; written so that both databases know the index for it."""
    return literal_column("document_recipients.owes")


def _has(session: Session, typed: str) -> ColumnElement[bool]:
    words = list(dict.fromkeys(pieces_of(typed)))
    condition = (
        has_words(session, words, DocumentWords.words, DocumentWords.id, "document_words_index")
        if words
        else text("1 = 0")
    )
    return Document.id.in_(select(DocumentWords.document_id).where(condition))


def years(session: Session, who: Person) -> list[int]:
    """The years of which there are documents that a person may know of, the latest first.

    Each year is asked until the first is found: an archive of years is not looked through.
    """
    first, last = (session.scalar(select(which(Document.sent_at))) for which in (func.min, func.max))
    if first is None or last is None:
        return []
    return [
        year
        for year in range(clock.local(last).year, clock.local(first).year - 1, -1)
        if session.scalar(select(exists().where(Document.sent_at.between(*_year(year)), addressing.seen_by(who))))
    ]


def _year(year: int) -> tuple[datetime, datetime]:
    begin, end = clock.instants_of(date(year, 1, 1), date(year, 12, 31))
    return begin, end - timedelta(microseconds=1)
