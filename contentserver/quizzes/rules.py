"""What a question may say, so that a room three metres away can read and answer it; how answers add up. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from unicodedata import east_asian_width

import msgspec

TEXT_MAX: Final = 40
OPTION_MAX: Final = 14
EXPLANATION_MAX: Final = 56
"""In widths of a Chinese character; a letter of the Latin alphabet is half as wide. So much fits the screen."""
_WIDE: Final = ("W", "F", "A")
FEWEST_OPTIONS, MOST_OPTIONS = 2, 4
MOST_OF_A_LESSON: Final = 12
NONE_RIGHT: Final = -1


class Words(msgspec.Struct, frozen=True):
    """One version of a question. `right` is the place of the right option, from 0; -1 where none is."""

    text: str
    options: tuple[str, ...]
    right: int = NONE_RIGHT
    explanation: str = ""


class Fault(StrEnum):
    """Why words are no question, or a place is none."""

    NO_TEXT = "no_text"
    TEXT_LONG = "text_long"
    FEW_OPTIONS = "few_options"
    MANY_OPTIONS = "many_options"
    OPTION_LONG = "option_long"
    OPTION_TWICE = "option_twice"
    RIGHT_UNKNOWN = "right_unknown"
    EXPLANATION_LONG = "explanation_long"
    BEYOND_THE_END = "beyond_the_end"
    TOO_MANY = "too_many"


def width(text: str) -> float:
    """How wide a text is, in Chinese characters (East Asian Width, Unicode annex 11)."""
    return sum(1.0 if east_asian_width(character) in _WIDE else 0.5 for character in text)


def faults(words: Words) -> tuple[tuple[str, Fault], ...]:
    """What is wrong with a question, each with the field it stands in; empty where it can be asked."""
    found: list[tuple[str, Fault]] = []
    if not words.text:
        found.append(("text", Fault.NO_TEXT))
    elif width(words.text) > TEXT_MAX:
        found.append(("text", Fault.TEXT_LONG))
    if len(words.options) < FEWEST_OPTIONS:
        found.append(("options", Fault.FEW_OPTIONS))
    if len(words.options) > MOST_OPTIONS:
        found.append(("options", Fault.MANY_OPTIONS))
    if any(width(option) > OPTION_MAX for option in words.options):
        found.append(("options", Fault.OPTION_LONG))
    if len(set(words.options)) < len(words.options):
        found.append(("options", Fault.OPTION_TWICE))
    if not NONE_RIGHT <= words.right < max(1, len(words.options)):
        found.append(("right", Fault.RIGHT_UNKNOWN))
    if width(words.explanation) > EXPLANATION_MAX:
        found.append(("explanation", Fault.EXPLANATION_LONG))
    return tuple(found)


def place_fault(at_ms: int | None, duration_ms: int, others: int) -> Fault | None:
    """Why a lesson cannot ask a question there.

    Args:
        at_ms: media time; None for the end.
        duration_ms: length of the lesson; 0 while nobody knows it.
        others: how many questions the lesson asks beside it.
    """
    if others >= MOST_OF_A_LESSON:
        return Fault.TOO_MANY
    if at_ms is not None and duration_ms and not 0 <= at_ms < duration_ms:
        return Fault.BEYOND_THE_END
    return None


@dataclass(frozen=True, slots=True)
class Answers:
    """How rooms answered one version of a question.

    Attributes:
        counts: by option, as many as the version has.
        rooms: in how many sessions anybody answered.
    """

    counts: tuple[int, ...]
    rooms: int

    @property
    def total(self) -> int:
        """How many answers there are."""
        return sum(self.counts)

    def right(self, place: int) -> int:
        """How many chose the option that is right."""
        return self.counts[place] if 0 <= place < len(self.counts) else 0


def added_up(counted: Iterable[Sequence[int]], options: int) -> Answers:
    """Answers of several rooms together; what a version has no option for is left out."""
    sums, rooms = [0] * options, 0
    for counts in counted:
        here = [*counts[:options], *([0] * (options - len(counts)))]
        if any(here):
            rooms += 1
        sums = [earlier + more for earlier, more in zip(sums, here, strict=True)]
    return Answers(tuple(sums), rooms)
