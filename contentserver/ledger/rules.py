"""What an entry of the ledger may say, when a month is closed, and how much of a month is there. Pure.

Kinds are configuration (`kinds.py`); values are text as it is kept: numbers without signs, money in cents, days as
`2026-11-28`, the place of a choice from 0.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

import msgspec

from contentserver.bylaws import Law

TITLE_LONGEST: Final = 120
TEXT_LONGEST: Final = 120
LINES_LONGEST: Final = 2000
MOST_PEOPLE: Final = 100_000
MOST_NUMBER: Final = 10**12
MOST_SIGNERS, SIGNER_LONGEST = 200, 30
CLOSES_AFTER: Final = 5
"""Working days after the end of a month until it is closed."""
_NUMBER = re.compile(r"\d{1,13}")
_MONEY = re.compile(r"(-?)(\d{1,10})(?:\.(\d{1,2}))?")


class FieldType(StrEnum):
    """What the value of a field is."""

    TEXT = "text"
    LINES = "lines"
    NUMBER = "number"
    DATE = "date"
    CHOICE = "choice"
    PEOPLE = "people"
    MONEY = "money"
    DURATION = "duration"
    """Whole seconds; only in entries that arise by themselves."""


class Belongs(StrEnum):
    """Whether photographs, or signatures, belong to an entry."""

    NO = "no"
    MAY = "may"
    MUST = "must"


class Fault(StrEnum):
    """What is wrong with a value; words: `words.py`."""

    MISSING = "missing"
    TOO_LONG = "too_long"
    NO_NUMBER = "no_number"
    NO_MONEY = "no_money"
    NO_DAY = "no_day"
    NO_CHOICE = "no_choice"
    TOO_MANY_PEOPLE = "too_many_people"
    TOO_MANY_SIGNERS = "too_many_signers"
    SIGNER_TOO_LONG = "signer_too_long"
    NO_SIGNATURE = "no_signature"
    NO_PHOTOGRAPH = "no_photograph"
    FUTURE = "future"


class Named(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something under its Chinese and its English name."""

    zh: str
    en: str


