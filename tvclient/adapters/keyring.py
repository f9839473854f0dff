"""The keys that a box believes at this moment; they change while it runs. How it learns of others: `trusting.py`."""

from collections.abc import Callable
from typing import TypeVar

import msgspec

from schedules.wire.messages import Message
from schedules.wire.signing import UnknownKey, Verifier

_M = TypeVar("_M", bound=Message)


class Keyring(Verifier):
    """Reads by the present set. Safe to use from any thread."""

    def __init__(self, verifier: Callable[[msgspec.Raw], Verifier], keys: msgspec.Raw) -> None:
        """Believe a JWK Set; `verifier` makes whoever reads by one."""
        self._make = verifier
        self._present = verifier(keys)
        self.puzzled = False
        """Something named a key that is not among them; whoever asks the server sets it back."""

    def read(self, token: bytes, kind: type[_M]) -> _M:
        """As `Verifier.read`."""
        try:
            return self._present.read(token, kind)
        except UnknownKey:
            self.puzzled = True
            raise

    def believe(self, keys: msgspec.Raw) -> None:
        """Believe another set, and no longer this one."""
        self._present = self._make(keys)
        self.puzzled = False
