"""What a member's number may be, and how a name is shown where strangers look. Pure."""

import re

_NUMBER = re.compile(r"^[0-9]{3,6}$")


def number_valid(number: str) -> bool:
    """Three to six digits: what one can type on a remote."""
    return _NUMBER.fullmatch(number) is not None


def masked(name: str) -> str:
    """王小芳 -> 王*芳, 王芳 -> 王*: first and last character stay, of two only the first."""
    if len(name) <= 2:
        return name[:1] + "*"
    return name[0] + "*" * (len(name) - 2) + name[-1]
