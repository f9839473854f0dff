"""What a new password must be: ten characters or more, none that many people use, not the account's name. Pure."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Final

from zxcvbn import zxcvbn

LEAST: Final = 10
MOST: Final = 200
_JUDGED: Final = 64
"""Characters that are looked at: judging takes longer than it is worth beyond."""
_GUESSES: Final = 10**6
_LOCAL: Final = ("yuanjiao", "远教", "ningxia", "shizuishan", "mima", "woaini", "admin")


class Fault(StrEnum):
    """Why a password cannot be taken."""

    SHORT = "short"
    LONG = "long"
    NAME = "name"
    COMMON = "common"


def fault_of(password: str, names: Sequence[str]) -> Fault | None:
    """What is wrong with a password of somebody with these names; None where nothing is."""
    if len(password) < LEAST:
        return Fault.SHORT
    if len(password) > MOST:
        return Fault.LONG
    folded, known = password.casefold(), [name.casefold() for name in names if name]
    if any(_little_but(folded, name) for name in known):
        return Fault.NAME
    guesses = zxcvbn(password[:_JUDGED], user_inputs=[*known, *_LOCAL])["guesses"]
    return Fault.COMMON if guesses < _GUESSES else None


def _little_but(password: str, name: str) -> bool:
    """Whether a password is a name, forwards or backwards, repeated or with hardly anything beside it."""
    rest = password.replace(name, "").replace(name[::-1], "")
    return len(name) > 1 and rest != password and len(rest) < 5
