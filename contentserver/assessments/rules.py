"""How forms become scores and scores a proposal. Pure, in exact fractions; a number is rounded once, when it is shown.

A part for which too few forms came is missing, and is told as missing: it never counts as zero. Nothing is cut off as
an outlier, and nothing is added up as forms come in: the same forms always give the same scores.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from math import floor
from typing import Final

import msgspec

from contentserver.bylaws import Law

HUNDREDTH: Final = 100
TEXT_CHARS: Final = 500
LEAST_ANONYMOUS: Final = 3
"""Of fewer forms without names one could tell who wrote which."""


class Subjects(StrEnum):
    """What is assessed."""

    STATIONS = "stations"
    BRANCHES = "branches"
    MEMBERS = "members"
    """Those who hold a role in a branch."""


class Assessor(StrEnum):
    """Who assesses in a part."""

    SELF = "self"
    PEERS = "peers"
    ABOVE = "above"
    NAMED = "named"


class FieldType(StrEnum):
    """What is asked."""

    SCALE = "scale"
    POINTS = "points"
    YESNO = "yesno"
    TEXT = "text"


RANGES: Final = {FieldType.SCALE: (1, 5), FieldType.POINTS: (0, 10), FieldType.YESNO: (0, 1)}
_TENTHS: Final = {FieldType.SCALE: 2, FieldType.POINTS: 1, FieldType.YESNO: 10}
"""What one step is worth, in tenths of all that a field can give."""


class Field(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One question of a form; a text weighs nothing."""

    name: str
    zh: str
    en: str
    type: FieldType
    weight: int = 1

    @property
    def scored(self) -> bool:
        """Whether it counts."""
        return self.type is not FieldType.TEXT


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who assesses, by which form, within how many working days, and what it weighs."""

    code: str
    zh: str
    en: str
    assessor: Assessor
    weight: int
    days: int
    fields: tuple[Field, ...]
    least: int = 1
    accounts: tuple[str, ...] = ()

    @property
    def full(self) -> int:
        """The points of a form in which everything is best."""
        return 10 * sum(field.weight for field in self.fields if field.scored)

    @property
    def anonymous(self) -> bool:
        """Whether nobody learns who wrote a form."""
        return self.assessor is Assessor.PEERS


class Scheme(Law, frozen=True, forbid_unknown_fields=True):
    """A scheme of assessment; `data/schemes.toml` says what each field means."""

    subjects: Subjects
    parts: tuple[Part, ...]
    publication_days: int
    objection_days: int
    role: str = ""
    names: str = "masked"
    recommend_percent: int = 0
    recommend_most: int = 0

    def part(self, code: str) -> Part | None:
        """The part of this code."""
        return next((one for one in self.parts if one.code == code), None)

    def may_recommend(self, subjects: int) -> int:
        """How many of so many may be recommended."""
        share = max(1, floor(Fraction(subjects * self.recommend_percent, 100))) if self.recommend_percent else subjects
        return min(share, subjects, self.recommend_most or subjects)


@dataclass(frozen=True, slots=True)
class Tally:
    """What came for one part of one subject: forms, of how many asked, and the sum of their points."""

    sent: int = 0
    asked: int = 0
    points: int = 0


@dataclass(frozen=True, slots=True)
class PartScore:
    """A part's score in per cent; None: it is missing, for too few forms came."""

    part: Part
    tally: Tally
    score: Fraction | None


@dataclass(frozen=True, slots=True)
class Score:
    """A subject's score over the parts that are there; None where none is."""

    parts: tuple[PartScore, ...]
    score: Fraction | None

    @property
    def missing(self) -> tuple[Part, ...]:
        """The parts that do not count."""
        return tuple(one.part for one in self.parts if one.score is None)

    @property
    def shown(self) -> int | None:
        """The score in hundredths, as it is printed."""
        return None if self.score is None else rounded(self.score)


class WrongAnswer(StrEnum):
    """What is wrong with an answer."""

    MISSING = "missing"
    OUTSIDE = "outside"
    LONG = "long"


def read_answers(part: Part, typed: Mapping[str, str]) -> tuple[dict[str, int | str], dict[str, WrongAnswer]]:
    """The answers of a form as they were typed, by field; and what is wrong with others. Every scored one is needed."""
    found, wrong = dict[str, int | str](), dict[str, WrongAnswer]()
    for field in part.fields:
        text = typed.get(field.name, "").strip()
        if not field.scored:
            if len(text) > TEXT_CHARS:
                wrong[field.name] = WrongAnswer.LONG
            elif text:
                found[field.name] = text
            continue
        first, last = RANGES[field.type]
        if not text:
            wrong[field.name] = WrongAnswer.MISSING
        elif not (text.isascii() and text.isdigit() and len(text) <= 2 and first <= int(text) <= last):
            wrong[field.name] = WrongAnswer.OUTSIDE
        else:
            found[field.name] = int(text)
    return found, wrong


def points_of(part: Part, answers: Mapping[str, int | str]) -> int:
    """The points of a form, of `part.full`."""
    return sum(
        field.weight * _TENTHS[field.type] * int(answers.get(field.name, 0)) for field in part.fields if field.scored
    )


def score_of(scheme: Scheme, tallies: Mapping[str, Tally]) -> Score:
    """The score of one subject, by what came for each part."""
    parts = tuple(_part_score(part, tallies.get(part.code, Tally())) for part in scheme.parts)
    there = [(one.part.weight, one.score) for one in parts if one.score is not None]
    weights = sum(weight for weight, _score in there)
    if not weights:
        return Score(parts, None)
    return Score(parts, sum((weight * score for weight, score in there), Fraction()) / weights)


def rounded(value: Fraction) -> int:
    """Per cent as hundredths, halves upwards."""
    return floor(value * HUNDREDTH + Fraction(1, 2))


def ranks(shown: Mapping[str, int | None]) -> dict[str, int]:
    """The place of each by the number that is shown: equal numbers share one; who has no score has no place."""
    first = dict[int, int]()
    for place, number in enumerate(sorted((one for one in shown.values() if one is not None), reverse=True), 1):
        first.setdefault(number, place)
    return {one: first[number] for one, number in shown.items() if number is not None}


def proposal(shown: Mapping[str, int | None], most: int) -> tuple[frozenset[str], frozenset[str]]:
    """Who is recommended by the scores, and who is tied at the border, among whom a person decides.

    Args:
        shown: the scores of those who may be recommended.
        most: how many may be.
    """
    places = ranks(shown)
    sharing = Counter(places.values())
    sure = {one for one, place in places.items() if place + sharing[place] - 1 <= most}
    border = {one for one, place in places.items() if place <= most} - sure
    return frozenset(sure), frozenset(border)


def mean(values: Sequence[int]) -> Fraction | None:
    """Of some answers; None of none."""
    return Fraction(sum(values), len(values)) if values else None


def _part_score(part: Part, tally: Tally) -> PartScore:
    if tally.sent < max(1, part.least):
        return PartScore(part, tally, None)
    return PartScore(part, tally, Fraction(100 * tally.points, tally.sent * part.full))
