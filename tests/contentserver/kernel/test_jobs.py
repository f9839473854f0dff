"""The job queue where the settings put it."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from uuid import uuid4

import pytest
from huey import Huey
from sqlalchemy import create_engine, text

from contentserver.kernel.jobs import make_queue

PROGRAMS = 6


@pytest.fixture
def empty(postgres: str) -> str:
    """URL of an empty database."""
    admin, name = create_engine(postgres, isolation_level="AUTOCOMMIT"), f"q{uuid4().hex}"
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    admin.dispose()
    return f"{postgres.rsplit('/', 1)[0]}/{name}"


def test_programs_that_start_at_once_share_one_queue_in_postgresql(empty: str, tmp_path: Path) -> None:
    together = Barrier(PROGRAMS)

    def start(_number: int) -> Huey:
        together.wait(20)
        return make_queue(empty, tmp_path / "unused")

    with ThreadPoolExecutor(PROGRAMS) as pool:
        queues = list(pool.map(start, range(PROGRAMS)))
    task = queues[0].task(name="greet")(lambda: None)
    task()
    assert queues[1].pending_count() == 1
    queues[1].task(name="greet")(lambda: None)
    found = queues[1].dequeue()
    assert found is not None
    assert found.name == "greet"
    for queue in queues:
        queue.storage.close()


def test_a_queue_lives_nowhere_else(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="amqp"):
        make_queue("amqp://localhost", tmp_path / "jobs.db")
