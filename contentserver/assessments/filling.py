"""Forms: those that wait for an account or a member, and sending one. What is sent is never changed.

A member's form does not say whose it is: their mark is used up in one row, the answers lie in another with a random id
and no time, and the audit trail has no line of it (decision 37).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID, uuid4

import msgspec
from flask_babel import lazy_gettext as _
from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from contentserver.accounts import Account
from contentserver.assessments import rules, service
from contentserver.assessments.models import AssessmentForm, AssessmentRound, AssessmentSubject, AssessmentVoter
from contentserver.assessments.rules import TEXT_CHARS, Assessor, Part, WrongAnswer
from contentserver.audit import audit
from contentserver.kernel import clock
from contentserver.kernel.auth import Person
from contentserver.kernel.errors import Conflict, Forbidden, NotFound, Rejected
from contentserver.kernel.sealing import Seal
from contentserver.members import Member, ids_of
from contentserver.processes import due_on, owner
from contentserver.regions import ancestors_and_self, subtree_filter
from contentserver.stations import Station
from schedules.holidays import HolidayTable

BY_PHONE: Final = frozenset({Assessor.PEERS, Assessor.SELF})
COUNTY_DIGITS, CHUNK = 6, 500

WRONG: Mapping[WrongAnswer, object] = {
    WrongAnswer.MISSING: _("Choose one."),
    WrongAnswer.OUTSIDE: _("This is not on the scale. Choose one."),
    WrongAnswer.LONG: _("Use at most %(most)s characters.", most=TEXT_CHARS),
}


@dataclass(frozen=True, slots=True)
class Due:
    """A form that a member may write: about whom, in which part, whether they have."""

    round: AssessmentRound
    subject: AssessmentSubject
    part: Part
    used: bool


def forms_of(who: Person, today: date | None = None, *, waiting: bool) -> Select[AssessmentForm]:
    """The forms of an account: those that wait, the first due first; or those that are sent or too late."""
    query = (
        select(AssessmentForm)
        .join(AssessmentSubject, AssessmentSubject.id == AssessmentForm.subject_id)
        .join(AssessmentRound, AssessmentRound.id == AssessmentSubject.round_id)
        .where(AssessmentForm.account_id == owner(who))
        .order_by(AssessmentForm.due_on, AssessmentSubject.region_code, AssessmentForm.id)
    )
    if waiting:
        return query.where(
            AssessmentForm.points.is_(None),
            AssessmentForm.due_on >= today,
            AssessmentSubject.gone == "",
            AssessmentRound.recommended_by.is_(None),
        )
    return query.where(AssessmentForm.points.is_not(None))


def count_waiting(session: Session, who: Person, now: datetime) -> int:
    """How many forms wait for somebody."""
    waiting = forms_of(who, clock.local(now).date(), waiting=True).order_by(None)
    return session.scalar(select(func.count()).select_from(waiting.subquery())) or 0


def last_days(session: Session, now: datetime, calendar: HolidayTable) -> list[tuple[UUID, str, int]]:
    """Whose forms are due today or on the next working day: account, its region, how many."""
    today = clock.local(now).date()
    form, subject, found = AssessmentForm, AssessmentSubject, AssessmentRound
    query = (
        select(Account.id, Account.region_code, func.count())
        .join(form, form.account_id == Account.id)
        .join(subject, subject.id == form.subject_id)
        .join(found, found.id == subject.round_id)
        .where(form.points.is_(None), form.due_on.between(today, due_on(today, 1, calendar)))
        .where(Account.active, subject.gone == "", found.recommended_by.is_(None))
        .group_by(Account.id, Account.region_code)
        .order_by(Account.id)
    )
    return [(account, region, count) for account, region, count in session.execute(query)]


def form_asked(session: Session, form_id: UUID, who: Person) -> AssessmentForm:
    """A form of the person's own.

    Raises:
        NotFound: there is none, or it is somebody else's.
    """
    row = session.get(AssessmentForm, form_id)
    if row is None or row.account_id != owner(who):
        raise NotFound("form_unknown", _("There is no such form, or somebody else is asked for it."))
    return row


def send(session: Session, row: AssessmentForm, typed: Mapping[str, str], who: Person, now: datetime) -> None:
    """Send an account's form.

    Raises:
        Forbidden: somebody else is asked.
        Conflict: it is sent already, its day is over, or its subject has left the round.
        Rejected: an answer is missing or not on the scale; `fields` says which.
    """
    row = session.get_one(AssessmentForm, row.id, with_for_update=True, populate_existing=True)
    if row.account_id != owner(who):
        raise Forbidden("not_asked", _("Somebody else is asked for this form."))
    if row.points is not None:
        raise Conflict("form_sent", _("This form is sent already. What is sent stays."))
    subject = session.get_one(AssessmentSubject, row.subject_id)
    found = session.get_one(AssessmentRound, subject.round_id)
    part = _open_part(session, found, subject, row.part, now)
    answers = _read(part, typed)
    row.answers, row.points, row.sent_at = _packed(answers), rules.points_of(part, answers), now
    session.flush()
    told = {"part": row.part, "points": row.points, "of": part.full}
    audit(session, who=who, action="assessment.form_sent", subject=f"assessment form {row.id}", now=now, after=told)


def dues_for(session: Session, member: Member, seal: Seal, now: datetime) -> list[Due]:
    """The forms that a member may write at this moment, and those that they have written in rounds that are open."""
    today, ids = clock.local(now).date(), ids_of(session, member.id)
    found = list[Due]()
    for row in session.scalars(_open_rounds(session, member, ids, now)):
        scheme, dues = service.scheme_of(row), service.dues_of(row)
        codes = [one.code for one in scheme.parts if one.assessor in BY_PHONE and dues[one.code] >= today]
        for (subject_id, code), used in _asked(session, row, codes, ids, seal).items():
            subject, part = session.get_one(AssessmentSubject, subject_id), scheme.part(code)
            if part is not None and not service.gone_now(session, subject):
                found.append(Due(row, subject, part, used))
    return found


def send_by_phone(
    session: Session,
    member: Member,
    subject_id: UUID | None,
    code: str,
    typed: Mapping[str, str],
    seal: Seal,
    now: datetime,
) -> None:
    """Send a member's form; nothing that is kept says that it is theirs.

    Raises:
        NotFound: there is no such form.
        Forbidden: they are not asked.
        Conflict: they have sent it already, its day is over, or its subject has left the round.
        Rejected: an answer is missing or not on the scale; `fields` says which.
    """
    subject = session.get(AssessmentSubject, subject_id) if subject_id else None
    if subject is None:
        raise NotFound("form_unknown", _("There is no such form, or somebody else is asked for it."))
    found = session.get_one(AssessmentRound, subject.round_id)
    voters = _voters(session, subject, code, ids_of(session, member.id), seal, locked=True)
    if not voters:
        raise Forbidden("not_asked", _("You are not asked for this. Who is, was fixed on the day the round began."))
    if any(one.used for one in voters):
        raise Conflict("form_sent", _("You have sent this already. What is sent stays."))
    part = _open_part(session, found, subject, code, now)
    answers = _read(part, typed)
    voters[0].used = True
    session.add(
        AssessmentForm(
            id=uuid4(),
            subject_id=subject.id,
            part=part.code,
            account_id=None,
            due_on=service.dues_of(found)[part.code],
            answers=_packed(answers),
            points=rules.points_of(part, answers),
        )
    )
    session.flush()


def answers_of(row: AssessmentForm) -> dict[str, int | str]:
    """What a form says."""
    return msgspec.json.decode(row.answers, type=dict[str, int | str]) if row.answers else {}


def _open_rounds(session: Session, member: Member, ids: Sequence[UUID], now: datetime) -> Select[AssessmentRound]:
    """The rounds in which forms still come, of the county in which a member is, and of the regions above it."""
    query = (
        select(Station.region_code)
        .join(Member, Member.station_id == Station.id)
        .where(Member.id.in_(ids) | (Member.id == member.id))
    )
    counties = {code[:COUNTY_DIGITS] for code in session.scalars(query)}
    table = AssessmentRound
    near = [subtree_filter(table.region_code, code) for code in sorted(counties)]
    above = {code for county in counties for code in ancestors_and_self(county)}
    return (
        select(table)
        .where(table.recommended_by.is_(None), table.collected_on >= clock.local(now).date())
        .where(or_(table.region_code.in_(above), *near))
        .order_by(table.begun_at, table.id)
    )


def _asked(
    session: Session, row: AssessmentRound, codes: Sequence[str], ids: Sequence[UUID], seal: Seal
) -> dict[tuple[UUID, str], bool]:
    """Of one round, about whom and in which part a member is asked, and whether they have answered."""
    subjects = session.scalars(select(AssessmentSubject.id).where(AssessmentSubject.round_id == row.id))
    marks = [service.mark_of(seal, one, code, each) for one in subjects for code in codes for each in ids]
    found = dict[tuple[UUID, str], bool]()
    for first in range(0, len(marks), CHUNK):
        query = select(AssessmentVoter).where(AssessmentVoter.mark.in_(marks[first : first + CHUNK]))
        for one in session.scalars(query.order_by(AssessmentVoter.subject_id, AssessmentVoter.part)):
            key = (one.subject_id, one.part)
            found[key] = found.get(key, False) or one.used
    return found


def _voters(
    session: Session, subject: AssessmentSubject, part: str, ids: Sequence[UUID], seal: Seal, *, locked: bool = False
) -> Sequence[AssessmentVoter]:
    """The rows by which a member, under any of their records, may write a form."""
    marks = [service.mark_of(seal, subject.id, part, one) for one in ids]
    query = select(AssessmentVoter).where(AssessmentVoter.mark.in_(marks)).order_by(AssessmentVoter.mark)
    if locked:
        query = query.with_for_update().execution_options(populate_existing=True)
    return session.scalars(query).all()


def _open_part(session: Session, found: AssessmentRound, subject: AssessmentSubject, code: str, now: datetime) -> Part:
    part = service.scheme_of(found).part(code)
    if part is None:
        raise NotFound("form_unknown", _("There is no such form, or somebody else is asked for it."))
    due = service.dues_of(found)[code]
    if clock.local(now).date() > due or found.recommended_by is not None:
        raise Conflict("form_late", _("The last day for this form was %(day)s.", day=due.isoformat()))
    if service.gone_now(session, subject):
        raise Conflict("subject_gone", _("Who is assessed here has left the round. Nothing needs to be done."))
    return part


def _read(part: Part, typed: Mapping[str, str]) -> dict[str, int | str]:
    found, wrong = rules.read_answers(part, typed)
    if wrong:
        sentences = {name: WRONG[what] for name, what in wrong.items()}
        raise Rejected("form_wrong", _("Some answers are missing or not on the scale."), sentences)
    return found


def _packed(answers: Mapping[str, int | str]) -> str:
    return msgspec.json.encode(answers).decode()
