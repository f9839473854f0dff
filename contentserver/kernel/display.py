"""How values are written for people: instants in the stations' time, lengths, sizes, counts, rates.

Installed as template filters. Every word comes from the catalogues.
"""

from datetime import date, datetime, timedelta
from typing import Final

from flask import Flask
from flask_babel import gettext, lazy_gettext

from contentserver.kernel import clock
from contentserver.kernel.auth import Role

WEEKDAYS: Final = (
    lazy_gettext("Mon"),
    lazy_gettext("Tue"),
    lazy_gettext("Wed"),
    lazy_gettext("Thu"),
    lazy_gettext("Fri"),
    lazy_gettext("Sat"),
    lazy_gettext("Sun"),
)
ROLE_NAMES: Final = {
    Role.STATION_ADMIN: lazy_gettext("Station administrator"),
    Role.SCHEDULER: lazy_gettext("Scheduler"),
    Role.REVIEWER: lazy_gettext("Reviewer"),
    Role.COUNTY_STAFF: lazy_gettext("County staff"),
    Role.DUTY_OFFICER: lazy_gettext("Duty officer"),
    Role.SYSTEM_ADMIN: lazy_gettext("System administrator"),
    Role.EXPERT: lazy_gettext("Expert"),
    Role.AUDITOR: lazy_gettext("Auditor"),
}
SCHEDULERS: Final = {
    4: lazy_gettext("City scheduler"),
    6: lazy_gettext("County scheduler"),
    9: lazy_gettext("Township scheduler"),
    12: lazy_gettext("Village scheduler"),
}
"""What a scheduler is called, by the length of their region's code."""
NOTHING: Final = "—"


def install(app: Flask) -> None:
    """Give templates the filters."""
    times = (moment, planned, clock_time, clock_minute, local_input, day, length_of, hours)
    for write in (*times, megabytes, count, rate):
        app.jinja_env.filters[write.__name__] = write
    app.jinja_env.globals["weekday_names"] = WEEKDAYS
    app.jinja_env.globals["timedelta"] = timedelta
    app.jinja_env.filters["role_name"] = role_name


def role_name(role: str, region_code: str = "") -> str:
    """What a role is called; a scheduler is one of a city, a county, a township."""
    if role == Role.SCHEDULER and len(region_code) in SCHEDULERS:
        return str(SCHEDULERS[len(region_code)])
    return str(ROLE_NAMES[Role(role)])


def moment(instant: datetime | None, seconds: bool = False) -> str:
    """`2026-11-23 周一 19:30` in the stations' time; a dash for nothing."""
    if instant is None:
        return NOTHING
    return f"{day(clock.local(instant).date())} {clock_time(instant, seconds) if seconds else clock_minute(instant)}"


def planned(instant: datetime) -> str:
    """A planned start, as `moment`; its seconds stand there where they are not zero."""
    return f"{day(clock.local(instant).date())} {clock_time(instant)}"


def clock_time(instant: datetime, seconds: bool = False) -> str:
    """`19:30` in the stations' time; with seconds where asked, or where they are not zero."""
    local = clock.local(instant)
    return f"{local:%H:%M:%S}" if seconds or local.second else f"{local:%H:%M}"


def clock_minute(instant: datetime) -> str:
    """`20:10`, however many seconds there are."""
    return f"{clock.local(instant):%H:%M}"


def local_input(instant: datetime) -> str:
    """The stations' time as a form field holds it; a part of a second counts as a whole one."""
    local = clock.local(instant)
    whole = local if not local.microsecond else local.replace(microsecond=0) + timedelta(seconds=1)
    return f"{whole:%Y-%m-%dT%H:%M:%S}"


def day(local_date: date) -> str:
    """`2026-11-23 周一`."""
    return f"{local_date:%Y-%m-%d} {WEEKDAYS[local_date.weekday()]}"


def length_of(milliseconds: int | float | None) -> str:
    """`40 分 00 秒`; hours stay minutes, as in a programme."""
    if milliseconds is None:
        return NOTHING
    minutes, seconds = divmod(round(timedelta(milliseconds=milliseconds).total_seconds()), 60)
    if minutes == 0:
        return str(gettext("%(seconds)s s", seconds=seconds))
    return str(gettext("%(minutes)s min %(seconds)s s", minutes=minutes, seconds=f"{seconds:02}"))


def hours(milliseconds: int) -> str:
    """`12.5 小时`, one decimal."""
    return str(gettext("%(hours)s h", hours=f"{milliseconds / 3_600_000:,.1f}"))


def megabytes(number: int) -> str:
    """Bytes as `540 MB`, with one decimal below ten."""
    value = number / 1_000_000
    return f"{value:.1f} MB" if value < 10 else f"{value:,.0f} MB"


def count(number: int) -> str:
    """`96,667`."""
    return f"{number:,}"


def rate(part: int, whole: int) -> str:
    """`79.4%`; a dash where there is nothing to compare with."""
    return f"{100 * part / whole:.1f}%" if whole else NOTHING
