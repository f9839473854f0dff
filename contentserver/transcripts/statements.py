"""A printed statement as a signed token, short enough for a QR code: whoever holds it can ask whether it is true.

The name in it is masked, and the member is known by an id that means nothing outside this server.
"""

from datetime import UTC, date, datetime
from uuid import UUID

from itsdangerous import BadData, URLSafeSerializer

from contentserver.transcripts.rules import Period, Statement

_SALT = "transcript"
"""Keeps these apart from everything else that the same secret signs."""
_FORM = 1
LONGEST = 600
"""Characters of a token; more is none of ours."""


def signed(statement: Statement, secret: str) -> str:
    """The token of a statement: letters, digits, `-`, `_` and `.`."""
    period = statement.period
    facts = [
        _FORM,
        statement.member.hex,
        statement.name,
        period.first.isoformat(),
        period.last.isoformat(),
        statement.sessions,
        statement.credit_ms,
        int(statement.issued.timestamp()),
    ]
    return _serializer(secret).dumps(facts)


def read(token: str, secret: str) -> Statement | None:
    """The statement of a token; None for one that this server did not sign, or that was altered."""
    if len(token) > LONGEST:
        return None
    try:
        form, member, name, first, last, sessions, credit_ms, issued = _serializer(secret).loads(token)
        if form != _FORM:
            return None
        return Statement(
            member=UUID(member),
            name=str(name),
            period=Period(date.fromisoformat(first), date.fromisoformat(last)),
            sessions=int(sessions),
            credit_ms=int(credit_ms),
            issued=datetime.fromtimestamp(issued, UTC),
        )
    except (BadData, ValueError, TypeError):
        return None


def _serializer(secret: str) -> URLSafeSerializer:
    return URLSafeSerializer(secret, salt=_SALT)
