"""Signatures: a compact JWS (RFC 7515) with Ed25519 (RFC 8037) around the bytes of a message.

The protected header says which message it is (`typ`) and which key signed (`kid`), so that a signed layer can never
pass for an approval. Keys are JWKs (RFC 7517); `kid` is the RFC 7638 thumbprint. A public key may say what it is for
(`yj:for`): what it signs beyond that is not believed. Who may sign, and since when, is not decided here.
"""

import base64
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Protocol, TypeVar

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OKPKey

from schedules.wire.codec import MAX_BYTES, Unreadable, decode, encode
from schedules.wire.messages import Approval, Message

ALGORITHM = "Ed25519"
"""RFC 9864 name; the older `EdDSA` is accepted too."""
FOR = "yj:for"
"""Member of a public JWK: the purposes for which its signatures are believed; absent for all of them."""
_ALGORITHMS = [ALGORITHM, "EdDSA"]
_registry = jws.JWSRegistry(algorithms=_ALGORITHMS)
_registry.max_payload_length = 2 * MAX_BYTES
"""A fortnight of a busy county, or a thousand facts, is longer than the library allows by itself."""

MAX_HEADER = 1000
"""A protected header is shorter than that."""

_M = TypeVar("_M", bound=Message)
PublicJwk = Mapping[str, str | list[str]]


class BadSignature(ValueError):
    """Not signed, signed by an unknown key, altered, or signed as something else."""


class NotTrusted(BadSignature):
    """It names a key that is not trusted for such a message."""


class UnknownKey(NotTrusted):
    """It names a key that is not among the trusted ones: perhaps a newer one, perhaps nobody's."""


class Purpose(StrEnum):
    """What a key is for. A word from a newer program names a purpose that this one has no message for."""

    TIMETABLES = "timetables"
    """Everything but approvals: layers, alerts, what is wanted of a box, commands."""
    APPROVALS = "approvals"


def purpose_of(kind: type[Message]) -> Purpose:
    """For what a key must be trusted that signs such a message."""
    return Purpose.APPROVALS if kind is Approval else Purpose.TIMETABLES


class SigningKey(Protocol):
    """A private key, wherever it lies."""

    @property
    def key_id(self) -> str:
        """The RFC 7638 thumbprint of its public half."""

    @property
    def public_jwk(self) -> dict[str, str]:
        """The public half, with its `kid`."""

    def sign(self, data: bytes) -> bytes:
        """The Ed25519 signature (RFC 8032) over some bytes."""


class JwkKey:
    """A `SigningKey` whose private half is here, in memory."""

    def __init__(self, private_jwk: bytes) -> None:
        """Take a private OKP JWK as JSON bytes.

        Raises:
            ValueError: it is none.
        """
        try:
            key = OKPKey.import_key(msgspec.json.decode(private_jwk, type=dict[str, str | list[str]]))
        except (JoseError, msgspec.MsgspecError, KeyError, TypeError) as error:
            raise ValueError(f"not a private key: {error}") from error
        private = key.private_key
        if not isinstance(private, Ed25519PrivateKey):
            raise ValueError("not a private Ed25519 key")  # noqa: TRY004  # the text is wrong, not its type
        self._private = private
        self._public = public_jwk_of(private.public_key().public_bytes_raw())

    @property
    def key_id(self) -> str:
        """The thumbprint."""
        return self._public["kid"]

    @property
    def public_jwk(self) -> dict[str, str]:
        """The public half."""
        return dict(self._public)

    def sign(self, data: bytes) -> bytes:
        """The signature over some bytes."""
        return self._private.sign(data)


class Signer:
    """Signs messages with one private key; a server that has several overrides `key_for`."""

    def __init__(self, key: SigningKey | bytes) -> None:
        """Take a key, or a private OKP JWK as JSON bytes."""
        self._key: SigningKey = JwkKey(key) if isinstance(key, bytes) else key

    @property
    def key_id(self) -> str:
        """The thumbprint of the key that signs all but approvals."""
        return self.key_for(Purpose.TIMETABLES).key_id

    def key_for(self, _purpose: Purpose) -> SigningKey:
        """The key that signs for a purpose at this moment."""
        return self._key

    def sign(self, message: Message) -> bytes:
        """The compact JWS of `message`, ASCII bytes."""
        return _signed(message, self.key_for(purpose_of(type(message))))

    @property
    def public_jwk(self) -> dict[str, str]:
        """The public half, with its `kid`."""
        return self.key_for(Purpose.TIMETABLES).public_jwk


