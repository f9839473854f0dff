"""Which period a report is of, and which one it is compared with. Pure."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from contentserver.kernel import clock

LONGEST = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Period:
    """Local days, both included."""

    first: date
    last: date

    def instants(self) -> tuple[datetime, datetime]:
        """Start (included) and end (not included), aware."""
        return clock.instants_of(self.first, self.last)


def period_asked(first: str, last: str, today: date) -> Period:
    """The period of an address; the month so far where it says nothing, at most a year, never back to front."""
    end = _date(last) or today
    start = _date(first) or (end.replace(day=1) if not last else end - timedelta(days=30))
    if start > end:
        start, end = end, start
    return Period(first=max(start, end - LONGEST), last=end)


class Span(StrEnum):
    """A period that moves with today; what is kept under a name stays fresh by it."""

    THIS_MONTH = "this_month"
    LAST_MONTH = "last_month"
    THIS_YEAR = "this_year"


class Rhythm(StrEnum):
    """How often a kept report comes by mail."""

    NEVER = ""
    WEEKLY = "weekly"
    """On Mondays, of the week that is over."""
    MONTHLY = "monthly"
    """On the first, of the month that is over."""


class MailState(StrEnum):
    """What became of a mail."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"


MAIL_HOUR = 7
"""When mail goes out, by the stations' clock."""
TRIES: Final = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 360))
"""How long to wait after each failed try; after the last of them nobody tries again by himself."""


class Against(StrEnum):
    """What a period is compared with."""

    NOTHING = ""
    BEFORE = "before"
    """The month before where the period is (the beginning of) a month, else as many days just before."""
    LAST_YEAR = "last_year"
    """The same days a year earlier."""
    OWN = "own"
    """Days that the person names."""


def against_asked(kind: str, first: str, last: str, period: Period) -> tuple[Against, Period | None]:
    """What an address compares its period with; no period where its own days are still to be named."""
    match kind:
        case Against.BEFORE:
            return Against.BEFORE, before(period)
        case Against.LAST_YEAR:
            return Against.LAST_YEAR, Period(a_year_earlier(period.first), a_year_earlier(period.last))
        case Against.OWN:
            return Against.OWN, _own(first, last)
        case _:
            return Against.NOTHING, None


def _own(first: str, last: str) -> Period | None:
    start, end = _date(first), _date(last)
    if start is None or end is None:
        return None
    start, end = min(start, end), max(start, end)
    return Period(max(start, end - LONGEST), end)


def before(period: Period) -> Period:
    """The month before up to the same day (whole, if the period is a whole month), else as many days just before."""
    first, last = period.first, period.last
    end_before = first - timedelta(days=1)
    if first.day == 1 and (first.year, first.month) == (last.year, last.month):
        start = end_before.replace(day=1)
        whole = (last + timedelta(days=1)).day == 1
        return Period(start, end_before if whole else end_before.replace(day=min(last.day, end_before.day)))
    return Period(end_before - (last - first), end_before)


def a_year_earlier(day: date) -> date:
    """The same day a year earlier; 28 February for the 29th."""
    return day.replace(year=day.year - 1, day=28 if (day.month, day.day) == (2, 29) else day.day)


def months_until(last: date, number: int = 12) -> list[date]:
    """The first days of so many months, the last one that of `last`; in order."""
    place = last.year * 12 + last.month - 1
    return [date(one // 12, one % 12 + 1, 1) for one in range(place - number + 1, place + 1)]


def months_named(today: date) -> tuple[Period, Period]:
    """The month so far, and the whole month before."""
    this = today.replace(day=1)
    over = this - timedelta(days=1)
    return Period(this, today), Period(over.replace(day=1), over)


def span_asked(span: str, today: date) -> Period | None:
    """The period of a span; None where it is none."""
    this, over = months_named(today)
    match span:
        case Span.THIS_MONTH:
            return this
        case Span.LAST_MONTH:
            return over
        case Span.THIS_YEAR:
            return Period(today.replace(month=1, day=1), today)
        case _:
            return None


def mail_due(rhythm: str, now: datetime) -> tuple[Period, datetime] | None:
    """The newest period that a rhythm asks to have been sent, and since when; None for no rhythm.

    Args:
        now: aware.
    """
    today = clock.local(now).date()
    for back in range(2):
        match rhythm:
            case Rhythm.WEEKLY:
                on = today - timedelta(days=today.weekday() + 7 * back)
                period = Period(on - timedelta(days=7), on - timedelta(days=1))
            case Rhythm.MONTHLY:
                on = months_until(today, 1 + back)[0]
                period = months_named(on)[1]
            case _:
                return None
        since = clock.instants_of(on, on)[0] + timedelta(hours=MAIL_HOUR)
        if since <= now:
            return period, since
    return None


def next_try(attempts: int, now: datetime) -> datetime | None:
    """When to try again after so many tries that failed; None for never."""
    return now + TRIES[attempts - 1] if attempts <= len(TRIES) else None


def mail_address(text: str) -> str:
    """An address as it is kept; empty if it is none that mail could go to."""
    name, at, host = (text := text.strip()).rpartition("@")
    plain = text.isascii() and text.isprintable() and not set(text) & set(' ,;:<>()[]\\"')
    return text if plain and at and name and "@" not in name and "." in host.strip(".") and len(text) <= 200 else ""


def change(now: float, then: float) -> float | None:
    """By which part of what it was something has grown; None where there was nothing."""
    return (now - then) / then if then else None


def share(part: int, whole: int) -> float | None:
    """A part of a whole; None where there is nothing to compare with."""
    return part / whole if whole else None


def _date(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if clock.EARLIEST <= found <= clock.LATEST else None
