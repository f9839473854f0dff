"""A round: who may know of it, its preview, how it begins, and who or what has left it since.

Forms: `filling.py`; scores, recommendation, publication, the end: `results.py`; objections: `objecting.py`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

import msgspec
from flask_babel import lazy_gettext as _
from sqlalchemy import Select, and_, func, insert, or_, select
from sqlalchemy.orm import Session

from contentserver.assessments import schemes
from contentserver.assessments.listing import Listed, listed
from contentserver.assessments.models import (
    TITLE_CHARS,
    AssessmentForm,
    AssessmentRound,
    AssessmentSubject,
    AssessmentVoter,
)
from contentserver.assessments.rules import Scheme
from contentserver.audit import audit
from contentserver.kernel import clock
from contentserver.kernel.auth import Person, Right
from contentserver.kernel.errors import Conflict, Forbidden, NotFound, Rejected
from contentserver.kernel.sealing import Seal
from contentserver.members import Branch, Member, is_former, masked, resolved
from contentserver.processes import due_on
from contentserver.regions import ancestors_and_self, region_named
from schedules.holidays import HolidayTable

MERGED, LEFT, DISSOLVED, TAKEN_OUT = "merged", "left", "dissolved", "taken_out"
MOST_SUBJECTS: Final = 3000


@dataclass(frozen=True, slots=True)
class Preview:
    """What a round would be: who is assessed, how many forms by part, until when."""

    code: str
    scheme: Scheme
    version: str
    subjects: Sequence[Listed]
    dues: Mapping[str, date]

    def forms(self, part: str) -> int:
        """How many forms a part asks for."""
        return sum(one.asked(part) for one in self.subjects)

    def assessors(self, part: str) -> int:
        """How many different people a part asks."""
        accounts = {who for one in self.subjects for who in one.accounts.get(part, ())}
        return len(accounts | {who for one in self.subjects for who in one.members.get(part, ())})

    def without(self, part: str, least: int) -> int:
        """For how many subjects the part cannot count: too few are asked."""
        return sum(one.asked(part) < least for one in self.subjects)


def preview(session: Session, region_code: str, code: str, now: datetime, calendar: HolidayTable) -> Preview:
    """What a round would be if it began now.

    Raises:
        NotFound: there is no such region or scheme.
        Rejected: the scheme names an account that is not there.
    """
    region = region_named(session, region_code)
    found = schemes.SCHEMES.one(session, region.code, code)
    today = clock.local(now).date()
    dues = {part.code: due_on(today, part.days, calendar) for part in found.law.parts}
    return Preview(code, found.law, found.version, listed(session, found.law, region.code), dues)


def begin(
    session: Session,
    region_code: str,
    code: str,
    title: str,
    who: Person,
    seal: Seal,
    now: datetime,
    calendar: HolidayTable,
) -> AssessmentRound:
    """Begin a round: its subjects, its days and those who are asked are fixed from now on.

    Raises:
        Forbidden: the person may not assess there.
        NotFound: there is no such region or scheme.
        Rejected: the title is missing, or nobody would be assessed, or too many.
        Conflict: a round of this scheme is under way there.
    """
    require_assess(who, region_code)
    session.refresh(region_named(session, region_code), with_for_update=True)  # of two at once one waits
    title = "".join(filter(str.isprintable, title)).strip()
    if not 0 < len(title) <= TITLE_CHARS:
        sentence = _("Give it a title of at most %(most)s characters.", most=TITLE_CHARS)
        raise Rejected("title_wrong", sentence, {"title": sentence})
    going = select(AssessmentRound.id).where(
        AssessmentRound.region_code == region_code, AssessmentRound.scheme == code, AssessmentRound.closed_at.is_(None)
    )
    if session.scalars(going).first() is not None:
        sentence = _("A round of this scheme is under way here. Close it first.")
        raise Conflict("assessment_under_way", sentence, {"scheme": sentence})
    plan = preview(session, region_code, code, now, calendar)
    if not 0 < len(plan.subjects) <= MOST_SUBJECTS:
        few = _("This scheme would assess nobody here.")
        many = _("More than %(most)s would be assessed. Begin a round for each part of the region.", most=MOST_SUBJECTS)
        raise Rejected("subjects_wrong", many if plan.subjects else few, {"scheme": many if plan.subjects else few})
    row = AssessmentRound(
        region_code=region_code,
        scheme=code,
        version=plan.version,
        document=msgspec.json.encode(plan.scheme).decode(),
        title=title,
        dues=msgspec.json.encode({name: day.isoformat() for name, day in plan.dues.items()}).decode(),
        begun_on=clock.local(now).date(),
        collected_on=max(plan.dues.values()),
        begun_at=now,
        begun_by=who.id,
    )
    session.add(row)
    session.flush()
    for one in plan.subjects:
        _add(session, row, one, plan.dues, seal)
    session.flush()
    told = {"scheme": f"{code} {plan.version}", "region": region_code, "title": title, "subjects": len(plan.subjects)}
    audit(session, who=who, action="assessment.begun", subject=f"assessment {row.id}", now=now, after=told)
    return row


def take_out(session: Session, row: AssessmentSubject, reason: str, who: Person, now: datetime) -> None:
    """It left the round: a station that is closed, for example. Its forms stay; it gets no score.

    Raises:
        Rejected: the reason is missing.
        Conflict: the recommendation is made already, or it has left before.
    """
    found = session.get_one(AssessmentRound, row.round_id, with_for_update=True, populate_existing=True)
    require_assess(who, found.region_code)
    reason = "".join(filter(str.isprintable, reason)).strip()[:300]
    if not reason:
        sentence = _("Say why. It is kept.")
        raise Rejected("reason_missing", sentence, {"reason": sentence})
    if found.recommended_by is not None or found.published_at is not None or row.gone:
        raise Conflict("too_late", _("It has left already, or the recommendation is made."))
    row.gone, row.gone_because = TAKEN_OUT, reason
    told = {"reason": reason}
    audit(session, who=who, action="assessment.taken_out", subject=f"assessment subject {row.id}", now=now, after=told)


def note_gone(session: Session, rows: Sequence[AssessmentSubject]) -> None:
    """Note of some subjects of one round which of them are not there any more: left, forgotten, merged, dissolved."""
    branches = {row.branch_id for row in rows if row.branch_id and not row.member_id}
    ended = set(session.scalars(select(Branch.id).where(Branch.id.in_(branches), Branch.dissolved_on.is_not(None))))
    people = {row.member_id for row in rows if row.member_id}
    into = resolved(session, [str(one) for one in people])
    ids = people | {UUID(one) for one in into.values()}
    members = {one.id: one for one in session.scalars(select(Member).where(Member.id.in_(ids)))}
    for row in rows:
        if row.gone in {TAKEN_OUT, MERGED}:
            continue
        if row.member_id:
            kept = UUID(into.get(str(row.member_id), str(row.member_id)))
            left = not members[kept].active or is_former(members[kept].number)
            row.gone = MERGED if kept != row.member_id and kept in people else LEFT if left else ""
        elif row.branch_id:
            row.gone = DISSOLVED if row.branch_id in ended else ""
    session.flush()


def gone_now(session: Session, row: AssessmentSubject) -> str:
    """Whether one subject has left, as of now; nothing is noted."""
    if row.gone:
        return row.gone
    if row.member_id:
        into = resolved(session, [str(row.member_id)]).get(str(row.member_id))
        kept = session.get_one(Member, UUID(into) if into else row.member_id)
        return "" if kept.active and not is_former(kept.number) else LEFT
    if row.branch_id:
        return DISSOLVED if session.get_one(Branch, row.branch_id).dissolved_on is not None else ""
    return ""


def titles(session: Session, scheme: Scheme, rows: Sequence[AssessmentSubject]) -> dict[UUID, str]:
    """What subjects are called: members by their record, masked unless the scheme publishes names."""
    people = {row.member_id for row in rows if row.member_id}
    into = resolved(session, [str(one) for one in people])
    ids = people | {UUID(one) for one in into.values()}
    names = {one.id: one.name for one in session.scalars(select(Member).where(Member.id.in_(ids)))}
    branches = dict(
        session.execute(select(Branch.id, Branch.name).where(Branch.id.in_({row.branch_id for row in rows}))).all()
    )
    found = {}
    for row in rows:
        if row.member_id is None:
            found[row.id] = row.title
            continue
        name = names[UUID(into.get(str(row.member_id), str(row.member_id)))]
        shown = name if scheme.names == "whole" else masked(name)
        found[row.id] = f"{shown} · {branches[row.branch_id]}" if row.branch_id else shown
    return found


def scheme_of(row: AssessmentRound) -> Scheme:
    """The scheme by which a round began."""
    return msgspec.json.decode(row.document, type=Scheme)


def dues_of(row: AssessmentRound) -> dict[str, date]:
    """Until when each part is open."""
    return msgspec.json.decode(row.dues, type=dict[str, date])


def round_asked(session: Session, assessment_id: UUID, who: Person) -> AssessmentRound:
    """A round that the person holds, or that was published in their region.

    Raises:
        NotFound: there is none, or they may not know of it.
    """
    row = session.get(AssessmentRound, assessment_id)
    if row is None or not (holds(row, who) or (row.published_at is not None and _near(row, who))):
        raise NotFound("assessment_unknown", _("There is no such round."))
    return row


def subject_asked(session: Session, subject_id: UUID, who: Person) -> AssessmentSubject:
    """A subject of a round that the person may know of.

    Raises:
        NotFound: there is none, or they may not.
    """
    row = session.get(AssessmentSubject, subject_id)
    if row is None:
        raise NotFound("assessment_unknown", _("There is no such round."))
    round_asked(session, row.round_id, who)
    return row


def rounds_seen(who: Person, state: str = "") -> Select[AssessmentRound]:
    """The rounds that somebody may know of, the latest first; `state`: "going", "published" or "closed"."""
    table = AssessmentRound
    below = table.region_code.startswith(who.region_code, autoescape=True)
    above = table.region_code.in_(ancestors_and_self(who.region_code) if who.region_code else ())
    published = table.published_at.is_not(None)
    seen = or_(below, and_(published, above)) if who.may(Right.ASSESS) else and_(published, or_(below, above))
    query = select(table).where(seen).order_by(table.begun_at.desc(), table.id)
    match state:
        case "going":
            return query.where(table.published_at.is_(None))
        case "published":
            return query.where(published, table.closed_at.is_(None))
        case "closed":
            return query.where(table.closed_at.is_not(None))
        case _:
            return query


def subjects_of(session: Session, row: AssessmentRound) -> Sequence[AssessmentSubject]:
    """Everybody who is assessed in a round, those who left too."""
    query = select(AssessmentSubject).where(AssessmentSubject.round_id == row.id)
    return session.scalars(query.order_by(AssessmentSubject.region_code, AssessmentSubject.id)).all()


def sizes_of(session: Session, rounds: Sequence[UUID]) -> dict[UUID, int]:
    """How many are assessed in each of some rounds."""
    query = (
        select(AssessmentSubject.round_id, func.count())
        .where(AssessmentSubject.round_id.in_(rounds))
        .group_by(AssessmentSubject.round_id)
    )
    return dict(session.execute(query).all())


def holds(row: AssessmentRound, who: Person) -> bool:
    """Whether somebody holds a round: assesses, and reaches its region."""
    return who.may(Right.ASSESS) and who.reaches(row.region_code)


def require_assess(who: Person, region_code: str) -> None:
    """Raise Forbidden unless the person assesses in a region."""
    if not who.may(Right.ASSESS):
        raise Forbidden("no_right", _("Your role may not do this."))
    if not who.reaches(region_code):
        raise Forbidden("out_of_scope", _("This lies outside your region."))


def open_forms(session: Session, row: AssessmentRound) -> int:
    """How many that were asked have not sent their form, of subjects that are still there."""
    here = select(AssessmentSubject.id).where(AssessmentSubject.round_id == row.id, AssessmentSubject.gone == "")
    forms = select(func.count()).where(
        AssessmentForm.subject_id.in_(here), AssessmentForm.account_id.is_not(None), AssessmentForm.points.is_(None)
    )
    voters = select(func.count()).where(AssessmentVoter.subject_id.in_(here), AssessmentVoter.used.is_(False))
    return (session.scalar(forms) or 0) + (session.scalar(voters) or 0)


def is_collected(session: Session, row: AssessmentRound, now: datetime) -> bool:
    """Whether no form comes any more: the last day is over, or everybody has sent theirs."""
    return clock.local(now).date() > row.collected_on or open_forms(session, row) == 0


def mark_of(seal: Seal, subject_id: UUID, part: str, member_id: UUID) -> str:
    """By what a member is known who may write one form."""
    return seal.mark(f"assessment {subject_id} {part} {member_id}")


def _add(session: Session, row: AssessmentRound, one: Listed, dues: Mapping[str, date], seal: Seal) -> None:
    subject = AssessmentSubject(
        round_id=row.id,
        region_code=one.region_code,
        station_id=one.station_id,
        branch_id=one.branch_id,
        member_id=one.member_id,
        title=one.title[:100],
    )
    session.add(subject)
    session.flush()
    for part, accounts in one.accounts.items():
        session.add_all(
            AssessmentForm(subject_id=subject.id, part=part, account_id=account, due_on=dues[part])
            for account in accounts
        )
    voters = [
        {"mark": mark_of(seal, subject.id, part, member), "subject_id": subject.id, "part": part, "used": False}
        for part, members in one.members.items()
        for member in members
    ]
    if voters:
        session.execute(insert(AssessmentVoter), sorted(voters, key=lambda voter: str(voter["mark"])))


def _near(row: AssessmentRound, who: Person) -> bool:
    return row.region_code.startswith(who.region_code) or who.region_code.startswith(row.region_code)
