"""The job queue: huey on SQLite in the data folder; on PostgreSQL or Redis where the settings say so.

A job's state lives in its slice's table; huey only wakes a worker.
"""

from pathlib import Path

import psycopg
from huey import Huey, PostgresHuey, RedisHuey, SqliteHuey

_NAME = "yuanjiao"
_LOCK = 0x7975616E
"""Of PostgreSQL's advisory locks: held while the queue's tables are made."""


def make_queue(url: str, file: Path) -> Huey:
    """The queue that web processes fill and `contentserver worker` empties.

    Args:
        url: `postgresql://…` or `redis://…`; empty for SQLite in `file`.

    Raises:
        ValueError: another kind of address.
    """
    kind = url.partition(":")[0].partition("+")[0]
    match kind:
        case "":
            file.parent.mkdir(parents=True, exist_ok=True)
            return SqliteHuey(_NAME, filename=str(file), fsync=True, results=False)
        case "postgresql":
            return _in_postgresql(f"postgresql:{url.partition(':')[2]}")
        case "redis":
            return RedisHuey(_NAME, url=url, results=False)
        case _:
            raise ValueError(f"a queue lives in SQLite, PostgreSQL or Redis, not in {kind}")


def _in_postgresql(dsn: str) -> Huey:
    """One program after the other makes the tables: `IF NOT EXISTS` fails where several begin at once."""
    queue = PostgresHuey(_NAME, dsn=dsn, results=False, create_tables=False)
    with psycopg.connect(dsn) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
        queue.storage.initialize_schema()
    return queue
