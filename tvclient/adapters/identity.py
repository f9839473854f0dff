"""Who the box is: a key made on it at first boot, and the credentials it got when somebody entered its code.

Both lie in files that only the box's own user reads. The private key never leaves. Asking to be let in: `api.py`.
"""

from pathlib import Path

import msgspec
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from schedules.wire.codec import Unreadable, decode, encode
from schedules.wire.messages import Credentials
from schedules.wire.signing import ALGORITHM, Signer, new_private_jwk
from tvclient.adapters.durable import write_durably


class Identity:
    """The box's own Ed25519 key."""

    def __init__(self, private_jwk: bytes) -> None:
        """Take the key as JWK JSON bytes."""
        self._key = OKPKey.import_key(msgspec.json.decode(private_jwk, type=dict[str, str | list[str]]))
        self.public_key = str(self._key.as_dict(private=False)["x"])
        """The raw public key, base64url without padding (RFC 8037)."""

    def prove(self, body: bytes) -> str:
        """A compact JWS whose payload is `body`: the proof that whoever sends it holds the key."""
        return jws.serialize_compact({"alg": ALGORITHM}, body, self._key, algorithms=[ALGORITHM])


class Vault:
    """The folder of what must stay secret."""

    def __init__(self, folder: Path) -> None:
        """Use `folder`; it is made on first use."""
        self._key_file = folder / "key.jwk"
        self._credentials_file = folder / "credentials.json"
        self._ended_file = folder / "ended.txt"

    def identity(self) -> Identity:
        """The box's key, made now if there is none yet."""
        try:
            return Identity(self._key_file.read_bytes())
        except (FileNotFoundError, ValueError, msgspec.MsgspecError, JoseError):
            write_durably(self._key_file, new_private_jwk())
        return Identity(self._key_file.read_bytes())

    def signer(self) -> Signer:
        """Signs messages by the box's key."""
        self.identity()
        return Signer(self._key_file.read_bytes())

    def credentials(self) -> Credentials | None:
        """What the box was given; None before, or when the file cannot be read."""
        try:
            return decode(self._credentials_file.read_bytes(), Credentials)
        except (OSError, Unreadable):
            return None

    def keep(self, credentials: Credentials) -> None:
        """Store them durably; an enrolment that was ended before is forgotten."""
        write_durably(self._credentials_file, encode(credentials))
        self._ended_file.unlink(missing_ok=True)

    def end(self, reason: str) -> None:
        """The enrolment was ended: remember it, and why, over a restart."""
        write_durably(self._ended_file, reason.encode())

    def ended(self) -> str | None:
        """Why the enrolment was ended; None while it holds."""
        try:
            return self._ended_file.read_text(errors="replace")
        except OSError:
            return None
