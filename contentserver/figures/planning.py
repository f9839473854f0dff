"""What stations were to show: the timetable of days that are over, counted once each and by what was then in force.

A day's timetable is read from signed revisions (`timetable.airings_due`), so it never changes afterwards. Which days
and which stations count is kept: a rebuild comes to the same figures.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from contentserver.attendance import StaleDay
from contentserver.figures.models import PlannedDay, PlannedSince
from contentserver.figures.rules import Planned
from contentserver.kernel import clock
from contentserver.stations import Station
from contentserver.timetable import airings_due, first_published_at

DAYS_AT_ONCE = 7
"""Days of the past that one look takes in; the newest come first."""


def count_plans(session: Session, now: datetime) -> int:
    """Take in the days that are over and not counted yet, and stations that are new.

    Returns:
        How many days were taken in. Their figures come with the next `refresh`.
    """
    published = first_published_at(session)
    if published is None:
        return 0
    first, today = clock.local(published).date(), clock.local(now).date()
    _note_stations(session, first, today)
    counted = set(session.scalars(select(PlannedDay.day)))
    over = [today - timedelta(days=back) for back in range(1, (today - first).days + 1)]
    due = [day for day in over if day not in counted][:DAYS_AT_ONCE]
    homes = dict(session.execute(select(Station.id, Station.region_code)).all())
    for day in due:
        session.add(PlannedDay(day=day))
        session.flush()
        if marks := [{"station_id": one, "day": day} for one in planned_on(session, day, homes)]:
            session.execute(insert(StaleDay), marks)
    return len(due)


def planned_on(session: Session, day: date, homes: Mapping[UUID, str]) -> dict[UUID, Sequence[Planned]]:
    """What some stations were to show on a day; nothing for a day that is not counted, or before a station was there.

    Args:
        homes: the stations and the regions they stand in.
    """
    if session.get(PlannedDay, day) is None:
        return {}
    there = set(session.scalars(select(PlannedSince.station_id).where(PlannedSince.since <= day)))
    stations = {one: region for one, region in homes.items() if one in there}
    due = airings_due(session, set(stations.values()), *clock.instants_of(day, day))
    planned = {
        region: tuple(Planned(str(one.id), one.lesson.course or one.lesson.title, one.duration_ms) for one in airings)
        for region, airings in due.items()
    }
    return {one: planned[region] for one, region in stations.items() if planned[region]}


def days_planned(session: Session) -> set[tuple[UUID, date]]:
    """Every station and day whose timetable counts for anything."""
    homes = dict(session.execute(select(Station.id, Station.region_code)).all())
    days = session.scalars(select(PlannedDay.day)).all()
    return {(station, day) for day in days for station in planned_on(session, day, homes)}


def _note_stations(session: Session, first: date, today: date) -> None:
    """A station counts from the day on which it is first seen; those of the first look, from the first revision."""
    known = set(session.scalars(select(PlannedSince.station_id)))
    since = today if known else first
    new = [one for one in session.scalars(select(Station.id)) if one not in known]
    session.add_all(PlannedSince(station_id=one, since=since) for one in new)
    session.flush()
