"""Identity numbers of citizens: what one says, and whether its last digit fits the others. Pure.

Source: GB 11643-1999: six digits of a region, eight of the birthday, three of a sequence, and a check character by
ISO 7064 MOD 11-2. Numbers of the first generation (fifteen digits) are valid no longer and are not taken.
"""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

_FORM: Final = re.compile(r"[1-9]\d{5}(\d{8})\d{3}[\dX]")
_WEIGHTS: Final = tuple(pow(2, 17 - place, 11) for place in range(17))
_CHECKS: Final = "10X98765432"
_FULL_WIDTH: Final = {ord("\uff10") + digit: str(digit) for digit in range(10)} | {ord("\uff38"): "X"}
EARLIEST: Final = date(1900, 1, 1)


class Fault(StrEnum):
    """Why a text is no identity number."""

    FORM = "form"
    BIRTHDAY = "birthday"
    CHECK = "check"


@dataclass(frozen=True, slots=True)
class Identity:
    """An identity number and the birthday in it."""

    number: str
    birthday: date


def read(text: str, today: date) -> Identity | Fault:
    """The number that somebody wrote, with spaces or a small x, or why it is none."""
    number = "".join(text.split()).translate(_FULL_WIDTH).upper()
    found = _FORM.fullmatch(number) if number.isascii() else None
    if found is None:
        return Fault.FORM
    try:
        birthday = date.fromisoformat(found[1])
    except ValueError:
        return Fault.BIRTHDAY
    if not EARLIEST <= birthday <= today:
        return Fault.BIRTHDAY
    if number[-1] != check_of(number[:17]):
        return Fault.CHECK
    return Identity(number, birthday)


def check_of(digits: str) -> str:
    """The check character of the first seventeen digits."""
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, digits, strict=True))
    return _CHECKS[total % 11]


def masked_identity(number: str) -> str:
    """640***********123X: as much as one needs to tell two of a family apart."""
    return f"{number[:3]}{'*' * (len(number) - 7)}{number[-4:]}" if number else ""
