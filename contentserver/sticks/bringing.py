"""A journal came back on a stick: opened with the server's key, believed only if its box signed it, then taken in.

It is the same way in as over the line (`attendance.take_in`): the same rows, the same keys, no double count. The box
learns of it by its next acknowledgement.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver.attendance import Taken, stood_in, take_in
from contentserver.audit import audit
from contentserver.boxes import Box
from contentserver.kernel.auth import Person
from contentserver.kernel.errors import Forbidden, Rejected
from contentserver.stations import Station
from schedules.wire import sealing
from schedules.wire.messages import EventBatch
from schedules.wire.sealing import BadSeal

FILES_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Brought:
    """One file's fate: of which box it is and what became of its rows."""

    box: Box
    taken: Taken


def bring(session: Session, data: bytes, private_key: str, who: Person, now: datetime) -> Brought:
    """Take one sealed journal in.

    Args:
        data: the file as it came.
        private_key: the server's journal key, base64url.

    Raises:
        Rejected: it is no sealed journal of this server, or no box of this server wrote it.
        Forbidden: its box has never stood in the person's region.
    """
    try:
        signed = sealing.unseal(data, private_key)
        box = session.get(Box, sealing.claimed_box(signed))
        if box is None:
            raise BadSeal("no such box")
        batch = sealing.batch_of(signed, box.public_key)
    except BadSeal as error:
        raise Rejected(
            "journal_unreadable",
            _("This is no journal of one of this server's televisions, or it was damaged on the way."),
        ) from error
    if not _reaches(session, who, box):
        raise Forbidden("out_of_scope", _("This journal is of a television that has never stood in your region."))
    if any(record.at.tzinfo is None for record in batch.events):
        raise Rejected("journal_without_zone", _("The times in this journal say no zone."))
    return Brought(box, _take_in(session, box, batch, who, now))


def together(brought: Iterable[Brought]) -> list[Brought]:
    """One entry for each box, with the sums of its files."""
    found: dict[int, Brought] = {}
    for one in brought:
        before = found.get(one.box.id, Brought(one.box, Taken())).taken
        found[one.box.id] = Brought(one.box, before + one.taken)
    return [found[box] for box in sorted(found)]


def _take_in(session: Session, box: Box, batch: EventBatch, who: Person, now: datetime) -> Taken:
    taken = take_in(session, box, batch, now, carried=True)
    audit(
        session,
        who=who,
        action="journal.brought",
        subject=f"box {box.id}",
        now=now,
        after={"epoch": batch.epoch, "new": taken.new, "known": taken.known, "quarantined": taken.quarantined},
    )
    return taken


def _reaches(session: Session, who: Person, box: Box) -> bool:
    """Whether the box stands, or has stood, in the person's region."""
    codes = session.scalars(select(Station.region_code).where(Station.id.in_(stood_in(session, box))))
    return any(who.reaches(code) for code in codes)
