"""What a stick for some stations should carry: the lessons of the coming fortnight, and what their boxes lack of them.

How it becomes a file to download: `image.py`. How a journal comes back: `bringing.py`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver.boxes import Box
from contentserver.regions import ancestors_and_self
from contentserver.stations import Station
from contentserver.sticks import rules
from contentserver.sticks.ports import Packages
from contentserver.sticks.rules import Content
from contentserver.timetable import timetables_in_force
from media_pipeline.errors import ManifestInvalid
from media_pipeline.manifest import Manifest
from schedules.airings import Airing, LayerId, PackageName
from schedules.layers import region_layer
from schedules.wire.messages import PackageReport, Reported

AHEAD = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Item:
    """One lesson of the coming fortnight.

    Attributes:
        starts_at: its first airing at any of the stations.
        lacking: how many boxes cannot play it yet; `lacking_whole`: how many do not have all that they want of it.
    """

    package: PackageName
    title: str
    starts_at: datetime
    manifest: Manifest
    lacking: int
    lacking_whole: int

    def bytes_for(self, content: Content) -> int:
        """Of the files that would be carried."""
        return rules.total(rules.carried_files(self.manifest, content))


@dataclass(frozen=True, slots=True)
class Load:
    """Everything that could be carried to some stations, the earliest airing first."""

    stations: Sequence[Station]
    boxes: int
    layers: tuple[LayerId, ...]
    items: tuple[Item, ...]

    def chosen(self, content: Content) -> tuple[Item, ...]:
        """The lessons that `content` means."""
        if not content.only_missing:
            return self.items
        return tuple(one for one in self.items if (one.lacking_whole if content.whole else one.lacking))

    def bytes_for(self, content: Content) -> int:
        """Of all lessons that `content` means."""
        return sum(one.bytes_for(content) for one in self.chosen(content))


def load_for(session: Session, stations: Sequence[Station], packages: Packages, now: datetime) -> Load:
    """What the stations will show within a fortnight, and what of it their boxes have reported to have."""
    regions = sorted({station.region_code for station in stations})
    merged = timetables_in_force(session, regions, (now, now + AHEAD))
    airings = sorted((one for found in merged.values() for one in found.airings), key=lambda one: one.start)
    first: dict[PackageName, Airing] = {}
    for airing in airings:
        first.setdefault(airing.package, airing)
    reports = _reports(session, stations)
    items = [_item(airing, packages, reports) for airing in first.values()]
    layers = dict.fromkeys(region_layer(code) for region in regions for code in ancestors_and_self(region))
    return Load(stations, len(reports), tuple(layers), tuple(one for one in items if one is not None))


def _item(airing: Airing, packages: Packages, reports: Sequence[Mapping[PackageName, PackageReport]]) -> Item | None:
    """None for a package that is not here: nothing can be carried of it."""
    try:
        manifest = packages.manifest(airing.package)
    except (OSError, ValueError, ManifestInvalid):
        return None
    held = [found.get(airing.package) for found in reports]
    return Item(
        package=airing.package,
        title=airing.lesson.title,
        starts_at=airing.start,
        manifest=manifest,
        lacking=sum(rules.lacks(one, whole=False) for one in held),
        lacking_whole=sum(rules.lacks(one, whole=True) for one in held),
    )


def _reports(session: Session, stations: Sequence[Station]) -> list[Mapping[PackageName, PackageReport]]:
    """For each box of the stations, what it said of its packages."""
    wanted = select(Box.reported).where(
        Box.station_id.in_([station.id for station in stations]), Box.revoked_at.is_(None)
    )
    return [
        msgspec.json.decode(reported, type=Reported).packages if reported else {}
        for reported in session.scalars(wanted)
    ]
