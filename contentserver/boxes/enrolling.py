"""Let boxes in: by a claim code that somebody reads off the television, or because somebody announced the box.

The code is made of two halves (`schedules/claim.py`): what does not fit is refused, and the enrolment ends. What a box
holds once it is in: `credentials.py`; where it stands: `placing.py`.
"""

import hmac
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from contentserver.accounts import Account, person_of
from contentserver.audit import audit, audited_since
from contentserver.boxes import rules
from contentserver.boxes.credentials import give_first
from contentserver.boxes.desiring import refresh_desired
from contentserver.boxes.models import Box, Enrolment, ExpectedBox
from contentserver.boxes.placing import stand
from contentserver.kernel.auth import Person
from contentserver.kernel.errors import Conflict, Forbidden, Gone, NotFound, Rejected, Unauthenticated
from contentserver.kernel.ids import new_token, token_hash
from contentserver.stations import Station
from schedules import claim as claiming
from schedules.wire.messages import EnrolmentRequest, EnrolmentReveal
from schedules.wire.signing import Signer

_COMMITMENT = re.compile(r"[0-9a-f]{64}")
_NONCE = re.compile(r"[0-9a-f]{32,128}")
_KNOWN = _("A box with this serial number was let in already; another one needs the code on its screen.")


def open_enrolment(session: Session, request: EnrolmentRequest, now: datetime) -> tuple[Enrolment, str]:
    """An enrolment for a box that has proved its key; its code is known when the box has revealed its nonce.

    A box that asks again gets a new one; the older one of the same key ends.

    Returns:
        The enrolment and its poll secret.

    Raises:
        Rejected: the box does not say by which nonce it will stand.
    """
    if not _COMMITMENT.fullmatch(request.commitment):
        raise Rejected("commitment_wrong", _("This box's program is too old for this server. Bring it up to date."))
    for older in session.scalars(select(Enrolment).where(Enrolment.public_key == request.public_key)):
        session.delete(older)
    session.flush()
    token = new_token()
    enrolment = Enrolment(
        public_key=request.public_key,
        serial=rules.normal_serial(request.serial)[:64],
        claim_stem=_free_stem(session),
        commitment=request.commitment,
        server_nonce=secrets.token_hex(16),
        poll_token_hash=token_hash(token),
        created_at=now,
        expires_at=now + rules.OFFER_LIFETIME,
    )
    session.add(enrolment)
    session.flush()
    return enrolment, token


def reveal(
    session: Session,
    enrolment_id: UUID,
    poll_token: str,
    said: EnrolmentReveal,
    *,
    authority: str,
    signer: Signer,
    secret: str,
    now: datetime,
) -> Box | None:
    """The box shows its nonce, and the claim code is known on both sides; the same nonce again changes nothing.

    Args:
        authority: PEM by which this server is known; empty without TLS.

    Returns:
        The box, where somebody announced it and it is let in without a code; else None.

    Raises:
        Gone, Unauthenticated: as `claimed_box`.
        Rejected: the nonce is not the one that the box stood by.
    """
    box = claimed_box(session, enrolment_id, poll_token, now)
    enrolment = session.get_one(Enrolment, enrolment_id)
    fits = hmac.compare_digest(claiming.commitment(said.nonce), enrolment.commitment)
    if not _NONCE.fullmatch(said.nonce) or not fits:
        raise Rejected(
            "nonce_wrong", _("The box revealed another number than the one it stood by. It must begin again.")
        )
    enrolment.claim_code = claiming.claim_code(
        stem=enrolment.claim_stem,
        public_key=enrolment.public_key,
        authority=authority,
        box_nonce=said.nonce,
        server_nonce=enrolment.server_nonce,
    )
    return box or _let_in_if_expected(session, enrolment, signer, secret, now)


