"""Sessions of members whose records were merged or parted: derived anew, so that each person counts once.

Whom an id means is asked in one place, where a session is derived (`service.derive`).
"""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver.attendance.models import CorrectionRow, SignInRow
from contentserver.attendance.service import derive


def settle_members(session: Session, ids: Collection[UUID]) -> int:
    """Derive every session anew in which one of these members was, or in whose corrections one stands.

    Returns:
        How many.
    """
    names = [str(one) for one in ids]
    there = select(SignInRow.airing_id, SignInRow.station_id).where(SignInRow.member_id.in_(names))
    said = select(CorrectionRow.airing_id, CorrectionRow.station_id).where(CorrectionRow.member_id.in_(names))
    touched = {(airing, station) for query in (there, said) for airing, station in session.execute(query)}
    for airing, station in sorted(touched, key=lambda one: (str(one[1]), one[0])):
        derive(session, airing, station)
    return len(touched)
