"""The ledger in words: kinds and fields in the reader's language, values as people read them, what is wrong."""

from collections.abc import Mapping
from datetime import date
from typing import Final

from flask_babel import LazyString, get_locale, gettext
from flask_babel import lazy_gettext as _

from contentserver.kernel.display import NOTHING, count, day, length_of
from contentserver.ledger import rules
from contentserver.ledger.rules import Fault, Field, FieldType, KindOfEntry, Named

FAULTS: Final[Mapping[Fault, LazyString]] = {
    Fault.MISSING: _("Please fill this in."),
    Fault.TOO_LONG: _("This is too long."),
    Fault.NO_NUMBER: _("Write a whole number, such as 25."),
    Fault.NO_MONEY: _("Write an amount in yuan, such as 1200 or 1200.50."),
    Fault.NO_DAY: _("Write the day as 2026-11-28."),
    Fault.NO_CHOICE: _("Choose one."),
    Fault.TOO_MANY_PEOPLE: _("So many people cannot have come. Write a smaller number."),
    Fault.TOO_MANY_SIGNERS: _("Write at most 200 names."),
    Fault.SIGNER_TOO_LONG: _("A name has at most 30 characters; write one on each line."),
    Fault.NO_SIGNATURE: _("Write who signed, or photograph the sheet with the signatures."),
    Fault.NO_PHOTOGRAPH: _("A photograph belongs to this. Take or choose one."),
    Fault.FUTURE: _("This day has not come yet."),
}
WHATS: Final[Mapping[str, LazyString]] = {
    "corrected": _("Set right"),
    "noted": _("Note changed"),
    "removed": _("Taken out of the book"),
    "put_back": _("Put back"),
    "arose_anew": _("Followed what it comes from"),
}
SOURCES: Final[Mapping[str, LazyString]] = {
    "sessions": _("from a session that was held"),
    "consultations": _("from a question that was solved"),
    "notices": _("from a notice that was read"),
    "documents": _("from a document"),
}


def in_chinese() -> bool:
    """Whether the reader reads Chinese; what is printed without anybody who asks is in Chinese."""
    found = get_locale()
    return bool(found is None or found.language == "zh")


def name_of(one: KindOfEntry | Field | Named) -> str:
    """What something is called."""
    return one.zh if in_chinese() else one.en


def value(field: Field, text: str) -> str:
    """A value as people read it."""
    if not text:
        return NOTHING
    match field.type:
        case FieldType.CHOICE:
            return name_of(field.choices[int(text)]) if int(text) < len(field.choices) else text
        case FieldType.MONEY:
            return str(gettext("¥%(amount)s", amount=yuan(int(text))))
        case FieldType.DURATION:
            return length_of(int(text) * 1000)
        case FieldType.NUMBER | FieldType.PEOPLE:
            return count(int(text))
        case FieldType.DATE:
            found = rules.day_of(text)
            return day(found) if found else text
        case _:
            return text


def typed(field: Field, text: str) -> str:
    """A value as a form has it."""
    if field.type is FieldType.MONEY and text:
        return yuan(int(text)).replace(",", "")
    return text


def yuan(cents: int) -> str:
    """`1,200`, with cents where there are any."""
    sign, whole = "-" if cents < 0 else "", abs(cents)
    return f"{sign}{whole / 100:,.2f}" if whole % 100 else f"{sign}{whole // 100:,}"


def month(first: date) -> str:
    """`2026-11`."""
    return f"{first:%Y-%m}"


def lines_of(kind: KindOfEntry, values: Mapping[str, str]) -> list[tuple[str, str]]:
    """What an entry says, field by field; a value of which its kind knows nothing stands under its own name."""
    known = [(name_of(one), value(one, values[one.name])) for one in kind.fields if values.get(one.name)]
    names = {one.name for one in kind.fields}
    return known + [(name, text) for name, text in values.items() if name not in names]


def fault_of(kind: KindOfEntry, name: str, fault: Fault) -> str:
    """What is wrong, with the field that it is about."""
    label = next((name_of(one) for one in kind.fields if one.name == name), "")
    sentence = str(FAULTS[fault])
    return gettext("%(field)s: %(sentence)s", field=label, sentence=sentence) if label else sentence
