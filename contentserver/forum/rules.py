"""Whether a post stands at once, waits, or is refused; who is named in it; what one may do to it. Pure."""

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from contentserver.kernel import decency

MOST_IN_TEN_MINUTES: Final = 5
NEW_FOR: Final = timedelta(days=3)
"""A person who wrote their first post later than this ago is new: their links and pictures wait."""
LINKS_MOST: Final = 2
EDIT_WITHIN: Final = timedelta(minutes=30)
"""So long one's own words may be changed without a trace but the time."""
REPORTS_HIDE: Final = 3
"""So many people report a post, and it waits until somebody has looked."""
_LINK: Final = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_NAMED: Final = re.compile(r"(?<![\w@])@([a-z0-9][a-z0-9._-]{0,63})")
_CALLED: Final = re.compile(r"[A-Za-z0-9\u3400-\u4dbf\u4e00-\u9fff·]{2,12}")
_FIGURES: Final = re.compile(r"\d{4}")
_PRETENDING: Final = ("管理员", "站长", "书记", "版主", "原学员", "远教", "admin", "moderator", "yuanjiao")
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
class Known:
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


def verdict(
    text: str,
    author: Known,
    moderation: Moderation,
    most_chars: int,
    now: datetime,
    *,
    title: str = "",
    pictures: bool = False,
) -> Verdict:
    """What happens to a cleaned text, and to the title of the thread that it begins.

    Of somebody new links and pictures wait.
    """
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
    links = len(_LINK.findall(f"{title} {text}"))
    new = author.first_at is None or now - author.first_at < NEW_FOR
    said_often = sum(earlier == text for _at, earlier in author.latest) >= 2
    doubtful = any(decency.doubtful(_LINK.sub(" ", one)) for one in (title, text))
    if moderation is Moderation.BEFORE or doubtful or links > LINKS_MOST or ((links or pictures) and new) or said_often:
        return Verdict.WAIT
    return Verdict.SHOW


def named(text: str) -> list[str]:
    """The user names behind an @, none twice, in their order."""
    return list(dict.fromkeys(one.rstrip(".-_") for one in _NAMED.findall(text.lower())))


def called(text: str, names: Mapping[str, Collection[str]]) -> list[str]:
    """Who is named behind an @ by the name that they are shown by, in their order; of two that fit, the longer one.

    Args:
        names: of each name those who are called so.
    """
    folded = {name.casefold(): people for name, people in names.items() if name}
    plain, found = text.casefold(), list[str]()
    for place in (one.end() for one in re.finditer("@", plain)):
        fits = [name for name in folded if plain.startswith(name, place)]
        found += folded[max(fits, key=len)] if fits else ()
    return list(dict.fromkeys(found))


def name_fault(name: str, number: str) -> str:
    """Why a member cannot be called so: `form`, `number` or `doubtful`; empty where they can.

    Letters of one kind that look like those of another are no letters here.

    Args:
        number: what they sign in with.
    """
    if _CALLED.fullmatch(name) is None:
        return "form"
    if _FIGURES.search(name) is not None or (number and number in name):
        return "number"
    pretends = any(word in name.casefold() for word in _PRETENDING)
    return "doubtful" if pretends or decency.doubtful(name) else ""


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
