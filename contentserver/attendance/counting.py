"""How hours count, by rules that begin on a day: which one holds for a session, adopt a new one, take it back.

A rule begins on a day to come, so no hour that is told already changes by it; the session's day decides which one
holds. What a rule does: `crediting.py`; its page: `hours.py`.
"""

from collections.abc import Sequence
from datetime import date, datetime

from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver.attendance.crediting import USUAL, CreditRule
from contentserver.attendance.models import CreditRuleRow
from contentserver.audit import audit
from contentserver.kernel import clock
from contentserver.kernel.auth import Person
from contentserver.kernel.errors import Conflict, NotFound, Rejected

REASON_CHARS = 300
MOST_GRACE_MIN = 60
_KNOWN = "credit_rules"


def rule_on(session: Session, day: date | None) -> CreditRule:
    """The rule that holds on a day; the usual one before any was adopted."""
    rows: Sequence[CreditRuleRow] | None = session.info.get(_KNOWN)
    if rows is None:
        rows = session.info[_KNOWN] = rules_kept(session)
    for row in rows:
        if day is not None and row.first_day <= day:
            return CreditRule(row.share_percent, row.grace_min * 60_000)
    return USUAL


def rules_kept(session: Session) -> Sequence[CreditRuleRow]:
    """All that were adopted, the latest first."""
    return session.scalars(select(CreditRuleRow).order_by(CreditRuleRow.first_day.desc())).all()


def adopt(
    session: Session,
    first_day: date | None,
    share: int | None,
    grace: int | None,
    reason: str,
    who: Person,
    now: datetime,
) -> None:
    """From `first_day` on, hours count by this: at least `share` percent seen, `grace` minutes to sign in.

    One that was to begin on the same day is replaced.

    Raises:
        Rejected: a number is out of its bounds, the reason is missing, or the day is not to come.
    """
    reason = "".join(filter(str.isprintable, reason)).strip()[:REASON_CHARS]
    if share is None or not 1 <= share <= 100:
        raise Rejected("share_wrong", _("The share goes from 1 to 100 in a hundred."))
    if grace is None or not 0 <= grace <= MOST_GRACE_MIN:
        raise Rejected("grace_wrong", _("Minutes to sign in go from 0 to %(most)s.", most=MOST_GRACE_MIN))
    if not reason:
        raise Rejected("reason_missing", _("Please write why. Everybody reads it here."))
    if first_day is None or not clock.local(now).date() < first_day <= clock.LATEST:
        raise Rejected("day_wrong", _("A rule begins tomorrow at the earliest: hours that are told stay as they are."))
    before = session.get(CreditRuleRow, first_day)
    told = _told(before) if before else None
    row = before or CreditRuleRow(first_day=first_day)
    row.share_percent, row.grace_min, row.reason, row.at, row.by = share, grace, reason, now, who.id
    session.add(row)
    session.info.pop(_KNOWN, None)
    audit(
        session, who=who, action="credit_rule.adopted", subject=f"{first_day}", now=now, before=told, after=_told(row)
    )


def withdraw(session: Session, first_day: date, who: Person, now: datetime) -> None:
    """A rule that has not begun does not come.

    Raises:
        NotFound: there is none that begins on this day.
        Conflict: it has begun.
    """
    row = session.get(CreditRuleRow, first_day)
    if row is None:
        raise NotFound("rule_unknown", _("No rule begins on this day."))
    if first_day <= clock.local(now).date():
        raise Conflict("rule_begun", _("This rule has begun; adopt another one from tomorrow on."))
    audit(session, who=who, action="credit_rule.withdrawn", subject=f"{first_day}", now=now, before=_told(row))
    session.delete(row)
    session.info.pop(_KNOWN, None)


def _told(row: CreditRuleRow) -> dict[str, object]:
    return {"share_percent": row.share_percent, "grace_min": row.grace_min, "reason": row.reason}
