"""What a lesson's page is given out with: who sits there, which recording, and when that was by the server's clock.

The browser sends it back with everything that it says, so that its own clock is never asked for the time of day.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from itsdangerous import BadData, URLSafeSerializer

_SALT: Final = "school"
LONGEST: Final = 600
"""Characters of a ticket; more is none of ours."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """One page that was given out; `length_ms` is the recording's."""

    member: UUID
    lesson: UUID
    package: str
    length_ms: int
    opened_at: datetime


def signed(ticket: Ticket, secret: str) -> str:
    """As the page carries it."""
    opened = int(ticket.opened_at.timestamp() * 1000)
    return _serializer(secret).dumps([ticket.member.hex, ticket.lesson.hex, ticket.package, ticket.length_ms, opened])


def read(token: str, secret: str) -> Ticket | None:
    """What a browser sent back; None for one that this server did not give out, or that was altered."""
    if len(token) > LONGEST:
        return None
    try:
        member, lesson, package, length_ms, opened = _serializer(secret).loads(token)
        at = datetime.fromtimestamp(int(opened) / 1000, UTC)
        return Ticket(UUID(member), UUID(lesson), str(package), int(length_ms), at)
    except (BadData, ValueError, TypeError, OverflowError):
        return None


def _serializer(secret: str) -> URLSafeSerializer:
    return URLSafeSerializer(secret, salt=_SALT)
