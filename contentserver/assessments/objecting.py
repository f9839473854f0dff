"""Objections to what was published: made in time, decided by somebody who did not assess, and what follows from it.

A decision "yes" gives another score, so it is taken on the objection's own page, with the number; the matter in "My
tasks" leads there.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from flask import url_for
from flask_babel import lazy_gettext as _
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from contentserver.accounts import Account
from contentserver.assessments import results, service, words
from contentserver.assessments.models import (
    OBJECTION_CHARS,
    AssessmentForm,
    AssessmentObjection,
    AssessmentRound,
    AssessmentSubject,
)
from contentserver.audit import audit
from contentserver.kernel import clock
from contentserver.kernel.auth import Person, Right
from contentserver.kernel.errors import Conflict, Forbidden, NotFound, Rejected
from contentserver.kernel.sealing import Seal
from contentserver.members import Member, ids_of
from contentserver.processes import Decision, Plan, Process, ProcessStep, begin, decide, owner, under_way
from contentserver.timetable import holiday_table

DAYS: Final = 3
AGREE_DAYS: Final = 3
MOST: Final = 100 * 100
"""The best score, in hundredths."""


class PublicationKind:
    """See `processes.Kind`: somebody else agrees to a recommendation; its subject is `assessment <id>`."""

    code: Final = results.PUBLICATION
    name: Final = _("Publication of an assessment")
    steps: Final[Mapping[str, object]] = {"agree": _("Agree to the recommendation, and publish")}

    def page(self, process: Process) -> str:
        """The round."""
        return url_for("assessments.show", assessment_id=UUID(process.subject.removeprefix("assessment ")))

    def told(self, session: Session, process: Process) -> Sequence[tuple[object, object]]:
        """How many, who is recommended, and why it departs from the scores."""
        row = session.get_one(AssessmentRound, UUID(process.subject.removeprefix("assessment ")))
        lines = results.standings(session, row)
        chosen = [line.title for line in lines if line.row.recommended]
        facts = [(_("Assessed"), len(lines)), (_("Recommended"), "、".join(chosen) or "—")]
        return [*facts, (_("Departs from the scores because"), row.why)] if row.why else facts

    def decided(
        self, session: Session, process: Process, _step: ProcessStep, decision: Decision, who: Person, now: datetime
    ) -> None:
        """Publish it; with a no the recommendation is to be made again."""
        row = session.get_one(AssessmentRound, UUID(process.subject.removeprefix("assessment ")))
        if decision is Decision.YES:
            results.publish(session, row, who, now, holiday_table(session))
        else:
            row.recommended_by = None


class ObjectionKind:
    """See `processes.Kind`: an objection; its subject is `assessment objection <id>`."""

    code: Final = results.OBJECTION
    name: Final = _("Objection to an assessment")
    steps: Final[Mapping[str, object]] = {"decide": _("Decide the objection")}

    def page(self, process: Process) -> str:
        """The objection."""
        return url_for("assessment_objections.show", objection_id=_id(process))

    def told(self, session: Session, process: Process) -> Sequence[tuple[object, object]]:
        """What it says, and about which score."""
        row = session.get_one(AssessmentObjection, _id(process))
        score = words.number(row.score_before)
        return [(_("Objection"), row.text), (_("Published score"), score), (_("To agree"), _("on its page"))]

    def decided(
        self, session: Session, process: Process, _step: ProcessStep, decision: Decision, who: Person, now: datetime
    ) -> None:
        """Keep the answer; a yes comes from the objection's page, which gives the score."""
        row = session.get_one(AssessmentObjection, _id(process), with_for_update=True)
        require_may_decide(session, row, who)
        upheld = decision is Decision.YES
        if upheld and row.score_after is None:
            raise Conflict("score_missing", _("Open its page: whoever agrees gives the corrected score there."))
        row.decided_at, row.decided_by, row.upheld = now, owner(who), upheld
        row.answer = next(one.reason for one in process.steps if one.code == "decide")
        if not upheld:
            row.score_after, row.recommended_after = None, row.recommended_before
            return
        subject = session.get_one(AssessmentSubject, row.subject_id)
        subject.corrected, subject.recommended = row.score_after, row.recommended_after
        told = {
            "before": {"score": row.score_before, "recommended": row.recommended_before},
            "after": {"score": row.score_after, "recommended": row.recommended_after, "why": row.answer},
        }
        action = "assessment.corrected"
        audit(session, who=who, action=action, subject=f"assessment subject {subject.id}", now=now, **told)


