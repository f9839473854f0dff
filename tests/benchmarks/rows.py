"""How much room evidence takes: bytes of a row, its indexes included, on SQLite and moved to PostgreSQL.

Filled as `years.py` fills: two years of villages, written by the million; the figures are those of the product.
"""

import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

from sqlalchemy import create_engine, text

from contentserver.operation import moving
from tests.benchmarks.measure import Result
from tests.benchmarks.years import fill
from tests.postgres import cluster

EVENTS = 100_000
TABLES = ("events", "sessions", "sign_ins", "buckets")
OF_TABLE = """
    SELECT sum(pgsize) FROM dbstat
    WHERE aggregate = TRUE AND name IN (SELECT name FROM sqlite_master WHERE tbl_name = ?)
"""


def run(events: int = EVENTS) -> list[Result]:
    """Bytes a row, by table and engine."""
    with tempfile.TemporaryDirectory(prefix="rows-") as name, cluster() as url:
        years = fill(Path(name), events)
        years.services.database.engine.dispose()
        counts, small = _of_sqlite(years.file)
        moving.move(f"sqlite:///{years.file}", url)
        large = _of_postgresql(url)
    return [
        Result(
            name=f"bytes of a row of {table}, {engine}",
            value=sizes[table] / counts[table],
            goal=None,
            better="lower",
            against=f"{counts[table]} rows with their indexes",
            samples=(sizes[table] / counts[table],),
        )
        for engine, sizes in (("SQLite", small), ("PostgreSQL", large))
        for table in TABLES
    ]


def _of_sqlite(file: Path) -> tuple[dict[str, int], dict[str, int]]:
    """Rows and bytes by table."""
    with closing(sqlite3.connect(file)) as bare:
        bare.execute("VACUUM")
        rows = {one: bare.execute(f"SELECT count(*) FROM {one}").fetchone()[0] for one in TABLES}  # noqa: S608
        return rows, {one: bare.execute(OF_TABLE, (one,)).fetchone()[0] for one in TABLES}


def _of_postgresql(url: str) -> dict[str, int]:
    engine = create_engine(url)
    with engine.connect() as connection:
        size = text("SELECT pg_total_relation_size(CAST(:one AS regclass))")
        found = {one: int(connection.scalar(size, {"one": one}) or 0) for one in TABLES}
    engine.dispose()
    return found
