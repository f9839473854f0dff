"""The schemes that hold in a region: those that are shipped, and what the regions above it added or changed.

Of several regions the nearest one's newest version holds. A version is never changed; a round keeps a copy of its own.
"""

import re
import tomllib
from collections.abc import Mapping
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

from contentserver.assessments.models import AssessmentScheme
from contentserver.assessments.rules import LEAST_ANONYMOUS, Assessor, Field, Part, Scheme, Subjects
from contentserver.audit import audit
from contentserver.kernel.auth import Person, Right
from contentserver.kernel.errors import Conflict, Forbidden, NotFound, Rejected
from contentserver.regions import ancestors_and_self

SHIPPED: Final = Path(__file__).parent / "data" / "schemes.toml"
LONGEST: Final = 12_000
MOST_PARTS, MOST_FIELDS, MOST_DAYS, MOST_WEIGHT, NAME_CHARS = 6, 20, 60, 100, 40
LARGEST_REGION_DIGITS: Final = 6
_CODE = re.compile(r"[a-z][a-z0-9_]{1,19}")
RESERVED: Final = frozenset({"csrf_token", "subject", "part", "do"})
"""Names that a form has beside its questions."""


@dataclass(frozen=True, slots=True)
class InForce:
    """A scheme as it holds in a region. `region` is whose version it is; empty for the shipped one."""

    code: str
    region: str
    scheme: Scheme

    @property
    def version(self) -> str:
        """How rounds name it."""
        return f"{self.region}:{self.scheme.version}"


@cache
def shipped() -> Mapping[str, Scheme]:
    """The schemes that the product comes with."""
    found = tomllib.loads(SHIPPED.read_text(encoding="utf-8"))
    return {code: msgspec.convert(one, Scheme) for code, one in found.items()}


def schemes_in(session: Session, region_code: str, *, ended: bool = False) -> dict[str, InForce]:
    """The schemes that hold in a region, by code; those that have ended only where asked."""
    found = {code: InForce(code, "", one) for code, one in shipped().items()}
    above = {code: depth for depth, code in enumerate(ancestors_and_self(region_code) if region_code else ())}
    query = select(AssessmentScheme).where(AssessmentScheme.region_code.in_(["", *above]))
    rows = session.scalars(query).all()
    for row in sorted(rows, key=lambda row: (above.get(row.region_code, -1), row.number)):
        kept = msgspec.structs.replace(msgspec.json.decode(row.document, type=Scheme), version=row.number)
        found[row.code] = InForce(row.code, row.region_code, kept)
    return {code: one for code, one in found.items() if ended or not one.scheme.ended}


def scheme_in(session: Session, region_code: str, code: str) -> InForce:
    """One scheme as it holds in a region.

    Raises:
        NotFound: there is none of this code.
    """
    found = schemes_in(session, region_code).get(code)
    if found is None:
        raise NotFound("scheme_unknown", _("There is no such scheme here."))
    return found


def may_govern(who: Person) -> bool:
    """Whether somebody says which schemes there are in their region."""
    return who.may(Right.ASSESS) and len(who.region_code) <= LARGEST_REGION_DIGITS


def read(text: str) -> Scheme:
    """A scheme that somebody wrote.

    Raises:
        Rejected: it has a fault; the sentence says which.
    """
    if len(text) > LONGEST:
        raise _wrong(_("The document is longer than %(number)s characters.", number=LONGEST))
    try:
        found = msgspec.convert(tomllib.loads(text), Scheme)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise _wrong(_("This cannot be read as TOML: %(why)s", why=str(error))) from error
    except msgspec.ValidationError as error:
        raise _wrong(_("Something in it is not as it should be: %(why)s", why=str(error))) from error
    _require_whole(found)
    for part in found.parts:
        _require_part(part)
    return msgspec.structs.replace(found, version=0, ended=False)


