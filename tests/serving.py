"""The server's services on an empty database in a folder, for tests and benchmarks that need no program running."""

from pathlib import Path

import msgspec

from contentserver.admin import migrate
from contentserver.app import Services, make_services
from contentserver.settings import Settings
from schedules.wire.signing import new_private_jwk

SECRET = "s" * 40


def services_in(folder: Path, **differences: object) -> Services:
    """Services with a key of their own; `differences` are settings."""
    key = folder / "key.jwk"
    key.write_bytes(new_private_jwk())
    settings = msgspec.structs.replace(
        Settings(
            secret_key=SECRET,
            database_url=f"sqlite:///{folder}/server.db",
            data_dir=folder / "data",
            broker_password="b" * 20,
            signing_key_file=key,
        ),
        **differences,
    )
    migrate(settings.database_url)
    return make_services(settings)
