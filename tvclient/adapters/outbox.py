"""Which rows of the journal to send next, and by which way. Decides timing only; `line.py` sends.

A batch is sent again until its ack comes. After three without an answer from the broker's side, HTTP is tried.
"""

from schedules.wire.messages import EventBatch
from schedules.wire.topics import BoxId
from tvclient.adapters.journal import Journal

BATCH = 200
ACK_LIMIT_S = 10.0
TRIES_BEFORE_HTTP = 3


class Outbox:
    """One journal's way out."""

    def __init__(self, journal: Journal, box: BoxId) -> None:
        """Send the journal's rows in the name of `box`."""
        self._journal, self._box = journal, box
        self._again_at = 0.0
        self._tries = 0

    def due(self, mono: float) -> EventBatch | None:
        """The batch to send now, at `mono` seconds of the monotonic clock; None while an ack is awaited."""
        if mono < self._again_at:
            return None
        rows = self._journal.unacknowledged(BATCH)
        if not rows:
            self._tries = 0
            return None
        self._tries += 1
        self._again_at = mono + ACK_LIMIT_S
        return EventBatch(box=self._box, epoch=self._journal.epoch, events=rows)

    @property
    def prefers_http(self) -> bool:
        """Whether the broker's side has not answered several times."""
        return self._tries > TRIES_BEFORE_HTTP

    def answered(self) -> None:
        """An ack came: go on with the next rows."""
        self._again_at, self._tries = 0.0, 0

    def reconnected(self) -> None:
        """A new connection: what was under way may be lost."""
        self._again_at = 0.0
