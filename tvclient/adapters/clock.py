"""The server's time, by the box's best estimate; the only place of the television that reads a clock.

Samples are exchanges of four timestamps (RFC 5905, section 8). The one with the least uncertainty is kept; it ages by
the drift of the monotonic clock, so a wrong or changed wall clock does no harm. Before the first sample time starts at
the wall clock or at the last time known, whichever is later: a box without a battery does not wake in 1970.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock

from schedules.wire.messages import ClockReport, ServerTime
from tvclient.adapters.durable import write_durably

DRIFT_PPM = 100
UNKNOWN_MS = 60_000
"""Said of a clock that no server has confirmed."""
UNSURE_MS = 1000


class Clock:
    """Estimates the server's UTC. Safe to use from any thread."""

    def __init__(
        self,
        memory: Path | None = None,
        wall: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Start from the wall clock.

        Args:
            memory: file that keeps the last time known; None to keep none.
            wall, monotonic: seconds, as `time.time` and `time.monotonic` give them.
        """
        self._memory, self._wall, self._monotonic = memory, wall, monotonic
        self._lock = Lock()
        self._anchor_mono = monotonic()
        self._anchor_utc = max(wall(), _remembered(memory))
        self._anchor_ms: float = UNKNOWN_MS

    def now(self) -> datetime:
        """Aware UTC."""
        with self._lock:
            return datetime.fromtimestamp(self._estimate(self._monotonic()), UTC)

    def uncertainty_ms(self) -> int:
        """How far off `now` may be."""
        with self._lock:
            return round(self._uncertainty(self._monotonic()))

    def unsure(self) -> bool:
        """Whether `now` may be off by more than a second."""
        return self.uncertainty_ms() > UNSURE_MS

    def ticks(self) -> float:
        """The monotonic clock in seconds, for the two outer timestamps of an exchange."""
        return self._monotonic()

    def observe(self, asked: float, answer: ServerTime, answered: float) -> bool:
        """Take a sample.

        Args:
            asked, answered: `ticks()` just before the question left and just after the answer came.
            answer: the server's two timestamps.

        Returns:
            Whether the sample is better than what was known.
        """
        received, sent = answer.received_at.timestamp(), answer.sent_at.timestamp()
        delay = max(0.0, (answered - asked) - max(0.0, sent - received))
        uncertainty = delay * 500 + 1
        with self._lock:
            if uncertainty > self._uncertainty(self._monotonic()):
                return False
            self._anchor_mono = answered
            self._anchor_utc = sent + delay / 2
            self._anchor_ms = uncertainty
        self.remember()
        return True

    def report(self) -> ClockReport:
        """How far the box's wall clock is from the estimate."""
        with self._lock:
            mono = self._monotonic()
            offset_ms = round((self._estimate(mono) - self._wall()) * 1000)
            return ClockReport(offset_ms=offset_ms, uncertainty_ms=round(self._uncertainty(mono)))

    def remember(self) -> None:
        """Keep the time for a restart without a line."""
        if self._memory is not None:
            with suppress(OSError):  # a full disk costs the memory, not the time
                write_durably(self._memory, self.now().isoformat().encode())

    def _estimate(self, mono: float) -> float:
        return self._anchor_utc + (mono - self._anchor_mono)

    def _uncertainty(self, mono: float) -> float:
        return self._anchor_ms + max(0.0, mono - self._anchor_mono) * DRIFT_PPM / 1000


def _remembered(memory: Path | None) -> float:
    if memory is None:
        return 0.0
    try:
        return datetime.fromisoformat(memory.read_text().strip()).astimezone(UTC).timestamp()
    except (OSError, ValueError):
        return 0.0