def claim(
    session: Session, *, code: str, station_id: UUID, who: Person, signer: Signer, secret: str, now: datetime
) -> Box:
    """Somebody entered the code that a television shows: the box now stands in the station.

    A box whose key was enrolled before is moved, keeps its number, and gets new credentials.

    Raises:
        NotFound: no television shows this code, or it has expired. The caller notes it by `claim_failed`.
        Conflict: `claim_misfit`, the code has a known beginning and a wrong end; noted likewise. Or it was used.
        Forbidden: the station lies outside the person's region.
        Rejected: too many wrong codes of late.
    """
    wrong = audited_since(session, who.id, "box.claim_failed", now - rules.WRONG_CODES_WINDOW)
    if wrong >= rules.WRONG_CODES_ALLOWED:
        raise Rejected("claims_limited", _("Too many wrong codes. Wait ten minutes, then look at the screen again."))
    typed = claiming.typed(code)
    enrolment = _with_stem(session, typed)
    if enrolment is None or enrolment.claim_code is None or rules.expired(enrolment.expires_at, now):
        raise NotFound("claim_unknown", _("No television shows this code. Look at the screen and type it again."))
    if not hmac.compare_digest(enrolment.claim_code.encode(), typed.encode()):
        raise Conflict(
            "claim_misfit",
            _(
                "This code does not fit. If it was mistyped: the television shows a new code in a moment, type that "
                "one. If the new one does not fit either, somebody may stand between the television and the server: "
                "do not use this television, and call the county's office."
            ),
        )
    if enrolment.box_id is not None:
        raise Conflict(
            "claim_used", _("This code has been used already. The television should say so within a minute.")
        )
    station = session.get(Station, station_id)
    if station is None or not who.reaches(station.region_code):
        raise Forbidden("out_of_scope", _("This station lies outside your region."))
    box = _let_in(session, enrolment, station, signer, secret, now)
    audit(session, who=who, action="box.claimed", subject=f"box {box.id}", now=now, after={"station": str(station.id)})
    return box


def claim_failed(session: Session, *, code: str, who: Person, now: datetime) -> None:
    """Note that a code was refused; one that had the right beginning is good for nothing any more. Commit it."""
    enrolment = _with_stem(session, claiming.typed(code))
    after = None
    if enrolment is not None and enrolment.box_id is None:
        after = {"ended": str(enrolment.id), "serial": enrolment.serial, "public_key": enrolment.public_key}
        session.delete(enrolment)
    audit(session, who=who, action="box.claim_failed", subject="claim", now=now, after=after)


