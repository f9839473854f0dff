"""From lesson to income: what notes add up to, when an adoption stalls, what may be written. Pure.

A household has adopted when a note of it says so that was not withdrawn; the last such note counts for its land. Of
results the last of each household counts: they are told as totals of a season, not as parts of it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

LAND_MAX_CMU: Final = 10_000_00
YIELD_MAX_DKG: Final = 100_000_0
MONEY_MAX_FEN: Final = 100_000_000_00
STALLED_AFTER: Final = timedelta(days=30)
"""So long after the last lesson, and so long without another adoption."""
ENOUGH_PERCENT: Final = 50
"""Where so many of a hundred households have adopted it, nothing stalls."""


class Model(StrEnum):
    """The two teaching models of the founding city."""

    ASSOCIATION = "association"
    """Distance lessons, base, association, households."""
    MEMBER = "member"
    """Distance lessons, base, member, project."""


class Kind(StrEnum):
    """What a note is about."""

    VISIT = "visit"
    INPUT = "input"
    ADOPTION = "adoption"
    RESULT = "result"


FIGURES: Final[Mapping[Kind, tuple[str, ...]]] = {
    Kind.VISIT: (),
    Kind.INPUT: ("cost",),
    Kind.ADOPTION: ("land",),
    Kind.RESULT: ("yield", "income", "cost"),
}
"""Which numbers a note of each kind has."""
OF_HOUSEHOLD: Final = frozenset({Kind.ADOPTION, Kind.RESULT})
"""Notes that are of one household; the others may be of the whole project."""
BOUNDS: Final[Mapping[str, tuple[int, int]]] = {
    "land": (1, LAND_MAX_CMU),
    "yield": (1, YIELD_MAX_DKG),
    "income": (-MONEY_MAX_FEN, MONEY_MAX_FEN),
    "cost": (1, MONEY_MAX_FEN),
}
NEEDED: Final = frozenset({"land"})
"""Numbers without which a note of their kind says nothing; of a result one of its numbers is enough."""


class Fault(StrEnum):
    """Why a note cannot stand; each with its field in `faults`."""

    NO_HOUSEHOLD = "no_household"
    NO_DAY = "no_day"
    IN_FUTURE = "in_future"
    BEFORE_PROJECT = "before_project"
    MISSING = "missing"
    TOO_MUCH = "too_much"
    MORE_THAN_LAND = "more_than_land"
    EMPTY = "empty"


@dataclass(frozen=True, slots=True)
class Written:
    """A note as somebody writes it; numbers in the units of the table, None where none is given."""

    kind: Kind
    day: date | None
    text: str = ""
    household: UUID | None = None
    lesson: str = ""
    figures: Mapping[str, int | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Taken:
    """A note that stands, as far as sums go."""

    kind: Kind
    day: date
    household: UUID | None
    land_cmu: int | None = None
    yield_dkg: int | None = None
    income_fen: int | None = None
    cost_fen: int | None = None


@dataclass(frozen=True, slots=True)
class Sum:
    """What came of a project so far.

    Attributes:
        households: that take part; `adopters` of them have adopted, on `land_cmu` of `all_land_cmu`.
        told: of how many adopters a result is known; `yield_dkg` is their mean weighted by land, None where none told.
        income_fen: gained in all, `cost_fen` spent in all.
    """

    households: int = 0
    adopters: int = 0
    land_cmu: int = 0
    all_land_cmu: int = 0
    told: int = 0
    yield_dkg: int | None = None
    income_fen: int = 0
    cost_fen: int = 0


def faults(note: Written, *, begun_on: date, today: date, household_land: int | None) -> dict[str, Fault]:
    """What is wrong with a note, by field; nothing where it may stand."""
    found: dict[str, Fault] = {}
    if note.day is None:
        found["day"] = Fault.NO_DAY
    elif note.day > today:
        found["day"] = Fault.IN_FUTURE
    elif note.day < begun_on:
        found["day"] = Fault.BEFORE_PROJECT
    if note.kind in OF_HOUSEHOLD and note.household is None:
        found["household"] = Fault.NO_HOUSEHOLD
    given = {name: value for name in FIGURES[note.kind] if (value := note.figures.get(name)) is not None}
    for name, value in given.items():
        low, high = BOUNDS[name]
        if not low <= value <= high:
            found[name] = Fault.TOO_MUCH
    if "land" in given and household_land is not None and given["land"] > household_land:
        found["land"] = Fault.MORE_THAN_LAND
    for name in NEEDED & set(FIGURES[note.kind]):
        if name not in given:
            found[name] = Fault.MISSING
    if note.kind is Kind.RESULT and not given:
        found["yield"] = Fault.MISSING
    if note.kind in (Kind.VISIT, Kind.INPUT) and not note.text.strip():
        found["text"] = Fault.EMPTY
    return found


def last_of(notes: Iterable[Taken], kind: Kind) -> dict[UUID, Taken]:
    """The last note of a kind of each household; of two on one day the later in the list."""
    found: dict[UUID, Taken] = {}
    for note in notes:
        if note.kind is not kind or note.household is None:
            continue
        before = found.get(note.household)
        if before is None or note.day >= before.day:
            found[note.household] = note
    return found


def total(land: Mapping[UUID, int], notes: Sequence[Taken]) -> Sum:
    """What the notes add up to.

    Args:
        land: of each household that takes part, in hundredths of a mu; notes of others do not count.
    """
    ours = [note for note in notes if note.household is None or note.household in land]
    adopted, results = last_of(ours, Kind.ADOPTION), last_of(ours, Kind.RESULT)
    told = {one: result for one, result in results.items() if one in adopted}
    harvests = [(told[one].yield_dkg, adopted[one].land_cmu or 0) for one in told]
    weighed = [(yielded, grown) for yielded, grown in harvests if yielded is not None and grown]
    ground = sum(grown for _yielded, grown in weighed)
    inputs = sum(note.cost_fen or 0 for note in ours if note.kind is Kind.INPUT)
    return Sum(
        households=len(land),
        adopters=len(adopted),
        land_cmu=sum(note.land_cmu or 0 for note in adopted.values()),
        all_land_cmu=sum(land.values()),
        told=len(told),
        yield_dkg=round(sum(y * g for y, g in weighed) / ground) if ground else None,
        income_fen=sum(result.income_fen or 0 for result in told.values()),
        cost_fen=inputs + sum(result.cost_fen or 0 for result in told.values()),
    )


def stalled(households: int, adopters: int, last_lesson: date, last_adoption: date | None, today: date) -> bool:
    """Whether a lesson should be shown once more: it was shown, few have tried it, and nobody new for a while."""
    if not households or today - last_lesson < STALLED_AFTER:
        return False
    if adopters * 100 >= households * ENOUGH_PERCENT:
        return False
    return last_adoption is None or today - last_adoption >= STALLED_AFTER


def shade(part: int, whole: int) -> int:
    """0 for nobody to 4 for everybody: how dark a tile of the map is."""
    return 0 if not whole or not part else 1 + min(3, part * 4 // whole - (part == whole))
