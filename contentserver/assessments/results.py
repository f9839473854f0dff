"""What a round comes to: scores from all its forms, the recommendation, publication, and the end.

Scores are read from the forms each time. Publication keeps the numbers, so that whoever reads the forms again later can
see that they give the same; after an objection that was upheld the corrected number stands beside the first.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Final
from uuid import UUID

from flask_babel import lazy_gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contentserver.assessments import filling, rules, service
from contentserver.assessments.models import (
    REASON_CHARS,
    AssessmentForm,
    AssessmentObjection,
    AssessmentRound,
    AssessmentSubject,
    AssessmentVoter,
)
from contentserver.assessments.rules import Part, Scheme, Score, Tally
from contentserver.audit import audit
from contentserver.kernel import clock
from contentserver.kernel.auth import Person
from contentserver.kernel.errors import Conflict, Forbidden, Rejected
from contentserver.processes import due_on, owner, under_way
from schedules.holidays import HolidayTable

OBJECTION: Final = "assessment_objection"
PUBLICATION: Final = "assessment_publication"
"""Codes of the kinds of processes."""


@dataclass(frozen=True, slots=True)
class Line:
    """One subject with what its forms give.

    Attributes:
        place: None without a score, or where it left.
        tied: at the border of the recommendation, with others of the same score.
        before: its final score in the round before, in hundredths.
    """

    row: AssessmentSubject
    title: str
    score: Score
    place: int | None
    proposed: bool
    tied: bool
    before: int | None = None

    @property
    def final(self) -> int | None:
        """What counts in the end, in hundredths: the corrected score, else the one of the forms."""
        return self.row.corrected if self.row.corrected is not None else self.score.shown


@dataclass(frozen=True, slots=True)
class Answers:
    """What the forms of a part said to one question: how many, their mean, and how many said what."""

    field: rules.Field
    count: int
    mean: Fraction | None
    spread: tuple[tuple[int, int], ...]


def tallies(session: Session, row: AssessmentRound) -> dict[UUID, dict[str, Tally]]:
    """What came for each part of each subject, counted from the forms."""
    here = select(AssessmentSubject.id).where(AssessmentSubject.round_id == row.id)
    form, voter = AssessmentForm, AssessmentVoter
    found = dict[UUID, dict[str, Tally]]()
    forms = (
        select(form.subject_id, form.part, func.count(form.points), func.count(form.account_id), func.sum(form.points))
        .where(form.subject_id.in_(here))
        .group_by(form.subject_id, form.part)
    )
    for subject, part, sent, asked, points in session.execute(forms):
        found.setdefault(subject, {})[part] = Tally(sent, asked, int(points or 0))
    voters = (
        select(voter.subject_id, voter.part, func.count())
        .where(voter.subject_id.in_(here))
        .group_by(voter.subject_id, voter.part)
    )
    for subject, part, asked in session.execute(voters):
        there = found.setdefault(subject, {}).get(part, Tally())
        found[subject][part] = Tally(there.sent, there.asked + asked, there.points)
    return found


def standings(session: Session, row: AssessmentRound) -> list[Line]:
    """Every subject of a round with its score, the best first, those without one and those who left last."""
    scheme, rows = service.scheme_of(row), service.subjects_of(session, row)
    counted, titles = tallies(session, row), service.titles(session, scheme, rows)
    scores = {one.id: rules.score_of(scheme, counted.get(one.id, {})) for one in rows}
    finals = {
        str(one.id): one.corrected if one.corrected is not None else scores[one.id].shown
        for one in rows
        if not one.gone
    }
    whole = {key: value for key, value in finals.items() if not scores[UUID(key)].missing}
    places = rules.ranks(finals)
    sure, border = rules.proposal(whole, scheme.may_recommend(len(finals)))
    earlier = _before(session, row, rows)
    lines = [
        Line(
            one,
            titles[one.id],
            scores[one.id],
            places.get(str(one.id)),
            str(one.id) in sure,
            str(one.id) in border,
            earlier.get(one.id),
        )
        for one in rows
    ]
    return sorted(lines, key=lambda line: (bool(line.row.gone), line.place is None, line.place or 0, line.title))


def forms_behind(session: Session, subject: AssessmentSubject, part: Part) -> Sequence[AssessmentForm]:
    """The forms that a part's number comes from, in no order that would tell who wrote which."""
    query = select(AssessmentForm).where(
        AssessmentForm.subject_id == subject.id, AssessmentForm.part == part.code, AssessmentForm.points.is_not(None)
    )
    return session.scalars(query.order_by(AssessmentForm.points.desc(), AssessmentForm.id)).all()


def answers_to(part: Part, forms: Sequence[AssessmentForm]) -> list[Answers]:
    """What some forms of a part said, question by question."""
    said, found = [filling.answers_of(one) for one in forms], list[Answers]()
    for field in part.fields:
        if field.scored:
            values = [int(one[field.name]) for one in said if field.name in one]
            spread = tuple((value, values.count(value)) for value in sorted(set(values), reverse=True))
            found.append(Answers(field, len(values), rules.mean(values), spread))
    return found


