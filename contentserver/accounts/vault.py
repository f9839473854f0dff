"""Secrets of second factors at rest: sealed, or known by their hash alone."""

import hashlib
import hmac

from contentserver.kernel.sealing import Seal, derived


class Vault:
    """Seals and opens; made from the server's secret key, without which nothing in the database opens."""

    def __init__(self, secret_key: str) -> None:
        self._seal = Seal(secret_key, "second factor")
        self._codes = derived(secret_key, "recovery codes")

    def seal(self, secret: str) -> str:
        """What the database keeps of a secret that must be read again."""
        return self._seal.seal(secret)

    def open(self, sealed: str) -> str | None:
        """The secret; None where it was sealed with another key, or changed."""
        return self._seal.open(sealed)

    def code_hash(self, code: str) -> str:
        """What the database keeps of a recovery code, hex; nobody finds the code by trying without the key."""
        return hmac.digest(self._codes, code.encode(), hashlib.sha256).hex()
