"""Each minute, by itself: look two days ahead, want smaller renditions where the line will not do, tell stations.

Called by the link's upkeep before it tells boxes what is desired of them. The page computes its verdicts anew
(`service.py`); nothing is kept here but wishes and notes.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from contentserver.boxes import Box, want_renditions
from contentserver.readiness import rules
from contentserver.readiness.forecast import wanted_rendition
from contentserver.readiness.gathering import BoxNow, Fleet
from contentserver.readiness.ports import Packages, Telling, TellStation
from contentserver.readiness.reasons import GOOD, AnyReason
from contentserver.readiness.rules import Facts
from schedules.airings import Airing, PackageName

AHEAD = timedelta(hours=48)


def refresh(session: Session, packages: Packages, tell: TellStation, now: datetime) -> int:
    """Bring wishes up to date and tell the stations whose airings will not play.

    Returns:
        How many boxes are wanted something else than before.
    """
    fleet = Fleet(session, "", (now, now + AHEAD), packages)
    changed = 0
    trouble: dict[tuple[UUID, str], tuple[Airing, AnyReason]] = {}
    well: set[tuple[UUID, str]] = set()
    for box in fleet.boxes:
        limits: dict[PackageName, str] = {}
        for airing in _coming(fleet, box, now):
            facts = fleet.facts(box, airing, now)
            found = rules.verdict(facts, airing, now)
            key = (box.station_id, airing.id)
            if found.light in GOOD:
                well.add(key)
            reason = rules.worth_telling(found, airing, now)
            if reason is not None:
                trouble.setdefault(key, (airing, reason))
            if airing.package not in limits:
                limits[airing.package] = _limit(fleet, box, airing, facts, now)
        limits = {package: name for package, name in limits.items() if name}
        if limits != box.limits:
            want_renditions(session.get_one(Box, box.id), limits)
            changed += 1
    for (station_id, airing_id), (airing, reason) in trouble.items():
        if (station_id, airing_id) not in well:
            telling = Telling(
                station_id=station_id,
                airing_id=airing_id,
                airing_start=airing.start,
                lesson_title=airing.lesson.title,
                reason=reason,
            )
            tell(session, telling, now, None)
    return changed


def _coming(fleet: Fleet, box: BoxNow, now: datetime) -> Iterator[Airing]:
    return (one for one in fleet.airings.get(box.region_code, ()) if one.end > now)


def _limit(fleet: Fleet, box: BoxNow, airing: Airing, facts: Facts, now: datetime) -> str:
    """The rendition beyond which a box need not fetch for an airing; what stands, while the box cannot fetch at all."""
    standing = box.limits.get(airing.package, "")
    if not facts.online or facts.kbps is None:
        return standing
    report, ladder = facts.package, fleet.ladder(airing.package)
    lacking = rules.missing_bytes(report, facts.smallest_bytes)
    if report is not None and report.wanted_bytes:
        remaining = max(0, report.wanted_bytes - report.stored_bytes - lacking)
    else:
        remaining = ladder[-1].bytes if ladder else 0
    return wanted_rendition(
        ladder,
        limit=standing,
        whole=report.rendition if report else "",
        remaining_bytes=remaining,
        before_bytes=fleet.before_bytes(box, airing, now) + lacking,
        room_bytes=facts.free_bytes,
        kbps=facts.kbps,
        slow=(*rules.slow_stretches(facts),),
        start=airing.start,
        now=now,
    )
