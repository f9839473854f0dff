"""The tables' revision: what this program knows, what a database has, how it is brought there."""

from functools import cache
from pathlib import Path

import alembic.command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

MIGRATIONS = Path(__file__).parents[1] / "migrations"


def migrate(database_url: str, to: str = "head") -> None:
    """Bring the tables to a revision, the newest unless told."""
    config = _config()
    config.attributes["database_url"] = database_url
    alembic.command.upgrade(config, to)


def revision_of(engine: Engine) -> str:
    """The revision that a database has; empty for one without our tables."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() or ""


@cache
def known_revisions() -> tuple[str, ...]:
    """All revisions of this program, the newest first."""
    return tuple(one.revision for one in ScriptDirectory.from_config(_config()).walk_revisions())


def head() -> str:
    """The newest revision of this program."""
    return known_revisions()[0]


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config
