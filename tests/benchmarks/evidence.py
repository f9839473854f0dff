"""Taking events in, against the fastest way to insert the same rows and against the usual slow one."""

import itertools
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import msgspec
from sqlalchemy import insert

from contentserver import attendance, regions, stations
from contentserver.admin import OWN_REGIONS, migrate
from contentserver.attendance.models import EventRow
from contentserver.boxes import Box
from contentserver.kernel.db import Database
from schedules.airings import AiringId, LessonCard, LessonId, PackageName
from schedules.wire.codec import encode
from schedules.wire.messages import EventBatch, EventRecord, PlaybackSpan
from schedules.wire.topics import BoxId
from tests.benchmarks.measure import Result, ratio, result

NOW = datetime(2026, 11, 23, 11, 30, tzinfo=UTC)
BATCH, BATCHES = 200, 5
STATION = UUID(int=1)
LESSON = LessonCard(id=LessonId("l"), title="看懂化验单", course="测土配方施肥")


def run(pairs: int) -> list[Result]:
    """Events taken in, sessions derived, committed; against bare inserts into the same table."""
    with tempfile.TemporaryDirectory() as folder:
        database = _furnished(Path(folder))
        epochs = itertools.count()

        def ours() -> None:
            epoch = f"e{next(epochs)}"
            for number in range(BATCHES):
                with database.unit_of_work() as session:
                    attendance.take_in(session, session.get_one(Box, 1), _batch(epoch, number), NOW)

        def bulk() -> None:
            epoch = 1000 + next(epochs)
            for number in range(BATCHES):
                with database.unit_of_work() as session:
                    session.execute(insert(EventRow), _rows(epoch, number))

        def one_by_one() -> None:
            epoch = 1_000_000 + next(epochs)
            for row in _rows(epoch, 0):
                with database.unit_of_work() as session:
                    session.add(EventRow(**row))

        against_bulk = tuple(1 / sample for sample in ratio(ours, bulk, pairs))
        against_orm = tuple(BATCHES / sample for sample in ratio(ours, one_by_one, pairs))
        database.engine.dispose()
    return [
        result(
            "events per second, taken in and derived",
            against_bulk,
            goal=0.4,
            better="higher",
            against="bulk insert of the same rows, same commits",
        ),
        result(
            "events per second, taken in and derived",
            against_orm,
            goal=10.0,
            better="higher",
            against="one ORM row and commit each",
        ),
    ]


def _furnished(folder: Path) -> Database:
    url = f"sqlite:///{folder}/bench.db"
    migrate(url)
    database = Database(url)
    with database.unit_of_work() as session, OWN_REGIONS.open(encoding="utf-8-sig") as lines:
        regions.import_csv(session, lines)
        stations.add_village_stations(session, "640221203205")
        station = stations.stations_in(session, "640221203205")[0]
        session.add(Box(station_id=station.id, public_key="k", http_token_hash="h", enrolled_at=NOW))
    return database


def _batch(epoch: str, number: int) -> EventBatch:
    first = number * BATCH + 1
    records = (
        EventRecord(
            sequence=sequence,
            at=NOW + timedelta(seconds=sequence),
            uncertainty_ms=5,
            body=msgspec.Raw(_body(f"{epoch}-{number}", sequence)),
        )
        for sequence in range(first, first + BATCH)
    )
    return EventBatch(box=BoxId(1), epoch=epoch, events=tuple(records))


def _body(airing: str, sequence: int) -> bytes:
    return encode(
        PlaybackSpan(
            airing=AiringId(airing),
            lesson=LESSON,
            package=PackageName("p"),
            from_ms=sequence * 1000,
            to_ms=sequence * 1000 + 1000,
            started_at=NOW,
        )
    )


def _rows(epoch: int, number: int) -> list[dict[str, object]]:
    batch = _batch(str(epoch), number)
    with_station = {"box_id": 1, "epoch": epoch, "station_id": STATION, "kind": "playback_span", "received_at": NOW}
    return [
        {
            **with_station,
            "sequence": record.sequence,
            "at": record.at,
            "uncertainty_ms": 5,
            "airing_id": f"{epoch}-{number}",
            "body": bytes(record.body).decode(),
        }
        for record in batch.events
    ]
