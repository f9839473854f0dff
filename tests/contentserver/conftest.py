"""Databases for the data layer's tests: every test runs on SQLite and on PostgreSQL, with the real migrations."""

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import Connection, create_engine, event, text
from sqlalchemy.orm import Session

from contentserver import regions, stations
from contentserver.accounts import create_account
from contentserver.admin import OWN_REGIONS, migrate
from contentserver.boxes import Box
from contentserver.kernel.auth import Person, Role
from contentserver.kernel.db import Database
from contentserver.stations import Station
from schedules.wire.signing import Signer, new_private_jwk
from tests.migrated import migrated_file
from tests.passwords import hash_lightly
from tests.postgres import cluster

hash_lightly()
NOW = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
VILLAGE = "640221203205"


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    with cluster() as url:
        yield url


@pytest.fixture(scope="session")
def signer() -> Signer:
    return Signer(new_private_jwk())


@pytest.fixture(scope="session")
def migrated() -> Path:
    """A SQLite file with all tables, to be copied."""
    return migrated_file()


@pytest.fixture(scope="session")
def migrated_postgres(postgres: str) -> str:
    """The name of a PostgreSQL database with all tables, to be copied."""
    migrate(create_postgres_database(postgres, "migrated"))
    return "migrated"


def create_postgres_database(server: str, name: str, template: str = "template1") -> str:
    """A new database on the server, a copy of `template`; gives back its URL."""
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY"))
    admin.dispose()
    return server.rsplit("/", 1)[0] + f"/{name}"


def throw_away(database: Database) -> None:
    """Close a database, and remove it where it takes room on a server."""
    database.engine.dispose()
    if database.engine.dialect.name == "postgresql":
        admin = create_engine(database.engine.url.set(database="postgres"), isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE {database.engine.url.database} WITH (FORCE)"))
        admin.dispose()


class Untouched:
    """A database that many tests use, since everything that they do in it is rolled back."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._touched = False
        event.listen(database.engine, "commit", self._note)
        self._counters = self._read()

    def again(self) -> bool:
        """Whether nothing was committed, so that the next test may have it; PostgreSQL's counters go back."""
        if not self._touched and (moved := self._read().items() - self._counters.items()):
            with self.database.engine.connect() as connection:
                for name, _value in moved:
                    before = self._counters[name]
                    values = {"name": name, "value": 1 if before is None else before, "used": before is not None}
                    connection.execute(text("SELECT setval(CAST(:name AS regclass), :value, :used)"), values)
        return not self._touched

    def _note(self, _connection: Connection) -> None:
        self._touched = True

    def _read(self) -> dict[str, int | None]:
        """Sequences do not roll back."""
        if self.database.engine.dialect.name != "postgresql":
            return {}
        with self.database.engine.connect() as connection:
            rows = connection.execute(text("SELECT sequencename, last_value FROM pg_sequences"))
            return dict(rows.all())


@pytest.fixture(scope="session")
def furnished(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with the real tree of regions and the stations of one township."""
    file = Path(shutil.copy(migrated, tmp_path_factory.mktemp("furnished") / "furnished.db"))
    _furnish(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def furnished_postgres(postgres: str, migrated_postgres: str) -> str:
    """Likewise, on PostgreSQL."""
    _furnish(create_postgres_database(postgres, "furnished", migrated_postgres))
    return "furnished"


def _furnish(url: str) -> None:
    database = Database(url)
    with database.unit_of_work() as session, OWN_REGIONS.open(encoding="utf-8-sig") as lines:
        regions.import_csv(session, lines)
        stations.add_village_stations(session, VILLAGE[:9])
    database.engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def new_database(request: pytest.FixtureRequest) -> Callable[[Path], str]:
    """Makes a database with all tables: empty, or furnished where a test asks for the village; gives back its URL."""
    kind = "furnished" if "village" in request.fixturenames else "migrated"
    if request.param == "sqlite":
        template = request.getfixturevalue(kind)
        return lambda folder: f"sqlite:///{shutil.copy(template, folder / 'test.db')}"
    server, name = request.getfixturevalue("postgres"), request.getfixturevalue(f"{kind}_postgres")
    return lambda _folder: create_postgres_database(server, f"t{uuid4().hex}", name)


@pytest.fixture
def database(new_database: Callable[[Path], str], tmp_path: Path) -> Iterator[Database]:
    """A database of the test's own."""
    found = Database(new_database(tmp_path))
    yield found
    throw_away(found)


@pytest.fixture(scope="session")
def untouched() -> Iterator[dict[str, Untouched]]:
    """The databases that tests without one of their own use one after the other, by what is in them."""
    found: dict[str, Untouched] = {}
    yield found
    for one in found.values():
        one.database.engine.dispose()


@pytest.fixture
def session(
    request: pytest.FixtureRequest, new_database: Callable[[Path], str], untouched: dict[str, Untouched]
) -> Iterator[Session]:
    """A unit of work that is never committed, in the test's own database if it asks for that."""
    if "database" in request.fixturenames:
        with request.getfixturevalue("database").writer() as found:
            yield found
        return
    kind = f"{request.node.callspec.params['new_database']} {'village' in request.fixturenames}"
    if kind not in untouched:
        folder = request.getfixturevalue("tmp_path_factory").mktemp("untouched")
        untouched[kind] = Untouched(Database(new_database(folder)))
    with untouched[kind].database.writer() as found:
        yield found
    if not untouched[kind].again():
        throw_away(untouched.pop(kind).database)


@pytest.fixture
def village(session: Session) -> Station:
    """马场村's station, in the real tree."""
    return next(iter(stations.stations_in(session, VILLAGE)))


def person(session: Session, role: Role, region: str = "640221", name: str = "") -> Person:
    """A new account as the signed-in person."""
    username = name or f"{role}-{uuid4().hex[:6]}"
    account = create_account(
        session,
        username=username,
        display_name=username,
        password="a long password",
        role=role,
        region_code=region,
        now=NOW,
    )
    return Person(id=account.id, username=username, display_name=username, role=role, region_code=region)


def enrolled_box(session: Session, station: Station, key: str = "key") -> Box:
    """A box that stands in the station."""
    box = Box(station_id=station.id, public_key=key, http_token_hash=f"hash-{key}", enrolled_at=NOW)
    session.add(box)
    session.flush()
    return box
