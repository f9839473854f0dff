"""The server inside a test: services on an empty database, the application on a port, people who may sign in."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import msgspec
from sqlalchemy.orm import Session
from werkzeug.serving import make_server

from contentserver import regions
from contentserver.accounts import create_account
from contentserver.admin import OWN_REGIONS
from contentserver.app import Services, create_app, make_services
from contentserver.kernel.auth import Person, Role
from contentserver.settings import Settings
from schedules.wire.signing import new_private_jwk
from tests.migrated import make_tables
from tests.passwords import hash_lightly

hash_lightly()
SECRET = "s" * 40


def write_key(file: Path) -> None:
    """A new signing key in a file that its owner alone reads."""
    file.touch(0o600)
    file.write_bytes(new_private_jwk())


def services_in(folder: Path, **differences: object) -> Services:
    """Services with a key of their own; `differences` are settings."""
    key = folder / "key.jwk"
    write_key(key)
    settings = msgspec.structs.replace(
        Settings(
            secret_key=SECRET,
            database_url=f"sqlite:///{folder}/server.db",
            data_dir=folder / "data",
            broker_password="b" * 20,
            signing_key_file=key,
            second_factor="off",
        ),
        **differences,
    )
    make_tables(settings.database_url)
    return make_services(settings)


FRONT_END = Path(create_app.__code__.co_filename).parent / "frontend" / "dist" / ".vite" / "manifest.json"
PASSWORD = "lamp in the window"
"""Of everybody whom `hire` hires."""


@contextmanager
def served(services: Services) -> Iterator[str]:
    """The application on a free port; yields its address, and closes the database when it ends."""
    assert FRONT_END.exists(), "the front end is not built: npm ci && npm run build"
    server = make_server("127.0.0.1", 0, create_app(services.settings, services), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join(timeout=10)
    services.database.engine.dispose()


def import_regions(session: Session) -> None:
    """The regions of Shizuishan."""
    with OWN_REGIONS.open(encoding="utf-8-sig") as lines:
        regions.import_csv(session, lines)


def hire(session: Session, staff: Mapping[str, tuple[str, Role, str]], now: datetime) -> dict[str, Person]:
    """Accounts for some people: name, role and region by user name."""
    return {username: _hired(session, username, *facts, now) for username, facts in staff.items()}


def _hired(session: Session, username: str, name: str, role: Role, region: str, now: datetime) -> Person:
    account = create_account(
        session,
        username=username,
        display_name=name,
        password=PASSWORD,
        role=role,
        region_code=region,
        now=now,
    )
    return Person(id=account.id, username=username, display_name=name, role=role, region_code=region)
