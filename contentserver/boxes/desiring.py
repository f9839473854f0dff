"""What the server wants of boxes: computed anew where something of it may have changed, signed, counted up."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from contentserver.boxes import rules
from contentserver.boxes.models import Box, ReleaseRow
from contentserver.members import roster_versions
from contentserver.papers import versions
from contentserver.regions import ancestors_and_self
from contentserver.stations import Station, station_card
from contentserver.trust import keys_no
from schedules.airings import LayerId, PackageName
from schedules.wire.messages import Desired, FetchRules, Release
from schedules.wire.signing import Purpose, Signer, key_id_of
from schedules.wire.topics import BoxId

AT_ONCE = 200
"""What so many boxes have in common is asked for together."""


@dataclass(frozen=True, slots=True)
class _Ground:
    """What boxes of some stations are told because of where they stand; the mappings are by station."""

    stations: Mapping[UUID, Station]
    rosters: Mapping[UUID, str]
    papers: Mapping[UUID, Mapping[str, str]]
    releases: Mapping[str, Release]
    keys_no: int


def refresh_desired(session: Session, box: Box, signer: Signer, *, behind: Mapping[LayerId, int] | None = None) -> bool:
    """Recompute what the server wants of a box; sign and count up only when it differs.

    Args:
        behind: revisions that it should fetch; None leaves what was said before, which does no harm once it is fetched.

    Returns:
        Whether it changed.
    """
    return refresh_each(session, [box], signer, {} if behind is None else {box.id: behind}) == 1


def refresh_each(
    session: Session,
    boxes: Sequence[Box],
    signer: Signer,
    behind: Mapping[int, Mapping[LayerId, int]] | None = None,
) -> int:
    """As `refresh_desired`, of many; `behind` is by box, and of one that is not in it, what was said before stays.

    Returns:
        Of how many it changed.
    """
    changed, by_station = 0, sorted(boxes, key=lambda box: box.station_id)
    for first in range(0, len(by_station), AT_ONCE):
        some = by_station[first : first + AT_ONCE]
        ground = _ground(session, {box.station_id for box in some}, {box.release for box in some if box.release})
        changed += sum(_refreshed(box, ground, signer, (behind or {}).get(box.id)) for box in some)
    return changed


def refresh_at(session: Session, station_id: UUID, signer: Signer) -> int:
    """As `refresh_each`, of the boxes that are let in at a station."""
    here = select(Box).where(Box.station_id == station_id, Box.revoked_at.is_(None))
    return refresh_each(session, session.scalars(here).all(), signer)


def _ground(session: Session, stations: Collection[UUID], releases: Collection[str]) -> _Ground:
    rows = session.scalars(select(ReleaseRow).where(ReleaseRow.version.in_(releases))) if releases else ()
    return _Ground(
        stations={one.id: one for one in session.scalars(select(Station).where(Station.id.in_(stations)))},
        rosters=roster_versions(session, stations),
        papers=versions(session, stations),
        releases={
            row.version: Release(version=row.version, sha256=row.sha256, bytes=row.bytes, needs=row.needs)
            for row in rows
        },
        keys_no=keys_no(session),
    )


def _refreshed(box: Box, ground: _Ground, signer: Signer, behind: Mapping[LayerId, int] | None) -> bool:
    """Whether something else is wanted of a box now, which then is signed."""
    station = ground.stations[box.station_id]
    if behind is None and box.desired_fingerprint:
        behind = msgspec.json.decode(box.desired_fingerprint, type=Desired).behind
    wanted = Desired(
        box=BoxId(box.id),
        version=0,
        station=station_card(station),
        layers=rules.layers_of(ancestors_and_self(station.region_code)),
        roster_version=ground.rosters[station.id],
        renditions=msgspec.json.decode(box.renditions, type=dict[PackageName, str]),
        behind=dict(behind or {}),
        fetching=msgspec.json.decode(box.fetching, type=FetchRules),
        credential_no=box.credential_no,
        ended=box.ended_reason if box.revoked_at else "",
        release=ground.releases[box.release] if box.release else None,
        join=station.join_address,
        keys_no=ground.keys_no,
        papers=dict(ground.papers[station.id]),
    )
    fingerprint = msgspec.json.encode(wanted).decode()
    if fingerprint == box.desired_fingerprint:
        return False
    box.desired_version += 1
    box.desired_fingerprint = fingerprint
    box.desired_jws = signer.sign(msgspec.structs.replace(wanted, version=box.desired_version)).decode()
    return True


def sign_anew(session: Session, signer: Signer) -> int:
    """Sign what is wanted of every box, ended ones included, where another key signed it.

    Returns:
        How many boxes.
    """
    signs = signer.key_for(Purpose.TIMETABLES).key_id
    told = session.scalars(select(Box).where(Box.desired_jws != "")).all()
    stale = [box for box in told if key_id_of(box.desired_jws.encode()) != signs]
    for box in stale:
        wanted = msgspec.json.decode(box.desired_fingerprint, type=Desired)
        box.desired_version += 1
        wanted = msgspec.structs.replace(wanted, version=box.desired_version)
        box.desired_jws = signer.sign(wanted).decode()
    refresh_each(session, stale, signer)
    return len(stale)


def tell_ahead(session: Session, signer: Signer, steps: int, now: datetime) -> int:
    """Tell every box anew what is wanted of it, so many versions on: it may have heard later ones than a restored
    database knows. Its numbers go on by as many: a box that was let in since may go on saying that it is the next one.

    Returns:
        How many boxes.
    """
    found = session.scalars(select(Box).order_by(Box.id)).all()
    for box in found:
        box.desired_version += steps
        box.desired_fingerprint = ""
    refresh_each(session, found, signer)
    if found:
        name = f"restored-{now:%Y%m%dT%H%M%S%f}"
        last = Box(id=found[-1].id + steps, station_id=found[-1].station_id, public_key=name, http_token_hash=name)
        last.enrolled_at = last.revoked_at = now
        session.add(last)
        session.flush()
        if session.get_bind().dialect.name == "postgresql":
            session.execute(text("SELECT setval(pg_get_serial_sequence('boxes', 'id'), :last)"), {"last": last.id})
    return len(found)
