"""When the box asks for the time, and by which way: over MQTT where the line stands, over HTTP where it does not.

An open line answers in one way there and back, without a handshake, so its exchanges are the surest. `line.py` sends;
what the answers say is `core/timekeeping.py`'s business.
"""

import secrets

import structlog

from schedules.wire.codec import Unreadable, decode
from schedules.wire.messages import TimeAnswer, TimeQuestion
from schedules.wire.topics import BoxId
from tvclient.adapters.clock import Clock

AT_FIRST = 5
FIRST_EVERY_S = 1.0
EVERY_S = 64.0
EVERY_OVER_HTTP_S = 300.0
UNANSWERED_BEFORE_HTTP = 3

log = structlog.get_logger(__name__)


class AskingTime:
    """One box's questions for the time. Used by the line's thread alone."""

    def __init__(self, clock: Clock) -> None:
        """Answers go to `clock`."""
        self._clock = clock
        self._asked: tuple[str, float] | None = None
        self._exchanges = 0
        self._unanswered = 0

    def prefers_http(self, online: bool) -> bool:
        """Whether to ask over HTTP: no line to the broker, or nobody answers behind it."""
        return not online or self._unanswered >= UNANSWERED_BEFORE_HTTP

    def pause_s(self, online: bool) -> float:
        """Seconds until the next question."""
        if self._exchanges < AT_FIRST:
            return FIRST_EVERY_S
        return EVERY_OVER_HTTP_S if self.prefers_http(online) else EVERY_S

    def question(self, box: BoxId) -> TimeQuestion:
        """The next question, to be sent at once."""
        self._unanswered += 1
        self._asked = (secrets.token_hex(4), self._clock.ticks())
        return TimeQuestion(box=box, token=self._asked[0])

    def answered(self, data: bytes, ticks: float) -> None:
        """An answer came over MQTT at this reading of the clock's ticks; one that nobody waits for says nothing."""
        try:
            answer = decode(data, TimeAnswer)
        except Unreadable as error:
            log.warning("time.unreadable", reason=str(error))
            return
        if self._asked is None or answer.token != self._asked[0]:
            return
        asked, self._asked = self._asked[1], None
        self._unanswered = 0
        self._exchanges += 1
        self._clock.observe(asked, answer, ticks)

    def answered_over_http(self) -> None:
        """An exchange over HTTP was taken in; the next questions try the line to the broker again."""
        self._exchanges += 1
        self._unanswered = 0
