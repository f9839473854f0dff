"""Load what the reports add up. The adding itself: `rules.py`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from contentserver.attendance import SessionRow
from contentserver.boxes import Box
from contentserver.kernel.pagination import Page, paginate
from contentserver.regions import Region, subtree_filter
from contentserver.reports import rules
from contentserver.reports.rules import Cell, Numbers
from contentserver.stations import Station
from contentserver.timetable import Delivery, LayerRecord, airings_of, delivery
from schedules.airings import Airing


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


def attendance_cells(session: Session, root: str, depth: int, start: datetime, end: datetime) -> list[Cell]:
    """Sums of the sessions of a subtree by region code, cut to `depth` digits, and planned start."""
    row = SessionRow
    prefix = func.substr(row.region_code, 1, depth)
    whole = row.complete | ((row.planned_ms > 0) & (row.shown_ms >= rules.WHOLE_SHARE * row.planned_ms))
    query = (
        select(
            prefix,
            row.planned_start,
            func.count(),
            func.sum(row.expected),
            func.sum(row.present),
            func.sum(case((row.late_ms <= rules.ON_TIME_MS, 1), else_=0)),
            func.sum(case((whole, 1), else_=0)),
        )
        .where(subtree_filter(row.region_code, root), row.planned_start >= start, row.planned_start < end)
        .group_by(prefix, row.planned_start)
    )
    return [Cell(code, planned, Numbers(*map(int, sums))) for code, planned, *sums in session.execute(query)]


def sessions_page(session: Session, root: str, start: datetime, end: datetime, number: int) -> Page[SessionRow]:
    """One page of the sessions of a subtree, the newest first."""
    row = SessionRow
    query = select(row).where(
        subtree_filter(row.region_code, root), row.planned_start >= start, row.planned_start < end
    )
    return paginate(session, query.order_by(row.planned_start.desc(), row.region_code), number)


def stations_count(session: Session, root: str) -> dict[str, int]:
    """How many stations there are in each village of a subtree."""
    query = (
        select(Station.region_code, func.count())
        .where(subtree_filter(Station.region_code, root))
        .group_by(Station.region_code)
    )
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
