"""From the first migration on: rows of old releases are there after an upgrade, and the product reads them."""

import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Connection, Engine, create_engine, inspect, select, text

from contentserver import attendance, audit
from contentserver.accounts import Account
from contentserver.admin import migrate
from contentserver.attendance.models import EventRow, SessionRow
from contentserver.boxes import Box
from contentserver.courses import Lesson
from contentserver.kernel.db import Database
from contentserver.members import Member
from contentserver.operation.schema import head, revision_of
from contentserver.timetable.models import LayerRecord
from schedules.airings import AiringId, LessonCard, LessonId
from schedules.wire.codec import encode
from schedules.wire.messages import SignedIn, SignInMethod
from tests.contentserver.conftest import NOW, create_postgres_database
from tests.demo.stack import ROOT
from tests.small_disk import fill, small_disk

KINDS = pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
STEPS = ("0001", "0010", "0020", "0030", "0040")


def _url(kind: str, request: pytest.FixtureRequest, folder: Path) -> str:
    if kind == "sqlite":
        return f"sqlite:///{folder}/old.db"
    return create_postgres_database(str(request.getfixturevalue("postgres")), f"u{uuid4().hex}")


class _Old:
    """Rows of a release long gone, by SQL alone: whatever a column may not leave empty gets a plain value."""

    def __init__(self, connection: Connection, mark: str) -> None:
        self._connection, self.mark = connection, mark
        self._sqlite = connection.dialect.name == "sqlite"

    def add(self, table: str, **values: object) -> None:
        columns = inspect(self._connection).get_columns(table)
        values = {name: value for name, value in values.items() if name in {one["name"] for one in columns}}
        for column in columns:
            needed = not column["nullable"] and column["default"] is None and column.get("autoincrement") is not True
            if column["name"] not in values and needed:
                values[column["name"]] = self._plain(str(column["type"]).upper())
        names = ", ".join(f'"{name}"' for name in values)
        marks = ", ".join(f":{name}" for name in values)
        given = {name: self._stored(value) for name, value in values.items()}
        self._connection.execute(text(f"INSERT INTO {table} ({names}) VALUES ({marks})"), given)  # noqa: S608  # ours

    def _stored(self, value: object) -> object:
        if isinstance(value, UUID):
            return value.hex if self._sqlite else value
        return value

    def _plain(self, kind: str) -> object:
        if "BOOL" in kind:
            return False
        if "INT" in kind or "FLOAT" in kind or "DOUBLE" in kind:
            return 0
        if "TIME" in kind:
            return NOW.replace(tzinfo=None) if self._sqlite else NOW
        if kind == "DATE":
            return NOW.date()
        if "BLOB" in kind or "BYTEA" in kind:
            return b""
        return ""

    def has(self, table: str) -> bool:
        return inspect(self._connection).has_table(table)


def _village(old: _Old) -> dict[str, object]:
    """A village with a box, a member, a lesson, a published layer, and one evening's sign-in."""
    mark = old.mark
    ids: dict[str, UUID] = {name: uuid4() for name in ("account", "station", "member", "course", "lesson", "audit")}
    region, box = f"64{mark}", int(mark)
    old.add("regions", code=region, level="county", name=f"县{mark}")
    old.add("accounts", id=ids["account"], username=f"li{mark}", display_name="李敏", role="scheduler",
            region_code=region, active=True)  # fmt: skip
    old.add("stations", id=ids["station"], name=f"村{mark}", region_code=region)
    old.add("members", id=ids["member"], station_id=ids["station"], name=f"王{mark}", number="101", active=True)
    old.add("boxes", id=box, station_id=ids["station"], public_key=f"key{mark}", http_token_hash=f"hash{mark}",
            credential_no=1, renditions="{}", reported="")  # fmt: skip
    if old.has("box_stations"):
        old.add("box_stations", box_id=box, station_id=ids["station"])
    old.add("courses", id=ids["course"], title=f"课{mark}", region_code=region)
    old.add("lessons", id=ids["lesson"], course_id=ids["course"], number=1, title=f"看懂化验单{mark}",
            state="approved", uploader_id=ids["account"])  # fmt: skip
    old.add("epochs", box_id=box, number=1, name=f"epoch{mark}", station_id=ids["station"])
    card = LessonCard(id=LessonId(str(ids["lesson"])), title=f"看懂化验单{mark}", course=f"课{mark}")
    fact = SignedIn(airing=AiringId(f"a{mark}"), lesson=card, member=str(ids["member"]), method=SignInMethod.NUMBER)
    old.add("events", box_id=box, epoch=1, sequence=1, station_id=ids["station"], kind="signed_in",
            airing_id=f"a{mark}", body=encode(fact).decode())  # fmt: skip
    layer = f"region-{region}"
    old.add("layers", id=layer, region_code=region, revision=1,
            plan='{"slots":[]}')  # fmt: skip
    if old.mark < "0023":
        old.add("audit_entries", id=ids["audit"], action="course.added", subject=f"course {mark}",
                account_id=ids["account"])  # fmt: skip
    return {"region": region, "box": box, **ids}