class Verifier:
    """Reads signed messages that one of the trusted keys signed."""

    def __init__(self, jwk_set: bytes | msgspec.Raw) -> None:
        """Take a JWK Set of public keys as JSON bytes."""
        given = [(key, one.get(FOR)) for one in msgspec.json.decode(jwk_set)["keys"] if (key := _public_key(one))]
        self._ids = frozenset(key.kid or key.thumbprint() for key, _purposes in given)
        self._trusted = {
            purpose: KeySet([key for key, purposes in given if purposes is None or purpose in purposes])
            for purpose in Purpose
        }

    def read(self, token: bytes, kind: type[_M]) -> _M:
        """Verify, then decode.

        Raises:
            UnknownKey: it names a key that is not here.
            NotTrusted: it names one that is not trusted for such a message.
            BadSignature: the token is not a message of `kind` signed by a key that is trusted for it.
        """
        if len(token) > 2 * MAX_BYTES:
            raise BadSignature("too long")
        named = key_id_of(token)
        if named is not None and named not in self._ids:
            raise UnknownKey(f"signed by {named[:60]!r}, which is not trusted")
        trusted = self._trusted[purpose_of(kind)]
        if named is not None and all(key.kid != named for key in trusted):
            raise NotTrusted(f"signed by {named!r}, which is not trusted for {purpose_of(kind)}")
        try:
            signed = jws.deserialize_compact(token, trusted, registry=_registry)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise BadSignature(str(error)) from error
        if signed.headers().get("typ") != _typ(kind):
            raise BadSignature(f"signed as {signed.headers().get('typ')!r}, wanted {_typ(kind)!r}")
        try:
            return decode(signed.payload or b"", kind)
        except Unreadable as error:
            raise BadSignature(str(error)) from error


def key_id_of(token: bytes) -> str | None:
    """The key that a token names, before anything of it is believed; None where it names none."""
    header = token[: MAX_HEADER + 1].partition(b".")[0]
    try:
        named = msgspec.json.decode(base64.urlsafe_b64decode(header + b"=" * (-len(header) % 4)))
        kid = named.get("kid")
    except (ValueError, AttributeError, RecursionError):
        return None
    return kid if isinstance(kid, str) else None


def payload_of(token: bytes, kind: type[_M]) -> _M:
    """The message in a token, believed without looking at who signed it: for one's own records alone.

    Raises:
        BadSignature: it holds no such message.
    """
    try:
        payload = token.split(b".")[1]
        return decode(base64.urlsafe_b64decode(payload + b"=" * (-len(payload) % 4)), kind)
    except (IndexError, ValueError) as error:
        raise BadSignature(str(error)) from error


def new_private_jwk() -> bytes:
    """A new Ed25519 key as JWK JSON bytes. Keep it where only the signer reads."""
    key = OKPKey.generate_key("Ed25519", private=True)
    return msgspec.json.encode(key.as_dict(private=True))


def public_jwk_of(raw: bytes) -> dict[str, str]:
    """The JWK of a raw public Ed25519 key, with its `kid`."""
    public = {"kty": "OKP", "crv": "Ed25519", "x": _text(raw).decode()}
    return {"kid": OKPKey.import_key(dict(public)).thumbprint(), **public}


def jwk_set(public_jwks: Iterable[PublicJwk]) -> bytes:
    """The JWK Set that boxes receive."""
    return msgspec.json.encode({"keys": list(public_jwks)})


def trusted_for(public_jwk: Mapping[str, str], purposes: Iterable[Purpose]) -> PublicJwk:
    """A public key that says what it is for; one that is for everything says nothing, as keys always did."""
    found = sorted(set(purposes))
    return dict(public_jwk) if len(found) == len(Purpose) else {**public_jwk, FOR: [str(one) for one in found]}


def _public_key(jwk: Mapping[str, str | list[str]]) -> OKPKey | None:
    """A key of a set; None for one of a kind that this program does not know."""
    try:
        return OKPKey.import_key({name: value for name, value in jwk.items() if name != FOR})
    except (JoseError, ValueError, TypeError, KeyError):
        return None


def _signed(message: Message, key: SigningKey) -> bytes:
    header = msgspec.json.encode({"alg": ALGORITHM, "kid": key.key_id, "typ": _typ(type(message))})
    signed = _text(header) + b"." + _text(encode(message))
    return signed + b"." + _text(key.sign(signed))


def _text(raw: bytes) -> bytes:
    return base64.urlsafe_b64encode(raw).rstrip(b"=")


def _typ(kind: type[Message]) -> str:
    return f"yj.{kind.__name__}"
