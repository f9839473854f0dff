"""The job queue: huey on SQLite in the data folder.

A job's state lives in its slice's table; huey only wakes a worker.
"""

from pathlib import Path

from huey import SqliteHuey


def make_queue(file: Path) -> SqliteHuey:
    """The queue that web processes fill and `contentserver worker` empties."""
    file.parent.mkdir(parents=True, exist_ok=True)
    return SqliteHuey("yuanjiao", filename=str(file), fsync=True, results=False)
