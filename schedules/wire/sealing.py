"""A journal that travels on a USB stick: signed by the box that wrote it, sealed to the one server that may read it.

A file is a line that names its form, then HPKE (RFC 9180, base mode: X25519, HKDF-SHA256, ChaCha20-Poly1305) to the
server's journal key; inside it is the JWS of an `EventBatch` by the box's own key. So whoever finds the stick reads
nothing, and whoever writes on it forges nothing. Which batches go out: `tvclient/adapters/stick.py`; who takes them in:
`contentserver/sticks`.
"""

import base64
import binascii
from typing import Final

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from schedules.wire.codec import MAX_BYTES, Unreadable, decode
from schedules.wire.messages import EventBatch
from schedules.wire.signing import BadSignature, Verifier, jwk_set
from schedules.wire.topics import BoxId

FORM: Final = b"yuanjiao-journal-1\n"
SUFFIX: Final = ".yjj"
ROWS: Final = 1000
"""Rows in one file: about half a megabyte."""
MAX_FILE_BYTES: Final = 2 * MAX_BYTES + 1024
_KEY_BYTES: Final = 32
_SUITE: Final = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)


class BadSeal(ValueError):
    """Not a sealed journal, sealed to another server, damaged, or not written by the box that it names."""


def file_name(box: BoxId, epoch: str, first: int, last: int) -> str:
    """`box-17-0f3a99c2-1-1000.yjj`: the same rows always have the same name."""
    return f"box-{box}-{epoch[:8]}-{first}-{last}{SUFFIX}"


def seal(signed: bytes, journal_key: str) -> bytes:
    """The bytes of a file.

    Args:
        signed: JWS of an `EventBatch` by the box's key.
        journal_key: the server's public key.

    Raises:
        BadSeal: this is no key.
    """
    try:
        return FORM + _SUITE.encrypt(signed, X25519PublicKey.from_public_bytes(_raw(journal_key)), info=FORM)
    except ValueError as error:
        raise BadSeal("no key") from error


def unseal(data: bytes, private: str) -> bytes:
    """What `seal` was given.

    Raises:
        BadSeal: too long, of another form, damaged, or sealed to another key.
    """
    if len(data) > MAX_FILE_BYTES:
        raise BadSeal("too long")
    if not data.startswith(FORM):
        raise BadSeal("of another form")
    key = X25519PrivateKey.from_private_bytes(_raw(private))
    try:
        return _SUITE.decrypt(data.removeprefix(FORM), key, info=FORM)
    except (InvalidTag, ValueError) as error:
        raise BadSeal("damaged, or sealed to another server") from error


def claimed_box(signed: bytes) -> BoxId:
    """The box that a batch says it is from; nothing is verified yet.

    Raises:
        BadSeal: it says nothing of the kind.
    """
    try:
        payload = signed.split(b".")[1]
        return decode(base64.urlsafe_b64decode(payload + b"=" * (-len(payload) % 4)), EventBatch).box
    except (IndexError, ValueError, binascii.Error, Unreadable) as error:
        raise BadSeal("no batch of events") from error


def batch_of(signed: bytes, box_key: str) -> EventBatch:
    """The batch, if the key is the one that signed it.

    Args:
        box_key: the box's Ed25519 public key, raw, base64url without padding.

    Raises:
        BadSeal: another key signed it, or it is no batch.
    """
    try:
        return Verifier(msgspec.Raw(jwk_set([{"kty": "OKP", "crv": "Ed25519", "x": box_key}]))).read(signed, EventBatch)
    except (BadSignature, ValueError) as error:
        raise BadSeal(str(error)) from error


def _raw(key: str) -> bytes:
    try:
        raw = base64.urlsafe_b64decode(key.strip() + "=" * (-len(key.strip()) % 4))
    except (ValueError, binascii.Error) as error:
        raise BadSeal("no key") from error
    if len(raw) != _KEY_BYTES:
        raise BadSeal("no key")
    return raw
