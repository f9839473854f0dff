"""What running programs take of the machine: memory that is theirs, and processor time. Linux, see proc(5)."""

import os
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import AnyStr

_TICKS = os.sysconf("SC_CLK_TCK")
MB = 1024 * 1024


def family(pid: int) -> set[int]:
    """A process and all that it started, as far as they still live."""
    parents: dict[int, int] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            parents[int(stat.parent.name)] = int(_fields(stat)[1])
    found = {pid}
    while grown := {child for child, parent in parents.items() if parent in found} - found:
        found |= grown
    return found


def proportional_bytes(pids: Iterable[int]) -> int:
    """Memory (PSS): what others share counts by its share."""
    total = 0
    for pid in pids:
        with suppress(OSError):
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
            total += next(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
    return total


def mapped_bytes(pid: int, names: Iterable[str]) -> int:
    """Memory (PSS) of a process in files whose names begin so."""
    total, counts = 0, False
    for line in Path(f"/proc/{pid}/smaps").read_text().splitlines():
        if "-" in line.split(" ", 1)[0]:
            counts = Path(line.split(maxsplit=5)[-1]).name.startswith(tuple(names))
        elif counts and line.startswith("Pss:"):
            total += int(line.split()[1]) * 1024
    return total


def processor_seconds(pids: Iterable[int]) -> float:
    """Seconds of processors so far, in the program itself and in the system for it."""
    total = 0
    for pid in pids:
        with suppress(OSError):
            fields = _fields(Path(f"/proc/{pid}/stat"))
            total += int(fields[11]) + int(fields[12])
    return total / _TICKS


def threads(pid: int) -> int:
    """How many threads a process has."""
    return len(list(Path(f"/proc/{pid}/task").iterdir()))


def _fields(stat: Path) -> list[str]:
    """The fields behind the name, which may hold anything."""
    return stat.read_text().rsplit(")", 1)[1].split()


@contextmanager
def ending(process: "subprocess.Popen[AnyStr]", within_s: float = 20) -> Iterator["subprocess.Popen[AnyStr]"]:
    """A program that ends with the block: asked first, killed if it has not ended in time."""
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(within_s)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
