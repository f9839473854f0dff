"""Keys in a hardware token, by PKCS#11: made there, sign there, and never leave. Which key signs: `trust`.

The library, the token and its session are opened at first use and kept for the process; a process that was forked
opens its own, since a session does not outlive a fork.
"""

import os
from pathlib import Path
from threading import Lock
from typing import cast

import pkcs11
from pkcs11 import Attribute, KeyType, Mechanism, ObjectClass
from pkcs11.exceptions import NoSuchKey, NoSuchToken, PKCS11Error, UserAlreadyLoggedIn
from pkcs11.types import SignMixin
from pkcs11.util.ec import encode_named_curve_parameters

from contentserver.adapters.key_files import KeyUnusable, read_secret
from schedules.wire.signing import public_jwk_of

ED25519 = "1.3.101.112"
"""RFC 8410."""
RAW = 32
"""Bytes of a public key; PKCS#11 wraps them as an OCTET STRING."""


class Token:
    """One token. Safe to use from any thread: one call at a time."""

    def __init__(self, module: str, label: str, pin_file: Path) -> None:
        """Nothing is opened yet."""
        self._module, self._label, self._pin_file = module, label, pin_file
        self._lock = Lock()
        self._session: pkcs11.Session | None = None
        self._process = 0

    def key(self, label: str) -> "TokenKey":
        """The key of this label.

        Raises:
            KeyUnusable: token or key cannot be reached.
        """
        return TokenKey(self, label, self.public(label))

    def make(self, label: str) -> "TokenKey":
        """A new key that cannot be read out.

        Raises:
            KeyUnusable: the token refuses it, or has one of this label.
        """
        with self._lock:
            try:
                session = self._opened()
                if list(session.get_objects({Attribute.LABEL: label, Attribute.CLASS: ObjectClass.PRIVATE_KEY})):
                    raise KeyUnusable(f"The token {self._label} has a key {label} already.")
                curve = {Attribute.EC_PARAMS: encode_named_curve_parameters(ED25519)}
                parameters = session.create_domain_parameters(KeyType.EC_EDWARDS, curve, local=True)
                parameters.generate_keypair(
                    store=True, label=label, id=label.encode(), mechanism=Mechanism.EC_EDWARDS_KEY_PAIR_GEN
                )
            except PKCS11Error as error:
                raise self._unusable(error) from error
        return self.key(label)

    def public(self, label: str) -> bytes:
        """The raw public half of a key.

        Raises:
            KeyUnusable: token or key cannot be reached.
        """
        with self._lock:
            try:
                found = self._opened().get_key(object_class=ObjectClass.PUBLIC_KEY, label=label)
                return bytes(found[Attribute.EC_POINT])[-RAW:]
            except NoSuchKey as error:
                raise KeyUnusable(f"The token {self._label} has no key {label}.") from error
            except PKCS11Error as error:
                raise self._unusable(error) from error

    def sign(self, label: str, data: bytes) -> bytes:
        """The signature of a key over some bytes.

        Raises:
            KeyUnusable: token or key cannot be reached.
        """
        with self._lock:
            try:
                return self._sign(label, data)
            except PKCS11Error:
                self._session = None  # pulled out and put in again: once more, from the beginning
            try:
                return self._sign(label, data)
            except PKCS11Error as error:
                self._session = None
                raise self._unusable(error) from error

    def _sign(self, label: str, data: bytes) -> bytes:
        key = cast(SignMixin, self._opened().get_key(object_class=ObjectClass.PRIVATE_KEY, label=label))
        return bytes(key.sign(data, mechanism=Mechanism.EDDSA))

    def _opened(self) -> pkcs11.Session:
        if self._session is None or self._process != os.getpid():
            pin = read_secret(self._pin_file).decode().strip()
            token = pkcs11.lib(self._module).get_token(token_label=self._label)
            try:
                self._session = token.open(rw=True, user_pin=pin)
            except UserAlreadyLoggedIn:  # another session of this process: a token knows processes, not sessions
                self._session = token.open(rw=True)
            self._process = os.getpid()
        return self._session

    def _unusable(self, error: PKCS11Error) -> KeyUnusable:
        if isinstance(error, NoSuchToken):
            return KeyUnusable(f"There is no token {self._label} in {self._module}. Put it in, or mend the settings.")
        return KeyUnusable(f"The token {self._label} cannot be used: {type(error).__name__} {error}".strip())


class TokenKey:
    """A `SigningKey` whose private half is in a token."""

    def __init__(self, token: Token, label: str, public: bytes) -> None:
        self._token, self.label = token, label
        self._public = public_jwk_of(public)

    @property
    def key_id(self) -> str:
        """The thumbprint."""
        return self._public["kid"]

    @property
    def public_jwk(self) -> dict[str, str]:
        """The public half."""
        return dict(self._public)

    def sign(self, data: bytes) -> bytes:
        """The signature over some bytes.

        Raises:
            KeyUnusable: the token cannot be reached.
        """
        return self._token.sign(self.label, data)
