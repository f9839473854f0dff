"""Gather what is known of many boxes at once: a few queries, however many boxes. Decides nothing.

`Fleet` holds the boxes of a subtree with their timetables; `facts` puts together what `rules.verdict` needs for one of
them and one airing.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contentserver.attendance import SessionRow
from contentserver.boxes import Box, days_on_at, known_since
from contentserver.readiness import rules
from contentserver.readiness.forecast import Step
from contentserver.readiness.models import PowerCut
from contentserver.readiness.ports import Packages
from contentserver.readiness.rules import Cut, Facts, Seen, Stale
from contentserver.regions import Region, ancestors_and_self, subtree_filter
from contentserver.stations import Station
from contentserver.timetable import LayerRecord, timetables_in_force
from media_pipeline.errors import ManifestInvalid
from media_pipeline.manifest import Manifest
from schedules.airings import Airing, PackageName
from schedules.layers import region_layer
from schedules.wire.messages import Reported

DAY = timedelta(days=1)
AT_ONCE = 500
"""Ids in one query."""


@dataclass(frozen=True, slots=True)
class BoxNow:
    """One box as it stands; `limits` are the renditions beyond which it need not fetch."""

    id: int
    station_id: UUID
    station: str
    region_code: str
    online: bool
    seen_at: datetime | None
    reported_at: datetime | None
    reported: Reported | None
    limits: Mapping[PackageName, str]


@dataclass(frozen=True, slots=True)
class _Earlier:
    """What airs in a region before something else does, and is not over: the packages, and the stretches."""

    packages: frozenset[PackageName]
    stretches: tuple[tuple[datetime, datetime], ...]


class Fleet:
    """The boxes of a subtree and what they will play within a window (aware: start included, end not)."""

    def __init__(self, session: Session, root: str, window: tuple[datetime, datetime], packages: Packages) -> None:
        self._session, self._packages = session, packages
        self.boxes = _boxes(session, root)
        regions = sorted({box.region_code for box in self.boxes})
        merged = timetables_in_force(session, regions, window) if regions else {}
        self.airings: dict[str, tuple[Airing, ...]] = {code: found.airings for code, found in merged.items()}
        self._layers = _layers(session)
        self._cuts = _cuts(session, window[0])
        self._since = known_since(session)
        self._on_at: dict[datetime, tuple[tuple[datetime, ...], dict[int, frozenset[int]]]] = {}
        self._sessions: dict[datetime, dict[str, dict[UUID, Seen]]] = {}
        self._ladders: dict[PackageName, tuple[Step, ...]] = {}
        self._before: dict[tuple[str, datetime, datetime], _Earlier] = {}
        self._stale_of: dict[int, tuple[Stale, ...]] = {}
        self._cuts_at: dict[str, tuple[Cut, ...]] = {}

    def facts(self, box: BoxNow, airing: Airing, now: datetime) -> Facts:
        """What is known of a box with a view to an airing of its timetable."""
        reported = box.reported
        held = reported.packages if reported else {}
        line = reported.line if reported else None
        clock = reported.clock if reported else None
        disk = reported.disk if reported else None
        package = held.get(airing.package)
        stored = rules.playable(package)
        on_days, known_days, on_weeks, known_weeks = self._habit(box, airing.start, now)
        return Facts(
            online=box.online,
            seen_at=box.seen_at,
            reported_at=box.reported_at,
            ahead_ms=_ahead_ms(box),
            stale=self._stale(box),
            package=package,
            smallest_bytes=0 if stored else self.smallest_bytes(airing.package),
            before_bytes=0 if stored else self.before_bytes(box, airing, now),
            kbps=line.kbps if line else None,
            clock_ms=clock.uncertainty_ms if clock else None,
            free_bytes=disk.free_bytes if disk else None,
            playing=() if stored else self._earlier(box, airing, now).stretches,
            cuts=self._announced(box.region_code),
            on_days=on_days,
            known_days=known_days,
            on_weeks=on_weeks,
            known_weeks=known_weeks,
            smaller=box.limits.get(airing.package, ""),
            session=self._seen(airing, now).get(box.station_id),
        )

    def before_bytes(self, box: BoxNow, airing: Airing, now: datetime) -> int:
        """What the box's line brings before an airing's package: what lessons that begin earlier still lack."""
        held = box.reported.packages if box.reported else {}
        return sum(
            rules.missing_bytes(held.get(name), self.smallest_bytes(name))
            for name in self._earlier(box, airing, now).packages
            if name != airing.package and not rules.playable(held.get(name))
        )

    def ladder(self, package: PackageName) -> tuple[Step, ...]:
        """The renditions of a package that every box can show, from the smallest; empty where it is unknown."""
        if package not in self._ladders:
            try:
                self._ladders[package] = _steps(self._packages.manifest(package))
            except (OSError, ValueError, ManifestInvalid):
                self._ladders[package] = ()
        return self._ladders[package]

    def smallest_bytes(self, package: PackageName) -> int:
        """What the smallest rendition of a package needs; 0 where the package is unknown."""
        return next((step.bytes for step in self.ladder(package)), 0)

    def starting_at(self, box: BoxNow, start: datetime) -> Airing | None:
        """What begins on a box at an instant."""
        return next((one for one in self.airings.get(box.region_code, ()) if one.start == start), None)

    def _earlier(self, box: BoxNow, airing: Airing, now: datetime) -> _Earlier:
        key = (box.region_code, airing.start, now)
        if key not in self._before:
            airings = self.airings.get(box.region_code, ())
            found = [one for one in airings if one.start < airing.start and one.end > now]
            stretches = tuple((one.start, one.end) for one in found)
            self._before[key] = _Earlier(frozenset(one.package for one in found), stretches)
        return self._before[key]

    def _announced(self, region_code: str) -> tuple[Cut, ...]:
        if region_code not in self._cuts_at:
            above = ancestors_and_self(region_code)
            self._cuts_at[region_code] = tuple(cut for code in above for cut in self._cuts.get(code, ()))
        return self._cuts_at[region_code]

    def _stale(self, box: BoxNow) -> tuple[Stale, ...]:
        if box.id not in self._stale_of:
            self._stale_of[box.id] = tuple(self._found_stale(box))
        return self._stale_of[box.id]

    def _found_stale(self, box: BoxNow) -> Iterator[Stale]:
        proved = box.reported.layers if box.reported else {}
        for code in ancestors_and_self(box.region_code):
            if code not in self._layers:
                continue
            newest, owner = self._layers[code]
            proof = proved.get(region_layer(code))
            if proof is None or proof.revision < newest:
                yield Stale(owner=owner, has=proof.revision if proof else 0, newest=newest)

    def _habit(self, box: BoxNow, start: datetime, now: datetime) -> tuple[int, int, int, int]:
        """On how many of the last days and weeks the box was on at this hour, each of how many that are known."""
        instants, on_at = self._on(start, now)
        since = self._since.get(box.id)
        known = {place for place, instant in enumerate(instants) if since is not None and instant >= since}
        on = on_at.get(box.id, frozenset()) & known
        days = frozenset(range(rules.HABIT_DAYS))
        weeks = frozenset(range(rules.HABIT_DAYS, len(instants)))
        return len(on & days), len(known & days), len(on & weeks), len(known & weeks)

    def _on(self, start: datetime, now: datetime) -> tuple[tuple[datetime, ...], dict[int, frozenset[int]]]:
        """The same hour of the last days, then of the same weekday in the last weeks, and who was on then."""
        if start not in self._on_at:
            back = max(1, -((now - start) // DAY)) if start > now else 1
            days = [start - (back + place) * DAY for place in range(rules.HABIT_DAYS)]
            first_week = -(-back // 7)
            weeks = [start - (first_week + place) * 7 * DAY for place in range(rules.HABIT_WEEKS)]
            instants = (*days, *weeks)
            self._on_at[start] = instants, days_on_at(self._session, instants)
        return self._on_at[start]

    def _seen(self, airing: Airing, now: datetime) -> Mapping[UUID, Seen]:
        """What the stations' sessions of an airing say; all airings of one start are loaded together."""
        if airing.start > now:
            return {}
        if airing.start not in self._sessions:
            together = {one.id for airings in self.airings.values() for one in airings if one.start == airing.start}
            self._sessions[airing.start] = _sessions(self._session, sorted(together | {airing.id}))
        return self._sessions[airing.start].get(airing.id, {})


