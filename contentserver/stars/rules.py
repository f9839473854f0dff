"""How evidence becomes points and stars, and what the next star would need. Pure, in exact fractions.

More evidence never gives fewer points: a criterion's points rise in a straight line from `none` to `full`, and stay.
They are counted in hundredths, cut for each criterion, so that the lines of a page add up to its sum. The document that
says how much each criterion weighs: `document.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from math import ceil, floor
from typing import Final

MS_PER_HOUR: Final = 3_600_000
MOST_STARS: Final = 5
POINT: Final = 100
"""Hundredths."""


class One(StrEnum):
    """The five ones of a station."""

    PLACE = "place"
    EQUIPMENT = "equipment"
    ADMINISTRATOR = "administrator"
    RULES = "rules"
    ASSESSMENT = "assessment"


class OneState(StrEnum):
    """How a station stands with one of them."""

    HAS = "has"
    PARTLY = "partly"
    MISSING = "missing"


FIELDS: Final[dict[One, tuple[str, ...]]] = {
    One.PLACE: ("room", "seats", "note"),
    One.EQUIPMENT: ("devices", "condition", "note"),
    One.ADMINISTRATOR: ("name", "trained", "note"),
    One.RULES: ("title", "posted", "note"),
    One.ASSESSMENT: ("method", "how_often", "note"),
}
"""What is written about each."""
STATE_POINTS: Final = {OneState.HAS: 2, OneState.PARTLY: 1, OneState.MISSING: 0}
ONES_POINTS: Final = 2 * len(One)


class Criterion(StrEnum):
    """What stars are given for."""

    HELD = "held"
    """Sessions of which something was shown, of those that were planned."""
    HOURS = "hours"
    """Lesson time that counts, in ms, over the people on the roll."""
    COVERAGE = "coverage"
    """People who came, of those on the roll."""
    READINESS = "readiness"
    """Sessions that began on time, of all: the television was ready."""
    ANSWERS = "answers"
    """Sessions at whose end people said something, of those held."""
    INSPECTION = "inspection"
    """What was in order at the spot check, of what was looked at."""
    FIVE_ONES = "five_ones"
    """Two for each that is there, one for each that is partly there, of ten."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """How much, of how much."""

    have: int = 0
    of: int = 0


@dataclass(frozen=True, slots=True)
class Weighed:
    """What a criterion weighs: no points up to `none`, all of `weight` from `full`; in per cent, or in hours a head."""

    criterion: Criterion
    weight: int
    none: int
    full: int


@dataclass(frozen=True, slots=True)
class Rules:
    """Rules that hold together; see `document.py` for how they are written.

    Attributes:
        thresholds: points for one to five stars.
        needs: what a number of stars needs beside points: (criterion, least value).
        percent, least: how many stations of a township are drawn for a spot check.
        items: what is looked at there.
        appeal_days: for so long after publication a station may appeal.
    """

    title: str
    criteria: tuple[Weighed, ...]
    thresholds: tuple[int, ...]
    needs: Mapping[int, tuple[tuple[Criterion, int], ...]]
    percent: int
    least: int
    items: tuple[str, ...]
    appeal_days: int


@dataclass(frozen=True, slots=True)
class Line:
    """One criterion of a result.

    Attributes:
        value: in per cent, or hours a head.
        points: in hundredths.
        given: not inspected, so nothing is lost.
    """

    weighed: Weighed
    evidence: Evidence
    value: Fraction
    points: int
    given: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """With `have` instead of what is there now, a criterion would be enough; None: it cannot be enough alone."""

    criterion: Criterion
    have: int | None
    of: int


@dataclass(frozen=True, slots=True)
class NextStar:
    """What one star more would need: every one of `must`, and then `lacking` hundredths, by any one of `ways`."""

    stars: int
    lacking: int
    must: tuple[Step, ...]
    ways: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Judged:
    """A station's stars, line by line; `points` in hundredths. `next` is None where there are no more."""

    lines: tuple[Line, ...]
    points: int
    stars: int
    next: NextStar | None


