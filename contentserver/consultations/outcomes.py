"""What came of an answer, asked later: whether it was solved, on what area, what it yielded and earned.

Of several words the newest counts. The television's key says as much as that it helped: `taking_in.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _
from sqlalchemy import Select, and_, exists, or_, select
from sqlalchemy.orm import Session

from contentserver.audit import audit
from contentserver.consultations import rules, words
from contentserver.consultations.models import Case, CaseAnswer, CaseOutcome
from contentserver.consultations.routing import locked, refuse_unless
from contentserver.consultations.rules import Reminder, State
from contentserver.kernel.auth import Person
from contentserver.kernel.errors import Conflict, Rejected
from contentserver.readiness import OutcomeAsked, OutcomeAskedAgain, Telling, TellStation, settle_notes
from contentserver.regions import subtree_filter

NOTE_CHARS, TITLE_CHARS = 300, 100
AT_ONCE = 500
_STEPS = (
    (Reminder.OVERDUE, ("", Reminder.FIRST.value, Reminder.AGAIN.value), 2 * rules.ASK_AGAIN_AFTER),
    (Reminder.AGAIN, ("", Reminder.FIRST.value), rules.ASK_AGAIN_AFTER),
    (Reminder.FIRST, ("",), timedelta(0)),
)
"""How far a question comes, from where, and how long after it is first asked; the furthest first."""
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


def note_outcome(session: Session, case_id: UUID, typed: Typed, who: Person | None, now: datetime) -> CaseOutcome:
    """Write down what came of a question; nobody signed in where the phone says so that has asked.

    Raises:
        Conflict: it was never answered; or a phone tells it again, or is not asked at the moment.
        Rejected: a value is missing or wrong; all of them are said at once.
    """
    case = locked(session, case_id)
    refuse_unless(rules.may_tell_outcome(case.state, case.answered_at is not None))
    if who is None and asked_of(session, [case], now).get(case.id) not in rules.ASKS:
        raise Conflict("outcome_not_asked", _("It is noted already, or nobody asks any more. Thank you."))
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
        by=who.id if who else None,
    )
    session.add(made)
    session.flush()
    ask_no_more(session, case.id, who, now)
    after = {"solved": made.solved, "area": made.area_tenths, "yield": made.yield_kg, "income": made.income_cents}
    audit(session, who=who, action="case.outcome", subject=f"case {case.id}", now=now, after=after)
    return made


def to_be_asked(root: str, now: datetime, *, overdue: bool = False) -> Select[Any]:
    """The answered questions of a subtree of which nobody has told an outcome in time, the oldest answer first.

    Args:
        overdue: those alone of which nobody is asked any more.
    """
    later = 2 * rules.ASK_AGAIN_AFTER if overdue else timedelta(0)
    query = select(Case).where(subtree_filter(Case.region_code, root), _untold(), _asked_since(now - later))
    return query.order_by(Case.answered_at, Case.id)


def asked_of(session: Session, cases: Sequence[Case], now: datetime) -> dict[UUID, Reminder | None]:
    """How far it is with asking what came of some questions."""
    told = set(session.scalars(select(CaseOutcome.case_id).where(CaseOutcome.case_id.in_([one.id for one in cases]))))
    return {one.id: rules.reminder(one.topic, one.state, one.answered_at, one.id in told, now) for one in cases}


def remind(session: Session, tell: TellStation, now: datetime) -> int:
    """Ask the stations what came of the answers, and once more; what is overdue is noted, and asked no more.

    Returns:
        How many questions came further.
    """
    further = 0
    for step, before, later in _STEPS:
        query = select(Case).where(Case.outcome_asked.in_(before), _untold(), _asked_since(now - later))
        for case in session.scalars(query.order_by(Case.answered_at).limit(AT_ONCE)).all():
            if rules.reminder(case.topic, case.state, case.answered_at, False, now) is step:
                _ask(session, case, step, tell, now)
            case.outcome_asked = step.value
            further += 1
        session.flush()
    return further


def ask_no_more(session: Session, case_id: UUID, who: Person | None, now: datetime) -> None:
    """Take away from the station's pages what they ask about a question."""
    for answer_id in session.scalars(select(CaseAnswer.id).where(CaseAnswer.case_id == case_id)):
        settle_notes(session, str(answer_id), who.display_name if who else "", now)


def _ask(session: Session, case: Case, step: Reminder, tell: TellStation, now: datetime) -> None:
    """Have the administrator of a station told of it; an answer is asked about once, and reminded of once."""
    if step not in rules.ASKS or case.answered_at is None:
        return
    ask_no_more(session, case.id, None, now)  # a reminder stands in the place of what it reminds of
    newest = select(CaseAnswer.id).where(CaseAnswer.case_id == case.id).order_by(CaseAnswer.at.desc())
    reason = OutcomeAsked if step is Reminder.FIRST else OutcomeAskedAgain
    telling = Telling(
        station_id=case.station_id,
        airing_id=str(session.scalars(newest).first() or case.id),
        airing_start=rules.asked_until(case.topic, case.answered_at),
        lesson_title=words.question_in_chinese(case)[:TITLE_CHARS],
        reason=reason(case=str(case.id)),
    )
    if tell(session, telling, now, None):
        after = {"step": step.value}
        audit(session, who=None, action="case.outcome_asked", subject=f"case {case.id}", now=now, after=after)


def _untold() -> Any:
    answered = Case.state.in_([State.ANSWERED.value, State.CLOSED.value])
    return answered & ~exists(select(CaseOutcome.id).where(CaseOutcome.case_id == Case.id))


def _asked_since(instant: datetime) -> Any:
    """Whether an answer was as old at an instant as it is when it is first asked what came of it."""
    others = and_(Case.topic.not_in(rules.ASK_AFTER), Case.answered_at <= instant - rules.ask_after(""))
    known = (and_(Case.topic == topic, Case.answered_at <= instant - after) for topic, after in rules.ASK_AFTER.items())
    return or_(others, *known)


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
