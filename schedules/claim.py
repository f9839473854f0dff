"""The claim code of a television: eight characters that only the true server and the true box can both arrive at.

At first contact neither side knows the other's key. Whoever sits between them could show the box a server of his own.
So the code's last three characters are computed on both sides from what each of them saw: the box's key, the server's
certificate authority, and a nonce of either side. The box commits to its nonce before it sees the server's, and the
server gives its own before it sees the box's, so that nobody in between can choose his part to fit (a short
authentication string after Vaudenay, CRYPTO 2005). A code that does not fit is refused when it is typed.
"""

import hashlib
import hmac
from typing import Final

ALPHABET: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""No 0, O, 1, I: they look alike at three metres."""
STEM_LENGTH: Final = 5
CHECK_LENGTH: Final = 3


def commitment(nonce: str) -> str:
    """What the box says of its nonce before it may see the server's: SHA-256, hex."""
    return hashlib.sha256(nonce.encode()).hexdigest()


def claim_code(*, stem: str, public_key: str, authority: str, box_nonce: str, server_nonce: str) -> str:
    """The eight characters, as either side arrives at them.

    Args:
        stem: the server's five random characters; by them it finds the enrolment again.
        public_key: the box's, base64url.
        authority: PEM of the certificate authority that the connection was verified against; empty without TLS.
        box_nonce, server_nonce: at least 128 random bits each, as text.
    """
    seen = "\n".join((stem, public_key, authority.strip(), server_nonce))
    digest = hmac.digest(box_nonce.encode(), seen.encode(), "sha256")
    return stem + "".join(ALPHABET[byte % len(ALPHABET)] for byte in digest[:CHECK_LENGTH])


def shown(code: str) -> str:
    """XXXX-XXXX, for a screen."""
    return f"{code[:4]}-{code[4:]}"


def typed(text: str) -> str:
    """What somebody typed, without spaces and dashes, in capitals."""
    return "".join(text.split()).replace("-", "").replace("—", "").upper()
