"""Events divided by month on PostgreSQL, by the file that the docs name: nothing is lost, nothing comes in twice."""

import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import msgspec
import pytest
from sqlalchemy import create_engine, func, make_url, select, text
from sqlalchemy.orm import Session

from contentserver import attendance, stations
from contentserver.attendance import EventRow, SessionRow
from contentserver.boxes import Box
from contentserver.kernel.db import Database
from schedules.wire.messages import EventBatch, EventRecord
from schedules.wire.topics import BoxId
from tests.benchmarks.years import Showing, told
from tests.contentserver.conftest import create_postgres_database

SQL = Path(__file__).parents[3] / "docs" / "partition-events.sql"
NOW = datetime(2026, 11, 29, 2, 0, tzinfo=UTC)
EVENINGS = (0, 500, 1300, 1460)
"""Lessons of different months, of two years."""


@pytest.fixture
def url(postgres: str, furnished_postgres: str) -> str:
    """A PostgreSQL database with a box that has told some evenings."""
    made = create_postgres_database(postgres, f"p{uuid4().hex}", furnished_postgres)
    database = Database(made)
    with database.unit_of_work() as session:
        place = stations.stations_in(session, "64")[0]
        session.add(Box(id=1, station_id=place.id, public_key="k", http_token_hash="h", enrolled_at=NOW))
    for number, slot in enumerate(EVENINGS):
        _take(database, _evening(slot, number))
    database.engine.dispose()
    return made


@pytest.fixture
def divided(url: str) -> Iterator[Database]:
    """The same, divided."""
    _run(url)
    database = Database(url)
    yield database
    database.engine.dispose()


def _run(url: str) -> str:
    program = shutil.which("psql")
    assert program is not None
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    argv = [program, "-v", "ON_ERROR_STOP=1", "-X", "-q", "-d", plain, "-f", str(SQL)]
    return subprocess.run(argv, check=True, capture_output=True, text=True).stderr


def _evening(slot: int, number: int, people: int = 20) -> EventBatch:
    said = list(told(1, Showing(slot, 0, people, 2)))
    records = tuple(
        EventRecord(
            sequence=number * 100 + place,
            at=datetime.fromisoformat(at).replace(tzinfo=UTC),
            uncertainty_ms=5,
            body=msgspec.Raw(body.encode()),
        )
        for place, (at, _kind, body) in enumerate(said, 1)
    )
    return EventBatch(box=BoxId(1), epoch="e", events=records)


def _take(database: Database, batch: EventBatch) -> attendance.service.Taken:
    with database.unit_of_work() as session:
        return attendance.take_in(session, session.get_one(Box, 1), batch, NOW)


def _rows(session: Session) -> list[tuple[object, ...]]:
    query = select(EventRow.__table__).order_by(EventRow.box_id, EventRow.epoch, EventRow.sequence)
    return [tuple(row) for row in session.execute(query)]


def test_every_row_is_there_afterwards_in_the_table_of_its_month(url: str) -> None:
    database = Database(url)
    with database.reader() as session:
        before = _rows(session)
    said = _run(url)
    assert f"{len(before)} rows before, {len(before)} after" in said
    with database.reader() as session:
        assert _rows(session) == before
        month = "'events_' || to_char(at AT TIME ZONE 'UTC', 'YYYY_MM')"
        elsewhere = f"SELECT count(*) FROM events WHERE tableoid::regclass::text <> {month}"  # noqa: S608
        assert session.scalar(text(elsewhere)) == 0
        tables = session.scalar(text("SELECT count(DISTINCT tableoid) FROM events"))
        assert tables == len(EVENINGS)
    database.engine.dispose()


def test_evidence_is_taken_in_once_as_before(divided: Database) -> None:
    number = len(EVENINGS)
    first = _take(divided, _evening(1200, number))
    again = _take(divided, _evening(1200, number))
    assert first.new == len(_evening(1200, number).events)
    assert (again.new, again.known, again.quarantined) == (0, first.new, 0)


def test_another_body_under_a_known_key_goes_to_quarantine_though_its_month_is_another(divided: Database) -> None:
    altered = _evening(1200, 0)
    taken = _take(divided, altered)
    assert (taken.new, taken.quarantined) == (0, len(altered.events))


def test_sessions_are_derived_to_the_same_values(divided: Database) -> None:
    with divided.unit_of_work() as session:
        query = select(SessionRow.airing_id, SessionRow.present, SessionRow.shown_ms, SessionRow.credit_ms)
        before = {tuple(row) for row in session.execute(query)}
        for row in session.scalars(select(SessionRow)).all():
            attendance.service.derive(session, row.airing_id, row.station_id)
        session.flush()
        assert {tuple(row) for row in session.execute(query)} == before
        assert len(before) == len(EVENINGS)


def test_a_clock_that_is_years_wrong_finds_its_place_too(divided: Database) -> None:
    batch = _evening(1200, 9)
    wrong = msgspec.structs.replace(batch.events[0], at=datetime(1971, 1, 1, tzinfo=UTC))
    assert _take(divided, msgspec.structs.replace(batch, events=(wrong,))).new == 1
    with divided.reader() as session:
        assert session.scalar(text("SELECT count(*) FROM events_elsewhen")) == 1


def test_an_old_month_can_be_taken_off_whole(divided: Database) -> None:
    with divided.reader() as session:
        before = session.scalar(select(func.count()).select_from(EventRow))
        oldest = session.scalar(text("SELECT tableoid::regclass::text FROM events ORDER BY at LIMIT 1"))
    with divided.unit_of_work() as session:
        session.execute(text(f"ALTER TABLE events DETACH PARTITION {oldest}"))
    with divided.reader() as session:
        off = session.scalar(text(f"SELECT count(*) FROM {oldest}"))  # noqa: S608
        assert session.scalar(select(func.count()).select_from(EventRow)) == before - off


def test_a_row_that_cannot_move_leaves_everything_as_it_was(url: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE events_elsewhen (x int)"))
        before = connection.scalar(text("SELECT count(*) FROM events"))
    with pytest.raises(subprocess.CalledProcessError):
        _run(url)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM events")) == before
        assert connection.scalar(text("SELECT relkind FROM pg_class WHERE relname = 'events'")) == "r"
    engine.dispose()
