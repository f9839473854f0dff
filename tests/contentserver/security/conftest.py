"""The real application with an administrator of everything, on SQLite and where it matters on PostgreSQL."""

from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from flask import Flask

from contentserver.app import Services, create_app
from contentserver.kernel import http
from contentserver.kernel.auth import Role
from tests.contentserver.conftest import create_postgres_database
from tests.contentserver.security.house import STAFF
from tests.serving import hire, import_regions, services_in


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    yield from _furnished(services_in(tmp_path_factory.mktemp("house")))


@pytest.fixture(scope="module")
def postgres_services(tmp_path_factory: pytest.TempPathFactory, postgres: str) -> Iterator[Services]:
    url = create_postgres_database(postgres, f"t{uuid4().hex}")
    yield from _furnished(services_in(tmp_path_factory.mktemp("house"), database_url=url))


def _furnished(made: Services) -> Iterator[Services]:
    with made.database.unit_of_work() as session:
        import_regions(session)
        hire(session, {STAFF: ("总管", Role.SYSTEM_ADMIN, "")}, datetime.now(UTC))
    yield made
    made.database.engine.dispose()


@pytest.fixture
def app(services: Services) -> Iterator[Flask]:
    http.limiter.enabled = True
    yield create_app(services.settings, services)
    http.limiter.reset()
