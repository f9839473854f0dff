"""Which key signs what, which are trusted, and what may become of them. Pure.

A key has a state for each purpose. Of each purpose exactly one key signs; what is coming or retiring is trusted beside
it, so that boxes that are away go on believing. What is retired or revoked is trusted no more, and never again.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from schedules.wire.signing import PublicJwk, Purpose, trusted_for

HEARD_WITHIN = timedelta(days=30)
"""A box that was silent for longer holds up no rotation; it asks for the keys when it comes back."""
MEND_FOR = timedelta(hours=1)
"""So long after a change the link looks for what a process that had not heard of it signed by the old key."""


class KeyState(StrEnum):
    """What a key is for one purpose."""

    COMING = "coming"
    """Trusted, does not sign yet."""
    SIGNING = "signing"
    RETIRING = "retiring"
    """Signs no more; what it signed is still believed."""
    RETIRED = "retired"
    REVOKED = "revoked"
    """It leaked, or may have: nothing that it signed is believed."""


TRUSTED = frozenset({KeyState.COMING, KeyState.SIGNING, KeyState.RETIRING})


class KeyStep(StrEnum):
    """Why a change of keys cannot be made."""

    ALREADY_COMING = "already_coming"
    NOTHING_COMING = "nothing_coming"
    STILL_RETIRING = "still_retiring"
    NOTHING_RETIRING = "nothing_retiring"
    NOT_TRUSTED = "not_trusted"


class Impossible(ValueError):
    """The change cannot be made; `step` says why."""

    def __init__(self, step: KeyStep) -> None:
        super().__init__(step)
        self.step = step


@dataclass(frozen=True, slots=True)
class Key:
    """One key for one purpose."""

    kid: str
    purpose: Purpose
    state: KeyState
    public: str = ""

    @property
    def trusted(self) -> bool:
        """Whether boxes believe what it signs."""
        return self.state in TRUSTED


def signing_key(keys: Iterable[Key], purpose: Purpose) -> Key | None:
    """The key that signs for a purpose; None before the first was entered."""
    return next((key for key in keys if key.purpose is purpose and key.state is KeyState.SIGNING), None)


def coming_key(keys: Iterable[Key], purpose: Purpose) -> Key | None:
    """The key that is to sign next for a purpose, if one was prepared."""
    return next((key for key in keys if key.purpose is purpose and key.state is KeyState.COMING), None)


def trusted_set(keys: Iterable[Key]) -> list[PublicJwk]:
    """The public keys that boxes are to believe, each with what it is believed for."""
    found: dict[str, list[Key]] = {}
    for key in keys:
        if key.trusted:
            found.setdefault(key.kid, []).append(key)
    return [
        trusted_for({"kid": kid, "kty": "OKP", "crv": "Ed25519", "x": some[0].public}, (one.purpose for one in some))
        for kid, some in sorted(found.items())
    ]


def prepared(keys: Sequence[Key], kid: str, public: str, purpose: Purpose) -> list[Key]:
    """A new key for a purpose is trusted from now on, and signs later.

    Raises:
        Impossible: another one is coming already.
    """
    if coming_key(keys, purpose):
        raise Impossible(KeyStep.ALREADY_COMING)
    return [*keys, Key(kid, purpose, KeyState.COMING, public)]


def used(keys: Sequence[Key], purpose: Purpose) -> list[Key]:
    """The key that was prepared signs from now on; the one before is retiring.

    Raises:
        Impossible: none was prepared, or the one before the present one is still retiring.
    """
    if coming_key(keys, purpose) is None:
        raise Impossible(KeyStep.NOTHING_COMING)
    if any(key.purpose is purpose and key.state is KeyState.RETIRING for key in keys):
        raise Impossible(KeyStep.STILL_RETIRING)
    next_ = {KeyState.COMING: KeyState.SIGNING, KeyState.SIGNING: KeyState.RETIRING}
    return [replace(key, state=next_.get(key.state, key.state)) if key.purpose is purpose else key for key in keys]


def retired(keys: Sequence[Key], purpose: Purpose) -> list[Key]:
    """What was signed by the key that is retiring is no longer believed; everything was signed anew before.

    Raises:
        Impossible: none is retiring.
    """
    if not any(key.purpose is purpose and key.state is KeyState.RETIRING for key in keys):
        raise Impossible(KeyStep.NOTHING_RETIRING)
    return [
        replace(key, state=KeyState.RETIRED) if key.purpose is purpose and key.state is KeyState.RETIRING else key
        for key in keys
    ]


def lacking_after(keys: Sequence[Key], kid: str) -> list[Purpose]:
    """For which purposes a new key must be made when this one is revoked: it signs, and nothing is coming."""
    return [
        key.purpose
        for key in keys
        if key.kid == kid and key.state is KeyState.SIGNING and coming_key(_others(keys, kid), key.purpose) is None
    ]


def revoked(keys: Sequence[Key], kid: str, new: Sequence[Key] = ()) -> list[Key]:
    """A key is believed no more, for anything; what was coming signs in its place, or one of the new ones.

    Args:
        new: for each purpose of `lacking_after` one that signs.

    Raises:
        Impossible: it is not among the trusted ones.
    """
    if not any(key.kid == kid and key.trusted for key in keys):
        raise Impossible(KeyStep.NOT_TRUSTED)
    lost = {key.purpose for key in keys if key.kid == kid and key.state is KeyState.SIGNING}
    after = []
    for key in keys:
        if key.kid == kid:
            after.append(replace(key, state=KeyState.REVOKED) if key.trusted else key)
        elif key.purpose in lost and key.state is KeyState.COMING:
            after.append(replace(key, state=KeyState.SIGNING))
        else:
            after.append(key)
    return [*after, *(replace(key, state=KeyState.SIGNING) for key in new if key.purpose in lost)]


def holds_up(heard_at: datetime | None, keys_no: int, wanted_no: int, now: datetime) -> bool:
    """Whether a box that has not proved a set is waited for: only if it was heard of lately."""
    return keys_no < wanted_no and heard_at is not None and now - heard_at <= HEARD_WITHIN


def to_be_mended(ended: Iterable[datetime | None], now: datetime) -> bool:
    """Whether a key ended so lately that something may have been signed by it in that very moment."""
    return any(at is not None and now - at <= MEND_FOR for at in ended)


def _others(keys: Iterable[Key], kid: str) -> list[Key]:
    return [key for key in keys if key.kid != kid]
