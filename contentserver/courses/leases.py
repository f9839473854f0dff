"""A row held while somebody works on it: renewed from a thread of its own, so that no slow step lets it run out.

A database that is away for a moment costs nothing; one that is away for longer than a lease lasts costs the lease. What
is held, and whether it is still ours, its holder's `renew` decides.
"""

import os
import secrets
import socket
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

import structlog
from sqlalchemy.exc import InterfaceError, OperationalError

HEARTBEAT_S = 1.0
PATIENCE_S = 600.0
"""How long a result waits for a database that is away."""
AWAY = (OperationalError, InterfaceError)
"""What a locked or restarting database raises."""

log = structlog.get_logger()

T = TypeVar("T")


class LostLease(Exception):
    """The row is no longer ours: cancelled, or taken over by another worker."""


def holder() -> str:
    """A name for one hold on one row, unlike every other; at most 64 characters."""
    return f"{socket.gethostname()[:40]}-{os.getpid()}-{secrets.token_hex(4)}"


def insist(write: Callable[[], T]) -> T:
    """Write a result, waiting for a database that is away."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            return write()
        except AWAY as error:
            if time.monotonic() > deadline:
                raise
            log.warning("database.away", detail=str(error.orig))
            time.sleep(HEARTBEAT_S)


class Lease:
    """Keeps a lease from the block's first line to its last."""

    def __init__(self, lasts: timedelta, renew: Callable[[], bool]) -> None:
        """`renew` writes the row's new deadline; False where the row is another's."""
        self._lasts_s, self._renew = lasts.total_seconds(), renew
        self._over, self._lost = threading.Event(), threading.Event()
        self._keeper = threading.Thread(target=self._keep, name="lease", daemon=True)

    def __enter__(self) -> "Lease":
        self._keeper.start()
        return self

    def __exit__(self, *_exit: object) -> None:
        self._over.set()
        self._keeper.join()

    def check(self) -> None:
        """Ask as often as you like.

        Raises:
            LostLease: stop working.
        """
        if self._lost.is_set():
            raise LostLease

    def _keep(self) -> None:
        renewed = time.monotonic()
        while not self._over.wait(min(HEARTBEAT_S, self._lasts_s / 4)):
            begun = time.monotonic()
            try:
                held = self._renew()
            except AWAY as error:
                log.warning("database.away", detail=str(error.orig))
                held = time.monotonic() - renewed < self._lasts_s
            else:
                renewed = begun
            if not held:
                self._lost.set()
                return
