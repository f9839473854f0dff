"""What an enrolled box holds: its tokens and its broker account, given, counted up, and taken away.

All secrets are derived (`rules.credential`), so that giving them again is a pure read. Who is let in: `enrolling.py`.
"""

import base64
import hmac
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
from flask_babel import lazy_gettext as _
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from contentserver.audit import audit
from contentserver.boxes import rules
from contentserver.boxes.desiring import refresh_desired
from contentserver.boxes.models import Box
from contentserver.boxes.rules import BrokerAccount
from contentserver.kernel.auth import Person
from contentserver.kernel.errors import Conflict, Outage, Rejected, Unauthenticated
from contentserver.kernel.ids import token_hash
from schedules.wire.messages import BrokerAccess, CredentialRequest, Credentials, Desired
from schedules.wire.signing import ALGORITHM, Signer
from schedules.wire.topics import BoxId


@dataclass(frozen=True, slots=True)
class Introduction:
    """What every box is told of this server when it is let in.

    Attributes:
        authority: PEM of the certificate authority that boxes trust alone; empty in development.
        journal_key: X25519 public key, base64url, to which journals on a USB stick are sealed.
        signing_keys: a JWK Set.
        keys_no: which set that is.
    """

    broker_host: str
    broker_port: int
    tls: bool
    authority: str
    journal_key: str
    signing_keys: bytes
    keys_no: int = 0


def proves(public_key: str, proof: str, body: bytes) -> bool:
    """Whether `proof` is a compact JWS over exactly `body` by a box's key."""
    try:
        base64.urlsafe_b64decode(public_key + "==")
        key = OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": public_key})
        signed = jws.deserialize_compact(proof, key, algorithms=[ALGORITHM, "EdDSA"])
    except (JoseError, ValueError, TypeError):
        return False
    return signed.payload == body


def give_first(box: Box, secret: str) -> None:
    """The box begins with its present credential number; nothing that it held before is good any more."""
    box.http_token_hash, box.http_token_hash_before, box.rotated_at = token_hash(_token(box, secret)), None, None


def credentials_of(box: Box, secret: str, introduction: Introduction) -> Credentials:
    """All that an enrolled box needs; the same however often it is asked for.

    Raises:
        Outage: the server's authority is not there, and boxes are not to go without.
    """
    if introduction.tls and not introduction.authority:
        raise Outage("the authority is missing: admin init")
    box_id = BoxId(box.id)
    return Credentials(
        box=box_id,
        http_token=_token(box, secret),
        broker=BrokerAccess(
            host=introduction.broker_host,
            port=introduction.broker_port,
            username=rules.broker_username(box_id),
            password=rules.credential(secret, "broker", box_id, box.credential_no, box.public_key),
            tls=introduction.tls,
        ),
        signing_keys=msgspec.Raw(introduction.signing_keys),
        credential_no=box.credential_no,
        authority=introduction.authority,
        journal_key=introduction.journal_key,
        keys_no=introduction.keys_no,
    )


def box_with_token(session: Session, token: str) -> Box:
    """The enrolled box behind an HTTP token, the present one or the one before it.

    Raises:
        Unauthenticated: `box_revoked` with the reason in words, or `box_unknown`.
    """
    hashed = token_hash(token)
    box = session.scalar(select(Box).where(or_(Box.http_token_hash == hashed, Box.http_token_hash_before == hashed)))
    if box is None:
        raise _unknown()
    return _not_ended(box)


def newest_for(
    session: Session, request: CredentialRequest, *, token: str, proof: str, body: bytes, secret: str, now: datetime
) -> Box:
    """The box that asks for its newest credential, by a token it was once given and by its key.

    Args:
        proof, body: the JWS over the request's bytes, and these bytes.

    Raises:
        Unauthenticated: `box_unknown` or `box_revoked`.
        Rejected: the request is not of now.
    """
    box = session.get(Box, request.box)
    if box is None or not proves(box.public_key, proof, body):
        raise _unknown()
    tokens = rules.known_tokens(secret, BoxId(box.id), box.credential_no, box.public_key)
    if not any(hmac.compare_digest(known.encode(), token.encode()) for known in tokens):
        raise _unknown()
    if not rules.timely(request.at, now):
        raise Rejected("request_old", _("The request is not of now. The box should ask for the time first."))
    return _not_ended(box)


def is_first_use(box: Box, token: str) -> bool:
    """Whether this request is the first that carries a new token."""
    return box.http_token_hash_before is not None and box.http_token_hash == token_hash(token)


