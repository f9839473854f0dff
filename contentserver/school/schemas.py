"""What a browser tells of what it played."""

from typing import Annotated
from uuid import UUID

import msgspec

Milliseconds = Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]
MOST_SPANS = 100
MOST_BYTES = 32_768


class SpanTold(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Lesson time from where to where, and when and how long that was by the browser's clock since the page began."""

    sequence: Milliseconds
    from_ms: Milliseconds
    to_ms: Milliseconds
    at_ms: Milliseconds
    clock_ms: Milliseconds


class PlayedTold(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Spans of one viewing, whose id the browser made; `ticket` came with the page."""

    ticket: Annotated[str, msgspec.Meta(max_length=600)]
    viewing: UUID
    spans: Annotated[list[SpanTold], msgspec.Meta(min_length=1, max_length=MOST_SPANS)]
