"""Load what reports show beside the figures. The sums themselves: `contentserver.figures`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from contentserver.attendance import SessionRow
from contentserver.boxes import Box
from contentserver.figures import Figures, Sums, figures_by_course, figures_by_day, figures_of
from contentserver.kernel.pagination import Page, paginate
from contentserver.regions import Region, children_of, subtree_filter
from contentserver.reports.rules import Period
from contentserver.stations import Station
from contentserver.timetable import Delivery, LayerRecord, airings_of, delivery
from schedules.airings import Airing

MOST_DIGITS = 12
"""Of a region's code: a village's."""


@dataclass(frozen=True, slots=True)
class Fleet:
    """Boxes of a subtree: all, those connected now, those heard from since an instant."""

    boxes: int
    online: int
    heard: int


@dataclass(frozen=True, slots=True)
class Showing:
    """An airing of a layer and the region that owns it."""

    airing: Airing
    region: Region


@dataclass(frozen=True, slots=True)
class Row:
    """A region in a report: its name and code, its stations, the sums of its sessions, how many people came."""

    name: str
    code: str
    stations: int
    sums: Sums
    people: int


@dataclass(frozen=True, slots=True)
class Report:
    """The attendance of a region in a period: altogether, by what lies below it, by course, by day."""

    name: str
    code: str
    period: Period
    stations: int
    sums: Sums
    people: int
    rows: list[Row]
    courses: dict[str, Figures]
    days: dict[date, Sums]


def attendance_report(session: Session, region: Region, period: Period) -> Report:
    """Put the attendance of a region together."""
    children = children_of(session, region.code)
    found = figures_of(session, [region.code, *(child.code for child in children)], period.first, period.last)
    stations = stations_count(session, region.code)
    return Report(
        name=region.name,
        code=region.code,
        period=period,
        stations=sum(stations.values()),
        sums=found[region.code].sums,
        people=len(found[region.code].people),
        rows=[
            Row(
                child.name,
                child.code,
                sum(number for code, number in stations.items() if code.startswith(child.code)),
                found[child.code].sums,
                len(found[child.code].people),
            )
            for child in children
        ],
        courses=figures_by_course(session, region.code, period.first, period.last),
        days={day: one.sums for day, one in figures_by_day(session, region.code, period.first, period.last).items()},
    )


def nodes_of(session: Session, root: str) -> list[str]:
    """What stands for a subtree in the figures: its root, or every top region where it is everything."""
    return [root] if root else [*session.scalars(select(Region.code).where(Region.parent_code.is_(None)))]


def sessions_page(session: Session, root: str, start: datetime, end: datetime, number: int) -> Page[SessionRow]:
    """One page of the sessions of a subtree, the newest first."""
    row = SessionRow
    query = select(row).where(
        subtree_filter(row.region_code, root), row.planned_start >= start, row.planned_start < end
    )
    return paginate(session, query.order_by(row.planned_start.desc(), row.region_code), number)


def stations_count(session: Session, root: str, digits: int = MOST_DIGITS) -> dict[str, int]:
    """How many stations there are in each village of a subtree; with `digits` in what so long a code stands for."""
    under = func.substr(Station.region_code, 1, digits).label("under")
    query = select(under, func.count()).where(subtree_filter(Station.region_code, root)).group_by("under")
    return dict(session.execute(query).all())


def fleet(session: Session, root: str, since: datetime) -> Fleet:
    """The boxes of a subtree that are not revoked."""
    query = (
        select(
            func.count(),
            func.coalesce(func.sum(case((Box.online, 1), else_=0)), 0),
            func.coalesce(func.sum(case((Box.seen_at >= since, 1), else_=0)), 0),
        )
        .join(Station, Station.id == Box.station_id)
        .where(subtree_filter(Station.region_code, root), Box.revoked_at.is_(None))
    )
    return Fleet(*map(int, session.execute(query).one()))


def showings(session: Session, root: str, day_start: datetime) -> list[Showing]:
    """What the layers of a subtree and of the regions above it air within a day, in order of start."""
    window = (day_start, day_start + timedelta(days=1))
    found = [
        Showing(airing=airing, region=region)
        for layer, region in _layers(session, root)
        for airing in airings_of(session, layer.id, window)
    ]
    return sorted(found, key=lambda showing: (showing.airing.start, showing.region.code))


def deliveries(session: Session, root: str) -> list[tuple[Region, LayerRecord, Delivery]]:
    """How far every published layer of a subtree has come."""
    return [
        (region, layer, delivery(session, layer))
        for layer, region in _layers(session, root)
        if region.code.startswith(root) and (layer.revision or layer.changed)
    ]


def station_names(session: Session, ids: Sequence[UUID]) -> dict[UUID, str]:
    """Names of some stations."""
    query = select(Station.id, Station.name).where(Station.id.in_(ids))
    return dict(session.execute(query).all())


def _layers(session: Session, root: str) -> list[tuple[LayerRecord, Region]]:
    query = select(LayerRecord, Region).join(Region, Region.code == LayerRecord.region_code).order_by(Region.code)
    return [
        (layer, region)
        for layer, region in session.execute(query)
        if region.code.startswith(root) or root.startswith(region.code)
    ]
