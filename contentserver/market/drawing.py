"""Where the points of a price's line stand. Pure; `market/lines.html` draws them.

A line of prices does not begin at zero: it shows which way they go. The lowest and the highest price are written
beside it, and every price is in the table.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """A line in a box of the chart's own units, y down.

    Attributes:
        points: x and y of each price that is known, from left to right.
        low, high: the lowest and the highest price, in cents.
    """

    points: tuple[tuple[float, float], ...]
    low: int
    high: int

    @property
    def path(self) -> str:
        """As SVG writes the points of a polyline."""
        return " ".join(f"{x:.1f},{y:.1f}" for x, y in self.points)


def line(days: Sequence[int | None], width: float, height: float) -> Line | None:
    """The line of some days' prices; None where there is none. A price that never moves stands in the middle."""
    known = [(place, cents) for place, cents in enumerate(days) if cents is not None]
    if not known:
        return None
    low, high = min(cents for _place, cents in known), max(cents for _place, cents in known)
    step = width / max(1, len(days) - 1)
    points = tuple(
        (place * step, height / 2 if high == low else height * (high - cents) / (high - low)) for place, cents in known
    )
    return Line(points, low, high)
