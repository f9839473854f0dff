"""Begin a process, decide its steps, take it back, move up what is late."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from uuid import UUID

from flask_babel import lazy_gettext as _
from sqlalchemy import Select, or_, select, text
from sqlalchemy.orm import Session

from contentserver.accounts import Account
from contentserver.audit import audit
from contentserver.kernel import clock
from contentserver.kernel.auth import RIGHTS, Person, Role
from contentserver.kernel.errors import Conflict, Forbidden, NotFound, Rejected
from contentserver.processes import rules
from contentserver.processes.models import REASON_CHARS, TITLE_CHARS, Process, ProcessStep
from contentserver.processes.ports import Kind
from contentserver.processes.rules import Decision, Hand, Outcome, Plan, Standing, Verdict
from contentserver.regions import subtree_filter
from schedules.holidays import PUBLISHED, HolidayTable

_OPEN = "process_steps.due_on IS NOT NULL AND process_steps.decided_at IS NULL"
"""`models.IS_OPEN`, its index's words, of a named table."""
_SENTENCES = {
    Verdict.OVER: _("This is decided already. Load the page again."),
    Verdict.NOT_ITS_TURN: _("Another step comes first."),
    Verdict.NO_RIGHT: _("Your role may not decide this step."),
    Verdict.ELSEWHERE: _("This step is decided in another region."),
    Verdict.OWN: _("You began this yourself. Somebody else has to decide."),
}


def begin(
    session: Session,
    kind: Kind,
    *,
    subject: str,
    title: str,
    plans: Sequence[Plan],
    who: Person | None,
    now: datetime,
    facts: str = "",
    calendar: HolidayTable = PUBLISHED,
) -> Process:
    """Begin a process; its first step waits at once.

    Args:
        who: nobody where somebody without an account asks, by phone.
        facts: JSON that the kind reads again.

    Raises:
        Conflict: a process of this kind about the same subject is under way.
    """
    if under_way(session, subject, kind.code) is not None:
        raise Conflict("process_under_way", _("The same is under way already."))
    process = Process(
        kind=kind.code,
        subject=subject,
        title=title[:TITLE_CHARS],
        facts=facts,
        region_code=plans[0].region,
        begun_by=owner(who) if who else None,
        begun_at=now,
    )
    process.steps = [
        ProcessStep(
            place=place,
            code=plan.code,
            right=plan.right.value,
            region_code=plan.region,
            desk=plan.region,
            others_only=plan.others_only,
            days=plan.days,
        )
        for place, plan in enumerate(plans)
    ]
    session.add(process)
    session.flush()
    _open(process.steps[0], hands(session), now, calendar)
    told = {"kind": kind.code, "about": subject, "title": process.title}
    audit(session, who=who, action="process.begun", subject=f"process {process.id}", now=now, after=told)
    return process


def decide(
    session: Session,
    kind: Kind,
    process: Process,
    place: int,
    decision: Decision,
    reason: str,
    who: Person,
    now: datetime,
    calendar: HolidayTable = PUBLISHED,
) -> Process:
    """Decide the step at `place`, and do what follows.

    Raises:
        Conflict: it was decided meanwhile, or another step comes first, or what follows cannot be done.
        Forbidden: the person may not decide it.
        Rejected: no is said without a reason.
    """
    process = _locked(session, process.id)
    step = next((one for one in process.steps if one.place == place), None)
    if step is None:
        raise NotFound("step_unknown", _("There is no such step."))
    _refuse_unless_may(process, step, who)
    reason = "".join(filter(str.isprintable, reason)).strip()[:REASON_CHARS]
    if decision is Decision.NO and not reason:
        raise Rejected("reason_missing", _("Say why not: whoever began it reads this."), {"reason": _("Say why not.")})
    step.decided_at, step.decided_by, step.verdict, step.reason = now, owner(who), decision.value, reason
    after = rules.following(decision, place, [one.place for one in process.steps])
    if isinstance(after, Outcome):
        process.ended_at, process.outcome = now, after.value
    else:
        _open(process.steps[after], hands(session), now, calendar)
    kind.decided(session, process, step, decision, who, now)
    told = {"step": step.code, "decision": decision.value, "reason": reason, "outcome": process.outcome}
    audit(session, who=who, action="process.decided", subject=f"process {process.id}", now=now, after=told)
    return process


def withdraw(session: Session, process: Process, who: Person, now: datetime) -> Process:
    """Whoever began it takes it back.

    Raises:
        Conflict: it has ended.
        Forbidden: somebody else began it.
    """
    process = _locked(session, process.id)
    if process.begun_by != owner(who):
        raise Forbidden("not_yours", _("Only whoever began this takes it back."))
    end(session, process, who, now)
    return process


def end(session: Session, process: Process, who: Person | None, now: datetime) -> None:
    """A process ends without a decision: it is taken back, or its subject is gone.

    Raises:
        Conflict: it has ended.
    """
    if process.ended_at is not None:
        raise Conflict("process_over", _SENTENCES[Verdict.OVER])
    process.ended_at, process.outcome = now, Outcome.WITHDRAWN.value
    for step in process.steps:
        if step.decided_at is None:
            step.due_on = None
    audit(session, who=who, action="process.withdrawn", subject=f"process {process.id}", now=now)