@KINDS
def test_rows_of_every_age_are_read_by_this_release(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    url = _url(kind, request, tmp_path)
    made = {}
    for revision in STEPS:
        migrate(url, revision)
        engine = create_engine(url)
        with engine.begin() as connection:
            made[revision] = _village(_Old(connection, revision))
        engine.dispose()
    migrate(url)
    database = Database(url)
    with database.unit_of_work() as session:
        assert attendance.rebuild(session) >= len(STEPS)
    with database.reader() as session:
        for revision, ids in made.items():
            assert session.get_one(Account, ids["account"]).username == f"li{revision}"
            assert session.get_one(Member, ids["member"]).name == f"王{revision}"
            assert session.get_one(Lesson, ids["lesson"]).title == f"看懂化验单{revision}"
            assert session.get_one(Box, ids["box"]).station_id == ids["station"]
            assert session.get_one(LayerRecord, f"region-{ids['region']}").revision == 1
            assert session.get_one(EventRow, (ids["box"], 1, 1)).kind == "signed_in"
            assert session.get_one(SessionRow, (f"a{revision}", ids["station"])).present == 1
        assert audit.verify(database, NOW + timedelta(days=1)).fault is None
        assert session.scalars(select(audit.AuditEntry).where(audit.AuditEntry.subject == "course 0001")).one()
    database.engine.dispose()


SHAPES = {
    "sqlite": (
        'SELECT m.name, p.name, p.type, p."notnull", p.pk FROM sqlite_master m, pragma_table_info(m.name) p '
        "WHERE m.type = 'table'",
        'SELECT m.name, p."table", p."from", p."to", p.on_delete FROM sqlite_master m, '
        "pragma_foreign_key_list(m.name) p WHERE m.type = 'table'",
        'SELECT m.name, i."unique", c.name FROM sqlite_master m, pragma_index_list(m.name) i, '
        "pragma_index_info(i.name) c WHERE m.type = 'table'",
        "SELECT type, name, sql FROM sqlite_master WHERE type IN ('index', 'trigger') AND sql <> ''",
    ),
    "postgresql": (
        "SELECT table_name, column_name, data_type, is_nullable, character_maximum_length "
        "FROM information_schema.columns WHERE table_schema = 'public'",
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint",
        "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
        "SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE NOT tgisinternal",
    ),
}


def _shape(engine: Engine) -> list[list[str]]:
    """Every table, column, constraint, index and trigger, in whatever order."""
    with engine.connect() as connection:
        return [sorted(map(repr, connection.execute(text(one)))) for one in SHAPES[engine.dialect.name]]


INTERRUPTED = """
import os, signal, sys
from alembic.operations import Operations
from contentserver.operation.schema import migrate
made, create = [], Operations.create_table
def some(self, name, *columns, **more):
    made.append(name)
    if len(made) == int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)
    return create(self, name, *columns, **more)
Operations.create_table = some
import alembic.op
alembic.op.create_table = lambda *a, **k: some(alembic.op._proxy, *a, **k)
migrate(sys.argv[1])
"""


@KINDS
@pytest.mark.parametrize("at", [3, 40, 70])
def test_a_migration_that_is_killed_is_repeated(
    kind: str, at: int, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """SQLite and PostgreSQL both take back what a transaction changed of the tables."""
    url = _url(kind, request, tmp_path)
    killed = subprocess.run([sys.executable, "-c", INTERRUPTED, url, str(at)], cwd=ROOT, check=False, timeout=300)
    assert killed.returncode == -signal.SIGKILL
    engine = create_engine(url)
    (tmp_path / "half").mkdir()
    reached = revision_of(engine)
    assert reached != head()
    if reached:
        half = create_engine(other_url := _url(kind, request, tmp_path / "half"))
        migrate(other_url, reached)
        assert _shape(engine) == _shape(half)
        half.dispose()
    migrate(url)
    assert revision_of(engine) == head()
    whole = request.getfixturevalue("migrated" if kind == "sqlite" else "migrated_postgres")
    other = create_engine(f"sqlite:///{whole}" if kind == "sqlite" else f"{url.rsplit('/', 1)[0]}/{whole}")
    assert _shape(engine) == _shape(other)
    other.dispose()
    engine.dispose()


def test_a_full_disk_stops_a_migration_and_loses_nothing(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 4 << 20) as disk:
        url = f"sqlite:///{disk}/old.db"
        migrate(url, "0020")
        with closing(sqlite3.connect(disk / "old.db")) as db, db:
            db.execute("INSERT INTO regions (code, level, name) VALUES ('64', 'province', '宁夏')")
        filler = fill(disk, leave=64 << 10)
        with pytest.raises(Exception, match="full"):
            migrate(url)
        filler.unlink()
        migrate(url)
        with closing(sqlite3.connect(disk / "old.db")) as db:
            assert db.execute("SELECT name FROM regions").fetchall() == [("宁夏",)]
