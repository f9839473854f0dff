"""May the box fetch from the server now, how much of today is left, and when does that change? Pure.

The rules are the server's (`Desired.fetching`). What airs soon and cannot be shown yet is above them: a lesson that
fails costs a village its evening, its smallest rendition costs little. What was spent today: `ration.py`.
"""

from datetime import datetime, time, timedelta

import msgspec

from schedules.wire.messages import FetchRules
from tvclient.core.screens import LOCAL_ZONE

URGENT = timedelta(hours=6)
"""What airs within this and is not playable is fetched in its smallest rendition, whatever the rules say."""
MIDNIGHT = time()


class Allowance(msgspec.Struct, frozen=True):
    """What may be fetched now.

    Attributes:
        bytes_left: at most so many; None for no limit.
        until: the answer holds before this instant (aware), as long as nothing more is spent; None for ever.
    """

    bytes_left: int | None
    until: datetime | None


def allowance(rules: FetchRules, spent: int, now: datetime) -> Allowance:
    """What the rules allow at an instant.

    Hours that cannot be read, and hours of no length, are none: a rule that forbids everything is never meant.

    Args:
        spent: bytes that the server gave since the local day began.
        now: aware.
    """
    hours = _quiet(rules)
    changes = [_next(edge, now) for edge in hours or ()]
    if hours and _within(hours, now.astimezone(LOCAL_ZONE).time()):
        return Allowance(0, _next(hours[1], now))
    if rules.daily_bytes <= 0:
        return Allowance(None, min(changes, default=None))
    midnight = _next(MIDNIGHT, now)
    left = max(0, rules.daily_bytes - spent)
    return Allowance(left, min([midnight, *changes]) if left else midnight)


def urgent(airs_at: datetime, now: datetime, *, playable: bool) -> bool:
    """Whether the smallest rendition of what airs then is above the rules."""
    return not playable and airs_at - now <= URGENT


def _quiet(rules: FetchRules) -> tuple[time, time] | None:
    try:
        begins, ends = (time.fromisoformat(text) for text in (rules.quiet_from, rules.quiet_until))
    except ValueError:
        return None
    return None if begins == ends or begins.tzinfo or ends.tzinfo else (begins, ends)


def _within(hours: tuple[time, time], clock: time) -> bool:
    begins, ends = hours
    return begins <= clock < ends if begins < ends else clock >= begins or clock < ends


def _next(clock: time, now: datetime) -> datetime:
    """The first instant after now at which the stations' clock shows this."""
    local = now.astimezone(LOCAL_ZONE)
    day = local.date() if clock > local.time() else local.date() + timedelta(days=1)
    return datetime.combine(day, clock, LOCAL_ZONE)
