"""Typed numbers as the table keeps them, and back: mu, kilograms, yuan. Pure."""

import re
from decimal import Decimal
from typing import Final

_NUMBER: Final = re.compile(r"-?[0-9]{1,9}(?:\.[0-9]{1,2})?")
SCALES: Final = {"land": 100, "yield": 10, "income": 100, "cost": 100}
"""Units of the table in one unit that people write: mu, kilograms for each mu, yuan."""


class Unreadable(ValueError):
    """It is no number."""


def typed(name: str, text: str) -> int | None:
    """A number as somebody types it, `1,200.5` and full-width digits too; None for nothing.

    Raises:
        Unreadable: it is no number, or has more places than it can.
    """
    text = text.strip().translate(_PLAIN).replace(",", "")
    if not text:
        return None
    if _NUMBER.fullmatch(text) is None:
        raise Unreadable(text[:20])
    value = Decimal(text) * SCALES[name]
    if value != int(value):
        raise Unreadable(text[:20])
    return int(value)


def written(name: str, value: int | None) -> str:
    """A number as people read it, without places that say nothing."""
    if value is None:
        return ""
    return f"{Decimal(value) / SCALES[name]:,.2f}".rstrip("0").rstrip(".")


_PLAIN: Final = {ord("\uff10") + digit: str(digit) for digit in range(10)} | {0xFF0E: ".", 0xFF0C: ",", 0x2212: "-"}
