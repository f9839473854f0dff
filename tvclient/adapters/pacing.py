"""How many transfers at once, and how long to pause between, so that the village's other users hardly notice. Pure.

After LEDBAT (RFC 6817): the least delay of recent minutes is taken for the empty line's; what an answer takes above it
is a queue. Beside our own transfers the queue is our own, so once a minute, and as long as it is busy, the line is
listened to: one transfer at a time, and its delay is somebody else's doing. Above the target it stays at one at a time,
then pauses, which double; below half of it the other way. RFC 6817 sets 100 ms for single packets; one answer is a
question, a file looked up and a first packet, hence three times as much.
"""

from collections import deque
from threading import Lock

AT_ONCE = 3
TARGET_S = 0.3
FILTER = 3
"""The least of so many answers counts (RFC 6817, `CURRENT_FILTER`): one lost packet is no queue."""
MINUTES = 10
"""So long the empty line's delay is remembered (RFC 6817, `BASE_HISTORY`); a line can change."""
LISTEN_EVERY_S = 60.0
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 16.0
PAUSE_WHILE_PLAYING_S = 0.25


class Pacing:
    """Fed with delays, says how much to do; times are seconds of a clock that only goes forward. Thread-safe."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._least: deque[tuple[int, float]] = deque(maxlen=MINUTES)
        self._late: list[float] = []
        self._free = True
        self._pause = 0.0
        self._heard_at = float("-inf")

    def answered(self, delay_s: float, at_s: float, *, beside: int) -> None:
        """An answer's first byte came so long after the question; `beside` of our own transfers ran when it left."""
        with self._lock:
            self._remember(delay_s, int(at_s // 60))
            if beside:
                return
            self._late.append(delay_s)
            if len(self._late) < FILTER:
                return
            queue = min(self._late) - min(delay for _, delay in self._least)
            self._late.clear()
            self._heard_at = at_s
            if queue > TARGET_S:
                self._less()
            elif queue < TARGET_S / 2:
                self._more()

    def at_once(self, at_s: float, *, playing: bool) -> int:
        """How many transfers side by side."""
        listening = at_s - self._heard_at >= LISTEN_EVERY_S
        return AT_ONCE if self._free and not listening and not playing else 1

    def pause_s(self, *, playing: bool) -> float:
        """How long to rest after each."""
        return max(self._pause, PAUSE_WHILE_PLAYING_S if playing else 0.0)

    def _remember(self, delay_s: float, minute: int) -> None:
        if self._least and self._least[-1][0] == minute:
            delay_s = min(delay_s, self._least.pop()[1])
        self._least.append((minute, delay_s))
        while self._least[0][0] <= minute - MINUTES:
            self._least.popleft()

    def _less(self) -> None:
        if self._free:
            self._free = False
        else:
            self._pause = min(LONGEST_PAUSE_S, max(FIRST_PAUSE_S, 2 * self._pause))

    def _more(self) -> None:
        if self._pause:
            self._pause = self._pause / 2 if self._pause > FIRST_PAUSE_S else 0.0
        else:
            self._free = True
