"""Signs of life: a file for each program with a loop, touched while the loop turns. `admin doctor` reads them.

systemd hears them too, where it asked for that (sd_notify(3), `NOTIFY_SOCKET`).
"""

import logging
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from gunicorn.systemd import sd_notify
from huey import Huey, crontab

FOLDER = "pulses"
LINK, WORKER = "link", "worker"
EVERY_S = 15.0


def beat(data_dir: Path, name: str) -> None:
    """The program of this name has just done its turn; a disk that is full must not stop it."""
    file = data_dir / FOLDER / name
    with suppress(OSError):
        file.parent.mkdir(exist_ok=True)
        file.touch()


def tell_systemd(state: str) -> None:
    """`READY=1` once the program works, `WATCHDOG=1` at each turn; without systemd nothing happens."""
    sd_notify(state, logging.getLogger(__name__))


def every_minute(queue: Huey, data_dir: Path) -> None:
    """The worker takes jobs from its queue: each minute's own is one of them."""

    def turn() -> None:
        beat(data_dir, WORKER)

    queue.periodic_task(crontab(minute="*"), name="pulse")(turn)


def last_beats(data_dir: Path) -> Mapping[str, float]:
    """When each program gave a sign of life last, in seconds of the epoch."""
    return {file.name: file.stat().st_mtime for file in (data_dir / FOLDER).glob("*")}
