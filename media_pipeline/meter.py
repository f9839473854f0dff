"""How far a transcode is: many threads report, one listener hears; what the listener raises stops them all."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from threading import Lock


class Stage(StrEnum):
    """Where a transcode stands."""

    PROBE = "probe"
    SURVEY = "survey"
    SEARCH = "search"
    ENCODE = "encode"
    SEAL = "seal"
    DONE = "done"


SHARES = {Stage.PROBE: 0.01, Stage.SURVEY: 0.07, Stage.SEARCH: 0.17, Stage.ENCODE: 0.73, Stage.SEAL: 0.02}


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a transcode is: fraction of the whole (0 to 1), speed as a multiple of playing, seconds left if known."""

    stage: Stage
    fraction: float
    speed: float | None = None
    eta_s: float | None = None


class Meter:
    """Progress of one transcode. Safe to use from any thread.

    A stage is told as the parts that are under way in it, each from 0 to 1.
    """

    def __init__(self, listener: Callable[[Progress], None], duration_s: Callable[[], float]) -> None:
        self._listener, self._duration_s = listener, duration_s
        self._lock = Lock()
        self._stage = Stage.PROBE
        self._parts: dict[object, float] = {}
        self._expected = 1
        self._already = 0.0
        self._since = time.monotonic()
        self._stopped: BaseException | None = None

    def begin(self, stage: Stage, parts: int, done: int = 0) -> None:
        """A stage of so many parts begins; some of them an earlier call had done."""
        with self._lock:
            self._stage, self._expected = stage, max(parts, 1)
            self._parts = {("earlier", number): 1.0 for number in range(done)}
            self._already = done / self._expected
            self._since = time.monotonic()
        self.part(None, 0.0)

    def part(self, key: object, share: float) -> None:
        """A part of the stage is so far.

        Raises:
            BaseException: what the listener raised, in whichever thread asks next.
        """
        with self._lock:
            if self._stopped is not None:
                raise self._stopped
            if key is not None:
                self._parts[key] = max(share, self._parts.get(key, 0.0))
            try:
                self._listener(self._progress())
            except BaseException as error:
                self._stopped = error
                raise

    def stir(self, _done_s: float, _speed: float) -> None:
        """A listener for short work: nothing to tell, but the place where it is stopped."""
        self.part(None, 0.0)

    def stop(self, error: BaseException) -> None:
        """Every thread that reports from now on gets this error."""
        with self._lock:
            self._stopped = self._stopped or error

    def finished(self) -> None:
        """All is done."""
        self._listener(Progress(Stage.DONE, 1.0))

    def _progress(self) -> Progress:
        before = 0.0
        for stage, share in SHARES.items():
            if stage is self._stage:
                break
            before += share
        inside = min(sum(self._parts.values()) / self._expected, 1.0)
        whole = before + SHARES[self._stage] * inside
        spent, fresh = time.monotonic() - self._since, inside - self._already
        if self._stage is not Stage.ENCODE or fresh <= 0.01 or inside >= 1 or spent < 1:
            return Progress(self._stage, whole)
        speed = fresh * self._duration_s() / spent
        return Progress(self._stage, whole, speed, spent / fresh * (1 - inside))
