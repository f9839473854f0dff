"""Appeals: a station's administrator objects to published stars in time, and somebody else of the county decides."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver.audit import audit
from contentserver.kernel import clock
from contentserver.kernel.auth import Person, Right
from contentserver.kernel.errors import Conflict, Forbidden, NotFound, Rejected
from contentserver.stars.models import StarAppeal, StarResult, StarRound
from contentserver.stars.rounds import require_govern, show
from contentserver.stars.rules import MOST_STARS
from contentserver.stations import Station
from schedules.wire.signing import Signer

TEXT_LONGEST = 1000


def appeals_of(session: Session, found: StarRound, station_id: UUID) -> Sequence[StarAppeal]:
    """The appeals of a station in a round, the newest first."""
    query = select(StarAppeal).where(StarAppeal.round_id == found.id, StarAppeal.station_id == station_id)
    return session.scalars(query.order_by(StarAppeal.at.desc(), StarAppeal.id.desc())).all()


def waiting(session: Session, found: StarRound) -> Sequence[StarAppeal]:
    """The appeals of a round that nobody has decided, the oldest first."""
    query = select(StarAppeal).where(StarAppeal.round_id == found.id, StarAppeal.decided_at.is_(None))
    return session.scalars(query.order_by(StarAppeal.at, StarAppeal.id)).all()


def may_appeal(
    session: Session, found: StarRound, row: StarResult, station: Station, who: Person, now: datetime
) -> bool:
    """Whether somebody may appeal against a result now."""
    return (
        _speaks_for(who, station)
        and found.published_at is not None
        and row.appeal_until is not None
        and clock.local(now).date() <= row.appeal_until
        and not _heard(session, found, row)
    )


def appeal(
    session: Session, found: StarRound, row: StarResult, station: Station, text: str, who: Person, now: datetime
) -> StarAppeal:
    """Object to a result.

    Raises:
        Forbidden: the person does not speak for the station.
        Conflict: it is too early, too late, or was said already.
        Rejected: there is no text.
    """
    if not _speaks_for(who, station):
        raise Forbidden("not_the_station", _("The station's own administrator appeals."))
    if found.published_at is None or row.appeal_until is None:
        raise Conflict("not_published", _("This round is not published yet."))
    if clock.local(now).date() > row.appeal_until:
        raise Conflict("appeal_late", _("The time for appeals has passed."))
    if _heard(session, found, row):
        raise Conflict("appeal_there", _("The station has appealed against this already."))
    if not text.strip() or len(text) > TEXT_LONGEST:
        raise Rejected("appeal_empty", _("Say what is not right, in at most 1000 characters."))
    made = StarAppeal(
        round_id=found.id, station_id=station.id, text=text.strip(), at=now, by=who.id, stars_before=row.stars
    )
    session.add(made)
    session.flush()
    told = {"round": str(found.id), "station": str(station.id), "text": made.text}
    audit(session, who=who, action="star_appeal.made", subject=f"star appeal {made.id}", now=now, after=told)
    return made


def decide(
    session: Session,
    found: StarRound,
    row: StarResult,
    appeal_id: UUID,
    stars: int,
    answer: str,
    who: Person,
    signer: Signer,
    now: datetime,
) -> None:
    """Answer an appeal: the stars stay, or the station gets others.

    Raises:
        NotFound: there is no such appeal here.
        Forbidden: the person may not, or appealed.
        Conflict: it was decided already.
        Rejected: there is no answer, there are not so many stars, or the station would have fewer for having asked.
    """
    require_govern(who, found.region_code)
    made = session.get(StarAppeal, appeal_id, with_for_update=True)
    if made is None or (made.round_id, made.station_id) != (row.round_id, row.station_id):
        raise NotFound("appeal_unknown", _("There is no such appeal."))
    if made.by == who.id:
        raise Forbidden("same_person", _("Another person has to decide this."))
    if made.decided_at is not None:
        raise Conflict("appeal_decided", _("This appeal was decided already."))
    if not row.stars <= stars <= MOST_STARS:
        raise Rejected("stars_wrong", _("An appeal leaves the stars as they are, or gives more."))
    if not answer.strip() or len(answer) > TEXT_LONGEST:
        raise Rejected("answer_empty", _("Say why, in at most 1000 characters."))
    before, row.stars = row.stars, stars
    made.stars_after, made.answer, made.decided_at, made.decided_by = stars, answer.strip(), now, who.id
    session.flush()
    show(session, row, who, signer, now)
    told = {"before": {"stars": before}, "after": {"stars": stars, "answer": made.answer}}
    audit(session, who=who, action="star_appeal.decided", subject=f"star appeal {made.id}", now=now, **told)


def _speaks_for(who: Person, station: Station) -> bool:
    return who.may(Right.KEEP_RECORD) and not who.may(Right.ASSESS) and who.reaches(station.region_code)


def _heard(session: Session, found: StarRound, row: StarResult) -> bool:
    """Whether the station has appealed since it was last given stars."""
    since = found.published_at if row.changed_at is None else max(row.changed_at, found.published_at or row.changed_at)
    return any(since is None or one.at >= since for one in appeals_of(session, found, row.station_id))
