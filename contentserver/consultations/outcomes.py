"""What came of an answer, asked later: whether it was solved, on what area, what it yielded and earned.

Of several words the newest counts. The television's key says as much as that it helped: `taking_in.py`.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _
from sqlalchemy import Select, exists, select
from sqlalchemy.orm import Session

from contentserver.audit import audit
from contentserver.consultations import rules
from contentserver.consultations.models import Case, CaseOutcome
from contentserver.consultations.routing import locked, refuse_unless
from contentserver.consultations.rules import State
from contentserver.kernel.auth import Person
from contentserver.kernel.errors import Rejected
from contentserver.regions import subtree_filter

NOTE_CHARS = 300
MOST_AREA, MOST_YIELD, MOST_INCOME = Decimal(100_000), Decimal(10_000_000), Decimal(100_000_000)
"""Mu, kilograms, yuan: more is a slip of the finger."""


@dataclass(frozen=True, slots=True)
class Typed:
    """What somebody typed into the form."""

    solved: str = ""
    area: str = ""
    crop: str = ""
    income: str = ""
    note: str = ""


def note_outcome(session: Session, case_id: UUID, typed: Typed, who: Person, now: datetime) -> CaseOutcome:
    """Write down what came of a question.

    Raises:
        Conflict: it was never answered.
        Rejected: a value is missing or wrong; all of them are said at once.
    """
    case = locked(session, case_id)
    refuse_unless(rules.may_tell_outcome(case.state, case.answered_at is not None))
    wrong: dict[str, object] = {}
    if typed.solved not in ("yes", "no"):
        wrong["solved"] = _("Choose whether the problem is solved.")
    area = _number(typed.area, "area", MOST_AREA, wrong)
    crop = _number(typed.crop, "crop", MOST_YIELD, wrong)
    income = _number(typed.income, "income", MOST_INCOME, wrong, negative=True)
    if len(typed.note.strip()) > NOTE_CHARS:
        wrong["note"] = _("Please use at most %(number)s characters.", number=NOTE_CHARS)
    if wrong:
        raise Rejected("outcome_wrong", _("Please look at this again."), wrong)
    made = CaseOutcome(
        case_id=case.id,
        solved=typed.solved == "yes",
        area_tenths=None if area is None else int(area * 10),
        yield_kg=None if crop is None else int(crop),
        income_cents=None if income is None else int(income * 100),
        note=typed.note.strip(),
        at=now,
        by=who.id,
    )
    session.add(made)
    session.flush()
    after = {"solved": made.solved, "area": made.area_tenths, "yield": made.yield_kg, "income": made.income_cents}
    audit(session, who=who, action="case.outcome", subject=f"case {case.id}", now=now, after=after)
    return made


def to_be_asked(root: str, now: datetime) -> Select[Any]:
    """The answered questions of a subtree of which nobody has told an outcome in time, the oldest answer first."""
    told = exists(select(CaseOutcome.id).where(CaseOutcome.case_id == Case.id))
    query = select(Case).where(
        subtree_filter(Case.region_code, root),
        Case.state.in_([State.ANSWERED.value, State.CLOSED.value]),
        Case.answered_at <= now - rules.REMIND_AFTER,
        ~told,
    )
    return query.order_by(Case.answered_at, Case.id)


def _number(
    typed: str, name: str, most: Decimal, wrong: dict[str, object], *, negative: bool = False
) -> Decimal | None:
    """A number of a form, None where nothing was typed; what is none, or is too large, is noted as wrong."""
    plain = typed.strip().replace(",", "").replace("，", "")
    if not plain:
        return None
    try:
        found = Decimal(plain)
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite():
        wrong[name] = _("Write a number, such as 12 or 3.5.")
        return None
    if abs(found) > most or (found < 0 and not negative):
        wrong[name] = _("This number cannot be right. Look at it again.")
        return None
    return found