def judged(rules: Rules, evidence: Mapping[Criterion, Evidence]) -> Judged:
    """The stars of one station."""
    lines = tuple(_line(weighed, evidence.get(weighed.criterion, Evidence())) for weighed in rules.criteria)
    points = sum(line.points for line in lines)
    stars = _stars(rules, lines, points)
    further = _next(rules, lines, stars + 1) if stars < MOST_STARS else None
    return Judged(lines, points, stars, further)


def stars_of(rules: Rules, evidence: Mapping[Criterion, Evidence]) -> int:
    """The stars of one station alone."""
    return judged(rules, evidence).stars


def one_points(states: Mapping[One, OneState]) -> Evidence:
    """The five ones as evidence; one of which nothing was noted is missing."""
    return Evidence(sum(STATE_POINTS[states.get(one, OneState.MISSING)] for one in One), ONES_POINTS)


def value_of(criterion: Criterion, evidence: Evidence) -> Fraction:
    """Per cent, at most 100; or hours a head. Nothing of nothing is nothing."""
    if evidence.of <= 0 or evidence.have <= 0:
        return Fraction()
    if criterion is Criterion.HOURS:
        return Fraction(evidence.have, evidence.of * MS_PER_HOUR)
    return min(Fraction(100), Fraction(100 * evidence.have, evidence.of))


def _line(weighed: Weighed, evidence: Evidence) -> Line:
    """Whoever was not drawn for a spot check loses nothing by it."""
    if weighed.criterion is Criterion.INSPECTION and evidence.of <= 0:
        return Line(weighed, evidence, Fraction(100), POINT * weighed.weight, given=True)
    value = value_of(weighed.criterion, evidence)
    share = min(Fraction(1), max(Fraction(), (value - weighed.none) / (weighed.full - weighed.none)))
    return Line(weighed, evidence, value, floor(share * weighed.weight * POINT))


def _stars(rules: Rules, lines: tuple[Line, ...], points: int) -> int:
    """As many as have all that they need, and all below them too."""
    values = {line.weighed.criterion: line.value for line in lines}
    reached = 0
    for stars, threshold in enumerate(rules.thresholds, 1):
        if points < threshold * POINT or any(values.get(name, 0) < least for name, least in rules.needs.get(stars, ())):
            break
        reached = stars
    return reached


def _next(rules: Rules, lines: tuple[Line, ...], stars: int) -> NextStar:
    by_name = {line.weighed.criterion: line for line in lines}
    must: list[Step] = []
    for name, least in rules.needs.get(stars, ()):
        line = by_name[name]
        if line.value < least:
            step = Step(name, _have_for(line, Fraction(least)), line.evidence.of)
            must.append(step)
            if step.have is not None:
                by_name[name] = _line(line.weighed, Evidence(step.have, line.evidence.of))
    total = sum(line.points for line in by_name.values())
    lacking = max(0, rules.thresholds[stars - 1] * POINT - total)
    ways = () if not lacking else tuple(_way(line, lacking) for line in by_name.values() if not _exhausted(line))
    return NextStar(stars, lacking, tuple(must), ways)


def _exhausted(line: Line) -> bool:
    return line.points >= line.weighed.weight * POINT


def _way(line: Line, lacking: int) -> Step:
    weighed, points = line.weighed, line.points + lacking
    if points > weighed.weight * POINT:
        return Step(weighed.criterion, None, line.evidence.of)
    value = weighed.none + Fraction(points, weighed.weight * POINT) * (weighed.full - weighed.none)
    return Step(weighed.criterion, _have_for(line, value), line.evidence.of)


def _have_for(line: Line, value: Fraction) -> int | None:
    """The least that gives a value; None where there is no such."""
    of = line.evidence.of
    if of <= 0:
        return None
    if line.weighed.criterion is Criterion.HOURS:
        return ceil(value * of * MS_PER_HOUR)
    needed = ceil(value * of / 100)
    return needed if needed <= of else None