def adopt(session: Session, code: str, text: str, who: Person, now: datetime, *, ended: bool = False) -> InForce:
    """Add a scheme to the person's region, or a new version of one that holds there.

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
    found = msgspec.structs.replace(read(text), ended=ended)
    before = schemes_in(session, who.region_code, ended=True).get(code)
    if before is not None and msgspec.structs.replace(before.scheme, version=0) == found:
        raise _wrong(_("This is what holds already. Nothing was changed."))
    table = AssessmentScheme
    newest = select(func.max(table.number)).where(table.region_code == who.region_code, table.code == code)
    row = AssessmentScheme(
        region_code=who.region_code,
        code=code,
        number=(session.scalar(newest) or 0) + 1,
        document=msgspec.json.encode(found).decode(),
        at=now,
        by=who.id,
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError as error:  # somebody else was quicker
        raise Conflict("scheme_changed", _("Somebody else has changed this scheme meanwhile. Look again.")) from error
    told = {"number": row.number, "zh": found.zh, "ended": ended}
    subject = f"assessment scheme {code} of {who.region_code or '-'}"
    audit(session, who=who, action="assessment_scheme.adopted", subject=subject, now=now, after=told)
    return InForce(code, who.region_code, msgspec.structs.replace(found, version=row.number))


def written(one: Scheme) -> str:
    """A scheme as people write it, in TOML."""
    lines = [f"zh = {_quoted(one.zh)}", f"en = {_quoted(one.en)}", f'subjects = "{one.subjects}"']
    if one.role:
        lines.append(f"role = {_quoted(one.role)}")
    lines.append(f'names = "{one.names}"')
    for name in ("recommend_percent", "recommend_most", "publication_days", "objection_days"):
        lines.append(f"{name} = {getattr(one, name)}")
    for part in one.parts:
        lines += ["", "[[parts]]", f'code = "{part.code}"', f"zh = {_quoted(part.zh)}", f"en = {_quoted(part.en)}"]
        lines += [f'assessor = "{part.assessor}"']
        if part.accounts:
            lines.append(f"accounts = [{', '.join(map(_quoted, part.accounts))}]")
        lines += [f"weight = {part.weight}", f"days = {part.days}", f"least = {part.least}", "fields = ["]
        lines += [*(f"  {_field(field)}," for field in part.fields), "]"]
    return "\n".join([*lines, ""])


def _require_whole(one: Scheme) -> None:
    codes = [part.code for part in one.parts]
    labels = [one.zh, one.en, *(text for part in one.parts for text in (part.zh, part.en))]
    labels += [text for part in one.parts for field in part.fields for text in (field.zh, field.en)]
    if not 1 <= len(codes) <= MOST_PARTS or len(set(codes)) != len(codes) or not all(map(_CODE.fullmatch, codes)):
        raise _wrong(_("It needs 1 to %(number)s parts with different codes.", number=MOST_PARTS))
    if not all(1 <= len(label.strip()) <= 2 * NAME_CHARS for label in labels):
        raise _wrong(_("Every name has 1 to %(number)s characters, in Chinese and in English.", number=2 * NAME_CHARS))
    if (one.subjects is Subjects.MEMBERS) != bool(one.role):
        raise _wrong(_("Members are assessed by a role, and only members: give “role” with them alone."))
    if one.names not in {"masked", "whole"}:
        raise _wrong(_("“names” is masked or whole."))
    if not (0 <= one.recommend_percent <= 100 and 0 <= one.recommend_most <= 1000) or not (
        one.recommend_percent or one.recommend_most
    ):
        raise _wrong(_("Say how many may be recommended: “recommend_percent” from 1 to 100, or “recommend_most”."))
    if not 1 <= one.objection_days <= one.publication_days <= MOST_DAYS:
        raise _wrong(_("Objections take at least a day, and no longer than the publication."))
    if sum(part.weight for part in one.parts) != MOST_WEIGHT:
        raise _wrong(_("The weights of all parts make %(number)s together.", number=MOST_WEIGHT))


def _require_part(part: Part) -> None:
    names = [field.name for field in part.fields]
    called = {"part": part.code}
    if not 1 <= len(names) <= MOST_FIELDS or len(set(names)) != len(names):
        raise _wrong(_("“%(part)s” needs 1 to %(number)s fields with different names.", number=MOST_FIELDS, **called))
    if not all(_CODE.fullmatch(name) and name not in RESERVED for name in names):
        raise _wrong(_("“%(part)s”: a field's name has small letters, digits and underlines.", **called))
    if not any(field.scored for field in part.fields):
        raise _wrong(_("“%(part)s” asks nothing that counts.", **called))
    if not all(1 <= field.weight <= MOST_WEIGHT for field in part.fields):
        raise _wrong(_("“%(part)s”: a weight is from 1 to %(number)s.", number=MOST_WEIGHT, **called))
    if not (1 <= part.weight <= MOST_WEIGHT and 1 <= part.days <= MOST_DAYS and 1 <= part.least <= 1000):
        raise _wrong(_("“%(part)s”: weight, days or the least number of forms is out of bounds.", **called))
    if part.anonymous and part.least < LEAST_ANONYMOUS:
        sentence = _("“%(part)s”: of fewer than %(number)s forms without names one could tell who wrote which.",
                     number=LEAST_ANONYMOUS, **called)  # fmt: skip
        raise _wrong(sentence)
    if (part.assessor is Assessor.NAMED) != bool(part.accounts):
        raise _wrong(_("“%(part)s”: give “accounts” with the assessor “named”, and only there.", **called))


def _wrong(sentence: object) -> Rejected:
    return Rejected("scheme_wrong", sentence, {"document": sentence})


def _field(field: Field) -> str:
    parts = [f'name = "{field.name}"', f"zh = {_quoted(field.zh)}", f"en = {_quoted(field.en)}"]
    parts += [f'type = "{field.type}"', *([f"weight = {field.weight}"] if field.scored else [])]
    return "{ " + ", ".join(parts) + " }"


def _quoted(text: str) -> str:
    return msgspec.json.encode(text).decode()
