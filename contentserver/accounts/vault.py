"""Secrets of second factors at rest: sealed, or known by their hash alone, by keys derived from the server's own."""

import hashlib
import hmac
from base64 import urlsafe_b64encode

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class Vault:
    """Seals and opens; made from the server's secret key, without which nothing in the database opens."""

    def __init__(self, secret_key: str) -> None:
        self._fernet = Fernet(urlsafe_b64encode(_derived(secret_key, b"yuanjiao second factor")))
        self._codes = _derived(secret_key, b"yuanjiao recovery codes")

    def seal(self, secret: str) -> str:
        """What the database keeps of a secret that must be read again."""
        return self._fernet.encrypt(secret.encode()).decode()

    def open(self, sealed: str) -> str | None:
        """The secret; None where it was sealed with another key, or changed."""
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken:
            return None

    def code_hash(self, code: str) -> str:
        """What the database keeps of a recovery code, hex; nobody finds the code by trying without the key."""
        return hmac.digest(self._codes, code.encode(), hashlib.sha256).hex()


def _derived(secret_key: str, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(secret_key.encode())