def submit(session: Session, row: AssessmentRound, who: Person, now: datetime) -> Process:
    """Ask somebody else to agree to the recommendation that was just made."""
    return begin(
        session,
        PublicationKind(),
        subject=f"assessment {row.id}",
        title=row.title,
        plans=(Plan("agree", Right.ASSESS, _level(session, row), AGREE_DAYS),),
        who=who,
        now=now,
        calendar=holiday_table(session),
    )


def speaks_for(who: Person, subject: AssessmentSubject) -> bool:
    """Whether somebody's account may object for a subject: the administrator of a station or branch."""
    right = Right.KEEP_RECORD if subject.branch_id is None else Right.KEEP_MEMBERS
    return who.may(right) and not who.may(Right.ASSESS) and who.reaches(subject.region_code)


def may_object(found: AssessmentRound, now: datetime) -> bool:
    """Whether objections are taken now."""
    until = found.objections_until
    return until is not None and found.closed_at is None and clock.local(now).date() <= until


def object_(session: Session, subject: AssessmentSubject, text: str, who: Person, now: datetime) -> AssessmentObjection:
    """The administrator of a station or branch objects to its score.

    Raises:
        Forbidden: they do not speak for it.
        Conflict: it is too early, too late, or was said already.
        Rejected: there is no text.
    """
    if not speaks_for(who, subject):
        raise Forbidden("not_the_assessed", _("The administrator of whoever is assessed objects."))
    return _objection(session, subject, text, who, "", now)


def object_by_phone(
    session: Session, member: Member, subject: AssessmentSubject, text: str, seal: Seal, now: datetime
) -> AssessmentObjection:
    """A member objects: to their own score, or to that of their station or branch.

    Raises:
        NotFound: it is none of theirs.
        Conflict: it is too early, too late, or was said already.
        Rejected: there is no text.
    """
    if subject.id not in {one.id for one in about(session, member, now)}:
        raise NotFound("assessment_unknown", _("There is no such round."))
    return _objection(session, subject, text, None, objector(seal, subject, member), now)


def about(session: Session, member: Member, now: datetime) -> Sequence[AssessmentSubject]:
    """What a member may object to at this moment: their own score, and that of their station or branch."""
    ids = ids_of(session, member.id)
    subject, found = AssessmentSubject, AssessmentRound
    places = [subject.member_id.is_(None) & (subject.station_id == member.station_id)]
    if member.branch_id is not None:
        places.append(subject.member_id.is_(None) & (subject.branch_id == member.branch_id))
    query = (
        select(subject)
        .join(found, found.id == subject.round_id)
        .where(found.closed_at.is_(None), found.objections_until >= clock.local(now).date())
        .where(or_(subject.member_id.in_(ids), *places))
    )
    return session.scalars(query.order_by(subject.id)).all()


def objector(seal: Seal, subject: AssessmentSubject, member: Member) -> str:
    """By what a member is known who has objected."""
    return seal.mark(f"assessment objection {subject.id} {member.id}")


def require_may_decide(session: Session, row: AssessmentObjection, who: Person) -> None:
    """Raise unless the person may decide: they hold the round, did not object, and assessed nothing of this subject.

    Raises:
        Forbidden: they may not.
    """
    subject = session.get_one(AssessmentSubject, row.subject_id)
    mine = (owner(who), who.id)
    form = AssessmentForm
    sent = select(form.id).where(form.subject_id == subject.id, form.account_id.in_(mine), form.points.is_not(None))
    if row.by in mine or session.scalars(sent).first() is not None:
        raise Forbidden("assessed_it", _("You assessed this, or you objected. Somebody else has to decide."))
    service.require_assess(who, _level(session, session.get_one(AssessmentRound, subject.round_id)))


