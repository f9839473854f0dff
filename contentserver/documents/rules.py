"""What a document may say, its number, how far it has come at a recipient, what an answer must be. Pure.

A document's recipients are those of the moment at which it was sent. Deadlines are working days (`processes.due_on`).
"""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from difflib import SequenceMatcher
from enum import StrEnum
from uuid import UUID

import msgspec

from contentserver.processes import due_on
from contentserver.regions import ancestors_and_self
from schedules.holidays import PUBLISHED, HolidayTable

TITLE_MAX, TEXT_MAX, REASON_MAX = 80, 6000, 200
MOST_TARGETS = 60
MOST_DAYS = 90
MOST_OPTIONS, OPTION_MAX, LEAST_OPTIONS = 4, 24, 2
MOST_FIELDS, FIELD_MAX = 8, 40
ANSWER_MAX = 500
ESCALATION_DAYS = 3
"""Working days after which a recipient that is late is a matter of the next office above."""
OFFICE_DIGITS = 9
"""Townships have offices, villages have stations."""


class DocumentState(StrEnum):
    """What somebody decided about a document."""

    DRAFT = "draft"
    SENT = "sent"
    WITHDRAWN = "withdrawn"


class ReplyKind(StrEnum):
    """What the recipients are asked for."""

    NONE = "none"
    YES_NO = "yes_no"
    CHOICE = "choice"
    TEXT = "text"
    FIELDS = "fields"
    FILE = "file"

    @property
    def by_keys(self) -> bool:
        """Whether a television can answer it."""
        return self in (ReplyKind.YES_NO, ReplyKind.CHOICE)


