"""Weeks and days of a programme as people read them. Pure; local dates are those of the stations' wall clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from schedules.airings import Airing

ZONE = ZoneInfo("Asia/Shanghai")
WEEK = timedelta(days=7)
ROOMY, DENSE = 14, 26
"""Lines of a poster up to which it is set in the largest type, and in the middle one."""


@dataclass(frozen=True, slots=True)
class Day:
    """One day of a week and what is on. `gone`: the day lies before today."""

    date: date
    airings: tuple[Airing, ...]
    today: bool
    gone: bool


def monday_of(day: date) -> date:
    """The Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def week_asked(typed: str, today: date, published_until: datetime | None) -> date:
    """The Monday of the week that an address asks for; what is not published or not a date gives the nearest week."""
    first, last = monday_of(today), last_week(today, published_until)
    try:
        wanted = monday_of(date.fromisoformat(typed)) if typed else first
    except (ValueError, OverflowError):
        return first
    return min(max(wanted, first), last)


def last_week(today: date, published_until: datetime | None) -> date:
    """The Monday of the last week of which anything is published; at least this one."""
    first = monday_of(today)
    if published_until is None:
        return first
    return max(first, monday_of((published_until.astimezone(ZONE) - timedelta(microseconds=1)).date()))


def window_of(monday: date, published_until: datetime | None) -> tuple[datetime, datetime]:
    """From Monday's midnight to the next one's, or to the end of what is published; aware."""
    start, end = at_midnight(monday), at_midnight(monday + WEEK)
    return start, max(start, min(end, published_until)) if published_until else end


def at_midnight(day: date) -> datetime:
    """The first instant of a local day, UTC."""
    return datetime.combine(day, datetime.min.time(), ZONE).astimezone(UTC)


def days_of(monday: date, airings: Sequence[Airing], today: date) -> tuple[Day, ...]:
    """The seven days with what begins on each of them, in order of start."""
    ordered = sorted(airings, key=lambda airing: (airing.start, airing.id))
    days = (monday + timedelta(days=number) for number in range(7))
    return tuple(
        Day(
            date=day,
            airings=tuple(one for one in ordered if one.start.astimezone(ZONE).date() == day),
            today=day == today,
            gone=day < today,
        )
        for day in days
    )


def setting_of(days: Sequence[Day]) -> str:
    """How large a poster can be set: `roomy`, `dense` or `tight`, by its lines; a day without lessons takes one."""
    lines = sum(max(1, len(day.airings)) for day in days)
    return "roomy" if lines <= ROOMY else "dense" if lines <= DENSE else "tight"


def minutes_of(airing: Airing) -> int:
    """The length as it is announced: whole minutes, at least one."""
    return max(1, round(airing.duration_ms / 60_000))


def words_of(typed: str) -> tuple[str, ...]:
    """The words of a search, at most four."""
    return tuple(typed.split()[:4])
