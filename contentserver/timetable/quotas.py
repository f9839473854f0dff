"""How much each station is planned to show in a month, against its quota.

Counts what the merge really plays, from the layers as published; a month's numbers are the same for all stations that
follow the same layers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver.audit import audit
from contentserver.kernel.auth import Person
from contentserver.regions import ancestors_and_self
from contentserver.stations import Station, stations_in
from contentserver.timetable.models import Quota
from contentserver.timetable.plans import ZONE
from contentserver.timetable.programmes import timetables_in_force

DEFAULT_SESSIONS, DEFAULT_HOURS = 2, 20


@dataclass(frozen=True, slots=True)
class MonthlyQuota:
    """At least so many sessions and hours a month; `region` is the region that set it, empty for the default."""

    sessions: int = DEFAULT_SESSIONS
    hours: int = DEFAULT_HOURS
    region: str = ""


@dataclass(frozen=True, slots=True)
class PlannedMonth:
    """One station's month: sessions and hours that its televisions will play, and what is asked."""

    station: Station
    sessions: int
    hours: float
    quota: MonthlyQuota

    @property
    def met(self) -> bool:
        """Whether both numbers reach the quota."""
        return self.sessions >= self.quota.sessions and self.hours >= self.quota.hours


def month_of(day: date) -> tuple[datetime, datetime]:
    """The month of a local date as aware instants."""
    zone = ZoneInfo(ZONE)
    first = datetime(day.year, day.month, 1, tzinfo=zone)
    after = (first + timedelta(days=32)).replace(day=1)
    return first, after


def planned_months(session: Session, root: str, month: date) -> list[PlannedMonth]:
    """Every station of a subtree with its month, those that lack most first."""
    stations = stations_in(session, root)
    codes = list(dict.fromkeys(station.region_code for station in stations))
    timetables = timetables_in_force(session, codes, month_of(month))
    quotas = _quotas(session)
    totals: dict[int, tuple[int, float]] = {}
    found = []
    for station in stations:
        timetable = timetables[station.region_code]
        if id(timetable) not in totals:
            milliseconds = sum(airing.duration_ms for airing in timetable.airings)
            totals[id(timetable)] = len(timetable.airings), milliseconds / 3_600_000
        sessions, hours = totals[id(timetable)]
        quota = _nearest(quotas, station.region_code)
        found.append(PlannedMonth(station=station, sessions=sessions, hours=hours, quota=quota))
    return sorted(found, key=lambda one: (one.met, one.hours - one.quota.hours, one.station.region_code))


def quota_of(session: Session, region_code: str) -> MonthlyQuota:
    """What is asked of the stations of a region: the nearest quota above it."""
    return _nearest(_quotas(session), region_code)


def set_quota(session: Session, region_code: str, sessions: int, hours: int, who: Person, now: datetime) -> None:
    """Ask so much of every station of a subtree that has no nearer quota."""
    row = session.get(Quota, region_code)
    before = {"sessions": row.sessions, "hours": row.hours} if row else None
    if row is None:
        row = Quota(region_code=region_code, sessions=sessions, hours=hours)
        session.add(row)
    row.sessions, row.hours = sessions, hours
    after = {"sessions": sessions, "hours": hours}
    audit(session, who=who, action="quota.set", subject=region_code, now=now, before=before, after=after)


def clear_quota(session: Session, region_code: str, who: Person, now: datetime) -> None:
    """A subtree has no quota of its own any more: the nearest one above counts again."""
    row = session.get(Quota, region_code)
    if row is None:
        return
    before = {"sessions": row.sessions, "hours": row.hours}
    session.delete(row)
    audit(session, who=who, action="quota.cleared", subject=region_code, now=now, before=before)


def tell_stations(session: Session) -> int:
    """Write beside every station how many minutes a month are asked of it: its televisions show them.

    Returns:
        For how many that changed.
    """
    held, changed = _quotas(session), 0
    for station in stations_in(session, ""):
        minutes = 60 * _nearest(held, station.region_code).hours
        if station.quota_minutes != minutes:
            station.quota_minutes, changed = minutes, changed + 1
    return changed


def _quotas(session: Session) -> Sequence[Quota]:
    return session.scalars(select(Quota)).all()


def _nearest(quotas: Sequence[Quota], region_code: str) -> MonthlyQuota:
    path = ancestors_and_self(region_code)
    held = {row.region_code: row for row in quotas}
    for code in reversed(path):
        if code in held:
            return MonthlyQuota(sessions=held[code].sessions, hours=held[code].hours, region=code)
    return MonthlyQuota()
