"""The server's time, by the box's best estimate; the only place of the television that reads a clock.

What exchanges with the server say is `core/timekeeping.py`'s business; a wrong or changed wall clock does no harm.
Before the first exchange time starts at the wall clock or at the last time known, whichever is later: a box without a
battery does not wake in 1970. The oscillator's drift is remembered over a restart too.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock

from schedules.wire.messages import ClockReport, ServerTime, TimeAnswer
from tvclient.adapters.durable import write_durably
from tvclient.core.timekeeping import LEAST_MS, MOST_DRIFT_PPM, Sample, begin, observed

UNKNOWN_MS = 60_000
"""Said of a clock that no server has confirmed."""
UNSURE_MS = 1000
REMEMBERED_EVERY_S = 600.0


def boot_time() -> float:
    """Seconds since the machine started, its sleep included; no setting of a clock changes it."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class Clock:
    """Estimates the server's UTC. Safe to use from any thread."""

    def __init__(
        self,
        memory: Path | None = None,
        wall: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = boot_time,
    ) -> None:
        """Start from the wall clock.

        Args:
            memory: file that keeps the last time known and the drift; None to keep none.
            wall, monotonic: seconds, as `time.time` and `boot_time` give them.
        """
        self._memory, self._wall, self._monotonic = memory, wall, monotonic
        self._lock = Lock()
        remembered, drift_ppm = _remembered(memory)
        self._remembered_at: float | None = None
        self._keeper = begin(monotonic(), max(wall(), remembered), UNKNOWN_MS, drift_ppm)

    def now(self) -> datetime:
        """Aware UTC."""
        with self._lock:
            return datetime.fromtimestamp(self._keeper.estimate.utc(self._monotonic()), UTC)

    def uncertainty_ms(self) -> int:
        """How far off `now` may be."""
        with self._lock:
            return round(self._keeper.estimate.uncertainty_at(self._monotonic()))

    def unsure(self) -> bool:
        """Whether `now` may be off by more than a second."""
        return self.uncertainty_ms() > UNSURE_MS

    def ticks(self) -> float:
        """The monotonic clock in seconds, for the two outer timestamps of an exchange."""
        return self._monotonic()

    def observe(self, asked: float, answer: ServerTime | TimeAnswer, answered: float) -> bool:
        """Take a sample.

        Args:
            asked, answered: `ticks()` just before the question left and just after the answer came.
            answer: the server's two timestamps.

        Returns:
            Whether the clock is surer than before.
        """
        received, sent = answer.received_at.timestamp(), answer.sent_at.timestamp()
        delay = max(0.0, (answered - asked) - max(0.0, sent - received))
        sample = Sample(answered, sent + delay / 2, delay * 500 + LEAST_MS)
        with self._lock:
            before = self._keeper.estimate.uncertainty_at(answered)
            self._keeper = observed(self._keeper, sample)
            surer = self._keeper.estimate.uncertainty_at(answered) < before
            due = self._remembered_at is None or answered - self._remembered_at >= REMEMBERED_EVERY_S
            if due:
                self._remembered_at = answered
        if due:
            self.remember()
        return surer

    def report(self) -> ClockReport:
        """How far the box's wall clock is from the estimate, and how fast its oscillator runs."""
        with self._lock:
            mono, estimate = self._monotonic(), self._keeper.estimate
            known = self._keeper.samples != ()
            return ClockReport(
                offset_ms=round((estimate.utc(mono) - self._wall()) * 1000),
                uncertainty_ms=round(estimate.uncertainty_at(mono)),
                drift_ppm=round(estimate.drift_ppm, 1) if known else None,
            )

    def remember(self) -> None:
        """Keep time and drift for a restart without a line."""
        if self._memory is not None:
            words = f"{self.now().isoformat()} {self._keeper.estimate.drift_ppm:.2f}"
            with suppress(OSError):  # a full disk costs the memory, not the time
                write_durably(self._memory, words.encode())


def _remembered(memory: Path | None) -> tuple[float, float]:
    """Time (POSIX seconds) and drift (parts per million) of an earlier life; zeros where there is none."""
    if memory is None:
        return 0.0, 0.0
    try:
        instant, _space, drift = memory.read_text().strip().partition(" ")
        drift_ppm = float(drift or 0)
        at = datetime.fromisoformat(instant).astimezone(UTC).timestamp()
    except (OSError, ValueError, OverflowError):
        return 0.0, 0.0
    return at, drift_ppm if abs(drift_ppm) <= MOST_DRIFT_PPM else 0.0
