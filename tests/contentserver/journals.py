"""Rows of journals for tests: bodies become records, a second apart."""

from datetime import datetime, timedelta

import msgspec

from schedules.wire.codec import encode
from schedules.wire.messages import EventBody, EventRecord
from tests.contentserver.conftest import NOW


def records(*bodies: EventBody, first: int = 1, since: datetime = NOW) -> tuple[EventRecord, ...]:
    """One record for each body, numbered from `first`; each so many seconds after `since` as its number says."""
    return tuple(
        EventRecord(
            sequence=number,
            at=since + timedelta(seconds=number),
            uncertainty_ms=40,
            body=msgspec.Raw(encode(body)),
        )
        for number, body in enumerate(bodies, first)
    )
