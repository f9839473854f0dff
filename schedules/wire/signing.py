"""Signatures: a compact JWS (RFC 7515) with Ed25519 (RFC 8037) around the bytes of a message.

The protected header says which message it is (`typ`) and which key signed (`kid`), so that a signed layer can never
pass for an approval. Keys are JWKs (RFC 7517); `kid` is the RFC 7638 thumbprint. Who may sign is not decided here.
"""

from collections.abc import Iterable
from typing import TypeVar

import msgspec
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OKPKey

from schedules.wire.codec import MAX_BYTES, Unreadable, decode, encode
from schedules.wire.messages import Message

ALGORITHM = "Ed25519"
"""RFC 9864 name; the older `EdDSA` is accepted too."""
_ALGORITHMS = [ALGORITHM, "EdDSA"]

_M = TypeVar("_M", bound=Message)


class BadSignature(ValueError):
    """Not signed, signed by an unknown key, altered, or signed as something else."""


class Signer:
    """Signs messages with one private key."""

    def __init__(self, private_jwk: bytes) -> None:
        """Take a private OKP JWK as JSON bytes."""
        self._key = OKPKey.import_key(msgspec.json.decode(private_jwk, type=dict[str, str | list[str]]))
        self.key_id = self._key.thumbprint()

    def sign(self, message: Message) -> bytes:
        """The compact JWS of `message`, ASCII bytes."""
        header = {"alg": ALGORITHM, "kid": self.key_id, "typ": _typ(type(message))}
        return jws.serialize_compact(header, encode(message), self._key, algorithms=_ALGORITHMS).encode()

    @property
    def public_jwk(self) -> dict[str, str]:
        """The public half, with its `kid`."""
        public = self._key.as_dict(private=False)
        return {"kid": self.key_id, **{name: str(public[name]) for name in ("kty", "crv", "x")}}


class Verifier:
    """Reads signed messages that one of the trusted keys signed."""

    def __init__(self, jwk_set: bytes | msgspec.Raw) -> None:
        """Take a JWK Set of public keys as JSON bytes."""
        self._keys = KeySet.import_key_set(msgspec.json.decode(jwk_set))

    def read(self, token: bytes, kind: type[_M]) -> _M:
        """Verify, then decode.

        Raises:
            BadSignature: the token is not a message of `kind` signed by a trusted key.
        """
        if len(token) > 2 * MAX_BYTES:
            raise BadSignature("too long")
        try:
            signed = jws.deserialize_compact(token, self._keys, algorithms=_ALGORITHMS)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise BadSignature(str(error)) from error
        if signed.headers().get("typ") != _typ(kind):
            raise BadSignature(f"signed as {signed.headers().get('typ')!r}, wanted {_typ(kind)!r}")
        try:
            return decode(signed.payload or b"", kind)
        except Unreadable as error:
            raise BadSignature(str(error)) from error


def new_private_jwk() -> bytes:
    """A new Ed25519 key as JWK JSON bytes. Keep it where only the signer reads."""
    key = OKPKey.generate_key("Ed25519", private=True)
    return msgspec.json.encode(key.as_dict(private=True))


def jwk_set(public_jwks: Iterable[dict[str, str]]) -> bytes:
    """The JWK Set that boxes receive."""
    return msgspec.json.encode({"keys": list(public_jwks)})


def _typ(kind: type[Message]) -> str:
    return f"yj.{kind.__name__}"
