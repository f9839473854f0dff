"""The server's clock. Services take `now` from here once per request; rules get it as an argument."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """The present instant, aware UTC."""
    return datetime.now(UTC)


def local(instant: datetime) -> datetime:
    """The wall clock of the stations at an aware instant."""
    try:
        return instant.astimezone(SHANGHAI)
    except OverflowError:  # the first or the last hours of the calendar: a clock that is wrong anyway
        return instant.replace(tzinfo=SHANGHAI)
