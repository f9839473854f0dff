"""What passes over HTTP alone: enrolment, access to packages, time, refusals. The law of evolution: `__init__.py`."""

from datetime import datetime

import msgspec

from schedules.wire.message import Message
from schedules.wire.topics import BoxId


class EnrolmentRequest(Message, frozen=True, kw_only=True):
    """A box asks to be let in. `public_key` is the raw Ed25519 key, base64url without padding."""

    public_key: str
    serial: str = ""
    software: str = ""


class EnrolmentOffer(Message, frozen=True, kw_only=True):
    """What the television shows, and the secret by which the box asks whether somebody has entered the code."""

    enrolment: str
    claim_code: str
    """Eight characters without 0, O, 1, I; shown as XXXX-XXXX."""
    claim_url: str
    poll_token: str
    expires_at: datetime


class BrokerAccess(Message, frozen=True, kw_only=True):
    """Where the broker is and how this box is known there."""

    host: str
    port: int
    username: str
    password: str


class Credentials(Message, frozen=True, kw_only=True):
    """All that an enrolled box needs. `signing_keys` is a JWK Set (RFC 7517) of public keys."""

    box: BoxId
    http_token: str
    broker: BrokerAccess
    signing_keys: msgspec.Raw


class EnrolmentState(Message, frozen=True, kw_only=True):
    """Answer to a box's question: `credentials` once somebody has entered the code, before that None."""

    credentials: Credentials | None = None


class PackageAccess(Message, frozen=True, kw_only=True):
    """How to fetch a package: every file lies at `base + path + query` until `expires_at`."""

    approval: str
    """JWS of `Approval`."""
    base: str
    query: str
    expires_at: datetime


class ServerTime(Message, frozen=True, kw_only=True):
    """The server's two of the four timestamps (RFC 5905, section 8)."""

    received_at: datetime
    sent_at: datetime


class Problem(Message, frozen=True, kw_only=True):
    """Why a request was refused (RFC 9457): a stable code, and a sentence in the asker's language."""

    code: str
    title: str
