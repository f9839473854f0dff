"""How far one package has come in the stations of a subtree, by what their televisions reported last.

Only reports that name the package are read, and of them nothing but their packages: a page of one lesson stays quick
whatever the number of televisions.
"""

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

import msgspec
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contentserver.boxes import Box
from contentserver.courses import Holdings
from contentserver.readiness.rules import playable
from contentserver.regions import subtree_filter
from contentserver.stations import Station
from schedules.airings import PackageName
from schedules.wire.messages import PackageReport, PackageState

_REFUSED, _COMING = "refused", "coming"
"""Beside the renditions, whose names they are not."""


class _Stored(msgspec.Struct):
    """What matters here of a report."""

    packages: dict[PackageName, PackageReport] = {}


def holdings(session: Session, package: str, root: str, best_first: Sequence[str]) -> Holdings:
    """How many stations below a region have which rendition of a package; a station counts once, with the best there.

    Args:
        best_first: the package's renditions.
    """
    inside = (subtree_filter(Station.region_code, root), Box.revoked_at.is_(None))
    of_boxes = select(func.count(Box.station_id.distinct())).join(Station, Station.id == Box.station_id).where(*inside)
    naming = (
        select(Box.station_id, Box.reported)
        .join(Station, Station.id == Box.station_id)
        .where(*inside, Box.reported.contains(package, autoescape=True))
    )
    order = [*best_first, "", _COMING, _REFUSED]
    place = {name: number for number, name in enumerate(order)}
    read = msgspec.json.Decoder(_Stored).decode
    best: dict[UUID, int] = {}
    for station, reported in session.execute(naming):
        report = read(reported).packages.get(PackageName(package))
        if report is None:
            continue
        here = place[_state(report, best_first)]
        best[station] = min(here, best.get(station, here))
    counts = Counter(order[number] for number in best.values())
    return Holdings(
        stations=session.scalar(of_boxes) or 0,
        best={name: counts[name] for name in ("", *best_first) if counts[name]},
        coming=counts[_COMING],
        refused=counts[_REFUSED],
    )


def _state(report: PackageReport, renditions: Sequence[str]) -> str:
    if playable(report):
        return report.rendition if report.rendition in renditions else ""
    return _REFUSED if report.state is PackageState.REFUSED else _COMING
