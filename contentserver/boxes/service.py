"""Find boxes, remember what they say. What is wanted of them: `desiring.py`; who comes in: `enrolling.py`."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec
from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from contentserver.audit import audit
from contentserver.boxes import rules
from contentserver.boxes.desiring import refresh_desired
from contentserver.boxes.models import Box, Presence
from contentserver.kernel.aging import OldRows
from contentserver.kernel.auth import Person
from contentserver.kernel.errors import Forbidden, NotFound, Rejected
from contentserver.regions import subtree_filter
from contentserver.stations import Station
from schedules.airings import PackageName
from schedules.wire.messages import FetchRules, Reported
from schedules.wire.signing import Signer

OLD_PRESENCE = OldRows(Presence, Presence.until)
"""Stretches that ended; one that lasts does not age."""


def let_in(session: Session) -> frozenset[int]:
    """The ids of all boxes that are enrolled and not revoked."""
    return frozenset(session.scalars(select(Box.id).where(Box.revoked_at.is_(None))))


def box_numbered(session: Session, box_id: int) -> Box:
    """The box with this number.

    Raises:
        NotFound: there is none.
    """
    found = session.get(Box, box_id)
    if found is None:
        raise NotFound("box_unknown", _("There is no box with this number."))
    return found


def where_box(session: Session, box_id: int) -> str:
    """The code of the region in which a box stands.

    Raises:
        NotFound: there is none.
    """
    return session.get_one(Station, box_numbered(session, box_id).station_id).region_code


def want_renditions(box: Box, renditions: Mapping[PackageName, str]) -> None:
    """Which packages need no more than some rendition on a box; the link's next upkeep tells it."""
    box.renditions = msgspec.json.encode(dict(sorted(renditions.items()))).decode()


def set_fetching(box: Box, fetching: FetchRules) -> None:
    """When and how much a box may fetch; the link's next upkeep tells it."""
    box.fetching = msgspec.json.encode(fetching).decode()


def accept_report(session: Session, box: Box, report: Reported, now: datetime, *, live: bool = False) -> None:
    """Remember what a box reports of itself; an older report than the last is ignored, and so is the same again.

    The broker gives a retained report to a server that has begun anew, however long the box has been silent: only a
    connected box, or one that asks over HTTP (`live`), was heard just now.

    Raises:
        Rejected: its time says no zone.
    """
    if report.at.tzinfo is None:
        raise Rejected("report_without_zone", _("The report's time says no zone."))
    last = msgspec.json.decode(box.reported, type=Reported) if box.reported else None
    if last is not None and report.line is None:
        report = msgspec.structs.replace(report, line=last.line)
    if last is not None and last.epoch == report.epoch and (report.at < last.at <= now or report == last):
        return
    heard = now if live or box.online else min(now, report.at)
    box.reported = msgspec.json.encode(report).decode()
    box.reported_at = heard
    box.seen_at = heard if box.seen_at is None else max(box.seen_at, heard)


def note_presence(session: Session, box: Box, online: bool, now: datetime) -> None:
    """The broker says whether it holds a box's connection; what is known already changes nothing."""
    lasting = session.scalars(select(Presence).where(Presence.box_id == box.id, Presence.until.is_(None))).all()
    if online and not lasting:
        session.merge(Presence(box_id=box.id, since=now, until=None))
    if not online:
        for stretch in lasting:
            stretch.until = now
    if online or box.online:
        box.seen_at = now
    box.online = online


def connected_since(instant: datetime) -> ColumnElement[bool]:
    """Whether a box's connection has been held without a break since then; a condition for queries of `Box`."""
    lasting = select(Presence.box_id).where(
        Presence.box_id == Box.id, Presence.until.is_(None), Presence.since <= instant
    )
    return Box.online & lasting.exists()


def days_on_at(session: Session, instants: Sequence[datetime]) -> dict[int, frozenset[int]]:
    """For each box that was connected at some of the instants, at which of them, by their place in the sequence."""
    found: dict[int, set[int]] = {}
    for place, instant in enumerate(instants):
        lasted = (Presence.until > instant) | Presence.until.is_(None)
        for box_id in session.scalars(select(Presence.box_id).where(Presence.since <= instant, lasted)):
            found.setdefault(box_id, set()).add(place)
    return {box_id: frozenset(places) for box_id, places in found.items()}


def known_since(session: Session) -> dict[int, datetime]:
    """For each box, the beginning of the first stretch of its presence that is kept."""
    rows = session.execute(select(Presence.box_id, func.min(Presence.since)).group_by(Presence.box_id))
    return dict(rows.all())


def boxes_following(session: Session, region_code: str) -> int:
    """How many boxes follow the layer of this region: all that stand in its subtree."""
    query = (
        select(func.count())
        .select_from(Box)
        .join(Station, Station.id == Box.station_id)
        .where(subtree_filter(Station.region_code, region_code), Box.revoked_at.is_(None))
    )
    return session.scalar(query) or 0


def change_fetching(
    session: Session, box: Box, fetching: FetchRules, who: Person, signer: Signer, now: datetime
) -> None:
    """Somebody sets when and how much a box may fetch; the box is told at once.

    Raises:
        Forbidden: its station lies outside the person's region.
        Rejected: no box could keep these rules.
    """
    if not who.reaches(session.get_one(Station, box.station_id).region_code):
        raise Forbidden("out_of_scope", _("This station lies outside your region."))
    if not rules.fetching_is_sound(fetching):
        raise Rejected("fetching_wrong", _("Give both times of the quiet hours, two different ones, or neither."))
    before = msgspec.json.decode(box.fetching, type=FetchRules)
    set_fetching(box, fetching)
    refresh_desired(session, box, signer)
    audit(session, who=who, action="box.fetching", subject=f"box {box.id}", now=now, before=before, after=fetching)


def due_boxes(session: Session, everything: bool = False) -> Sequence[Box]:
    """The boxes whose desired state or account the broker has not confirmed; all that are let in with `everything`."""
    ids, let_in_now = select(Box.id), Box.revoked_at.is_(None)
    unsent = ids.where(Box.desired_published < Box.desired_version)
    others = let_in_now if everything else let_in_now & Box.account_kept.in_(("", rules.LACKING))
    due = Box.id.in_(unsent.union(ids.where(others)))
    return session.scalars(select(Box).where(due)).all()
