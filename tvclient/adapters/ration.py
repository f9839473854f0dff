"""What the server gave today, kept over a restart, and nothing begun that the day's rest does not cover.

What the rules say: `allowance.py`. A file is counted as it comes, and the count is on the disk when it has come.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from threading import Lock

import msgspec
import structlog

from schedules.wire.messages import FetchRules
from tvclient.adapters.allowance import allowance
from tvclient.adapters.durable import write_durably
from tvclient.adapters.errors import AdapterError
from tvclient.core.screens import LOCAL_ZONE

log = structlog.get_logger(__name__)


class Rationed(AdapterError):
    """The rules forbid it at the moment.

    Attributes:
        until: when it is worth asking again (aware).
    """

    def __init__(self, until: datetime) -> None:
        super().__init__(f"not before {until.isoformat()}")
        self.until = until


class _Day(msgspec.Struct, frozen=True):
    day: date
    spent_bytes: int


class Ration:
    """The day's account. Safe to use from any thread."""

    def __init__(self, file: Path | None = None) -> None:
        """Go on from what `file` holds; None keeps nothing over a restart."""
        self.rules = FetchRules()
        self._file = file
        self._lock = Lock()
        self._held_back = 0
        self._day = _read(file)

    def today(self, now: datetime) -> int:
        """Bytes that the server gave since the local day of `now` (aware) began."""
        return self._day.spent_bytes if self._day.day == now.astimezone(LOCAL_ZONE).date() else 0

    def spend(self, fetched_bytes: int, now: datetime) -> None:
        """So many bytes have come."""
        with self._lock:
            day = now.astimezone(LOCAL_ZONE).date()
            self._day = _Day(day, fetched_bytes + (self._day.spent_bytes if day == self._day.day else 0))

    @contextmanager
    def share(self, expected_bytes: int, now: datetime, *, urgent: bool) -> Iterator[None]:
        """Hold so many bytes back for one transfer while it runs; `urgent` is above the rules.

        Raises:
            Rationed: they are not left today, or it is quiet.
        """
        with self._lock:
            left = allowance(self.rules, self.today(now) + self._held_back, now)
            if not urgent and left.bytes_left is not None and left.bytes_left < max(1, expected_bytes):
                alone = allowance(self.rules, self.today(now), now)
                raise Rationed(alone.until or now)
            self._held_back += expected_bytes
        try:
            yield
        finally:
            with self._lock:
                self._held_back -= expected_bytes
            self._keep()

    def _keep(self) -> None:
        if self._file is None:
            return
        try:
            with self._lock:
                write_durably(self._file, msgspec.json.encode(self._day))
        except OSError as error:  # a full disk must not stop a lesson from coming
            log.warning("ration.not_kept", reason=str(error))


def _read(file: Path | None) -> _Day:
    nothing = _Day(date.min, 0)
    if file is None:
        return nothing
    try:
        day = msgspec.json.decode(file.read_bytes(), type=_Day)
    except (OSError, msgspec.MsgspecError):
        return nothing
    return day if day.spent_bytes >= 0 else nothing
