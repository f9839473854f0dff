"""Damaged pieces of a lesson: the picture stands where one is left out, and goes on at its own minute. Pure values.

What the television does at a gap: `mending.py`; which files are damaged: `adapters/packages.py`.
"""

from collections.abc import Iterable
from typing import Final

import msgspec

REPORTED_WITHIN_MS: Final = 600
"""The player says only every quarter of a second where it is."""


class Gap(msgspec.Struct, frozen=True):
    """A piece that is left out, in media time: `from_ms` included, `to_ms` not.

    Attributes:
        file: the damaged piece, by track and name.
        picture: it holds the picture; otherwise sound alone.
    """

    file: str
    from_ms: int
    to_ms: int
    picture: bool = True


def past(gaps: Iterable[Gap], position_ms: int) -> int:
    """The first picture from this media time on."""
    for gap in sorted(_of_picture(gaps), key=lambda one: one.from_ms):
        if gap.from_ms <= position_ms < gap.to_ms:
            position_ms = gap.to_ms
    return position_ms


def standing_ms(gaps: Iterable[Gap], position_ms: int) -> int:
    """How long the picture stands where the one of this media time was the last, or nearly; 0 where it goes on."""
    pictured = tuple(_of_picture(gaps))
    begins = [gap.from_ms for gap in pictured if -REPORTED_WITHIN_MS <= gap.from_ms - position_ms <= REPORTED_WITHIN_MS]
    return max((past(pictured, begin) - begin for begin in begins), default=0)


def crossed(gaps: Iterable[Gap], from_ms: int, to_ms: int) -> bool:
    """Whether a part of the picture between two media times was left out."""
    return any(gap.from_ms < to_ms and from_ms < gap.to_ms for gap in _of_picture(gaps))


def told_as(package: str, file: str) -> str:
    """A damaged piece, as `State.damage_told` names it."""
    return f"{package}/{file}"


def _of_picture(gaps: Iterable[Gap]) -> Iterable[Gap]:
    return (gap for gap in gaps if gap.picture)
