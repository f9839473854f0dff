"""Let boxes in, tell them what to follow, remember what they say."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from flask_babel import lazy_gettext as _
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from contentserver.accounts import audit, audited_since
from contentserver.boxes import rules
from contentserver.boxes.models import Box, Enrolment, Presence
from contentserver.boxes.rules import BrokerAccount
from contentserver.kernel.auth import Person
from contentserver.kernel.errors import Conflict, Forbidden, Gone, NotFound, Rejected, Unauthenticated
from contentserver.kernel.ids import new_claim_code, new_token, token_hash
from contentserver.kernel.pagination import Page, paginate
from contentserver.members import roster_of
from contentserver.regions import ancestors_and_self
from contentserver.stations import Station, station_card
from schedules.airings import LayerId, PackageName
from schedules.wire.messages import BrokerAccess, Credentials, Desired, EnrolmentRequest, Reported
from schedules.wire.signing import Signer, jwk_set
from schedules.wire.topics import BoxId


def open_enrolment(session: Session, request: EnrolmentRequest, now: datetime) -> tuple[Enrolment, str]:
    """A new claim code for a box that has proved its key.

    A box that asks again gets a new code; the older one of the same key ends.

    Returns:
        The enrolment and its poll secret.
    """
    for older in session.scalars(select(Enrolment).where(Enrolment.public_key == request.public_key)):
        session.delete(older)
    token = new_token()
    enrolment = Enrolment(
        public_key=request.public_key,
        serial=request.serial[:64],
        claim_code=new_claim_code(),
        poll_token_hash=token_hash(token),
        created_at=now,
        expires_at=now + rules.OFFER_LIFETIME,
    )
    session.add(enrolment)
    session.flush()
    return enrolment, token


def claim(
    session: Session, *, code: str, station_id: UUID, who: Person, signer: Signer, secret: str, now: datetime
) -> Box:
    """Somebody entered the code that a television shows: the box now stands in the station.

    A box whose key was enrolled before is moved, keeps its number, and gets new credentials.

    Raises:
        NotFound: no television shows this code, or it has expired. The caller records the attempt.
        Forbidden: the station lies outside the person's region.
        Rejected: too many wrong codes of late.
    """
    wrong = audited_since(session, who.id, "box.claim_failed", now - rules.WRONG_CODES_WINDOW)
    if wrong >= rules.WRONG_CODES_ALLOWED:
        raise Rejected("claims_limited", _("Too many wrong codes. Wait ten minutes, then look at the screen again."))
    enrolment = session.scalar(select(Enrolment).where(Enrolment.claim_code == rules.normal_claim_code(code)))
    if enrolment is None or rules.expired(enrolment.expires_at, now):
        raise NotFound("claim_unknown", _("No television shows this code. Look at the screen and type it again."))
    if enrolment.box_id is not None:
        raise Conflict(
            "claim_used", _("This code has been used already. The television should say so within a minute.")
        )
    station = session.get(Station, station_id)
    if station is None or not who.reaches(station.region_code):
        raise Forbidden("out_of_scope", _("This station lies outside your region."))
    box = session.scalar(select(Box).where(Box.public_key == enrolment.public_key))
    if box is None:
        box = Box(public_key=enrolment.public_key, http_token_hash=f"unset-{enrolment.id}", enrolled_at=now)
        session.add(box)
    else:
        box.credential_no += 1
        box.desired_published = 0
        box.reported, box.reported_at, box.renditions = "", None, "{}"  # what it was and had there says nothing here
    box.station_id, box.serial, box.enrolled_at, box.revoked_at = station.id, enrolment.serial, now, None
    session.flush()
    enrolment.box_id = box.id
    box.http_token_hash = token_hash(rules.credential(secret, "http", BoxId(box.id), box.credential_no))
    refresh_desired(session, box, signer)
    audit(session, who=who, action="box.claimed", subject=f"box {box.id}", now=now, after={"station": str(station.id)})
    return box


def claimed_box(session: Session, enrolment_id: UUID, poll_token: str, now: datetime) -> Box | None:
    """What an enrolling box asks again and again: None until somebody has entered its code.

    Raises:
        Gone: no such enrolment, or it expired unclaimed.
        Unauthenticated: the poll secret is wrong.
    """
    enrolment = session.get(Enrolment, enrolment_id)
    if enrolment is None or (enrolment.box_id is None and rules.expired(enrolment.expires_at, now)):
        raise Gone("enrolment_ended", _("This enrolment has ended; begin again."))
    if token_hash(poll_token) != enrolment.poll_token_hash:
        raise Unauthenticated("wrong_token", _("Not this box's enrolment."))
    return None if enrolment.box_id is None else session.get_one(Box, enrolment.box_id)


def forget_expired(session: Session, now: datetime) -> None:
    """Remove the enrolments that ended without anybody entering their code."""
    session.execute(delete(Enrolment).where(Enrolment.expires_at < now, Enrolment.box_id.is_(None)))


def box_with_token(session: Session, token: str) -> Box:
    """The enrolled box behind an HTTP token.

    Raises:
        Unauthenticated: unknown or revoked.
    """
    box = session.scalar(select(Box).where(Box.http_token_hash == token_hash(token)))
    if box is None or box.revoked_at is not None:
        raise Unauthenticated("box_unknown", _("This box is not enrolled, or its enrolment was ended."))
    return box


def enrol_for_trial(session: Session, station: Station, serial: str, signer: Signer, secret: str, now: datetime) -> Box:
    """A box of a trial fleet, let in without a television and a claim code; the same serial gives the same box."""
    box = session.scalar(select(Box).where(Box.public_key == f"trial-{serial}"))
    if box is None:
        box = Box(public_key=f"trial-{serial}", http_token_hash=f"unset-{serial}", enrolled_at=now, serial=serial)
        session.add(box)
    box.station_id, box.revoked_at = station.id, None
    session.flush()
    box.http_token_hash = token_hash(rules.credential(secret, "http", BoxId(box.id), box.credential_no))
    refresh_desired(session, box, signer)
    return box


def credentials_of(box: Box, secret: str, broker_host: str, broker_port: int, signer: Signer) -> Credentials:
    """All that an enrolled box needs; the same however often it is asked for."""
    box_id = BoxId(box.id)
    return Credentials(
        box=box_id,
        http_token=rules.credential(secret, "http", box_id, box.credential_no),
        broker=BrokerAccess(
            host=broker_host,
            port=broker_port,
            username=rules.broker_username(box_id),
            password=rules.credential(secret, "broker", box_id, box.credential_no),
        ),
        signing_keys=msgspec.Raw(jwk_set([signer.public_jwk])),
    )


def let_in(session: Session) -> frozenset[int]:
    """The ids of all boxes that are enrolled and not revoked."""
    return frozenset(session.scalars(select(Box.id).where(Box.revoked_at.is_(None))))


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
    )
    fingerprint = msgspec.json.encode(msgspec.structs.replace(wanted, version=0)).decode()
    if fingerprint == box.desired_fingerprint:
        return False
    box.desired_version += 1
    box.desired_fingerprint = fingerprint
    box.desired_jws = signer.sign(wanted).decode()
    return True


def want_renditions(box: Box, renditions: Mapping[PackageName, str]) -> None:
    """Which packages need no more than some rendition on a box; the link's next upkeep tells it."""
    box.renditions = msgspec.json.encode(dict(sorted(renditions.items()))).decode()


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


