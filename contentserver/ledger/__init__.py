"""Ledger: a station's work book. Entries arise by themselves or are typed; how complete a month is; the printed book.

What the link calls: `refresh`. What the command line calls: `derive_again`. A slice that the ledger does not know can
bring entries by a `Source` of its own, bound beside `SOURCES` in `app.py` and `ingest.py`.
"""

from flask import Blueprint

from contentserver.ledger import desk, governing, views
from contentserver.ledger.aging import old_drafts
from contentserver.ledger.arising import AT_ONCE, Derived, derive_again, refresh, watch
from contentserver.ledger.ports import Arisen, Source
from contentserver.ledger.sources import SOURCES

__all__ = [
    "AT_ONCE",
    "SOURCES",
    "Arisen",
    "Derived",
    "Source",
    "blueprints",
    "derive_again",
    "old_drafts",
    "refresh",
    "watch",
]


def blueprints() -> tuple[Blueprint, ...]:
    """The slice's pages."""
    return (views.blueprint, desk.blueprint, governing.blueprint)
