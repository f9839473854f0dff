"""How a program that reads strangers' bytes is started: limited, nice, in its own session, without our environment.

Knows nothing of media. `prlimit`, `setpriv` and `nice` set the limits before the program's first instruction, and the
kernel kills it should we die first.
"""

import os
import signal
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

_NICE = 10


@dataclass(frozen=True, slots=True)
class Limits:
    """What one run may use: CPU seconds, bytes of address space, bytes of one written file."""

    cpu_s: int
    memory_bytes: int
    file_bytes: int


def confined(argv: Sequence[str], limits: Limits) -> list[str]:
    """The same command behind its limits."""
    return [
        *("setpriv", "--pdeathsig", "KILL", "--no-new-privs"),
        *(
            "prlimit",
            f"--cpu={limits.cpu_s}",
            f"--as={limits.memory_bytes}",
            f"--fsize={limits.file_bytes}",
            "--core=0",
        ),
        *("nice", "-n", str(_NICE)),
        *argv,
    ]


def start(
    argv: Sequence[str],
    limits: Limits,
    *,
    cwd: Path,
    stdout: int | IO[bytes],
    stderr: int | IO[bytes],
) -> subprocess.Popen[bytes]:
    """Start a confined program in its own session and in `cwd`."""
    return subprocess.Popen(
        confined(argv, limits),
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=stderr,
        cwd=cwd,
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
        start_new_session=True,
    )


def end(process: subprocess.Popen[bytes]) -> None:
    """Kill the program's whole session and wait for it; harmless when it has ended."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    for stream in (process.stdout, process.stderr):
        if stream is not None:
            stream.close()
