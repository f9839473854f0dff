"""The kinds of entries that a work book may have: shipped ones, and bylaws of the regions."""

from pathlib import Path
from typing import Final

from flask_babel import lazy_gettext as _

from contentserver.bylaws import CODE, Bylaws, quoted, wrong
from contentserver.kernel.errors import Rejected
from contentserver.ledger.rules import Field, FieldType, KindOfEntry

MOST_FIELDS, MOST_CHOICES, MOST_MONTHLY = 20, 30, 60
NAME_LONGEST: Final = 40
RESERVED: Final = frozenset({"day", "signers", "photographs", "signatures", "why", "do", "csrf_token", "saved", "note"})
"""Names that the form of an entry has beside those of the kind."""


def written(one: KindOfEntry) -> str:
    """A kind as people write it, in TOML."""
    lines = [f"zh = {quoted(one.zh)}", f"en = {quoted(one.en)}", f"monthly = {one.monthly}"]
    lines += [f'photographs = "{one.photographs}"', f'signatures = "{one.signatures}"', "fields = ["]
    return "\n".join([*lines, *(f"  {_field(field)}," for field in one.fields), "]", ""])


def _require_whole(found: KindOfEntry) -> None:
    names = [field.name for field in found.fields]
    labels = [found.zh, found.en, *(text for one in found.fields for text in (one.zh, one.en))]
    labels += [text for one in found.fields for choice in one.choices for text in (choice.zh, choice.en)]
    if found.arises or found.ended:
        raise wrong(_("Leave out “arises” and “ended”."))
    if not 1 <= len(names) <= MOST_FIELDS or len(set(names)) != len(names):
        raise wrong(_("It needs 1 to %(number)s fields with different names.", number=MOST_FIELDS))
    if not all(CODE.fullmatch(name) and name not in RESERVED for name in names):
        raise wrong(
            _("The name of a field has small letters, digits and underlines, and is none of %(names)s.",
              names=", ".join(sorted(RESERVED)))
        )  # fmt: skip
    if not all(1 <= len(label.strip()) <= NAME_LONGEST for label in labels):
        raise wrong(_("Every name has 1 to %(number)s characters, in Chinese and in English.", number=NAME_LONGEST))
    if not 0 <= found.monthly <= MOST_MONTHLY:
        raise wrong(_("In a month there may be 0 to %(number)s expected.", number=MOST_MONTHLY))
    if any(one.type is FieldType.DURATION for one in found.fields):
        raise wrong(_("The type “duration” belongs to entries that arise by themselves."))
    for field in found.fields:
        wanted = field.type is FieldType.CHOICE
        if wanted != bool(field.choices) or len(field.choices) > MOST_CHOICES:
            raise wrong(_("A choice has 1 to %(number)s choices, and nothing else has any.", number=MOST_CHOICES))
    if found.fields[0].type is not FieldType.TEXT or not found.fields[0].required:
        raise wrong(_("The first field is the headline: of the type “text”, and required."))


def _require_open(before: KindOfEntry) -> None:
    if before.arises:
        sentence = _("Entries of this kind arise by themselves; the kind cannot be changed.")
        raise Rejected("kind_arises", sentence, {"code": sentence})


def _field(field: Field) -> str:
    parts = [f'name = "{field.name}"', f"zh = {quoted(field.zh)}", f"en = {quoted(field.en)}"]
    parts.append(f'type = "{field.type}"')
    parts += [f"{name} = true" for name in ("required", "again") if getattr(field, name)]
    if field.choices:
        each = ", ".join(f"{{ zh = {quoted(one.zh)}, en = {quoted(one.en)} }}" for one in field.choices)
        parts.append(f"choices = [{each}]")
    return "{ " + ", ".join(parts) + " }"


KINDS: Final = Bylaws(
    matter="ledger_kind",
    type=KindOfEntry,
    shipped_in=Path(__file__).parent / "data" / "kinds.toml",
    longest=8000,
    require_whole=_require_whole,
    require_open=_require_open,
    action="ledger.kind",
    noun="ledger kind",
    unknown=_("There is no such kind of entry here."),
)
