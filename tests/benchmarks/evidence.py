"""Taking events in, against the fastest ways to insert the same rows and against the usual slow one.

A batch is five evenings of a village as its box sends them: signing in, the picture, the count in the room. Here it is
read, stored, derived and rolled up; the others only store it, with the same key and as many commits.
"""

import itertools
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import msgspec

from contentserver import attendance, figures, regions, stations
from contentserver.admin import OWN_REGIONS, migrate
from contentserver.attendance.models import EventRow
from contentserver.boxes import Box
from contentserver.kernel.db import Database
from schedules.wire.codec import decode, encode
from schedules.wire.messages import EventBatch, EventRecord
from schedules.wire.topics import BoxId
from tests.benchmarks.measure import Result, ratio, result
from tests.benchmarks.years import EVENT, FEWEST, MOST, Showing, told
from tests.postgres import cluster

NOW = datetime(2026, 11, 23, 11, 30, tzinfo=UTC)
BATCHES, EVENINGS = 5, 5
"""Of one run, and of one batch: nearly two hundred events."""
STATION, FIRST_EPOCH = UUID(int=1), 1_000_000
"""Of rows that are only inserted: their keys are no journal's."""
GOAL_RAW, GOAL_ORM, GOAL_ROLLED_UP = 0.4, 10.0, 1.3


def run(pairs: int) -> list[Result]:
    """Both databases; on SQLite also what a row at a time costs, and what rolling up costs."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "bench.db"
        with _furnished(f"sqlite:///{file}") as database:
            found = _on_sqlite(database, file, pairs)
    with cluster() as url, _furnished(url) as database:
        return found + _on_postgresql(database, pairs)


def _on_sqlite(database: Database, file: Path, pairs: int) -> list[Result]:
    runs = _runs()

    def one_by_one() -> None:
        for row in _rows(next(runs)[0]):
            with database.unit_of_work() as session:
                session.add(EventRow(**row))

    with closing(sqlite3.connect(file, isolation_level=None)) as bare:
        bare.execute("PRAGMA synchronous=FULL")
        marks = ", ".join("?" * (EVENT.count(",") + 1))

        def raw(batches: Sequence[Sequence[tuple[object, ...]]]) -> None:
            for rows in batches:
                bare.execute("BEGIN IMMEDIATE")
                bare.executemany(f"INSERT INTO events ({EVENT}) VALUES ({marks})", rows)  # noqa: S608
                bare.execute("COMMIT")

        def bound(batch: bytes) -> list[tuple[object, ...]]:
            rows = _rows(batch)
            return [tuple(_plain(row[name]) for name in EVENT.split(", ")) for row in rows]

        ready = iter([[bound(batch) for batch in next(runs)] for _pair in range(pairs + 1)])
        against_raw = ratio(lambda: raw(next(ready)), lambda: _ours(database, next(runs)), pairs)
    against_orm = ratio(one_by_one, lambda: _ours(database, next(runs)), pairs)
    rolled_up = ratio(
        lambda: _ours(database, next(runs)),
        lambda: _ours(database, next(runs), rolled_up=False),
        pairs,
    )
    return [
        _line("SQLite", against_raw, GOAL_RAW, "bare executemany of the same rows, same commits"),
        _line("SQLite", tuple(BATCHES * one for one in against_orm), GOAL_ORM, "one ORM row and commit each"),
        result(
            "seconds of taking in, with rolling up",
            rolled_up,
            goal=GOAL_ROLLED_UP,
            better="lower",
            against="the same without",
        ),
    ]


def _on_postgresql(database: Database, pairs: int) -> list[Result]:
    runs, names = _runs(), EVENT.split(", ")
    ready = iter([[_rows(batch) for batch in next(runs)] for _pair in range(pairs + 1)])
    with database.engine.connect() as connection:
        driver = cast(Any, connection.connection.driver_connection)

        def copy() -> None:
            for rows in next(ready):
                with driver.cursor() as cursor, cursor.copy(f"COPY events ({EVENT}) FROM STDIN") as lines:
                    for row in rows:
                        lines.write_row([row[name] for name in names])
                driver.commit()

        samples = ratio(copy, lambda: _ours(database, next(runs)), pairs)
    return [_line("PostgreSQL", samples, GOAL_RAW, "COPY of the same rows, same commits")]


def _line(database: str, samples: tuple[float, ...], goal: float, against: str) -> Result:
    name = f"events per second, taken in, derived and rolled up, {database}"
    return result(name, samples, goal=goal, better="higher", against=against)


def _ours(database: Database, batches: Sequence[bytes], *, rolled_up: bool = True) -> None:
    for batch in batches:
        with database.unit_of_work() as session:
            attendance.take_in(session, session.get_one(Box, 1), decode(batch, EventBatch), NOW)
    if rolled_up:
        with database.unit_of_work() as session:
            figures.refresh(session)


@contextmanager
def _furnished(url: str) -> Iterator[Database]:
    migrate(url)
    database = Database(url)
    with database.unit_of_work() as session, OWN_REGIONS.open(encoding="utf-8-sig") as lines:
        regions.import_csv(session, lines)
        stations.add_village_stations(session, "640221203205")
        station = stations.stations_in(session, "640221203205")[0]
        session.add(Box(station_id=station.id, public_key="k", http_token_hash="h", enrolled_at=NOW))
    yield database
    database.engine.dispose()


def _runs() -> Iterator[list[bytes]]:
    """The batches of one run after another; no evening comes twice."""
    slots = itertools.count()
    for epoch in itertools.count():
        yield [_batch(f"e{epoch}", number, [next(slots) for _one in range(EVENINGS)]) for number in range(BATCHES)]


def _batch(epoch: str, number: int, slots: Sequence[int]) -> bytes:
    said = [one for slot in slots for one in told(1, Showing(slot, slot % MOST, (FEWEST + MOST) // 2, 2))]
    records = tuple(
        EventRecord(
            sequence=number * len(said) + place,
            at=datetime.fromisoformat(at).replace(tzinfo=UTC),
            uncertainty_ms=5,
            body=msgspec.Raw(body.encode()),
        )
        for place, (at, _kind, body) in enumerate(said, 1)
    )
    return encode(EventBatch(box=BoxId(1), epoch=epoch, events=records))


def _rows(batch: bytes) -> list[dict[str, object]]:
    """The same events as rows, in a journal of their own."""
    read = decode(batch, EventBatch)
    rows = []
    for record in read.events:
        body = bytes(record.body)
        seen = msgspec.json.decode(body)
        rows.append(
            {
                "box_id": 1,
                "epoch": FIRST_EPOCH + int(read.epoch.removeprefix("e")),
                "sequence": record.sequence,
                "station_id": STATION,
                "at": record.at,
                "uncertainty_ms": record.uncertainty_ms,
                "kind": seen["kind"],
                "airing_id": seen["airing"],
                "body": body.decode(),
                "received_at": NOW,
            }
        )
    return rows


def _plain(value: object) -> object:
    """As SQLite keeps it."""
    match value:
        case UUID():
            return value.hex
        case datetime():
            return value.replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds")
        case _:
            return value
