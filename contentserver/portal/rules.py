"""What an article may say, how its text becomes headings, lists and paragraphs, and what may be done to it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import msgspec

from contentserver.portal.models import SUMMARY_CHARS, TEXT_CHARS, TITLE_CHARS


class Kind(StrEnum):
    """What an article is."""

    NEWS = "news"
    READING = "reading"
    """To read on a phone, to a lesson or for its own sake."""


class State(StrEnum):
    """How far an article is; newer words of a published one are a draft again, and what everybody reads stays."""

    DRAFT = "draft"
    WAITING = "waiting"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class Words(msgspec.Struct, frozen=True):
    """What everybody reads."""

    title: str
    summary: str = ""
    text: str = ""
    cover: str = ""
    cover_says: str = ""


class Piece(StrEnum):
    """What a block of text is."""

    HEADING = "heading"
    LIST = "list"
    PARAGRAPH = "paragraph"


@dataclass(frozen=True, slots=True)
class Block:
    """A heading or a paragraph with one line, or a list with several."""

    piece: Piece
    lines: Sequence[str]


BIDI: Final = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Marks by which a text reads otherwise than it is; nobody types them."""


def blocks(text: str) -> list[Block]:
    """A text as it is shown: `## ` begins a heading, `- ` a line of a list, every other line is a paragraph."""
    found: list[Block] = []
    for raw in text.splitlines():
        line = raw.strip()
        if not line:
            continue
        if line.startswith("## "):
            found.append(Block(Piece.HEADING, (line[3:].strip(),)))
        elif line.startswith("- "):
            item = line[2:].strip()
            if found and found[-1].piece is Piece.LIST:
                found[-1] = Block(Piece.LIST, (*found[-1].lines, item))
            else:
                found.append(Block(Piece.LIST, (item,)))
        else:
            found.append(Block(Piece.PARAGRAPH, (line,)))
    return found


def cleaned(text: str) -> str:
    """A text without marks of direction and without what cannot be shown; its lines stay."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    kept = (
        "".join(char for char in line if (char.isprintable() or char == "\t") and char not in BIDI) for line in lines
    )
    return "\n".join(line.rstrip() for line in kept).strip()


def faults(words: Words) -> dict[str, str]:
    """Fields that are empty or too long: `title`, `summary`, `text`, `cover_says`; `empty` or `long` each."""
    found: dict[str, str] = {}
    if not words.title:
        found["title"] = "empty"
    elif len(words.title) > TITLE_CHARS:
        found["title"] = "long"
    if len(words.summary) > SUMMARY_CHARS:
        found["summary"] = "long"
    if not words.text:
        found["text"] = "empty"
    elif len(words.text) > TEXT_CHARS:
        found["text"] = "long"
    if words.cover and not words.cover_says:
        found["cover_says"] = "empty"
    return found


def lead(words: Words, most: int = 90) -> str:
    """What stands below a title in a list: the summary, else how the text begins."""
    if words.summary:
        return words.summary
    first = next((block.lines[0] for block in blocks(words.text) if block.piece is Piece.PARAGRAPH), "")
    return first if len(first) <= most else first[: most - 1].rstrip() + "…"


def may_change(state: State) -> bool:
    """Whether its words may be changed: not while somebody decides about them."""
    return state is not State.WAITING
