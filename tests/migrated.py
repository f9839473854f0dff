"""Databases with all tables. For SQLite the migrations run once in a process; from then on their outcome is copied."""

import shutil
import tempfile
from functools import cache
from pathlib import Path

from contentserver.admin import migrate

SQLITE = "sqlite:///"
_folder = tempfile.TemporaryDirectory(prefix="yuanjiao-tables-")


def make_tables(url: str) -> None:
    """All tables in the database of a URL, which has none yet."""
    if url.startswith(SQLITE):
        shutil.copy(migrated_file(), url.removeprefix(SQLITE))
    else:
        migrate(url)


@cache
def migrated_file() -> Path:
    """A SQLite file with all tables, to be copied."""
    file = Path(_folder.name) / "empty.db"
    migrate(f"{SQLITE}{file}")
    return file
