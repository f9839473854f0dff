"""Databases for the data layer's tests: every test runs on SQLite and on PostgreSQL, with the real migrations."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, text
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
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}"))
    admin.dispose()
    return server.rsplit("/", 1)[0] + f"/{name}"


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
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database with all tables: empty, or furnished where a test asks for the village."""
    kind = "furnished" if "village" in request.fixturenames else "migrated"
    if request.param == "sqlite":
        file = shutil.copy(request.getfixturevalue(kind), tmp_path / "test.db")
        url = f"sqlite:///{file}"
    else:
        template = request.getfixturevalue(f"{kind}_postgres")
        url = create_postgres_database(request.getfixturevalue("postgres"), f"t{uuid4().hex}", template)
    found = Database(url)
    yield found
    found.engine.dispose()


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """A unit of work that is never committed."""
    with database.writer() as found:
        yield found


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