def recommend(
    session: Session, row: AssessmentRound, chosen: Collection[UUID], why: str, who: Person, now: datetime
) -> None:
    """Say who is recommended; whoever departs from the scores says why. Somebody else has to agree.

    Raises:
        Forbidden: the person does not hold the round.
        Conflict: forms still come, or it is published, or an agreement is under way.
        Rejected: too many are chosen, somebody who has no score or has left, or the reason is missing.
    """
    service.require_assess(who, row.region_code)
    row = session.get_one(AssessmentRound, row.id, with_for_update=True, populate_existing=True)
    if row.published_at is not None or under_way(session, f"assessment {row.id}", PUBLICATION):
        raise Conflict("recommended", _("The recommendation is made already."))
    if not service.is_collected(session, row, now):
        raise Conflict("still_open", _("Forms still come. The last day is %(day)s.", day=row.collected_on.isoformat()))
    service.note_gone(session, service.subjects_of(session, row))
    lines = standings(session, row)
    may = {line.row.id for line in lines if line.place is not None}
    most = service.scheme_of(row).may_recommend(sum(not line.row.gone for line in lines))
    why, wrong = "".join(filter(str.isprintable, why)).strip(), dict[str, object]()
    if not set(chosen) <= may:
        wrong["chosen"] = _("Only who is in the round and has a score can be recommended.")
    elif len(set(chosen)) > most:
        wrong["chosen"] = _("At most %(most)s may be recommended.", most=most)
    proposed = {line.row.id for line in lines if line.proposed}
    if len(why) > REASON_CHARS or (set(chosen) != proposed and not why):
        wrong["why"] = _("Say in at most %(most)s characters why this departs from the scores.", most=REASON_CHARS)
    if wrong:
        raise Rejected("recommendation_wrong", _("The recommendation cannot stand like this."), wrong)
    for line in lines:
        line.row.proposed, line.row.recommended = line.proposed, line.row.id in chosen
    row.recommended_by, row.why = owner(who), why
    told = {"recommended": [str(one) for one in sorted(chosen)], "why": why}
    audit(session, who=who, action="assessment.recommended", subject=f"assessment {row.id}", now=now, after=told)


def publish(session: Session, row: AssessmentRound, who: Person, now: datetime, calendar: HolidayTable) -> None:
    """Somebody else agreed: keep the numbers, and let everybody of the region see them.

    Raises:
        Forbidden: it is the one who made the recommendation.
        Conflict: it is published already, or nobody has recommended.
    """
    row = session.get_one(AssessmentRound, row.id, with_for_update=True, populate_existing=True)
    if row.recommended_by == owner(who):
        raise Forbidden("same_person", _("Another person has to decide this."))
    if row.published_at is not None or row.recommended_by is None:
        raise Conflict("published", _("This round is published already, or there is no recommendation."))
    service.note_gone(session, service.subjects_of(session, row))
    for line in standings(session, row):
        line.row.score = None if line.row.gone else line.score.shown
        line.row.recommended = line.row.recommended and not line.row.gone
    scheme, today = service.scheme_of(row), clock.local(now).date()
    row.published_at, row.published_by = now, owner(who)
    row.objections_until = due_on(today, scheme.objection_days, calendar)
    row.shown_until = due_on(today, scheme.publication_days, calendar)
    session.flush()
    told = {"objections_until": row.objections_until.isoformat(), "shown_until": row.shown_until.isoformat()}
    audit(session, who=who, action="assessment.published", subject=f"assessment {row.id}", now=now, after=told)


def objections_of(session: Session, row: AssessmentRound) -> Sequence[AssessmentObjection]:
    """The objections of a round, the oldest first."""
    query = (
        select(AssessmentObjection)
        .join(AssessmentSubject, AssessmentSubject.id == AssessmentObjection.subject_id)
        .where(AssessmentSubject.round_id == row.id)
    )
    return session.scalars(query.order_by(AssessmentObjection.at, AssessmentObjection.id)).all()


def waits(session: Session, objection: AssessmentObjection) -> bool:
    """Whether an objection waits for its decision; one that was taken back does not."""
    return under_way(session, f"assessment objection {objection.id}", OBJECTION) is not None


def close(session: Session, row: AssessmentRound, who: Person, now: datetime) -> None:
    """The round is over: nothing of it changes any more.

    Raises:
        Forbidden: the person does not hold it.
        Conflict: it is not published, its days are not over, an objection waits, or it is closed.
    """
    service.require_assess(who, row.region_code)
    row = session.get_one(AssessmentRound, row.id, with_for_update=True, populate_existing=True)
    if row.closed_at is not None or row.shown_until is None:
        raise Conflict("not_published", _("This round is closed already, or not published yet."))
    if clock.local(now).date() <= row.shown_until:
        raise Conflict("still_shown", _("It is on display until %(day)s.", day=row.shown_until.isoformat()))
    if waiting := sum(waits(session, one) for one in objections_of(session, row)):
        raise Conflict("objections_open", _("%(number)s objections wait for a decision.", number=waiting))
    row.closed_at, row.closed_by = now, owner(who)
    audit(session, who=who, action="assessment.closed", subject=f"assessment {row.id}", now=now)


def changed_since(lines: Sequence[Line]) -> list[Line]:
    """The published numbers that the forms do not give any more: there should be none, ever."""
    return [line for line in lines if not line.row.gone and line.row.score != line.score.shown]


def _before(session: Session, row: AssessmentRound, rows: Sequence[AssessmentSubject]) -> Mapping[UUID, int | None]:
    """The final scores of the same subjects in the round before: of the same scheme, in the same region, published."""
    table = AssessmentRound
    earlier = session.scalars(
        select(table)
        .where(table.region_code == row.region_code, table.scheme == row.scheme, table.published_at.is_not(None))
        .where(table.begun_at < row.begun_at)
        .order_by(table.begun_at.desc())
    ).first()
    if earlier is None:
        return {}
    then = {
        _who(one): one.corrected if one.corrected is not None else one.score
        for one in service.subjects_of(session, earlier)
    }
    return {one.id: then.get(_who(one)) for one in rows}


def _who(one: AssessmentSubject) -> object:
    return one.member_id or one.branch_id or one.station_id


def most_of(scheme: Scheme, lines: Sequence[Line]) -> int:
    """How many of a round may be recommended."""
    return scheme.may_recommend(sum(not line.row.gone for line in lines))
