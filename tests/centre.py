"""A message centre that a test starts: SMPP 3.4 by Net::SMPP (`smsc.pl` says what becomes of which number)."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

from tests.tvclient.broker import free_port

_PROGRAM = Path(__file__).parent / "smsc.pl"


@contextmanager
def message_centre() -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The program, whose output has a line for each message that it took, and the address for the settings."""
    port = free_port()
    with started("perl", str(_PROGRAM), str(port), "yuanjiao", "p@ss:wo", until="listening", keeps_quiet=True) as one:
        yield one, f"smpp://yuanjiao:p%40ss%3Awo@127.0.0.1:{port}?source=10690001"


@contextmanager
def started(
    *command: str, until: str, cwd: Path | None = None, keeps_quiet: bool = False
) -> Iterator[subprocess.Popen[str]]:
    """A program that has said `until` on its standard output or error."""
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=cwd, env={**os.environ, "LC_ALL": "C"}
    ) as program:
        assert program.stdout is not None
        for line in program.stdout:
            if until in line:
                break
        if not keeps_quiet:  # or it would stand still when nobody reads what it says
            Thread(target=program.stdout.read, daemon=True).start()
        try:
            yield program
        finally:
            program.kill()
