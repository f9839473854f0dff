"""Assessments in words: who assesses, what is assessed, how a round stands, numbers."""

from collections.abc import Sequence
from datetime import datetime
from fractions import Fraction
from typing import Final, Protocol

from flask_babel import LazyString, get_locale
from flask_babel import lazy_gettext as _

from contentserver.assessments.models import AssessmentRound
from contentserver.assessments.rules import HUNDREDTH, Assessor, FieldType, Part, Subjects, rounded
from contentserver.kernel import clock

SUBJECTS: Final[dict[Subjects, LazyString]] = {
    Subjects.STATIONS: _("Stations"),
    Subjects.BRANCHES: _("Branches"),
    Subjects.MEMBERS: _("Members with a role"),
}
ASSESSORS: Final[dict[Assessor, LazyString]] = {
    Assessor.SELF: _("by themselves"),
    Assessor.PEERS: _("by the members, on their phone, without names"),
    Assessor.ABOVE: _("by the level above"),
    Assessor.NAMED: _("by named people"),
}
FIELD_TYPES: Final[dict[FieldType, LazyString]] = {
    FieldType.SCALE: _("1 to 5"),
    FieldType.POINTS: _("0 to 10"),
    FieldType.YESNO: _("yes or no"),
    FieldType.TEXT: _("in words"),
}
GONE: Final[dict[str, LazyString]] = {
    "merged": _("another record stands for them"),
    "left": _("no longer on the roll"),
    "dissolved": _("the branch was dissolved"),
    "taken_out": _("taken out of the round"),
}
STATES: Final[dict[str, LazyString]] = {
    "going": _("forms come in"),
    "collected": _("all forms are in"),
    "agreement": _("waits for agreement"),
    "published": _("published"),
    "closed": _("closed"),
}


class Named(Protocol):
    """Something with a name in both languages."""

    @property
    def zh(self) -> str: ...
    @property
    def en(self) -> str: ...


def name_of(one: Named) -> str:
    """Its name in the language of the page."""
    return one.zh if str(get_locale() or "zh").startswith("zh") else one.en


def listed(several: Sequence[Named]) -> str:
    """Their names, one after the other."""
    return str(_(", ")).join(name_of(one) for one in several)


def number(hundredths: int | None) -> str:
    """A score as it is shown: 87.50; a dash where there is none."""
    return "—" if hundredths is None else f"{hundredths // HUNDREDTH}.{hundredths % HUNDREDTH:02d}"


def exact(value: Fraction | None) -> str:
    """A fraction as it is shown."""
    return number(None if value is None else rounded(value))


def of_form(part: Part, points: int) -> str:
    """A form's points in per cent."""
    return exact(Fraction(100 * points, part.full))


def change(now: int | None, before: int | None) -> str:
    """How much more or less than before; empty where there is nothing to compare."""
    if now is None or before is None:
        return ""
    size = number(abs(now - before))
    return f"▲ {size}" if now > before else f"▼ {size}" if now < before else "="


def state_of(row: AssessmentRound, now: datetime, *, collected: bool = False, agreement: bool = False) -> str:
    """How a round stands, as a key of `STATES`."""
    if row.closed_at is not None:
        return "closed"
    if row.published_at is not None:
        return "published"
    if agreement:
        return "agreement"
    return "collected" if collected or clock.local(now).date() > row.collected_on else "going"
