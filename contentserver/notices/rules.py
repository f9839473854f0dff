"""What a notice may say, how it stands at an instant, and what a television's word of its being read is worth. Pure.

Bounds of the words are the television's: in large letters, a page at a time, and on one sheet of paper.
"""

import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

import msgspec

from schedules.alerts import length_of

TITLE_MAX = 36
TEXT_MAX = 1200
ISSUER_MAX = 20
"""Characters; a small Latin letter counts as half of one (`schedules.alerts.length_of`)."""
FARTHEST_AHEAD = timedelta(days=366)
BEFOREHAND = timedelta(days=7)
"""So long before it begins a notice is on the boxes: the line may be down on the day itself."""
MOST_SHOWN = 40
"""Notices of one station; whoever has more reads none."""
MOST_TARGETS = 40
"""Regions and groups of one notice; for more stands a region above them, or a group."""


class NoticeState(StrEnum):
    """What somebody decided about a notice."""

    DRAFT = "draft"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class Standing(StrEnum):
    """How a notice stands at an instant, as people see it."""

    DRAFT = "draft"
    COMING = "coming"
    """Published, and its day has not come."""
    SHOWN = "shown"
    OVER = "over"
    WITHDRAWN = "withdrawn"


class NoticeWords(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that a person decides about a notice.

    Attributes:
        regions: those it is for, with everything below them.
        groups: groups of stations that it is for as well; a station that is in several reads it once.
        valid_from: None for the moment it is published.
        valid_until: None until it is withdrawn.
    """

    regions: tuple[str, ...]
    groups: tuple[UUID, ...] = ()
    title: str
    text: str
    issuer: str
    important: bool = False
    valid_from: datetime | None = None
    valid_until: datetime | None = None

    def reads_as(self, other: "NoticeWords") -> bool:
        """Whether whoever has read the other one has read this."""
        return (self.title, self.text, self.issuer) == (other.title, other.text, other.issuer)


class Fault(StrEnum):
    """What speaks against a notice as it stands."""

    NOBODY = "nobody"
    TOO_MANY = "too_many"
    GROUP_GONE = "group_gone"
    """A group was deleted, or never was; found where the groups are."""
    FAR_APART = "far_apart"
    """No region holds all of it; found where the groups are."""
    NO_TITLE = "no_title"
    TITLE_LONG = "title_long"
    NO_TEXT = "no_text"
    TEXT_LONG = "text_long"
    NO_ISSUER = "no_issuer"
    ISSUER_LONG = "issuer_long"
    TOO_FAR_AHEAD = "too_far_ahead"
    OVER_BEFORE_IT_BEGINS = "over_before_it_begins"
    OVER_ALREADY = "over_already"


@dataclass(frozen=True, slots=True)
class FieldFault:
    """A fault and the field it is about, as `NoticeWords` names it."""

    field: str
    fault: Fault


def faults(words: NoticeWords, now: datetime) -> tuple[FieldFault, ...]:
    """Everything that is wrong, in the order of the fields."""
    begins, ends = words.valid_from, words.valid_until
    over = ends is not None and ends <= now
    checks = (
        ("region_code", Fault.NOBODY, not words.regions and not words.groups),
        ("region_code", Fault.TOO_MANY, len(words.regions) + len(words.groups) > MOST_TARGETS),
        ("title", Fault.NO_TITLE, not words.title),
        ("title", Fault.TITLE_LONG, length_of(words.title) > TITLE_MAX),
        ("text", Fault.NO_TEXT, not words.text),
        ("text", Fault.TEXT_LONG, length_of(words.text) > TEXT_MAX),
        ("issuer", Fault.NO_ISSUER, not words.issuer),
        ("issuer", Fault.ISSUER_LONG, length_of(words.issuer) > ISSUER_MAX),
        ("valid_from", Fault.TOO_FAR_AHEAD, begins is not None and begins - now > FARTHEST_AHEAD),
        ("valid_until", Fault.OVER_ALREADY, over),
        (
            "valid_until",
            Fault.OVER_BEFORE_IT_BEGINS,
            not over and begins is not None and ends is not None and ends <= begins,
        ),
    )
    return tuple(FieldFault(field, fault) for field, fault, wrong in checks if wrong)


def outermost(codes: Iterable[str]) -> tuple[str, ...]:
    """Those of some regions that lie in no other one of them, in order: whoever is told all of it is told each part."""
    found: list[str] = []
    for code in sorted(set(codes)):
        if not found or not code.startswith(found[-1]):
            found.append(code)
    return tuple(found)


def holding_all(paths: Iterable[Collection[str]]) -> str:
    """The smallest region in which all of these lie, each given by the codes from the top to itself; empty for none."""
    each = [set(path) for path in paths]
    return max(set.intersection(*each), key=len, default="") if each else ""


def one_line(typed: str) -> str:
    """What was typed on one line, without signs that nobody sees."""
    return " ".join(_seen(typed).split())


def paragraphs(typed: str) -> str:
    """What was typed, one line for each paragraph and no empty one."""
    lines = (one_line(line) for line in typed.splitlines())
    return "\n".join(line for line in lines if line)


def _seen(typed: str) -> str:
    return "".join(char if unicodedata.category(char) not in ("Cc", "Cf", "Co", "Cs") else " " for char in typed)


def standing(state: NoticeState, valid_from: datetime | None, valid_until: datetime | None, now: datetime) -> Standing:
    """How a notice stands; `valid_until` itself is over."""
    if state is not NoticeState.PUBLISHED:
        return Standing(state.value)
    if valid_until is not None and valid_until <= now:
        return Standing.OVER
    return Standing.COMING if valid_from is not None and valid_from > now else Standing.SHOWN


def on_boxes(state: NoticeState, valid_from: datetime | None, valid_until: datetime | None, now: datetime) -> bool:
    """Whether the boxes should have it: it stands, or begins within days."""
    match standing(state, valid_from, valid_until, now):
        case Standing.SHOWN:
            return True
        case Standing.COMING:
            return valid_from is not None and valid_from - now <= BEFOREHAND
        case _:
            return False


def narrower(one: str, other: str) -> str:
    """Of two regions, of which one lies in the other, the one inside; the empty code is everything."""
    return max(one, other, key=len)


class Outcome(StrEnum):
    """What became of a television's word that somebody opened a notice."""

    COUNTS = "counts"
    UNKNOWN_NOTICE = "unknown_notice"
    """There is none by that name, any more or yet."""
    UNKNOWN_VERSION = "unknown_version"
    """A version that was never published here; a database that was restored forgets some."""


@dataclass(frozen=True, slots=True)
class Published:
    """What of a notice decides about words of its being read."""

    version: int
    published_at: datetime


def outcome(notice: Published | None, version: int) -> Outcome:
    """What such a word is worth: of a withdrawn notice, and one that is over, as much as of any other."""
    if notice is None:
        return Outcome.UNKNOWN_NOTICE
    return Outcome.COUNTS if 1 <= version <= notice.version else Outcome.UNKNOWN_VERSION


def read_at(at: datetime, received_at: datetime, published_at: datetime) -> datetime:
    """When it was opened, by a clock that may be wrong: not after the server heard of it, nor before it was there."""
    return max(min(at, received_at), published_at)


def notice_id(name: str) -> UUID | None:
    """The id in a word from outside; None where it is none."""
    try:
        return UUID(name)
    except ValueError:
        return None
