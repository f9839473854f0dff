"""Ids and secrets. Ids are UUIDv7 (RFC 9562): in order of time, so that indexes grow at one end."""

import hashlib
import secrets
from uuid import UUID

import uuid6


def new_id() -> UUID:
    """A new time-ordered id."""
    return UUID(int=uuid6.uuid7().int)


def new_token() -> str:
    """A bearer secret of 256 bits, url-safe."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """What the database keeps of a bearer secret: SHA-256, hex. The secret has full entropy, so no salt is needed."""
    return hashlib.sha256(token.encode()).hexdigest()