def claimed_box(session: Session, enrolment_id: UUID, poll_token: str, now: datetime) -> Box | None:
    """What an enrolling box asks again and again: None until it is let in.

    Raises:
        Gone: no such enrolment, or it expired unclaimed, or a wrong code ended it.
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


def enrol_for_trial(session: Session, station: Station, serial: str, signer: Signer, secret: str, now: datetime) -> Box:
    """A box of a trial fleet, let in without a television and a claim code; the same serial gives the same box."""
    box = session.scalar(select(Box).where(Box.public_key == f"trial-{serial}"))
    if box is None:
        box = Box(public_key=f"trial-{serial}", http_token_hash=f"unset-{serial}", enrolled_at=now, serial=serial)
        box.station_id = station.id
        session.add(box)
        session.flush()
    box.revoked_at, box.ended_reason = None, ""
    give_first(box, secret)
    stand(session, box, station, now)
    refresh_desired(session, box, signer)
    return box


@dataclass(frozen=True, slots=True)
class Announcement:
    """A box that is on its way: the serial number on its case, and the station where it will stand."""

    serial: str
    station_id: UUID
    note: str = ""


@dataclass(frozen=True, slots=True)
class Unannounceable:
    """Why one announcement cannot be taken: its place in the list, and a sentence."""

    place: int
    serial: str
    sentence: LazyString


def announce(
    session: Session, announced: Sequence[Announcement], who: Person, now: datetime
) -> tuple[Unannounceable, ...]:
    """Expect some boxes: each is let in without a claim code, once. All or, where any cannot be taken, none.

    A serial that is expected already, and has not come, takes the new station and note.

    Returns:
        What cannot be taken, in order; empty where all were.
    """
    verdicts = unannounceable(session, announced, who)
    if verdicts:
        return verdicts
    for one in announced:
        serial = rules.normal_serial(one.serial)
        row = session.get(ExpectedBox, serial) or ExpectedBox(serial=serial)
        row.station_id, row.note, row.added_by, row.added_at = one.station_id, one.note, who.id, now
        session.add(row)
        after = {"station": str(one.station_id), "note": one.note}
        audit(session, who=who, action="box.announced", subject=f"serial {serial}", now=now, after=after)
    session.flush()
    return ()


def unannounceable(session: Session, announced: Sequence[Announcement], who: Person) -> tuple[Unannounceable, ...]:
    """What of a list could not be announced, in order; changes nothing."""
    known = {row.serial: row for row in session.scalars(select(ExpectedBox))}
    taken = frozenset(session.scalars(select(Box.serial).where(Box.serial != "")))
    wanted = {one.station_id for one in announced} | {row.station_id for row in known.values()}
    regions = dict(session.execute(select(Station.id, Station.region_code).where(Station.id.in_(wanted))).all())
    before: set[str] = set()
    verdicts = []
    for place, one in enumerate(announced):
        serial = rules.normal_serial(one.serial)
        expected = known.get(serial)
        region, region_before = regions.get(one.station_id), regions[expected.station_id] if expected else None
        if not 0 < len(serial) <= 64:
            verdicts.append(Unannounceable(place, serial, _("A serial number has 1 to 64 characters.")))
        elif serial in before:
            verdicts.append(Unannounceable(place, serial, _("This serial number is in the list twice.")))
        elif region is None:
            verdicts.append(Unannounceable(place, serial, _("There is no such station.")))
        elif not who.reaches(region):
            verdicts.append(Unannounceable(place, serial, _("This station lies outside your region.")))
        elif serial in taken:
            verdicts.append(Unannounceable(place, serial, _KNOWN))
        elif region_before is not None and not who.reaches(region_before):
            verdicts.append(Unannounceable(place, serial, _("This serial number is expected in another region.")))
        before.add(serial)
    return tuple(verdicts)


def withdraw(session: Session, serial: str, who: Person, now: datetime) -> Announcement:
    """Expect a box no longer.

    Returns:
        How it had been announced, so that it can be again.

    Raises:
        NotFound: it is not expected, or was let in already.
        Forbidden: its station lies outside the person's region.
    """
    row = session.get(ExpectedBox, rules.normal_serial(serial))
    if row is None or row.box_id is not None:
        raise NotFound("serial_unknown", _("No box with this serial number is expected."))
    if not who.reaches(session.get_one(Station, row.station_id).region_code):
        raise Forbidden("out_of_scope", _("This station lies outside your region."))
    session.delete(row)
    before = {"station": str(row.station_id), "note": row.note}
    audit(session, who=who, action="box.withdrawn", subject=f"serial {row.serial}", now=now, before=before)
    return Announcement(row.serial, row.station_id, row.note)


def _let_in_if_expected(
    session: Session, enrolment: Enrolment, signer: Signer, secret: str, now: datetime
) -> Box | None:
    if not enrolment.serial:
        return None
    expected = session.scalar(
        select(ExpectedBox)
        .where(ExpectedBox.serial == enrolment.serial, ExpectedBox.box_id.is_(None))
        .with_for_update()  # two boxes that claim the same number: the first one has it
    )
    taken = session.scalar(
        select(func.count()).where(Box.serial == enrolment.serial, Box.public_key != enrolment.public_key)
    )
    if expected is None or taken:
        return None
    box = _let_in(session, enrolment, session.get_one(Station, expected.station_id), signer, secret, now)
    expected.box_id = box.id
    who = person_of(session.get_one(Account, expected.added_by))
    after = {"station": str(box.station_id), "serial": enrolment.serial}
    audit(session, who=who, action="box.expected", subject=f"box {box.id}", now=now, after=after)
    return box


def _let_in(
    session: Session, enrolment: Enrolment, station: Station, signer: Signer, secret: str, now: datetime
) -> Box:
    box = session.scalar(select(Box).where(Box.public_key == enrolment.public_key))
    if box is None:
        box = Box(public_key=enrolment.public_key, http_token_hash=f"unset-{enrolment.id}", station_id=station.id)
        box.enrolled_at = now
        session.add(box)
        session.flush()
    else:
        box.credential_no += 1
        box.desired_published = 0
        box.reported, box.reported_at, box.renditions = "", None, "{}"  # what it was and had there says nothing here
    box.serial, box.enrolled_at, box.revoked_at, box.ended_reason = enrolment.serial, now, None, ""
    give_first(box, secret)
    stand(session, box, station, now)
    enrolment.box_id = box.id
    refresh_desired(session, box, signer)
    return box


def _with_stem(session: Session, typed: str) -> Enrolment | None:
    stem = typed[: claiming.STEM_LENGTH]
    if not set(stem) <= set(claiming.ALPHABET):
        return None
    return session.scalar(select(Enrolment).where(Enrolment.claim_stem == stem))


def _free_stem(session: Session) -> str:
    while True:
        stem = "".join(secrets.choice(claiming.ALPHABET) for _ in range(claiming.STEM_LENGTH))
        if session.scalar(select(Enrolment.id).where(Enrolment.claim_stem == stem)) is None:
            return stem
