"""The schemes by which rounds are held: shipped ones, and bylaws of the regions. A round keeps a copy of its own."""

from pathlib import Path
from typing import Final

from flask_babel import lazy_gettext as _

from contentserver.assessments.rules import LEAST_ANONYMOUS, Assessor, Field, Part, Scheme, Subjects
from contentserver.bylaws import CODE, Bylaws, quoted, wrong

MOST_PARTS, MOST_FIELDS, MOST_DAYS, MOST_WEIGHT, NAME_CHARS = 6, 20, 60, 100, 40
RESERVED: Final = frozenset({"csrf_token", "subject", "part", "do"})
"""Names that a form has beside its questions."""


def written(one: Scheme) -> str:
    """A scheme as people write it, in TOML."""
    lines = [f"zh = {quoted(one.zh)}", f"en = {quoted(one.en)}", f'subjects = "{one.subjects}"']
    if one.role:
        lines.append(f"role = {quoted(one.role)}")
    lines.append(f'names = "{one.names}"')
    for name in ("recommend_percent", "recommend_most", "publication_days", "objection_days"):
        lines.append(f"{name} = {getattr(one, name)}")
    for part in one.parts:
        lines += ["", "[[parts]]", f'code = "{part.code}"', f"zh = {quoted(part.zh)}", f"en = {quoted(part.en)}"]
        lines += [f'assessor = "{part.assessor}"']
        if part.accounts:
            lines.append(f"accounts = [{', '.join(map(quoted, part.accounts))}]")
        lines += [f"weight = {part.weight}", f"days = {part.days}", f"least = {part.least}", "fields = ["]
        lines += [*(f"  {_field(field)}," for field in part.fields), "]"]
    return "\n".join([*lines, ""])


def _require_whole(one: Scheme) -> None:
    codes = [part.code for part in one.parts]
    labels = [one.zh, one.en, *(text for part in one.parts for text in (part.zh, part.en))]
    labels += [text for part in one.parts for field in part.fields for text in (field.zh, field.en)]
    if not 1 <= len(codes) <= MOST_PARTS or len(set(codes)) != len(codes) or not all(map(CODE.fullmatch, codes)):
        raise wrong(_("It needs 1 to %(number)s parts with different codes.", number=MOST_PARTS))
    if not all(1 <= len(label.strip()) <= 2 * NAME_CHARS for label in labels):
        raise wrong(_("Every name has 1 to %(number)s characters, in Chinese and in English.", number=2 * NAME_CHARS))
    if (one.subjects is Subjects.MEMBERS) != bool(one.role):
        raise wrong(_("Members are assessed by a role, and only members: give “role” with them alone."))
    if one.names not in {"masked", "whole"}:
        raise wrong(_("“names” is masked or whole."))
    if not (0 <= one.recommend_percent <= 100 and 0 <= one.recommend_most <= 1000) or not (
        one.recommend_percent or one.recommend_most
    ):
        raise wrong(_("Say how many may be recommended: “recommend_percent” from 1 to 100, or “recommend_most”."))
    if not 1 <= one.objection_days <= one.publication_days <= MOST_DAYS:
        raise wrong(_("Objections take at least a day, and no longer than the publication."))
    if sum(part.weight for part in one.parts) != MOST_WEIGHT:
        raise wrong(_("The weights of all parts make %(number)s together.", number=MOST_WEIGHT))
    for part in one.parts:
        _require_part(part)


def _require_part(part: Part) -> None:
    names = [field.name for field in part.fields]
    called = {"part": part.code}
    if not 1 <= len(names) <= MOST_FIELDS or len(set(names)) != len(names):
        raise wrong(_("“%(part)s” needs 1 to %(number)s fields with different names.", number=MOST_FIELDS, **called))
    if not all(CODE.fullmatch(name) and name not in RESERVED for name in names):
        raise wrong(_("“%(part)s”: a field's name has small letters, digits and underlines.", **called))
    if not any(field.scored for field in part.fields):
        raise wrong(_("“%(part)s” asks nothing that counts.", **called))
    if not all(1 <= field.weight <= MOST_WEIGHT for field in part.fields):
        raise wrong(_("“%(part)s”: a weight is from 1 to %(number)s.", number=MOST_WEIGHT, **called))
    if not (1 <= part.weight <= MOST_WEIGHT and 1 <= part.days <= MOST_DAYS and 1 <= part.least <= 1000):
        raise wrong(_("“%(part)s”: weight, days or the least number of forms is out of bounds.", **called))
    if part.anonymous and part.least < LEAST_ANONYMOUS:
        sentence = _("“%(part)s”: of fewer than %(number)s forms without names one could tell who wrote which.",
                     number=LEAST_ANONYMOUS, **called)  # fmt: skip
        raise wrong(sentence)
    if (part.assessor is Assessor.NAMED) != bool(part.accounts):
        raise wrong(_("“%(part)s”: give “accounts” with the assessor “named”, and only there.", **called))


def _field(field: Field) -> str:
    parts = [f'name = "{field.name}"', f"zh = {quoted(field.zh)}", f"en = {quoted(field.en)}"]
    parts += [f'type = "{field.type}"', *([f"weight = {field.weight}"] if field.scored else [])]
    return "{ " + ", ".join(parts) + " }"


SCHEMES: Final = Bylaws(
    matter="assessment_scheme",
    type=Scheme,
    shipped_in=Path(__file__).parent / "data" / "schemes.toml",
    longest=12_000,
    require_whole=_require_whole,
    action="assessment_scheme.adopted",
    noun="assessment scheme",
    unknown=_("There is no such scheme here."),
)