def escalate(session: Session, now: datetime, calendar: HolidayTable = PUBLISHED) -> int:
    """Move steps that are late to the next desk up the tree; those at the root stay there.

    Returns:
        How many moved.
    """
    today = clock.local(now).date()
    moved, found = 0, session.scalars(_late(today)).all()
    people = hands(session) if found else []
    for step in found:
        above = rules.desk_above(step.desk, step.right, people)
        before, step.desk = step.desk, above
        step.due_on, step.escalations = rules.due_on(today, rules.LATE_DAYS, calendar), step.escalations + 1
        told = {"step": step.code, "from": before, "to": above}
        audit(session, who=None, action="process.escalated", subject=f"process {step.process_id}", now=now, after=told)
        moved += 1
    return moved


def process_asked(session: Session, process_id: UUID, who: Person) -> Process:
    """A process that the person began, or that lies or is decided in their region.

    Raises:
        NotFound: there is none, or they may not know of it.
    """
    process = session.get(Process, process_id)
    if process is None or not _knows(process, who):
        raise NotFound("process_unknown", _("There is no such matter."))
    return process


def of_subject(session: Session, subject: str) -> Sequence[Process]:
    """Every process about something, the latest first."""
    return session.scalars(select(Process).where(Process.subject == subject).order_by(Process.begun_at.desc())).all()


def under_way(session: Session, subject: str, kind: str) -> Process | None:
    """The process of a kind about something that has not ended."""
    query = select(Process).where(Process.subject == subject, Process.kind == kind, Process.ended_at.is_(None))
    return session.scalars(query).first()


def current(process: Process) -> ProcessStep | None:
    """The step that waits now; None once it has ended."""
    if process.ended_at is not None:
        return None
    return next((one for one in process.steps if one.decided_at is None and one.due_on is not None), None)


def verdict_on(process: Process, step: ProcessStep, who: Person) -> Verdict:
    """Whether the person may decide a step now."""
    standing = Standing(
        right=step.right,
        region=step.region_code,
        others_only=step.others_only,
        waits=step.due_on is not None,
        decided=step.decided_at is not None,
    )
    return rules.may_decide(
        standing,
        over=process.ended_at is not None,
        begun_by=process.begun_by,
        who=owner(who),
        rights=rights_of(who),
        root=who.region_code,
    )


def waiting_for(who: Person, *, below: bool = False) -> Select[Process]:
    """The processes whose present step waits at the person's own desk; with `below`, also at the desks below theirs."""
    at_desk = subtree_filter(ProcessStep.desk, who.region_code) if below else ProcessStep.desk == who.region_code
    return (
        select(Process)
        .join(ProcessStep, ProcessStep.process_id == Process.id)
        .where(
            text(_OPEN),
            ProcessStep.right.in_(sorted(rights_of(who))),
            subtree_filter(ProcessStep.region_code, who.region_code),
            at_desk,
            or_(ProcessStep.others_only.is_(False), Process.begun_by.is_(None), Process.begun_by != owner(who)),
        )
    )


def hands(session: Session) -> list[Hand]:
    """Where somebody sits who may decide something, and what."""
    found = session.execute(select(Account.region_code, Account.role).where(Account.active).distinct())
    return [Hand(region, frozenset(right.value for right in RIGHTS[Role(role)])) for region, role in found]


def owner(who: Person) -> UUID:
    """In whose name somebody works."""
    return who.acts_for or who.id


def rights_of(who: Person) -> Collection[str]:
    """What the person may do."""
    return {right.value for right in RIGHTS[who.role] if who.may(right)}


def _knows(process: Process, who: Person) -> bool:
    places = {process.region_code, *(step.region_code for step in process.steps)}
    return process.begun_by == owner(who) or any(who.reaches(code) for code in places)


def _late(today: date) -> Select[ProcessStep]:
    return select(ProcessStep).where(text(_OPEN), ProcessStep.due_on < today, ProcessStep.desk != "")


def _open(step: ProcessStep, people: Collection[Hand], now: datetime, calendar: HolidayTable) -> None:
    step.desk = rules.desk_of(step.region_code, step.right, people)
    step.due_on = rules.due_on(clock.local(now).date(), step.days, calendar)


def _locked(session: Session, process_id: UUID) -> Process:
    query = select(Process).where(Process.id == process_id).with_for_update()
    return session.scalars(query.execution_options(populate_existing=True)).one()


def _refuse_unless_may(process: Process, step: ProcessStep, who: Person) -> None:
    match verdict_on(process, step, who):
        case Verdict.MAY:
            return
        case (Verdict.OVER | Verdict.NOT_ITS_TURN) as verdict:
            raise Conflict(f"step_{verdict}", _SENTENCES[verdict])
        case verdict:
            raise Forbidden(f"step_{verdict}", _SENTENCES[verdict])
