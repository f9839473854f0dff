"""The server's clock. Services take `now` from here once per request; rules get it as an argument."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
EARLIEST, LATEST = date(2000, 1, 1), date(2999, 12, 31)
"""Days outside of these were mistyped, or come from a clock that is wrong."""


def now() -> datetime:
    """The present instant, aware UTC."""
    return datetime.now(UTC)


def local(instant: datetime) -> datetime:
    """The wall clock of the stations at an aware instant."""
    try:
        return instant.astimezone(SHANGHAI)
    except OverflowError:  # the first or the last hours of the calendar: a clock that is wrong anyway
        return instant.replace(tzinfo=SHANGHAI)


def instants_of(first: date, last: date) -> tuple[datetime, datetime]:
    """Days of the stations, both included: start (included) and end (not included), aware."""
    start = datetime.combine(first, datetime.min.time(), SHANGHAI)
    return start, datetime.combine(last + timedelta(days=1), datetime.min.time(), SHANGHAI)
