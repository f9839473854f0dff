"""The work book on paper, as the one that it replaces: cover, month by month, photographs small, signatures.

Photographs stand in the page itself; where a file is missing, that is said. What was taken out is not printed.
"""

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from flask import render_template
from sqlalchemy.orm import Session

from contentserver.bylaws import InForce
from contentserver.kernel import pdf
from contentserver.ledger import history, kinds, listing, rules, words
from contentserver.ledger.completeness import Part
from contentserver.ledger.listing import Shown
from contentserver.ledger.rules import KindOfEntry
from contentserver.regions import path_of
from contentserver.stars import photograph_file
from contentserver.stations import Station

MOST_MONTHS: Final = 12


@dataclass(frozen=True, slots=True)
class BookMonth:
    """A month of the book: how complete it is, and its entries by kind in the order of the book."""

    first: date
    parts: Sequence[tuple[InForce[KindOfEntry], Part]]
    chapters: Sequence[tuple[str, Sequence[Shown]]]


def months_of(session: Session, station: Station, first: date, last: date, today: date) -> list[BookMonth]:
    """The months of a book that have begun, from `first` to `last`, both given by their first days."""
    here = kinds.KINDS.holding(session, station.region_code)
    by_month: dict[date, list[Shown]] = {}
    for one in listing.between(session, station.id, first, last):
        by_month.setdefault(one.row.month, []).append(one)
    found, month = [], first
    while month <= min(last, rules.month_of(today)):
        found.append(_month(month, here, by_month.get(month, [])))
        month = rules.month_before(month, -1)
    return found


def printed(
    session: Session,
    station: Station,
    first: date,
    last: date,
    *,
    folder: Path,
    today: date,
    issued: str,
    name: Callable[[str], str],
) -> bytes:
    """The book as a PDF.

    Args:
        name: how the names of those who signed are written.
    """
    months = months_of(session, station, first, last, today)
    entries = [one for month in months for _name, some in month.chapters for one in some]
    page = render_template(
        "ledger/book.html",
        station=station,
        path=path_of(session, station.region_code),
        first=first,
        last=last,
        months=months,
        entries=len(entries),
        whole=sum((part for month in months for _kind, part in month.parts), Part()),
        names=history.names_of(session, (one.row.written_by for one in entries)),
        pictures=_pictures(folder, entries),
        issued=issued,
        name=name,
        words=words,
    )
    return pdf.pdf_of(page)


def _month(month: date, here: Mapping[str, InForce[KindOfEntry]], entries: Sequence[Shown]) -> BookMonth:
    by_kind: dict[str, list[Shown]] = {}
    for one in entries:
        by_kind.setdefault(one.row.kind, []).append(one)
    parts = []
    for code, kind in here.items():
        if kind.law.monthly:
            number = len(by_kind.get(code, ()))
            parts.append((kind, Part(number, min(number, kind.law.monthly), kind.law.monthly)))
    order = [*here, *(code for code in by_kind if code not in here)]
    chapters = [(words.name_of(by_kind[code][0].kind), by_kind[code]) for code in order if code in by_kind]
    return BookMonth(month, parts, chapters)


def _pictures(folder: Path, entries: Sequence[Shown]) -> Mapping[str, str]:
    """Small pictures inside the page, by digest."""
    found = {}
    for digest in {picture.digest for one in entries for picture in one.photographs}:
        file = photograph_file(folder, digest, small=True)
        if file.is_file():
            found[digest] = f"data:image/jpeg;base64,{base64.b64encode(file.read_bytes()).decode()}"
    return found
