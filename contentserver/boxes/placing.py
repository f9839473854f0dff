"""Where a box stands: moved, replaced by another, or no longer a box of this server. Each leaves a row and an audit.

A row of `box_stations` says since when a box has stood where; it is never changed, so that evidence keeps its place.
"""

from datetime import datetime

from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver.audit import audit
from contentserver.boxes.desiring import refresh_desired
from contentserver.boxes.models import Box, BoxStation
from contentserver.kernel.auth import Person
from contentserver.kernel.errors import Conflict, Forbidden, Rejected
from contentserver.stations import Station
from schedules.wire.signing import Signer


def stand(session: Session, box: Box, station: Station, now: datetime) -> None:
    """The box stands in the station from now on; where it does already, nothing changes."""
    last = session.scalar(
        select(BoxStation.station_id).where(BoxStation.box_id == box.id).order_by(BoxStation.since.desc()).limit(1)
    )
    box.station_id = station.id
    if last != station.id:
        session.merge(BoxStation(box_id=box.id, since=now, station_id=station.id))
    session.flush()


def move(session: Session, box: Box, station: Station, who: Person, signer: Signer, now: datetime) -> None:
    """Carry a box to another station; it keeps its number, credentials and packages, and follows other layers.

    Raises:
        Conflict: its enrolment was ended.
        Forbidden: one of the two stations lies outside the person's region.
    """
    _require_let_in(box)
    before = session.get_one(Station, box.station_id)
    if not (who.reaches(before.region_code) and who.reaches(station.region_code)):
        raise Forbidden("out_of_scope", _("This station lies outside your region."))
    stand(session, box, station, now)
    refresh_desired(session, box, signer)
    audit(
        session,
        who=who,
        action="box.moved",
        subject=f"box {box.id}",
        now=now,
        before={"station": str(before.id)},
        after={"station": str(station.id)},
    )


def replace(session: Session, old: Box, new: Box, who: Person, signer: Signer, now: datetime, reason: str = "") -> None:
    """Put a new box, let in already, in the place of an old one, whose enrolment ends.

    It takes over the line's rules and the wanted release.

    Args:
        reason: as the old box's screen says it; empty for the usual sentence.

    Raises:
        Conflict: the two are the same, or one was ended.
        Forbidden: a station lies outside the person's region.
    """
    if old.id == new.id:
        raise Conflict("box_itself", _("A box cannot replace itself."))
    _require_let_in(old)
    _require_let_in(new)
    new.fetching, new.release = old.fetching, old.release
    move(session, new, session.get_one(Station, old.station_id), who, signer, now)
    end_enrolment(
        session,
        old,
        reason or str(_("Box %(number)s stands in its place now.", number=new.id)),
        who,
        signer,
        now,
    )
    audit(session, who=who, action="box.replaced", subject=f"box {old.id}", now=now, after={"by": new.id})


def end_enrolment(session: Session, box: Box, reason: str, who: Person, signer: Signer, now: datetime) -> None:
    """A box is no longer one of this server's: it is told why, shows nothing but that, and then loses its account.

    Its journal stays on it, and its evidence here.

    Args:
        reason: in words, as its screen says it.

    Raises:
        Conflict: it was ended already.
        Forbidden: its station lies outside the person's region.
        Rejected: no reason was given.
    """
    _require_let_in(box)
    if not who.reaches(session.get_one(Station, box.station_id).region_code):
        raise Forbidden("out_of_scope", _("This station lies outside your region."))
    reason = " ".join(reason.split())
    if not 0 < len(reason) <= 300:
        raise Rejected("reason_missing", _("Say why, in at most 300 characters; the television shows it."))
    box.revoked_at, box.ended_reason = now, reason
    refresh_desired(session, box, signer)
    audit(session, who=who, action="box.ended", subject=f"box {box.id}", now=now, after={"reason": reason})


def _require_let_in(box: Box) -> None:
    if box.revoked_at is not None:
        raise Conflict("box_ended", _("This box's enrolment was ended already."))
