"""A caption's text in lines that fit a television: two of 18 Han characters, broken where a reader would pause. Pure.

Breaks follow Chinese line-breaking practice (kinsoku): punctuation stays with what it closes, brackets with what they
open, words are whole. Text that needs more than two lines becomes pages, for `caption_layout` to time.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from typing import Final

LINE_WIDTH: Final = 36
"""In half widths: 18 Han characters."""
LINES: Final = 2
NEVER_FIRST: Final = frozenset("，。！？、；：）》」』】〉〕”’")
"""No second line begins with these."""
_ATTACHED: Final = NEVER_FIRST | frozenset("…—·～ー々％‰℃°,.!?;:)]}»›%")
"""What stays with the letter before it."""
_ATTACHING: Final = frozenset("（《「『【〈〔“‘([{«‹￥$")
"""What stays with the letter after it."""
_SENTENCE_ENDS: Final = frozenset("。！？；!?;…།؟")
_PAUSES: Final = frozenset("，、：,:.—）》」』】”،")
_SPEAKER: Final = re.compile(r"[-–—－](?![-–—－])")
"""A line that begins so is another person's, and is not run into the one before."""
_COSTS: Final = (0, 4, 10, 40)
"""Of a break after a sentence, a pause, a word, and elsewhere, in half widths of unevenness."""


@dataclass(frozen=True, slots=True)
class _Atom:
    """What is never broken: a Han character with its punctuation, or a word. `space` stands before it."""

    text: str
    width: int
    space: bool


def width(text: str) -> int:
    """In half widths: an East Asian wide letter is two, a combining one none."""
    return sum(map(_letter_width, text))


@lru_cache(maxsize=1 << 14)
def _letter_width(char: str) -> int:
    if unicodedata.category(char) in {"Mn", "Me", "Cf"}:
        return 0
    match unicodedata.east_asian_width(char):
        case "W" | "F":
            return 2
        case "A":  # in a Chinese typeface punctuation such as “ … — is wide; Cyrillic and pinyin are not
            return 1 if char.isalpha() else 2
        case _:
            return 1


def wrapped(text: str) -> list[list[str]]:
    """The text in pages of one or two lines that fit; unchanged where it fits already.

    Args:
        text: one or more lines, each with something to see.
    """
    lines = text.split("\n")
    if _fits(lines):
        return [lines]
    speeches: list[list[str]] = []
    for line in lines:
        if not speeches or _SPEAKER.match(line):
            speeches.append([line])
        else:
            speeches[-1] += [_between(speeches[-1][-1][-1], line[0]), line]
    return packed(page for speech in speeches for page in _pages(list(_atoms("".join(speech)))))


def packed(pages: Iterable[list[str]]) -> list[list[str]]:
    """As few pages as may be, in order: two of one line become one of two."""
    packed: list[list[str]] = []
    for page in pages:
        if packed and len(packed[-1]) + len(page) <= LINES and page[0][0] not in NEVER_FIRST:
            packed[-1] = packed[-1] + page
        else:
            packed.append(page)
    return packed


def _fits(lines: Sequence[str]) -> bool:
    return (
        len(lines) <= LINES
        and all(len(line) * 2 <= LINE_WIDTH or width(line) <= LINE_WIDTH for line in lines)
        and not any(line[0] in NEVER_FIRST for line in lines[1:])
    )


def _between(before: str, after: str) -> str:
    """What joins two lines: nothing next to a Han character, a space between words."""
    return "" if before == "་" or 2 in (_letter_width(before), _letter_width(after)) else " "


def _atoms(text: str) -> Iterator[_Atom]:
    held: list[str] = []
    before_held = pending = drawn = False
    for char in text:
        if char.isspace():
            pending = True
            continue
        if not held or (drawn and _may_part(held[-1][-1], char, spaced=pending)):
            yield from _cut("".join(held), space=before_held)
            held, before_held, drawn = [char], pending, False
        else:
            held.append(_between(held[-1][-1], char) + char if pending else char)
        drawn = drawn or _letter_width(char) > 0
        pending = False
    yield from _cut("".join(held), space=before_held)


def _may_part(before: str, after: str, *, spaced: bool) -> bool:
    """Whether a line may be broken between two letters, with or without a space between them."""
    if after in _ATTACHED or before in _ATTACHING or not _letter_width(after):
        return False
    if spaced:
        return True
    if before == "\u200d" or (before == "’" and _letter_width(after) == 1):
        return False
    return before == "་" or 2 in (_letter_width(before), _letter_width(after))


def _cut(text: str, *, space: bool) -> Iterator[_Atom]:
    """An atom, or several where it is longer than a line."""
    start = taken = 0
    for at, char in enumerate(text):
        taken += _letter_width(char)
        if taken > LINE_WIDTH:
            piece = text[start:at].strip()
            yield _Atom(piece, width(piece), space)
            start, taken, space = at, _letter_width(char), False
    if piece := text[start:].strip():
        yield _Atom(piece, width(piece), space)


class _Row:
    """Atoms side by side; the width of any stretch of them and the cost of a break before any."""

    def __init__(self, atoms: Sequence[_Atom]) -> None:
        self._atoms = atoms
        self._ends = list(accumulate((atom.width + atom.space for atom in atoms), initial=0))

    def __len__(self) -> int:
        return len(self._atoms)

    def width(self, start: int, stop: int) -> int:
        return self._ends[stop] - self._ends[start] - self._atoms[start].space

    def reach(self, start: int) -> int:
        """Where a line that begins here ends at the latest."""
        limit = self._ends[start] + self._atoms[start].space + LINE_WIDTH
        return max(bisect_right(self._ends, limit) - 1, start + 1)

    def cost(self, at: int) -> int:
        last = self._atoms[at - 1].text[-1]
        if last in _SENTENCE_ENDS:
            return _COSTS[0]
        if last in _PAUSES:
            return _COSTS[1]
        return _COSTS[2] if self._atoms[at].space else _COSTS[3]

    def text(self, start: int, stop: int) -> str:
        return "".join((" " if atom.space else "") + atom.text for atom in self._atoms[start:stop]).strip()


def _pages(atoms: Sequence[_Atom]) -> list[list[str]]:
    """As few pages as their width needs, about equally long, each in two even lines or in one."""
    row = _Row(atoms)
    pages: list[list[str]] = []
    start = 0
    while start < len(row):
        first = row.reach(start)
        stop = row.reach(first) if first < len(row) else first
        if stop < len(row):
            left = row.width(start, len(row))
            aim = left // max(2, -(-left // (LINES * LINE_WIDTH)))
            stop = min(range(stop, start, -1), key=lambda at: abs(row.width(start, at) - aim) + row.cost(at))
        pages.append(_lines(row, start, stop))
        start = stop
    return pages


def _lines(row: _Row, start: int, stop: int) -> list[str]:
    if row.width(start, stop) <= LINE_WIDTH:
        return [row.text(start, stop)]
    middle = min(
        (at for at in range(start + 1, row.reach(start) + 1) if row.width(at, stop) <= LINE_WIDTH),
        key=lambda at: abs(row.width(start, at) - row.width(at, stop)) + row.cost(at),
    )
    return [row.text(start, middle), row.text(middle, stop)]
