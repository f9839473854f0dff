"""Tell boxes what to follow, remember what they say. Letting them in: `enrolling.py`; their keys: `credentials.py`."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec
from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, func, select, text
from sqlalchemy.orm import Session

from contentserver.audit import audit
from contentserver.boxes import rules
from contentserver.boxes.models import Box, Presence, ReleaseRow
from contentserver.kernel.aging import OldRows
from contentserver.kernel.auth import Person
from contentserver.kernel.errors import Forbidden, NotFound, Rejected
from contentserver.members import roster_of
from contentserver.papers import versions
from contentserver.regions import ancestors_and_self, subtree_filter
from contentserver.stations import Station, station_card
from contentserver.trust import keys_no
from schedules.airings import LayerId, PackageName
from schedules.wire.messages import Desired, FetchRules, Release, Reported
from schedules.wire.signing import Purpose, Signer, key_id_of
from schedules.wire.topics import BoxId

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


def refresh_desired(session: Session, box: Box, signer: Signer, *, behind: Mapping[LayerId, int] | None = None) -> bool:
    """Recompute what the server wants of a box; sign and count up only when it differs.

    Args:
        behind: revisions that it should fetch; None leaves what was said before, which does no harm once it is fetched.

    Returns:
        Whether it changed.
    """
    station = session.get_one(Station, box.station_id)
    if behind is None and box.desired_fingerprint:
        behind = msgspec.json.decode(box.desired_fingerprint, type=Desired).behind
    wanted = Desired(
        box=BoxId(box.id),
        version=box.desired_version + 1,
        station=station_card(station),
        layers=rules.layers_of(ancestors_and_self(station.region_code)),
        roster_version=roster_of(session, station.id).version,
        renditions=msgspec.json.decode(box.renditions, type=dict[PackageName, str]),
        behind=dict(behind or {}),
        fetching=msgspec.json.decode(box.fetching, type=FetchRules),
        credential_no=box.credential_no,
        ended=box.ended_reason if box.revoked_at else "",
        release=_wanted_release(session, box),
        join=station.join_address,
        keys_no=keys_no(session),
        papers=versions(session, station.id),
    )
    fingerprint = msgspec.json.encode(msgspec.structs.replace(wanted, version=0)).decode()
    if fingerprint == box.desired_fingerprint:
        return False
    box.desired_version += 1
    box.desired_fingerprint = fingerprint
    box.desired_jws = signer.sign(wanted).decode()
    return True


def _wanted_release(session: Session, box: Box) -> Release | None:
    if box.release is None:
        return None
    row = session.get_one(ReleaseRow, box.release)
    return Release(version=row.version, sha256=row.sha256, bytes=row.bytes, needs=row.needs)


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
        refresh_desired(session, box, signer)
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
        refresh_desired(session, box, signer)
    if found:
        name = f"restored-{now:%Y%m%dT%H%M%S%f}"
        last = Box(id=found[-1].id + steps, station_id=found[-1].station_id, public_key=name, http_token_hash=name)
        last.enrolled_at = last.revoked_at = now
        session.add(last)
        session.flush()
        if session.get_bind().dialect.name == "postgresql":
            session.execute(text("SELECT setval(pg_get_serial_sequence('boxes', 'id'), :last)"), {"last": last.id})
    return len(found)


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