def new_token_used(box: Box) -> None:
    """The box has its new credential: the old token ends, and the broker takes the new password."""
    box.http_token_hash_before = None
    _end_waiting(box)


def rotate(session: Session, box: Box, who: Person | None, signer: Signer, secret: str, now: datetime) -> None:
    """Count the box's credential up; the box is told by its desired state, and asks for the new one over HTTP.

    The old token holds until the new one is used, and the old password until then or for `rules.ROTATION_WAITS`.

    Raises:
        Conflict: the box's enrolment was ended.
    """
    if box.revoked_at is not None:
        raise Conflict("box_ended", _("This box's enrolment was ended already."))
    box.credential_no += 1
    box.http_token_hash_before = box.http_token_hash_before or box.http_token_hash  # what the box holds now
    box.http_token_hash = token_hash(_token(box, secret))
    box.rotated_at = now
    refresh_desired(session, box, signer)
    after = {"credential_no": box.credential_no}
    audit(session, who=who, action="box.rotated", subject=f"box {box.id}", now=now, after=after)


def end_waiting(session: Session, now: datetime) -> None:
    """Give the broker the new passwords that were not used in time; such a box asks for its own over HTTP."""
    for box in session.scalars(select(Box).where(Box.rotated_at.is_not(None))):
        if box.rotated_at is not None and rules.waits_no_longer(box.rotated_at, now):
            _end_waiting(box)


def broker_account(box: Box, secret: str) -> BrokerAccount:
    """What the broker must know of a box: the password that it uses, the topics of the desired state that stands."""
    layers = msgspec.json.decode(box.desired_fingerprint, type=Desired).layers
    return rules.broker_account(secret, BoxId(box.id), _held_number(box, secret), layers, box.public_key)


def accounts_due(
    boxes: Sequence[Box], secret: str, at_broker: Collection[str] | None
) -> list[tuple[Box, BrokerAccount]]:
    """The boxes whose account the broker lacks, or has otherwise than it should be.

    Args:
        at_broker: the names that the broker knows; None where nothing says that it has forgotten any.
    """
    accounts = [(box, broker_account(box, secret)) for box in boxes if box.revoked_at is None]
    return [
        (box, account)
        for box, account in accounts
        if box.account_kept != rules.account_fingerprint(account)
        or (at_broker is not None and account.username not in at_broker)
    ]


def account_is_kept(session: Session, box_id: int, account: BrokerAccount, secret: str) -> None:
    """The broker has confirmed a box's account; where another one is due by now, it stays due."""
    box = session.get_one(Box, box_id)
    box.account_kept = rules.account_fingerprint(account) if broker_account(box, secret) == account else rules.LACKING


def account_is_lacking(session: Session, box_id: int) -> None:
    """A broker that should know a box's account was not reached: the account stays due, and to be dropped one day."""
    session.get_one(Box, box_id).account_kept = rules.LACKING


def accounts_to_drop(session: Session, now: datetime) -> Sequence[Box]:
    """The ended boxes that the broker still knows, although it has told them for a few seconds that they are."""
    query = select(Box).where(
        Box.revoked_at <= now - rules.ENDED_GRACE,
        Box.account_kept != "",
        Box.desired_published >= Box.desired_version,
    )
    return session.scalars(query).all()


def account_is_dropped(session: Session, box_id: int) -> None:
    """The broker has forgotten a box and cut its connection."""
    session.get_one(Box, box_id).account_kept = ""


def _token(box: Box, secret: str) -> str:
    return rules.credential(secret, "http", BoxId(box.id), box.credential_no, box.public_key)


def _held_number(box: Box, secret: str) -> int:
    """The number of the credential that the box uses: of several that wait for it, none."""
    if box.rotated_at is None:
        return box.credential_no
    for number in range(box.credential_no - 1, 0, -1):
        token = rules.credential(secret, "http", BoxId(box.id), number, box.public_key)
        if token_hash(token) == box.http_token_hash_before:
            return number
    return box.credential_no - 1


def _end_waiting(box: Box) -> None:
    box.rotated_at = None
    if box.account_kept:
        box.account_kept = (
            rules.LACKING
        )  # the broker has it with the old password: still due, and to be dropped one day


def _unknown() -> Unauthenticated:
    return Unauthenticated("box_unknown", _("This server does not know this box."))


def _not_ended(box: Box) -> Box:
    if box.revoked_at is not None:
        raise Unauthenticated("box_revoked", box.ended_reason or _("The enrolment of this box was ended."))
    return box
