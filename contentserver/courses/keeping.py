"""A package that was just made is brought to where packages are kept: a store that is away is waited for."""

import time
from collections.abc import Callable

import structlog

from contentserver.courses.leases import HEARTBEAT_S, PATIENCE_S
from contentserver.courses.ports import PackageStore, StoreAway

log = structlog.get_logger()


def keep(store: PackageStore, package: str, check: Callable[[], None]) -> None:
    """Keep a package; `check` raises where whoever made it is to stop.

    Raises:
        StoreAway: it did not answer for ten minutes.
        OSError: the package is not what it was.
    """
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            store.keep(package, check)
        except StoreAway as error:
            if time.monotonic() > deadline:
                raise
            log.warning("store.waiting", package=package, detail=str(error))
            time.sleep(HEARTBEAT_S)
            check()
        else:
            return
