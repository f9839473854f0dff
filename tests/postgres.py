"""A PostgreSQL cluster of the test run's own: made in a temporary folder, on a free port, thrown away afterwards."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, text

from tests.demo.stack import free_port


@contextmanager
def cluster() -> Iterator[str]:
    """Start a cluster.

    Yields:
        The URL of its maintenance database; further databases are made by CREATE DATABASE.
    """
    programs = max(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    folder = Path(tempfile.mkdtemp(prefix="yuanjiao-pg-"))
    as_owner: list[str] = []
    if os.getuid() == 0:  # PostgreSQL refuses to run as root
        shutil.chown(folder, "postgres")
        as_owner = ["runuser", "-u", "postgres", "--"]
    port = free_port()
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off -c synchronous_commit=off"

    def run(*command: str) -> None:
        subprocess.run([*as_owner, *command], check=True, capture_output=True, timeout=60, cwd=folder)

    try:
        run(str(programs / "initdb"), "-D", f"{folder}/data", "-U", "test", "-A", "trust", "-E", "UTF8", "--no-sync")
        run(str(programs / "pg_ctl"), "-D", f"{folder}/data", "-w", "-l", f"{folder}/log", "-o", options, "start")
        try:
            yield f"postgresql+psycopg://test@127.0.0.1:{port}/postgres"
        finally:
            run(str(programs / "pg_ctl"), "-D", f"{folder}/data", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def restart(url: str) -> None:
    """Every connection breaks off, as in a crash; then it comes back, and from now on keeps what it has committed."""
    engine = create_engine(url)
    with engine.connect() as connection:
        folder, port = (connection.execute(text(f"SHOW {name}")).scalar_one() for name in ("data_directory", "port"))
    engine.dispose()
    programs = max(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    options = f"-p {port} -k {Path(folder).parent} -c listen_addresses=127.0.0.1"
    owner = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
    stop = [*owner, str(programs / "pg_ctl"), "-D", folder, "-m", "immediate", "-w", "stop"]
    start = [*owner, str(programs / "pg_ctl"), "-D", folder, "-w", "-l", f"{folder}/log", "-o", options, "start"]
    for command in (stop, start):
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/", timeout=60)