def _boxes(session: Session, root: str) -> list[BoxNow]:
    query = (
        select(
            Box.id,
            Station.id,
            Station.name,
            Station.region_code,
            Box.online,
            Box.seen_at,
            Box.reported_at,
            Box.reported,
            Box.renditions,
        )
        .join(Station, Station.id == Box.station_id)
        .where(subtree_filter(Station.region_code, root), Box.revoked_at.is_(None))
        .order_by(Station.region_code, Station.name, Box.id)
    )
    read = msgspec.json.Decoder(Reported).decode
    limits = msgspec.json.Decoder(dict[PackageName, str]).decode
    return [
        BoxNow(
            id=box_id,
            station_id=station_id,
            station=station,
            region_code=region,
            online=online,
            seen_at=seen_at,
            reported_at=reported_at,
            reported=read(reported) if reported else None,
            limits=limits(renditions) if renditions != "{}" else {},
        )
        for box_id, station_id, station, region, online, seen_at, reported_at, reported, renditions in (
            session.execute(query)
        )
    ]


def _layers(session: Session) -> dict[str, tuple[int, str]]:
    """The newest revision of every published layer, and its owner's name, by region."""
    query = (
        select(LayerRecord.region_code, LayerRecord.revision, Region.name)
        .join(Region, Region.code == LayerRecord.region_code)
        .where(LayerRecord.revision > 0)
    )
    return {code: (revision, name) for code, revision, name in session.execute(query)}


