"""What imports share: slots with the faults found beside them, the limits on what is read, and text made printable.

A fault is a value with a place and a stable code; the words for people are the caller's. A file that cannot be read at
all is `FileRefused`.
"""

from collections.abc import Mapping
from unicodedata import category
from uuid import UUID, uuid5

import msgspec

from schedules.airings import LessonCard, SlotId
from schedules.slots import Episode, Slot

IMPORT_NAMESPACE = UUID("b1d0a5a2-7f57-5c0e-9a53-3a3d6f1c2e71")
MAX_BYTES = 2_000_000
MAX_DETAIL = 80
_UNPRINTABLE = {"Cc", "Cs", "Cn", "Zl", "Zp"}

Lessons = Mapping[str, Episode]
"""The lessons that may be named, by id and by title."""


class FileRefused(ValueError):
    """A file that is not read at all. `code` is stable: `too_large`, `unreadable`, `no_header`, `too_many_rows`."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail[:MAX_DETAIL]


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """Why a row, or an event of a calendar, became no slot.

    Attributes:
        row: of a sheet as its program numbers it, the header being 1; of a calendar the event's number, from 1.
        field: the column or property that is wrong.
        code: stable, for messages in the person's language.
        detail: what stood there, cut short.
    """

    row: int
    field: str
    code: str
    detail: str = ""


class Imported(msgspec.Struct, frozen=True, kw_only=True):
    """What a file held: the slots that can be planned, and every fault of the other rows."""

    slots: tuple[Slot, ...] = ()
    faults: tuple[Fault, ...] = ()


class Unusable(ValueError):
    """A part of one row cannot be used; becomes a `Fault`."""

    def __init__(self, field: str, code: str, detail: object = "") -> None:
        super().__init__(f"{field}: {code}")
        self.field = field
        self.code = code
        self.detail = printable(str(detail))[:MAX_DETAIL]

    def at(self, row: int) -> Fault:
        """The fault of that row."""
        return Fault(row=row, field=self.field, code=self.code, detail=self.detail)


def imported_slot_id(key: str) -> SlotId:
    """The id of a slot that comes from outside: the same row or event gives the same slot however often it is read."""
    return SlotId(str(uuid5(IMPORT_NAMESPACE, key)))


def printable(text: str) -> str:
    """The text without characters that XML 1.0 (section 2.2) or RFC 5545 cannot carry; line ends become `\\n`."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(sign for sign in lines if sign in "\n\t" or category(sign) not in _UNPRINTABLE)


def titles(card: LessonCard) -> tuple[str, str]:
    """A lesson's title and its course's, printable; the course is empty where the lesson stands alone."""
    course = printable(card.course)
    return printable(card.title), "" if course == printable(card.title) else course
