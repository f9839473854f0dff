"""Whom the box believes on a TLS connection: one certificate authority, its own server's, and no list of public ones.

The name in the certificate must be the one that was called. Dates are not looked at: a box without a battery has no
clock before it has asked the server for the time (decision 16). How the authority comes to the box: `enrolling.py`.
"""

import ssl
from functools import lru_cache
from typing import Final

_NO_CHECK_TIME: Final = 0x200000
"""X509_V_FLAG_NO_CHECK_TIME of OpenSSL, which Python does not name."""


@lru_cache(maxsize=8)
def trusting(authority: str) -> ssl.SSLContext:
    """A context for connections to servers that this authority vouches for; an empty one vouches for nobody.

    Args:
        authority: PEM.

    Raises:
        ValueError: it is not PEM of a certificate.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.verify_flags |= ssl.VerifyFlags(_NO_CHECK_TIME)
    if authority:
        try:
            context.load_verify_locations(cadata=authority)
        except ssl.SSLError as error:
            raise ValueError(f"not a certificate: {error}") from error
    return context


def believing_anybody() -> ssl.SSLContext:
    """For one question at first contact: which authority is yours? The claim code finds a lie, see `enrolling.py`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def is_secure(server: str) -> bool:
    """Whether the server is called by TLS; without it only in development (`settings.py`)."""
    return server.startswith("https://")
