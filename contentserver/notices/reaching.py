"""Which stations a notice reaches: those of its regions and of its groups, each once, as they are at the moment.

A station that comes under a group's rule later on reads the notice as long as it holds, and one that leaves reads it no
longer. What stands about a notice's readers is about the stations that it reaches now.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, or_, select, true
from sqlalchemy.orm import Session

from contentserver.kernel.auth import Person
from contentserver.notices.models import NoticeGroup, NoticeRegion, NoticeRow
from contentserver.notices.rules import NoticeState, outermost
from contentserver.regions import ancestors_and_self, in_subtree, region_names, subtree_filter
from contentserver.stations import (
    GroupUse,
    Station,
    StationGroup,
    groups_concerning,
    groups_with,
    stations_by_group,
)

FEW = 50
"""Regions of one condition; of more, all stations are looked at, since a database bounds how long a condition is."""


@dataclass(frozen=True, slots=True)
class Targets:
    """To whom a notice goes."""

    regions: tuple[str, ...]
    groups: tuple[UUID, ...]


def targets_of(row: NoticeRow) -> Targets:
    """As the row has it."""
    return Targets(tuple(one.region_code for one in row.regions), tuple(one.group_id for one in row.groups))


def reached(session: Session, targets: Sequence[Targets], root: str = "") -> list[set[UUID]]:
    """For each of them the stations that it reaches, of those below `root`."""
    groups = stations_by_group(session, {one for each in targets for one in each.groups}, root)
    codes = {code for each in targets for code in each.regions}
    inside: dict[str, set[UUID]] = {code: set() for code in codes}
    if codes:
        few = outermost(codes)
        below = or_(*(subtree_filter(Station.region_code, code) for code in few)) if len(few) <= FEW else true()
        where = and_(below, subtree_filter(Station.region_code, root) if root else true())
        for station_id, region_code in session.execute(select(Station.id, Station.region_code).where(where)):
            for code in inside.keys() & set(ancestors_and_self(region_code)):
                inside[code].add(station_id)
    nobody = set[UUID]()
    return [
        nobody.union(*(inside[code] for code in each.regions), *(groups.get(one, nobody) for one in each.groups))
        for each in targets
    ]


def reached_by(session: Session, rows: Iterable[NoticeRow], root: str = "") -> dict[UUID, set[UUID]]:
    """Of each notice the stations that it reaches, of those below `root`."""
    rows = list(rows)
    return dict(zip((row.id for row in rows), reached(session, [targets_of(row) for row in rows], root), strict=True))


def concerns(session: Session, row: NoticeRow, who: Person) -> bool:
    """Whether somebody has to do with a notice: it is for where they are, above, or below, or for a group of theirs."""
    if who.reaches(row.region_code):
        return True
    targets = targets_of(row)
    if any(who.reaches(code) or in_subtree(who.region_code, code) for code in targets.regions):
        return True
    return bool(targets.groups) and not groups_concerning(session, who.region_code).isdisjoint(targets.groups)


def concerning(session: Session, who: Person) -> ColumnElement[bool]:
    """SQL: as `concerns` decides."""
    below = subtree_filter(NoticeRow.region_code, who.region_code)
    if not who.region_code:
        return below
    near = or_(
        NoticeRegion.region_code.in_(ancestors_and_self(who.region_code)),
        subtree_filter(NoticeRegion.region_code, who.region_code),
    )
    groups = groups_concerning(session, who.region_code)
    return or_(
        below,
        exists().where(NoticeRegion.notice_id == NoticeRow.id, near),
        exists().where(NoticeGroup.notice_id == NoticeRow.id, NoticeGroup.group_id.in_(groups)),
    )


def meant_for(code: str) -> ColumnElement[bool]:
    """SQL: a notice that names a region, something below it, or a group of theirs."""
    region = exists().where(NoticeRegion.notice_id == NoticeRow.id, subtree_filter(NoticeRegion.region_code, code))
    group = exists().where(
        NoticeGroup.notice_id == NoticeRow.id,
        StationGroup.id == NoticeGroup.group_id,
        subtree_filter(StationGroup.region_code, code),
    )
    return or_(region, group)


def names_of(session: Session, targets: Collection[Targets]) -> list[list[str]]:
    """For each of them what its regions and groups are called, regions first."""
    regions = region_names(session, (code for each in targets for code in each.regions))
    groups = groups_with(session, {one for each in targets for one in each.groups})
    return [
        [
            *(regions[code] for code in each.regions if code in regions),
            *sorted(groups[one].name for one in each.groups if one in groups),
        ]
        for each in targets
    ]


def group_uses(session: Session, group_id: UUID, now: datetime) -> list[GroupUse]:
    """The notices that hold or will hold and go to a group, the newest first."""
    query = (
        select(NoticeRow.id, NoticeRow.title)
        .join(NoticeGroup, NoticeGroup.notice_id == NoticeRow.id)
        .where(NoticeGroup.group_id == group_id, NoticeRow.state == NoticeState.PUBLISHED.value)
        .where(or_(NoticeRow.valid_until.is_(None), NoticeRow.valid_until > now))
        .order_by(NoticeRow.published_at.desc(), NoticeRow.id)
    )
    return [GroupUse(title, "notices.show", {"notice_id": one}) for one, title in session.execute(query)]
