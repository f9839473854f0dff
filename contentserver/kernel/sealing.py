"""What the database must not show to whoever copies it: sealed, or known by its hash alone.

Every purpose has a key of its own, derived from the server's secret key; without that nothing in the database opens.
"""

import hashlib
import hmac
from base64 import urlsafe_b64encode

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class Seal:
    """Seals and opens texts of one purpose (Fernet: AES-128-CBC with HMAC-SHA-256), and marks them.

    A mark is the same for the same text: it finds a row by a number that nobody can read from it (HMAC-SHA-256).
    """

    def __init__(self, secret_key: str, purpose: str) -> None:
        self._fernet = Fernet(urlsafe_b64encode(derived(secret_key, purpose)))
        self._marks = derived(secret_key, f"{purpose} marks")

    def seal(self, text: str) -> str:
        """What the database keeps of a text that must be read again; the empty text stays empty."""
        return self._fernet.encrypt(text.encode()).decode() if text else ""

    def open(self, sealed: str) -> str | None:
        """The text; None where it was sealed with another key, or changed."""
        if not sealed:
            return ""
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken:
            return None

    def mark(self, text: str) -> str:
        """64 hex digits by which a text is found again; the empty text has none."""
        return hmac.digest(self._marks, text.encode(), hashlib.sha256).hex() if text else ""


def derived(secret_key: str, purpose: str) -> bytes:
    """A key of 32 bytes for one purpose (RFC 5869)."""
    info = f"yuanjiao {purpose}".encode()
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(secret_key.encode())
