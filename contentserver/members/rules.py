"""What a member's name and number may be, how a name is shown where strangers look, who may be in a branch. Pure."""

import re
from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import Final

_NUMBER = re.compile(r"^[0-9]{3,6}$")
_CARD = re.compile(r"^[0-9]{4,20}$")
FORMER: Final = "原学员"
"""The name of everybody who left years ago."""
_FORMER_NUMBER = re.compile(r"^-[0-9A-Z]{1,5}$")
NAME_CHARS: Final = 40
_NAME = re.compile(r"[^\W\d_](?:[^\W\d_]|[ .·•\-’'])*")
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


class BranchKind(StrEnum):
    """What a branch is, as its organisation calls it."""

    COMMITTEE = "committee"
    GENERAL = "general"
    """Over several branches."""
    BRANCH = "branch"
    GROUP = "group"
    ASSOCIATION = "association"


def may_hang_below(region: str, parent_region: str) -> bool:
    """Whether a branch of a region may belong to one of another: of the same region, or of one above it."""
    return region.startswith(parent_region)


def stands(dissolved_on: date | None, today: date) -> bool:
    """Whether a branch takes people on a day."""
    return dissolved_on is None or today < dissolved_on


def free_number(taken: Iterable[str], wish: str = "") -> str:
    """A number that nobody of a station has: the one that is wished for, else the next of those that are in use.

    Raises:
        LookupError: all of them are taken.
    """
    have = set(taken)
    if number_valid(wish) and wish not in have:
        return wish
    usual = [int(one) for one in have if number_valid(one) and len(one) == len(str(int(one)))]
    start = max(usual, default=100) + 1
    for number in (*range(max(start, 101), 1_000_000), *range(101, start)):
        if str(number) not in have:
            return str(number)
    raise LookupError("every number is taken")


def name_of(text: str) -> str:
    """A name as it is kept: printable, single spaces, without what turns the direction of writing."""
    return " ".join("".join(one if one.isprintable() else " " for one in text).split())


def name_valid(name: str) -> bool:
    """Whether a text may be somebody's name: letters, two to forty of them, with points, hyphens and spaces between."""
    letters = [one for one in name if one.isalpha()]
    return len(letters) >= 2 and len(name) <= NAME_CHARS and _NAME.fullmatch(name) is not None