def _cuts(session: Session, since: datetime) -> dict[str, list[Cut]]:
    query = select(PowerCut).where(PowerCut.ends_at > since, PowerCut.removed_at.is_(None)).order_by(PowerCut.starts_at)
    found: dict[str, list[Cut]] = {}
    for row in session.scalars(query):
        found.setdefault(row.region_code, []).append(Cut(row.starts_at, row.ends_at, row.reason))
    return found


def _sessions(session: Session, airing_ids: Sequence[str]) -> dict[str, dict[UUID, Seen]]:
    found: dict[str, dict[UUID, Seen]] = {}
    for first in range(0, len(airing_ids), AT_ONCE):
        query = select(SessionRow).where(SessionRow.airing_id.in_(airing_ids[first : first + AT_ONCE]))
        for row in session.scalars(query):
            found.setdefault(row.airing_id, {})[row.station_id] = Seen(
                begun=row.late_ms is not None,
                shown_ms=row.shown_ms,
                planned_ms=row.planned_ms,
                complete=row.complete,
                missed=row.missed_reason,
            )
    return found


def _ahead_ms(box: BoxNow) -> int:
    """How far in the future the box's last report was written."""
    if box.reported is None or box.reported_at is None:
        return 0
    return max(0, (box.reported.at - box.reported_at) // timedelta(milliseconds=1))


def _steps(manifest: Manifest) -> tuple[Step, ...]:
    """Renditions that every box can show (H.264), with the sound of their group, from the smallest."""
    steps = [
        Step(one.name, one.bytes + sum(sound.bytes for sound in manifest.sounds if sound.group == one.sound))
        for one in manifest.renditions
        if one.kind == "video" and one.codecs.startswith("avc1")
    ]
    return tuple(sorted(steps, key=lambda step: step.bytes))


def boxes_at(boxes: Iterable[BoxNow]) -> dict[UUID, int]:
    """How many boxes stand in each station."""
    counts: dict[UUID, int] = {}
    for box in boxes:
        counts[box.station_id] = counts.get(box.station_id, 0) + 1
    return counts


def region_names(session: Session, codes: Sequence[str]) -> dict[str, str]:
    """Names of the regions that some codes lie in, themselves included."""
    wanted = {above for code in codes for above in ancestors_and_self(code)}
    longest = 9  # townships: villages are named by their stations
    query = select(Region.code, Region.name).where(func.length(Region.code) <= longest)
    return {code: name for code, name in session.execute(query) if code in wanted}
