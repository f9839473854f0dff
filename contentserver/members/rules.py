"""What a member's number may be, and how a name is shown where strangers look. Pure."""

import re
from collections.abc import Iterable
from typing import Final

_NUMBER = re.compile(r"^[0-9]{3,6}$")
_CARD = re.compile(r"^[0-9]{4,20}$")
FORMER: Final = "原学员"
"""The name of everybody who left years ago."""
_FORMER_NUMBER = re.compile(r"^-[0-9A-Z]{1,5}$")
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def number_valid(number: str) -> bool:
    """Three to six digits: what one can type on a remote."""
    return _NUMBER.fullmatch(number) is not None


def card_valid(card: str) -> bool:
    """Four to twenty digits: what a card reader types."""
    return _CARD.fullmatch(card) is not None


def masked(name: str) -> str:
    """王小芳 -> 王*芳, 王芳 -> 王*: first and last character stay, of two only the first."""
    if name == FORMER:
        return name
    if len(name) <= 2:
        return name[:1] + "*"
    return name[0] + "*" * (len(name) - 2) + name[-1]


def is_former(number: str) -> bool:
    """Whether a number is that of somebody who left years ago: nobody can type it."""
    return _FORMER_NUMBER.fullmatch(number) is not None


def former_number(taken: Iterable[str]) -> str:
    """A number for one more who left, other than those of a station's former members, and never a member's."""
    following = 1 + max((int(number[1:], 36) for number in taken), default=0)
    written = ""
    while following:
        following, digit = divmod(following, 36)
        written = _DIGITS[digit] + written
    return f"-{written}"
