"""What passes over HTTP alone: enrolment, access to packages, time, refusals. The law of evolution: `__init__.py`."""

from datetime import datetime

import msgspec

from schedules.wire.message import Message
from schedules.wire.topics import BoxId


class EnrolmentRequest(Message, frozen=True, kw_only=True):
    """A box asks to be let in.

    Attributes:
        public_key: the raw Ed25519 key, base64url without padding.
        commitment: SHA-256 of the box's nonce, hex. The nonce itself follows in `EnrolmentReveal`: so neither side
            can choose its part of the claim code after seeing the other's (`schedules/claim.py`).
    """

    public_key: str
    serial: str = ""
    software: str = ""
    commitment: str = ""


class EnrolmentOffer(Message, frozen=True, kw_only=True):
    """What the television shows, and the secret by which the box asks whether somebody has entered the code."""

    enrolment: str
    claim_code: str
    """Eight characters without 0, O, 1, I; shown as XXXX-XXXX."""
    claim_url: str
    poll_token: str
    expires_at: datetime
    claim_stem: str = ""
    """The claim code's first five characters; the box computes the last three (`schedules/claim.py`)."""
    server_nonce: str = ""


class EnrolmentReveal(Message, frozen=True, kw_only=True):
    """The box's nonce, after the server's; hex."""

    nonce: str


class CredentialRequest(Message, frozen=True, kw_only=True):
    """An enrolled box asks for its newest credential; it proves its key by signing the request's body."""

    box: BoxId
    at: datetime


class BrokerAccess(Message, frozen=True, kw_only=True):
    """Where the broker is and how this box is known there."""

    host: str
    port: int
    username: str
    password: str
    tls: bool = False
    """Whether the connection is TLS, verified against `Credentials.authority`."""


class Credentials(Message, frozen=True, kw_only=True):
    """All that an enrolled box needs. `signing_keys` is a JWK Set (RFC 7517) of public keys."""

    box: BoxId
    http_token: str
    broker: BrokerAccess
    signing_keys: msgspec.Raw
    credential_no: int = 1
    authority: str = ""
    """The certificate authority that the box trusts from now on, and no other: PEM. Empty in a development server."""
    journal_key: str = ""
    """X25519 public key (RFC 7748), raw, base64url without padding: journals on a USB stick are encrypted to it."""
    keys_no: int = 0
    """Which set `signing_keys` is (`Desired.keys_no`)."""


class SigningKeys(Message, frozen=True, kw_only=True):
    """The keys that a box is to trust from now on, and no other.

    Attributes:
        keys_no: counts the sets; it goes back where the server was restored from a backup.
        keys: a JWK Set (RFC 7517) of public keys; `yj:for` in a key says what it may sign, see `signing.py`.
    """

    keys_no: int
    keys: msgspec.Raw


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
