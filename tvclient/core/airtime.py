"""How long this television has really shown lessons in a month, from its own journal. Pure.

Seconds count once, however often they were written: per airing it is the union of its spans in media time. A span
belongs to the local month in which it began.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from schedules.airings import AiringId
from schedules.wire.messages import PlaybackSpan

LOCAL_ZONE = ZoneInfo("Asia/Shanghai")
"""All of China keeps one time."""

Stretches = tuple[tuple[int, int], ...]
"""Media time that was shown: from and to in milliseconds, in order, without overlap."""
Airtime = Mapping[tuple[str, AiringId], Stretches]
"""What was shown of each airing in each month, e.g. `2026-11`."""


def month_of(instant: datetime) -> str:
    """The local month of an aware instant."""
    return f"{instant.astimezone(LOCAL_ZONE):%Y-%m}"


def with_spans(airtime: Airtime, spans: Iterable[PlaybackSpan]) -> Airtime:
    """The same with further spans; the same object where there are none."""
    grown = dict[tuple[str, AiringId], Stretches]()
    for span in spans:
        key = month_of(span.started_at), span.airing
        grown[key] = _joined(grown.get(key, airtime.get(key, ())), (span.from_ms, span.to_ms))
    return {**airtime, **grown} if grown else airtime


def shown_ms(airtime: Airtime, instant: datetime) -> int:
    """Milliseconds shown in the local month of an instant."""
    month = month_of(instant)
    return sum(end - start for key, known in airtime.items() if key[0] == month for start, end in known)


def _joined(known: Stretches, one: tuple[int, int]) -> Stretches:
    start, end = one
    if end <= start:
        return known
    apart = [stretch for stretch in known if stretch[1] < start or stretch[0] > end]
    touching = [stretch for stretch in known if not (stretch[1] < start or stretch[0] > end)]
    whole = min(start, *(low for low, _high in touching)) if touching else start
    until = max(end, *(high for _low, high in touching)) if touching else end
    return tuple(sorted([*apart, (whole, until)]))