class Field(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One field of a kind. `again`: offered as it was written the last time."""

    name: str
    zh: str
    en: str
    type: FieldType
    required: bool = False
    again: bool = False
    choices: tuple[Named, ...] = ()


class KindOfEntry(Law, frozen=True, forbid_unknown_fields=True):
    """A kind of entries as it is written down (`data/kinds.toml`).

    Attributes:
        monthly: how many a station should have in a month; 0 where it is as it comes.
        arises: from what it comes by itself; empty where somebody types it.
    """

    fields: tuple[Field, ...]
    monthly: int = 0
    photographs: Belongs = Belongs.NO
    signatures: Belongs = Belongs.NO
    arises: str = ""

    @property
    def typed(self) -> bool:
        """Whether people write it."""
        return not self.arises and not self.ended


class Said(msgspec.Struct, frozen=True):
    """What an entry says, as its history keeps it. `pictures`: digests, those of signatures with `!` before."""

    day: date
    fields: Mapping[str, str]
    signers: str = ""
    note: str = ""
    pictures: tuple[str, ...] = ()
    removed: bool = False


@dataclass(frozen=True, slots=True)
class Checked:
    """Typed values as they are kept, and what is wrong, by the name of the field."""

    values: Mapping[str, str]
    faults: Mapping[str, Fault]


def month_of(day: date) -> date:
    """The first day of a month."""
    return day.replace(day=1)


def last_of(month: date) -> date:
    """The last day of a month, given its first."""
    return (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def month_before(month: date, back: int = 1) -> date:
    """The first day of the month so many months before."""
    years, place = divmod(month.year * 12 + month.month - 1 - back, 12)
    return date(years, place + 1, 1)


def check(kind: KindOfEntry, typed: Mapping[str, str]) -> Checked:
    """Hold typed values against a kind; every fault that there is is found. What the kind does not know is left out."""
    values, faults = dict[str, str](), dict[str, Fault]()
    for field in kind.fields:
        text = clean(typed.get(field.name, ""), lines=field.type is FieldType.LINES)
        if not text:
            if field.required:
                faults[field.name] = Fault.MISSING
            continue
        found = read(field, text)
        if isinstance(found, Fault):
            faults[field.name] = found
        else:
            values[field.name] = found
    return Checked(values, faults)


def read(field: Field, text: str) -> str | Fault:
    """A typed text as the value of a field, or what is wrong with it."""
    match field.type:
        case FieldType.TEXT:
            return text if len(text) <= TEXT_LONGEST else Fault.TOO_LONG
        case FieldType.LINES:
            return text if len(text) <= LINES_LONGEST else Fault.TOO_LONG
        case FieldType.DATE:
            return text if day_of(text) else Fault.NO_DAY
        case FieldType.CHOICE:
            known = text.isascii() and text.isdigit() and int(text[:4]) < len(field.choices)
            return str(int(text[:4])) if known else Fault.NO_CHOICE
        case FieldType.MONEY:
            return _cents(text)
        case FieldType.PEOPLE:
            number = _whole(text)
            return Fault.TOO_MANY_PEOPLE if number.isdigit() and int(number) > MOST_PEOPLE else _or_fault(number)
        case _:
            return _or_fault(_whole(text))


def day_of(text: str) -> date | None:
    """A day as a form sends it; None where it is none."""
    try:
        return date.fromisoformat(text) if len(text) == len("2026-11-28") else None
    except ValueError:
        return None


def check_signers(text: str) -> tuple[str, Fault | None]:
    """Names of those who signed, one a line, each once; commas of both scripts part them too."""
    names = list(dict.fromkeys(filter(None, map(clean, re.split(r"[\n,，、;；]", text)))))
    fault = None
    if len(names) > MOST_SIGNERS:
        fault = Fault.TOO_MANY_SIGNERS
    elif any(len(name) > SIGNER_LONGEST for name in names):
        fault = Fault.SIGNER_TOO_LONG
    return "\n".join(names), fault


def clean(text: str, *, lines: bool = False) -> str:
    """Text without control and direction characters; on one line unless told otherwise."""
    plain = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    kept = "".join(one for one in plain if one == "\n" or unicodedata.category(one) not in ("Cc", "Cf", "Cs"))
    return kept.strip() if lines else " ".join(kept.split())


def title_of(kind: KindOfEntry, values: Mapping[str, str]) -> str:
    """The headline of an entry: its first text that there is."""
    texts = (values[one.name] for one in kind.fields if one.type is FieldType.TEXT and values.get(one.name))
    return next(texts, kind.zh)[:TITLE_LONGEST]


def lacks(kind: KindOfEntry, *, photographs: int, signatures: int, signers: str) -> dict[str, Fault]:
    """What must belong to an entry and is not there."""
    found = dict[str, Fault]()
    if kind.photographs is Belongs.MUST and not photographs:
        found["photographs"] = Fault.NO_PHOTOGRAPH
    if kind.signatures is Belongs.MUST and not signatures and not signers:
        found["signers"] = Fault.NO_SIGNATURE
    return found


def is_closed(closes_on: date, today: date) -> bool:
    """Whether a month is closed: after its last day for entries, which still belongs to it."""
    return today > closes_on


def there(counted: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """Of pairs (entries, how many are expected): how many of those expected are there, of how many."""
    return sum(min(pair) for pair in counted), sum(expected for _entries, expected in counted)


def _whole(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).replace(",", "").replace(" ", "")
    return str(int(plain)) if plain.isascii() and _NUMBER.fullmatch(plain) and int(plain) <= MOST_NUMBER else ""


def _or_fault(number: str) -> str | Fault:
    return number or Fault.NO_NUMBER


def _cents(text: str) -> str | Fault:
    plain = unicodedata.normalize("NFKC", text).replace(",", "").replace(" ", "").strip("¥元")
    found = _MONEY.fullmatch(plain) if plain.isascii() else None
    if found is None:
        return Fault.NO_MONEY
    cents = int(found[2]) * 100 + int((found[3] or "").ljust(2, "0"))
    return str(-cents if found[1] else cents)
