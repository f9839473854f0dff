"""The kinds of entries that hold in a region: those that are shipped, and what the regions above it added or changed.

Of several regions the nearest one's newest version holds. A version is never changed; entries name theirs.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Final

import msgspec
from flask_babel import lazy_gettext as _
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from contentserver.audit import audit
from contentserver.kernel.auth import Person, Right
from contentserver.kernel.errors import Conflict, Forbidden, NotFound, Rejected
from contentserver.ledger.models import LedgerKind
from contentserver.ledger.rules import Field, FieldType, KindOfEntry
from contentserver.regions import ancestors_and_self

SHIPPED: Final = Path(__file__).parent / "data" / "kinds.toml"
LONGEST: Final = 8000
"""Characters of a document."""
MOST_FIELDS, MOST_CHOICES, MOST_MONTHLY = 20, 30, 60
NAME_LONGEST: Final = 40
LARGEST_REGION_DIGITS: Final = 6
"""A township has the kinds of its county."""
_CODE = re.compile(r"[a-z][a-z0-9_]{1,19}")
RESERVED: Final = frozenset({"day", "signers", "photographs", "signatures", "why", "do", "csrf_token", "saved", "note"})
"""Names that the form of an entry has beside those of the kind."""


@dataclass(frozen=True, slots=True)
class InForce:
    """A kind as it holds in a region. `region` is whose version it is; empty for the shipped one."""

    code: str
    region: str
    kind: KindOfEntry

    @property
    def version(self) -> str:
        """How entries name it."""
        return f"{self.region}:{self.kind.version}"


@cache
def shipped() -> Mapping[str, KindOfEntry]:
    """The kinds that the product comes with."""
    found = tomllib.loads(SHIPPED.read_text(encoding="utf-8"))
    return {code: msgspec.convert(one, KindOfEntry) for code, one in found.items()}


def kinds_in(session: Session, region_code: str, *, ended: bool = False) -> dict[str, InForce]:
    """The kinds that hold in a region, by code, in the order of the book; those that have ended only where asked."""
    found = {code: InForce(code, "", one) for code, one in shipped().items()}
    above = {code: depth for depth, code in enumerate(("", *_above(region_code)))}
    rows = [row for row in changed(session) if row.region_code in above]
    for row in sorted(rows, key=lambda row: (above[row.region_code], row.number, row.code)):
        found[row.code] = InForce(row.code, row.region_code, kept(row))
    return {code: one for code, one in found.items() if ended or not one.kind.ended}


def kind_in(session: Session, region_code: str, code: str) -> InForce:
    """One kind as it holds in a region.

    Raises:
        NotFound: nobody writes such entries there.
    """
    found = kinds_in(session, region_code).get(code)
    if found is None:
        raise NotFound("kind_unknown", _("There is no such kind of entry here."))
    return found


def as_written(session: Session, code: str, version: str, region_code: str) -> KindOfEntry:
    """The kind as an entry names it; where it is not there any more, as it holds in the region today.

    Raises:
        NotFound: there is no such kind at all.
    """
    region, _colon, number = version.rpartition(":")
    if region and number.isdigit() and (row := session.get(LedgerKind, (region, code, int(number)))):
        return kept(row)
    if not region and code in shipped():
        return shipped()[code]
    found = kinds_in(session, region_code, ended=True).get(code)
    if found is None:
        raise NotFound("kind_unknown", _("There is no such kind of entry here."))
    return found.kind


def changed(session: Session) -> Sequence[LedgerKind]:
    """The newest version of each kind of each region that has its own."""
    newest = (
        select(LedgerKind.region_code, LedgerKind.code, func.max(LedgerKind.number).label("number"))
        .group_by(LedgerKind.region_code, LedgerKind.code)
        .subquery()
    )
    query = select(LedgerKind).join(
        newest,
        (LedgerKind.region_code == newest.c.region_code)
        & (LedgerKind.code == newest.c.code)
        & (LedgerKind.number == newest.c.number),
    )
    return session.scalars(query.order_by(LedgerKind.region_code, LedgerKind.code)).all()


def kept(row: LedgerKind) -> KindOfEntry:
    """The kind of a row, with its number as version."""
    return msgspec.structs.replace(msgspec.json.decode(row.document, type=KindOfEntry), version=row.number)


def may_govern(who: Person) -> bool:
    """Whether somebody says which kinds there are in their region."""
    return who.may(Right.ASSESS) and len(who.region_code) <= LARGEST_REGION_DIGITS


def written(one: KindOfEntry) -> str:
    """A kind as people write it, in TOML."""
    lines = [f"zh = {_quoted(one.zh)}", f"en = {_quoted(one.en)}", f"monthly = {one.monthly}"]
    lines += [f'photographs = "{one.photographs}"', f'signatures = "{one.signatures}"', "fields = ["]
    return "\n".join([*lines, *(f"  {_field(field)}," for field in one.fields), "]", ""])


def read(text: str) -> KindOfEntry:
    """A kind that somebody wrote.

    Raises:
        Rejected: it has a fault; the sentence says which.
    """
    if len(text) > LONGEST:
        raise _wrong(_("The document is longer than %(number)s characters.", number=LONGEST))
    try:
        found = msgspec.convert(tomllib.loads(text), KindOfEntry)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise _wrong(_("This cannot be read as TOML: %(why)s", why=str(error))) from error
    except msgspec.ValidationError as error:
        raise _wrong(_("Something in it is not as it should be: %(why)s", why=str(error))) from error
    _require_whole(found)
    return msgspec.structs.replace(found, version=0)


def adopt(session: Session, code: str, text: str, who: Person, now: datetime, *, ended: bool = False) -> InForce:
    """Add a kind to the person's region, or a new version of one that holds there.

    Raises:
        Forbidden: the person may not.
        Rejected: the code or the document is wrong, or says nothing new.
        Conflict: somebody else has written a version in the same moment.
    """
    if not may_govern(who):
        raise Forbidden("no_right", _("Your role may not do this."))
    if not _CODE.fullmatch(code):
        sentence = _("A code has 2 to 20 small letters, digits and underlines, a letter first.")
        raise Rejected("code_wrong", sentence, {"code": sentence})
    before = kinds_in(session, who.region_code, ended=True).get(code)
    if before is not None and before.kind.arises:
        sentence = _("Entries of this kind arise by themselves; the kind cannot be changed.")
        raise Rejected("kind_arises", sentence, {"code": sentence})
    found = msgspec.structs.replace(read(text), ended=ended)
    if before is not None and msgspec.structs.replace(before.kind, version=0) == found:
        raise _wrong(_("This is what holds already. Nothing was changed."))
    newest = session.scalar(
        select(func.max(LedgerKind.number)).where(LedgerKind.region_code == who.region_code, LedgerKind.code == code)
    )
    row = LedgerKind(
        region_code=who.region_code,
        code=code,
        number=(newest or 0) + 1,
        document=msgspec.json.encode(found).decode(),
        at=now,
        by=who.id,
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError as error:  # somebody else was quicker
        raise Conflict("kind_changed", _("Somebody else has changed this kind meanwhile. Look at it again.")) from error
    audit(
        session,
        who=who,
        action="ledger.kind",
        subject=f"ledger kind {code} of {who.region_code or '-'}",
        now=now,
        after={"number": row.number, "zh": found.zh, "monthly": found.monthly, "ended": ended},
    )
    return InForce(code, who.region_code, kept(row))


def _above(region_code: str) -> tuple[str, ...]:
    return tuple(ancestors_and_self(region_code)) if region_code else ()


def _require_whole(found: KindOfEntry) -> None:
    names = [field.name for field in found.fields]
    labels = [found.zh, found.en, *(text for one in found.fields for text in (one.zh, one.en))]
    labels += [text for one in found.fields for choice in one.choices for text in (choice.zh, choice.en)]
    if found.arises or found.ended:
        raise _wrong(_("Leave out “arises” and “ended”."))
    if not 1 <= len(names) <= MOST_FIELDS or len(set(names)) != len(names):
        raise _wrong(_("It needs 1 to %(number)s fields with different names.", number=MOST_FIELDS))
    if not all(_CODE.fullmatch(name) and name not in RESERVED for name in names):
        raise _wrong(
            _("The name of a field has small letters, digits and underlines, and is none of %(names)s.",
              names=", ".join(sorted(RESERVED)))
        )  # fmt: skip
    if not all(1 <= len(label.strip()) <= NAME_LONGEST for label in labels):
        raise _wrong(_("Every name has 1 to %(number)s characters, in Chinese and in English.", number=NAME_LONGEST))
    if not 0 <= found.monthly <= MOST_MONTHLY:
        raise _wrong(_("In a month there may be 0 to %(number)s expected.", number=MOST_MONTHLY))
    if any(one.type is FieldType.DURATION for one in found.fields):
        raise _wrong(_("The type “duration” belongs to entries that arise by themselves."))
    for field in found.fields:
        wanted = field.type is FieldType.CHOICE
        if wanted != bool(field.choices) or len(field.choices) > MOST_CHOICES:
            raise _wrong(_("A choice has 1 to %(number)s choices, and nothing else has any.", number=MOST_CHOICES))
    if found.fields[0].type is not FieldType.TEXT or not found.fields[0].required:
        raise _wrong(_("The first field is the headline: of the type “text”, and required."))


def _wrong(sentence: object) -> Rejected:
    return Rejected("kind_wrong", sentence, {"document": sentence})


def _field(field: Field) -> str:
    parts = [f'name = "{field.name}"', f"zh = {_quoted(field.zh)}", f"en = {_quoted(field.en)}"]
    parts.append(f'type = "{field.type}"')
    parts += [f"{name} = true" for name in ("required", "again") if getattr(field, name)]
    if field.choices:
        each = ", ".join(f"{{ zh = {_quoted(one.zh)}, en = {_quoted(one.en)} }}" for one in field.choices)
        parts.append(f"choices = [{each}]")
    return "{ " + ", ".join(parts) + " }"


def _quoted(text: str) -> str:
    return msgspec.json.encode(text).decode()
