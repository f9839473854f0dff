"""Mobile numbers of China, as people write them and as networks take them."""

import re
from typing import Final

_WRITTEN: Final = re.compile(r"(?:\+?86|0086)?(1[3-9]\d{9})")
_FULL_WIDTH: Final = {ord("\uff10") + digit: str(digit) for digit in range(10)} | {ord("\uff0b"): "+"}
_BETWEEN: Final = re.compile(r"[\s\-\u2010-\u2015()（）]")


def mobile_number(text: str) -> str | None:
    """Eleven digits without the country; None where it is no mobile number.

    Source: MIIT's numbering plan for public mobile networks (11 digits that begin with 13 to 19).
    """
    digits = _BETWEEN.sub("", text.strip()).translate(_FULL_WIDTH)
    found = _WRITTEN.fullmatch(digits)
    return found[1] if found else None


def masked_number(number: str) -> str:
    """138****5678: the first three and the last four digits."""
    return f"{number[:3]}****{number[-4:]}" if number else ""
