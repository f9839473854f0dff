"""Lay papers out for stations, and find them again. What is in them is decided by the slices that write them.

A slice lays out its kind for all stations at once, in the link's upkeep; what did not change costs no write, and boxes
hear of a new version by `Desired.papers`. The same content always has the same version.
"""

import hashlib
from collections.abc import Collection, Mapping
from uuid import UUID

import msgspec
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from contentserver.papers.models import PaperRow
from schedules.wire.codec import encode
from schedules.wire.messages import Paper, PaperKind

VERSION_DIGITS = 16


def lay_out(session: Session, kind: PaperKind, papers: Mapping[UUID, Paper]) -> int:
    """Make these the papers of their stations; a station that is not among them has none of this kind any more.

    Args:
        papers: by station, each with an empty version.

    Returns:
        How many stations have another paper now than before.
    """
    known = {row.station_id: row for row in session.scalars(select(PaperRow).where(PaperRow.kind == kind))}
    changed = 0
    for station_id, paper in papers.items():
        version = _version(paper)
        row = known.get(station_id)
        if row is not None and row.version == version:
            continue
        body = encode(msgspec.structs.replace(paper, version=version)).decode()
        if row is None:
            session.add(PaperRow(station_id=station_id, kind=kind, version=version, body=body))
        else:
            row.version, row.body = version, body
        changed += 1
    gone = known.keys() - papers.keys()
    if gone:
        session.execute(delete(PaperRow).where(PaperRow.kind == kind, PaperRow.station_id.in_(gone)))
    session.flush()
    return changed + len(gone)


def versions(session: Session, station_ids: Collection[UUID]) -> dict[UUID, dict[str, str]]:
    """The versions of the papers of each of some stations, by kind, in order."""
    found: dict[UUID, dict[str, str]] = {station: {} for station in station_ids}
    query = select(PaperRow.station_id, PaperRow.kind, PaperRow.version).where(PaperRow.station_id.in_(station_ids))
    for station, kind, version in session.execute(query.order_by(PaperRow.kind)):
        found[station][kind] = version
    return found


def of_kind(session: Session, station_id: UUID, kind: str) -> tuple[str, bytes] | None:
    """Version and JSON of a station's paper; None where it has none of this kind."""
    row = session.get(PaperRow, (station_id, kind))
    return (row.version, row.body.encode()) if row else None


def _version(paper: Paper) -> str:
    return hashlib.sha256(encode(paper)).hexdigest()[:VERSION_DIGITS]
