"""The job queue: huey on SQLite in the data folder; on PostgreSQL or Redis where the settings say so.

A job's state lives in its slice's table; huey only wakes a worker.
"""

from pathlib import Path

from huey import Huey, PostgresHuey, RedisHuey, SqliteHuey

_NAME = "yuanjiao"


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
            return PostgresHuey(_NAME, dsn=f"postgresql:{url.partition(':')[2]}", results=False)
        case "redis":
            return RedisHuey(_NAME, url=url, results=False)
        case _:
            raise ValueError(f"a queue lives in SQLite, PostgreSQL or Redis, not in {kind}")