def forget_presence(session: Session, now: datetime) -> None:
    """Remove the stretches that ended longer ago than they are kept."""
    session.execute(delete(Presence).where(Presence.until < now - rules.PRESENCE_KEPT))


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
        .where(Station.region_code.startswith(region_code, autoescape=True), Box.revoked_at.is_(None))
    )
    return session.scalar(query) or 0


def boxes_in(session: Session, root: str, number: int) -> Page[tuple[Box, Station]]:
    """One page of the boxes of a subtree with their stations, the newest first."""
    query = (
        select(Box)
        .join(Station, Station.id == Box.station_id)
        .where(Station.region_code.startswith(root, autoescape=True))
        .order_by(Box.id.desc())
    )
    page = paginate(session, query, number)
    stations = {
        station.id: station
        for station in session.scalars(select(Station).where(Station.id.in_([box.station_id for box in page.rows])))
    }
    return Page(rows=[(box, stations[box.station_id]) for box in page.rows], number=page.number, total=page.total)


def due_boxes(session: Session, everything: bool = False) -> Sequence[Box]:
    """The boxes whose desired state the broker has not confirmed; all of them with `everything`."""
    query = select(Box).where(Box.revoked_at.is_(None))
    if not everything:
        query = query.where(Box.desired_published < Box.desired_version)
    return session.scalars(query).all()


def accounts_due(
    boxes: Sequence[Box], secret: str, at_broker: Collection[str] | None
) -> list[tuple[Box, BrokerAccount]]:
    """The boxes whose account the broker lacks, or has otherwise than it should be.

    Args:
        at_broker: the names that the broker knows; None where nothing says that it has forgotten any.
    """
    accounts = [(box, broker_account(box, secret)) for box in boxes]
    return [
        (box, account)
        for box, account in accounts
        if box.account_kept != rules.account_fingerprint(account)
        or (at_broker is not None and account.username not in at_broker)
    ]


def account_is_kept(session: Session, box_id: int, account: BrokerAccount) -> None:
    """The broker has confirmed a box's account."""
    session.get_one(Box, box_id).account_kept = rules.account_fingerprint(account)


def broker_account(box: Box, secret: str) -> BrokerAccount:
    """What the broker must know of a box, from the desired state that stands."""
    layers = msgspec.json.decode(box.desired_fingerprint, type=Desired).layers
    return rules.broker_account(secret, BoxId(box.id), box.credential_no, layers)
