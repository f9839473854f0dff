"""What somebody waits for who looks at work books: a million entries of a city's villages, in two years.

The list and the completeness of a region, beside one pass over a month's entries by the bare database.
"""

import tempfile
from collections.abc import Callable, Iterator
from datetime import date
from functools import partial
from pathlib import Path

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from contentserver import stations
from contentserver.kernel import clock
from contentserver.kernel.ids import new_id
from contentserver.ledger import listing, rules
from contentserver.ledger.completeness import completeness
from contentserver.ledger.models import LedgerEntry
from tests.benchmarks.measure import Result, ratio, result, seconds
from tests.serving import import_regions, services_in

CITY, COUNTY, TOWNSHIP = "6402", "640221", "640221203"
LAST, MONTHS, ENTRIES = date(2026, 11, 1), 24, 1_000_000
KINDS = ("lesson", "lesson", "lesson", "meeting", "visit", "activity", "training", "finance", "consultation", "notice")
AT_ONCE = 50_000
GOAL_S = 0.3
LIST, WHOLE = "list of a city's month", "completeness of a city"
AGAINST = "one pass of the bare database over that month"


def run(rounds: int, entries: int = ENTRIES) -> list[Result]:
    """Seconds of the service, 95 of 100 at most; and how often a list costs what the database's own pass costs."""
    with tempfile.TemporaryDirectory(prefix="books-") as name:
        services = services_in(Path(name))
        with services.database.unit_of_work() as session:
            import_regions(session)
            stations.add_village_stations(session, CITY)
            _fill(session, entries)
        found = []
        with services.database.reader() as session:
            for what, work in _looks(session).items():
                found.append(seconds(what, work, rounds, goal=GOAL_S))
            for what, most in ((LIST, 2.0), (WHOLE, 4.0)):
                ours, bare = partial(_done, _looks(session)[what]), partial(_done, partial(_pass, session))
                pairs = ratio(ours, bare, max(3, rounds // 4))
                found.append(result(what, pairs, goal=most, better="lower", against=AGAINST))
        services.database.engine.dispose()
    return found


def _done(work: Callable[[], object]) -> None:
    work()


def _looks(session: Session) -> dict[str, Callable[[], object]]:
    return {
        LIST: lambda: listing.page_of_entries(session, CITY, LAST),
        "list of a county's month": lambda: listing.page_of_entries(session, COUNTY, LAST),
        "list of a county's month, page 100": lambda: listing.page_of_entries(session, COUNTY, LAST, number=100),
        "list by kind and words": lambda: listing.page_of_entries(session, CITY, LAST, kind="visit", words_="7"),
        WHOLE: lambda: completeness(session, CITY, LAST, LAST),
        "completeness of a township": lambda: completeness(session, TOWNSHIP, LAST, LAST),
    }


def _pass(session: Session) -> object:
    return session.scalar(select(func.count(LedgerEntry.title)).where(LedgerEntry.month == LAST))


def _fill(session: Session, entries: int) -> None:
    rows: list[dict[str, object]] = []
    for row in _rows(session, entries):
        rows.append(row)
        if len(rows) == AT_ONCE:
            session.execute(insert(LedgerEntry), rows)
            rows = []
    if rows:
        session.execute(insert(LedgerEntry), rows)


def _rows(session: Session, entries: int) -> Iterator[dict[str, object]]:
    places, now = stations.stations_in(session, CITY), clock.now()
    for number in range(entries):
        station = places[number % len(places)]
        month = rules.month_before(LAST, number // len(places) % MONTHS)
        kind = KINDS[number // len(places) // MONTHS % len(KINDS)]
        yield {
            "id": new_id(),
            "station_id": station.id,
            "region_code": station.region_code,
            "kind": kind,
            "version": ":1",
            "day": month.replace(day=1 + number % 28),
            "month": month,
            "title": f"第 {number % 997} 条",
            "fields": '{"subject":"清理水渠","place":"三组","people":"19"}',
            "signers": "",
            "note": "",
            "source": "",
            "origin": "",
            "written_at": now,
            "saved": 1,
            "late": False,
        }