def uphold(
    session: Session,
    row: AssessmentObjection,
    kind: ObjectionKind,
    score: int | None,
    recommended: bool,
    why: str,
    who: Person,
    now: datetime,
) -> None:
    """Agree to an objection: another score, and whether it is recommended.

    Raises:
        Forbidden: the person may not decide it.
        Conflict: it is decided, or the round is closed.
        Rejected: the score is no number from 0 to 100, changes nothing, or the reason is missing.
    """
    process = _waiting(session, row)
    require_may_decide(session, row, who)
    wrong = dict[str, object]()
    if score is None or not 0 <= score <= MOST:
        wrong["score"] = _("Give a number from 0 to 100, with at most two decimals.")
    elif (score, recommended) == (row.score_before, row.recommended_before):
        wrong["score"] = _("This changes nothing. Decline the objection instead.")
    if not why.strip():
        wrong["reason"] = _("Say why. It is published with both numbers.")
    if wrong:
        raise Rejected("correction_wrong", _("The correction cannot stand like this."), wrong)
    row.score_after, row.recommended_after = score, recommended
    decide(session, kind, process, 0, Decision.YES, why, who, now, holiday_table(session))


def decline(
    session: Session, row: AssessmentObjection, kind: ObjectionKind, why: str, who: Person, now: datetime
) -> None:
    """The score stays.

    Raises:
        Forbidden, Conflict, Rejected: as `uphold`.
    """
    process = _waiting(session, row)
    require_may_decide(session, row, who)
    decide(session, kind, process, 0, Decision.NO, why, who, now, holiday_table(session))


def objection_asked(session: Session, objection_id: UUID, who: Person) -> AssessmentObjection:
    """An objection in a round that the person holds, or their own.

    Raises:
        NotFound: there is none, or they may not know of it.
    """
    row = session.get(AssessmentObjection, objection_id)
    if row is not None:
        subject = session.get_one(AssessmentSubject, row.subject_id)
        found = session.get_one(AssessmentRound, subject.round_id)
        if service.holds(found, who) or row.by == owner(who):
            return row
    raise NotFound("objection_unknown", _("There is no such objection."))


def _objection(
    session: Session, subject: AssessmentSubject, text: str, who: Person | None, mark: str, now: datetime
) -> AssessmentObjection:
    found = session.get_one(AssessmentRound, subject.round_id, with_for_update=True, populate_existing=True)
    if found.objections_until is None:
        raise Conflict("not_published", _("This round is not published yet."))
    if not may_object(found, now):
        day = found.objections_until.isoformat()
        raise Conflict("objection_late", _("The time for objections ended on %(day)s.", day=day))
    same = AssessmentObjection.mark == mark if mark else AssessmentObjection.by == (owner(who) if who else None)
    if session.scalars(
        select(AssessmentObjection.id).where(AssessmentObjection.subject_id == subject.id, same)
    ).first():
        raise Conflict("objection_there", _("You have objected to this already."))
    text = text.strip()
    if not 0 < len(text) <= OBJECTION_CHARS:
        sentence = _("Say what is not right, in at most %(most)s characters.", most=OBJECTION_CHARS)
        raise Rejected("objection_empty", sentence, {"text": sentence})
    row = AssessmentObjection(
        subject_id=subject.id,
        by=owner(who) if who else None,
        mark=mark,
        text=text,
        at=now,
        score_before=subject.corrected if subject.corrected is not None else subject.score,
        recommended_before=subject.recommended,
        recommended_after=subject.recommended,
    )
    session.add(row)
    session.flush()
    told = {"round": str(found.id), "subject": str(subject.id)}
    audit(session, who=who, action="assessment.objected", subject=f"assessment objection {row.id}", now=now, after=told)
    begin(
        session,
        ObjectionKind(),
        subject=f"assessment objection {row.id}",
        title=service.titles(session, service.scheme_of(found), [subject])[subject.id],
        plans=(Plan("decide", Right.ASSESS, _level(session, found), DAYS),),
        who=who,
        now=now,
        calendar=holiday_table(session),
    )
    return row


def _level(session: Session, row: AssessmentRound) -> str:
    """Where it is decided: at the level that began the round, not below it, where people were asked for forms."""
    return session.get_one(Account, row.begun_by).region_code or row.region_code


def _waiting(session: Session, row: AssessmentObjection) -> Process:
    process = under_way(session, f"assessment objection {row.id}", results.OBJECTION)
    if process is None:
        raise Conflict("objection_decided", _("This objection was decided already, or taken back."))
    return process


def _id(process: Process) -> UUID:
    return UUID(process.subject.removeprefix("assessment objection "))
