"""From boxes up to the city: counts by light, the branches of the tree, and the fields of marks. Pure.

A light is drawn as one of four marks, each with a shape of its own, so that colour is never alone.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from contentserver.readiness.reasons import Light

COUNTY_DIGITS, TOWNSHIP_DIGITS = 6, 9
MARK_OF = {
    Light.WILL_NOT_PLAY: "bad",
    Light.MISSED: "bad",
    Light.AT_RISK: "risk",
    Light.PARTLY: "risk",
    Light.UNREPORTED: "idle",
    Light.READY: "good",
    Light.SHOWN: "good",
}
MARKS = ("bad", "risk", "idle", "good")
"""Worst first: square, triangle, ring, disc."""
CELL = 12
"""Side of a mark's cell in the units of the drawing."""
SIZES = ((900, 12, 9), (2200, 8, 14), (1_000_000, 5, 22))
"""Up to so many boxes on the board: pixels of a cell, and marks one above the other."""
FEW = 16
"""So few stand in one row."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How many boxes carry each mark."""

    bad: int = 0
    risk: int = 0
    idle: int = 0
    good: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.bad + self.risk + self.idle + self.good


@dataclass(frozen=True, slots=True)
class Branch:
    """A region of the tree, by its code, with what lies below it."""

    code: str
    tally: Tally


@dataclass(frozen=True, slots=True)
class Field:
    """The marks of one region as drawn: path data by mark, in cells of `CELL` units, `columns` wide and `rows` high."""

    code: str
    tally: Tally
    columns: int
    rows: int
    pixels: int
    paths: Mapping[str, str]


def tally(lights: Iterable[Light]) -> Tally:
    """Count lights by mark."""
    counts = dict.fromkeys(MARKS, 0)
    for light in lights:
        counts[MARK_OF[light]] += 1
    return Tally(**counts)


def branches(lit: Iterable[tuple[str, Light]], digits: int, *, worst_first: bool = False) -> tuple[Branch, ...]:
    """Boxes by region code, gathered under the regions of a level.

    Args:
        digits: length of that level's codes; what lies above it stands under its own code.
        worst_first: the regions with most trouble first; else in order of code.
    """
    found: dict[str, list[Light]] = {}
    for code, light in lit:
        found.setdefault(code[:digits], []).append(light)
    made = [Branch(code, tally(lights)) for code, lights in sorted(found.items())]
    if worst_first:
        made.sort(key=lambda one: (-one.tally.bad, -one.tally.risk, -one.tally.idle, one.code))
    return tuple(made)


def fields(made: Sequence[Branch]) -> tuple[Field, ...]:
    """A field of marks for each branch, worst first, read in rows from the top left as text is."""
    everything = sum(branch.tally.total for branch in made)
    pixels, rows = next((pixels, rows) for most, pixels, rows in SIZES if everything <= most)
    return tuple(_field(branch, pixels, rows) for branch in made)


def _field(branch: Branch, pixels: int, rows: int) -> Field:
    counts = branch.tally
    columns = max(1, -(-counts.total // rows), min(counts.total, FEW))
    paths: dict[str, str] = {}
    place = 0
    for mark in MARKS:
        number = getattr(counts, mark)
        if number:
            paths[mark] = "".join(_drawn(mark, *divmod(at, columns)) for at in range(place, place + number))
        place += number
    return Field(branch.code, counts, columns, -(-counts.total // columns) or 1, pixels, paths)


def _drawn(mark: str, row: int, column: int) -> str:
    """Path data of one mark; its centre is the middle of its cell."""
    x, y = column * CELL + CELL // 2, row * CELL + CELL // 2
    match mark:
        case "bad":
            return f"M{x - 5} {y - 5}h10v10h-10z"
        case "risk":
            return f"M{x} {y - 5}l5.5 10h-11z"
        case "idle":
            return f"M{x - 4} {y}a4 4 0 1 0 8 0a4 4 0 1 0-8 0z"
        case _:
            return f"M{x - 5} {y}a5 5 0 1 0 10 0a5 5 0 1 0-10 0z"
