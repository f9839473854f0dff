"""Whether a post stands at once, waits, or is refused; who is named in it; what one may do to it. Pure."""

import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from contentserver.kernel import decency

MOST_IN_TEN_MINUTES: Final = 5
NEW_FOR: Final = timedelta(days=3)
"""A person who wrote their first post later than this ago is new: their links wait."""
LINKS_MOST: Final = 2
EDIT_WITHIN: Final = timedelta(minutes=30)
"""So long one's own words may be changed without a trace but the time."""
REPORTS_HIDE: Final = 3
"""So many people report a post, and it waits until somebody has looked."""
_LINK: Final = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_NAMED: Final = re.compile(r"(?<![\w@])@([a-z0-9][a-z0-9._-]{0,63})")
_BIDI: Final = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_STACKED: Final = 3
"""Marks above and below one letter; more is a trick that covers the lines around."""


class State(StrEnum):
    """What became of a post."""

    SHOWN = "shown"
    WAITING = "waiting"
    """Somebody looks at it first; its author sees it."""
    REMOVED = "removed"


class Moderation(StrEnum):
    """When somebody looks at posts."""

    BEFORE = "before"
    AFTER = "after"


class Verdict(StrEnum):
    """What happens to a new post."""

    SHOW = "show"
    WAIT = "wait"
    EMPTY = "empty"
    TOO_LONG = "too_long"
    TOO_FAST = "too_fast"
    AGAIN = "again"
    """The same words of the same person, just before: the post that is there is meant."""


class Act(StrEnum):
    """What somebody does to a post."""

    EDIT = "edit"
    REMOVE = "remove"
    REPORT = "report"
    DECIDE = "decide"


@dataclass(frozen=True, slots=True)
class Author:
    """What is known of who writes: their latest posts, the newest first, and since when they write at all."""

    latest: Sequence[tuple[datetime, str]]
    first_at: datetime | None
    moderates: bool


def cleaned(text: str) -> str:
    """A text as it may stand: no marks of direction, no stacks of marks, at most one empty line between two others."""
    plain = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    kept: list[str] = []
    stacked = 0
    for char in plain:
        stacked = stacked + 1 if unicodedata.combining(char) else 0
        shown = char == "\n" or (char.isprintable() and char not in _BIDI)
        if shown and stacked <= _STACKED:
            kept.append(char)
    lines = [line.strip() for line in "".join(kept).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def verdict(text: str, author: Author, moderation: Moderation, most_chars: int, now: datetime) -> Verdict:
    """What happens to a cleaned text."""
    if not text:
        return Verdict.EMPTY
    if len(text) > most_chars:
        return Verdict.TOO_LONG
    if author.latest and author.latest[0][1] == text and now - author.latest[0][0] < timedelta(hours=1):
        return Verdict.AGAIN
    recent = sum(now - at < timedelta(minutes=10) for at, _text in author.latest)
    if recent >= MOST_IN_TEN_MINUTES and not author.moderates:
        return Verdict.TOO_FAST
    if author.moderates:
        return Verdict.SHOW
    links = len(_LINK.findall(text))
    new = author.first_at is None or now - author.first_at < NEW_FOR
    said_often = sum(earlier == text for _at, earlier in author.latest) >= 2
    doubtful = decency.doubtful(_LINK.sub(" ", text))
    if moderation is Moderation.BEFORE or doubtful or links > LINKS_MOST or (links and new) or said_often:
        return Verdict.WAIT
    return Verdict.SHOW


def named(text: str) -> list[str]:
    """The user names behind an @, none twice, in their order."""
    return list(dict.fromkeys(one.rstrip(".-_") for one in _NAMED.findall(text.lower())))


def may(act: Act, *, own: bool, state: State, age: timedelta, moderates: bool, closed: bool) -> bool:
    """Whether somebody may do something to a post.

    Args:
        age: how long ago it was written.
        moderates: they look after the board.
    """
    match act:
        case Act.EDIT:
            return own and state is not State.REMOVED and age < EDIT_WITHIN and not closed
        case Act.REMOVE:
            return state is not State.REMOVED and (moderates or (own and not closed))
        case Act.REPORT:
            return not own and state is State.SHOWN
        case Act.DECIDE:
            return moderates and not own


def hides(reports: int) -> bool:
    """Whether a post waits until somebody has looked: enough people reported it."""
    return reports >= REPORTS_HIDE


def shown_to(state: State, *, own: bool, moderates: bool) -> bool:
    """Whether somebody reads a post's words."""
    return state is State.SHOWN or (state is State.WAITING and (own or moderates))


def told(authors: Collection[str], names: Collection[str], writer: str) -> dict[str, str]:
    """Who hears of a new post: `named` who is named, `thread` who wrote in its thread; never its writer."""
    found = dict.fromkeys(authors, "thread") | dict.fromkeys(names, "named")
    found.pop(writer, None)
    return found
