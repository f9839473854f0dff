"""How rows of the trail hang together, as pure decisions: what is hashed, and where a chain is broken."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

import msgspec

NOTHING: Final = "0" * 64
"""What stands before the first row."""


class Fault(StrEnum):
    """What is wrong with a chain."""

    ALTERED = "altered"
    MISSING = "missing"
    INSERTED = "inserted"
    CUT_OFF = "cut_off"
    """Rows at the end are gone."""
    OTHER_HEAD = "other_head"
    """The hash that somebody noted is none of this chain."""


@dataclass(frozen=True, slots=True)
class Link:
    """A row of the trail, as far as it is hashed."""

    number: int
    id: UUID
    at: datetime
    account_id: UUID | None
    for_account_id: UUID | None
    action: str
    subject: str
    before: str
    after: str
    address: str
    request: str
    hash: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """How far a chain holds.

    Attributes:
        number, hash: of the last row that holds.
        fault: what is wrong with the next one; None where all is well.
        broken_at: the first number that is wrong.
    """

    number: int = 0
    hash: str = NOTHING
    fault: Fault | None = None
    broken_at: int = 0


def canonical(row: Link) -> bytes:
    """The one way of writing a row that is hashed: a JSON array, its instant in UTC to the microsecond."""
    ids = [one.hex if one else None for one in (row.account_id, row.for_account_id)]
    at = row.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    words = [row.action, row.subject, row.before, row.after, row.address, row.request]
    return msgspec.json.encode([row.number, row.id.hex, at, *ids, *words])


def link(previous: str, row: Link) -> str:
    """SHA-256 over the hash before a row and the row, hex."""
    return hashlib.sha256(previous.encode() + b"\n" + canonical(row)).hexdigest()


def check(rows: Iterable[Link], head: tuple[int, str], unnumbered: int = 0) -> Verdict:
    """How far a chain holds.

    Args:
        rows: in the order of their numbers.
        head: number and hash of its end, as the database keeps them.
        unnumbered: rows that never became part of it.
    """
    last = Verdict()
    for row in rows:
        expected = last.number + 1
        if row.number != expected:
            fault = Fault.MISSING if row.number > expected else Fault.INSERTED
            return Verdict(last.number, last.hash, fault, min(expected, row.number))
        if link(last.hash, row) != row.hash:
            return Verdict(last.number, last.hash, Fault.ALTERED, row.number)
        last = Verdict(row.number, row.hash)
    if head != (last.number, last.hash):
        fault = Fault.CUT_OFF if head[0] > last.number else Fault.INSERTED if head[0] < last.number else Fault.ALTERED
        at = last.number + 1 if fault is Fault.CUT_OFF else head[0] + (fault is Fault.INSERTED)
        return Verdict(last.number, last.hash, fault, at)
    if unnumbered:
        return Verdict(last.number, last.hash, Fault.INSERTED, last.number + 1)
    return last


def differences(before: str, after: str) -> list[tuple[str, str, str]]:
    """What changed, field by field: name, old and new value. Equal fields are left out; a text has one, unnamed."""
    old, new = _fields(before), _fields(after)
    names = list(dict.fromkeys([*old, *new]))
    return [(name, old.get(name, ""), new.get(name, "")) for name in names if old.get(name) != new.get(name)]


def _fields(text: str) -> dict[str, str]:
    if not text:
        return {}
    try:
        value = msgspec.json.decode(text)
    except msgspec.DecodeError:
        return {"": text}
    if isinstance(value, dict):
        return {str(name): _word(one) for name, one in value.items()}
    return {"": _word(value)}


def _word(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return ", ".join(value)
    return msgspec.json.encode(value).decode()
