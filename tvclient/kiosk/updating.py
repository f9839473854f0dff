"""Brings the release that the server wants while the box goes about its work, on a thread of its own.

Decides when to try; what is taken: `releases.py`; when the program then begins anew: `core/restarting.py`.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from threading import Condition, Thread

import structlog

from schedules.wire.messages import Release
from tvclient.adapters.api import Opened
from tvclient.adapters.errors import AdapterError
from tvclient.kiosk.releases import BadRelease, Releases, needs_of

REQUIREMENTS = Path(sys.prefix).parent / "requirements-box.txt"
RETRY_S = 900.0
HEALTHY_AFTER_S = 60.0
"""So long the picture must have turned, the server spoken to besides, before a release has proved itself."""

log = structlog.get_logger(__name__)


class Updating:
    """One box's way to newer programs. Safe to use from any thread."""

    def __init__(
        self,
        folder: Path,
        running: str,
        opened: Callable[[Release, int], Opened],
        stored: Callable[[], None],
        requirements: Path = REQUIREMENTS,
    ) -> None:
        """Look at the releases in `folder`; `start` begins.

        Args:
            running: the release that runs; empty for the one that came with the installation.
            opened: opens a release's archive from a byte on.
            stored: a new release is on trial: the program should begin anew.
        """
        needs = needs_of(requirements.read_bytes()) if requirements.is_file() else ""
        self._releases = Releases(folder, running, needs)
        self._opened, self._stored = opened, stored
        self._wanted: Release | None = None
        self._began = time.monotonic()
        self._proved = False
        self._closed = False
        self._news = Condition()
        self._thread = Thread(target=self._run, name="updating", daemon=True)

    @property
    def running(self) -> str:
        """The release that runs, as the box reports it."""
        return self._releases.running

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def want(self, release: Release | None) -> None:
        """What `Desired` says."""
        with self._news:
            if release != self._wanted:
                self._wanted = release
                self._news.notify_all()

    def given_up(self) -> str:
        """The wanted release's name, where it was tried and given up; else empty."""
        return self._releases.given_up(self._wanted)

    def turned(self, *, spoke: bool) -> None:
        """The picture's loop turns, and the server was spoken to since the start, or not: enough of both is health."""
        if self._proved or not spoke or time.monotonic() - self._began < HEALTHY_AFTER_S:
            return
        try:
            self._releases.healthy()
            self._proved = True
        except OSError as error:
            log.warning("release.not_confirmed", reason=str(error))
            self._began = time.monotonic()

    def close(self) -> None:
        """Stop; what has come is kept."""
        with self._news:
            self._closed = True
            self._news.notify_all()

    def _run(self) -> None:
        while not self._closed:
            with self._news:
                wanted = self._wanted
            if wanted is not None and self._releases.due(wanted):
                self._take(wanted)
            with self._news:
                self._news.wait_for(lambda: self._closed or self._wanted is not wanted, timeout=RETRY_S)  # noqa: B023

    def _take(self, wanted: Release) -> None:
        try:
            self._releases.take(wanted, lambda from_byte: self._opened(wanted, from_byte))
        except BadRelease as error:
            log.warning("release.refused", version=wanted.version, reason=str(error))
        except (AdapterError, OSError) as error:
            log.info("release.not_fetched", version=wanted.version, reason=str(error))
        else:
            self._stored()