class DocumentWordsOf(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that a person decides about a document.

    Attributes:
        regions: those to which it goes.
        read_days, reply_days: working days from the day on which it is sent; None for no deadline.
        options: for a choice what can be chosen, for fields what is asked for.
    """

    regions: tuple[str, ...]
    groups: tuple[UUID, ...] = ()
    title: str
    text: str
    to_offices: bool = True
    to_stations: bool = True
    read_days: int | None = None
    reply_days: int | None = None
    reply: ReplyKind = ReplyKind.NONE
    options: tuple[str, ...] = ()

    def reads_as(self, other: "DocumentWordsOf") -> bool:
        """Whether whoever has read the other one has read this."""
        return (self.title, self.text) == (other.title, other.text)


class Fault(StrEnum):
    """What speaks against a document as it stands."""

    NOBODY = "nobody"
    TOO_MANY = "too_many"
    NOT_BELOW = "not_below"
    GROUP_GONE = "group_gone"
    NEITHER = "neither"
    NO_TITLE = "no_title"
    TITLE_LONG = "title_long"
    NO_TEXT = "no_text"
    TEXT_LONG = "text_long"
    DAYS = "days"
    REPLY_BEFORE_READING = "reply_before_reading"
    FEW_OPTIONS = "few_options"
    MANY_OPTIONS = "many_options"
    OPTION_LONG = "option_long"
    NO_FIELDS = "no_fields"
    MANY_FIELDS = "many_fields"
    FIELD_LONG = "field_long"


@dataclass(frozen=True, slots=True)
class FieldFault:
    """A fault and the field it is about, as `DocumentWordsOf` names it."""

    field: str
    fault: Fault


def faults(words: DocumentWordsOf) -> tuple[FieldFault, ...]:
    """Everything that is wrong, in the order of the fields."""
    asks = words.reply is not ReplyKind.NONE
    checks = (
        ("regions", Fault.NOBODY, not words.regions and not words.groups),
        ("regions", Fault.TOO_MANY, len(words.regions) + len(words.groups) > MOST_TARGETS),
        ("to_offices", Fault.NEITHER, not words.to_offices and not words.to_stations),
        ("title", Fault.NO_TITLE, not words.title),
        ("title", Fault.TITLE_LONG, len(words.title) > TITLE_MAX),
        ("text", Fault.NO_TEXT, not words.text),
        ("text", Fault.TEXT_LONG, len(words.text) > TEXT_MAX),
        ("read_days", Fault.DAYS, not _days_right(words.read_days)),
        ("reply_days", Fault.DAYS, asks and not _days_right(words.reply_days)),
        (
            "reply_days",
            Fault.REPLY_BEFORE_READING,
            bool(asks and words.read_days and words.reply_days and words.reply_days < words.read_days),
        ),
        *(("options", fault, True) for fault in _option_faults(words.reply, words.options)),
    )
    return tuple(FieldFault(field, fault) for field, fault, wrong in checks if wrong)


def _days_right(days: int | None) -> bool:
    return days is None or 1 <= days <= MOST_DAYS


def _option_faults(kind: ReplyKind, options: Sequence[str]) -> list[Fault]:
    match kind:
        case ReplyKind.CHOICE:
            found = [
                (Fault.FEW_OPTIONS, len(options) < LEAST_OPTIONS),
                (Fault.MANY_OPTIONS, len(options) > MOST_OPTIONS),
                (Fault.OPTION_LONG, any(len(one) > OPTION_MAX for one in options)),
            ]
        case ReplyKind.FIELDS:
            found = [
                (Fault.NO_FIELDS, not options),
                (Fault.MANY_FIELDS, len(options) > MOST_FIELDS),
                (Fault.FIELD_LONG, any(len(one) > FIELD_MAX for one in options)),
            ]
        case _:
            found = []
    return [fault for fault, wrong in found if wrong]


def tidied(words: DocumentWordsOf) -> DocumentWordsOf:
    """The same without signs that nobody sees, empty lines, and what its kind of answer does not need."""
    asks = words.reply is not ReplyKind.NONE
    listed = words.reply in (ReplyKind.CHOICE, ReplyKind.FIELDS)
    options = tuple(dict.fromkeys(filter(None, map(one_line, words.options)))) if listed else ()
    return msgspec.structs.replace(
        words,
        regions=outermost(words.regions),
        groups=tuple(sorted(set(words.groups))),
        title=one_line(words.title),
        text=paragraphs(words.text),
        reply_days=words.reply_days if asks else None,
        options=options,
    )


def outermost(codes: Iterable[str]) -> tuple[str, ...]:
    """Those of some regions that lie in no other one of them, in order."""
    found: list[str] = []
    for code in sorted(set(codes)):
        if not found or not code.startswith(found[-1]):
            found.append(code)
    return tuple(found)


def one_line(typed: str) -> str:
    """What was typed on one line, without signs that nobody sees: no direction marks, no controls."""
    return " ".join(_seen(typed).split())


def paragraphs(typed: str) -> str:
    """What was typed, one line for each paragraph and no empty one."""
    return "\n".join(line for line in map(one_line, typed.splitlines()) if line)


def _seen(typed: str) -> str:
    return "".join(char if unicodedata.category(char) not in ("Cc", "Cf", "Co", "Cs") else " " for char in typed)


def number_of(word: str, year: int, place: int) -> str:
    """A document's number as it is printed: 平农发〔2026〕12号."""
    return f"{word}〔{year}〕{place}号"


def usual_word(region_name: str) -> str:
    """The word of an office that has chosen none: 平罗县 counts under 平罗发."""
    short = region_name
    for end in ("自治区", "街道办事处", "街道", "省", "市", "县", "区", "镇", "乡"):
        if short.endswith(end) and len(short) > len(end) + 1:
            short = short.removesuffix(end)
            break
    return f"{short[:8]}发"


class Progress(StrEnum):
    """How far a document has come at a recipient."""

    SENT = "sent"
    RECEIVED = "received"
    READ = "read"
    REPLIED = "replied"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What is known of a recipient. `read_version` 0 where nothing was opened."""

    received: bool
    read_version: int
    replied: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """What a document asks of its recipients, and until when."""

    version: int
    reply: ReplyKind
    read_due: date | None
    reply_due: date | None


def progress(receipt: Receipt, asked: Asked) -> Progress:
    """How far it has come; an earlier version that was read does not count."""
    if receipt.replied and asked.reply is not ReplyKind.NONE and receipt.read_version == asked.version:
        return Progress.REPLIED
    if receipt.read_version == asked.version:
        return Progress.READ
    return Progress.RECEIVED if receipt.received else Progress.SENT


def owes(receipt: Receipt, asked: Asked) -> bool:
    """Whether there is still something to do: the newest version to read, or an answer to give."""
    return receipt.read_version < asked.version or (asked.reply is not ReplyKind.NONE and not receipt.replied)


def missed(receipt: Receipt, asked: Asked, today: date) -> date | None:
    """The earliest deadline that has passed without what it was for; None where nothing is late."""
    read_late = asked.read_due is not None and receipt.read_version < asked.version and today > asked.read_due
    replies = asked.reply is not ReplyKind.NONE and not receipt.replied
    reply_late = replies and asked.reply_due is not None and today > asked.reply_due
    passed = [due for due, late in ((asked.read_due, read_late), (asked.reply_due, reply_late)) if late and due]
    return min(passed, default=None)


def reminds(receipt: Receipt, asked: Asked, today: date, calendar: HolidayTable = PUBLISHED) -> bool:
    """Whether a recipient is reminded on a working day: on the last one before a deadline, and on each after it."""
    if missed(receipt, asked, today) is not None:
        return True
    next_day = due_on(today, 1, calendar)
    to_read = receipt.read_version < asked.version and asked.read_due == next_day
    to_reply = asked.reply is not ReplyKind.NONE and not receipt.replied and asked.reply_due == next_day
    return to_read or to_reply


def escalated_to(
    place: str, issuer: str, due: date, today: date, calendar: HolidayTable = PUBLISHED
) -> tuple[str, ...]:
    """The offices whose matter it is that a recipient is late, the nearest first; never one above the issuer.

    The office above at once, and one more after every three working days.
    """
    offices = [
        code
        for code in reversed(ancestors_and_self(place)[:-1])
        if len(code) <= OFFICE_DIGITS and code.startswith(issuer)
    ]
    reached, until = 1, due_on(due, ESCALATION_DAYS, calendar)
    while reached < len(offices) and today > until:
        reached, until = reached + 1, due_on(until, ESCALATION_DAYS, calendar)
    return tuple(offices[:reached]) if today > due else ()


def late_before(steps: int, today: date, calendar: HolidayTable = PUBLISHED) -> date:
    """The latest deadline that is a matter of the office so many steps above the nearest one (`escalated_to`)."""
    due = today - timedelta(days=1)
    while steps and _after_steps(due, steps, calendar) >= today:
        due -= timedelta(days=1)
    return due


def _after_steps(due: date, steps: int, calendar: HolidayTable) -> date:
    for _step in range(steps):
        due = due_on(due, ESCALATION_DAYS, calendar)
    return due


class AnswerFault(StrEnum):
    """What is wrong with an answer."""

    EMPTY = "empty"
    LONG = "long"
    NOT_OFFERED = "not_offered"
    NO_FILE = "no_file"


def answer_fault(kind: ReplyKind, options: Sequence[str], given: Sequence[str]) -> AnswerFault | None:
    """What speaks against an answer, given as one line, or for fields as one for each."""
    if kind is ReplyKind.FILE:
        return None
    if not given or not all(given):
        return AnswerFault.EMPTY
    if any(len(one) > ANSWER_MAX for one in given):
        return AnswerFault.LONG
    allowed = choices(kind, options)
    if allowed and given[0] not in allowed:
        return AnswerFault.NOT_OFFERED
    return AnswerFault.EMPTY if kind is ReplyKind.FIELDS and len(given) != len(options) else None


def choices(kind: ReplyKind, options: Sequence[str]) -> tuple[str, ...]:
    """What can be chosen, as answers are written down; nothing where words are asked for."""
    match kind:
        case ReplyKind.YES_NO:
            return ("yes", "no")
        case ReplyKind.CHOICE:
            return tuple(options)
        case _:
            return ()


def lines_of(options: str) -> tuple[str, ...]:
    """Options as a row keeps them."""
    return tuple(options.split("\n")) if options else ()


class Change(StrEnum):
    """What a newer version did with a paragraph."""

    SAME = "same"
    ADDED = "added"
    GONE = "gone"


def difference(before: str, after: str) -> list[tuple[Change, str]]:
    """The paragraphs of two versions, in order, each with what became of it."""
    old, new = before.split("\n"), after.split("\n")
    found: list[tuple[Change, str]] = []
    for what, a_from, a_to, b_from, b_to in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what == "equal":
            found += [(Change.SAME, line) for line in new[b_from:b_to]]
            continue
        found += [(Change.GONE, line) for line in old[a_from:a_to] if line]
        found += [(Change.ADDED, line) for line in new[b_from:b_to] if line]
    return found


def read_at(at: datetime, received_at: datetime, sent_at: datetime) -> datetime:
    """When it was read, by a clock that may be wrong: not after it was heard of, nor before it was there."""
    return max(min(at, received_at), sent_at)


def document_id(name: str) -> UUID | None:
    """The id in a word from outside; None where it is none."""
    try:
        return UUID(name)
    except ValueError:
        return None
