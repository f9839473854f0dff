"""What is kept of one member here, to take along: their questions with the answers, and what they told came of them."""

from collections.abc import Iterator
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver.consultations import words
from contentserver.consultations.models import Case, CaseAnswer, CaseFile, CaseOutcome
from contentserver.consultations.rules import Source, State
from contentserver.kernel.display import moment
from contentserver.kernel.sheets import Cell
from contentserver.members import Member
from contentserver.transcripts import OwnTable


def tables_about(session: Session, member: Member) -> Iterator[OwnTable]:
    """Two tables: the questions, and what came of them."""
    cases = session.scalars(select(Case).where(Case.member_id == str(member.id)).order_by(Case.asked_at, Case.id)).all()
    ids = [case.id for case in cases]
    answers = session.scalars(select(CaseAnswer).where(CaseAnswer.case_id.in_(ids)).order_by(CaseAnswer.at)).all()
    files = session.scalars(select(CaseFile).where(CaseFile.case_id.in_(ids), CaseFile.answer_id.is_(None))).all()
    outcomes = session.scalars(select(CaseOutcome).where(CaseOutcome.case_id.in_(ids)).order_by(CaseOutcome.at)).all()
    numbers = {case.id: case.number for case in cases}
    yield (
        "questions",
        {
            "asked": _("Asked"),
            "number": _("Number of the question"),
            "how": _("How"),
            "topic": _("Topic"),
            "question": _("Question"),
            "lesson": _("Lesson"),
            "files": _("Files"),
            "place": _("Where the photograph was taken"),
            "state": _("State"),
            "answers": _("What was answered"),
            "helped": _("Helped, 1 for yes, 0 for no"),
        },
        [
            [
                _at(case.asked_at),
                case.number,
                str(words.SOURCES[Source(case.source)]),
                words.topic(case.topic),
                words.question(case),
                case.lesson_title,
                " ".join(f"{one.kind} {one.digest}" for one in files if one.case_id == case.id),
                " ".join(one.place for one in files if one.case_id == case.id and one.place),
                str(words.STATES[State(case.state)]),
                "\n".join(one.text for one in answers if one.case_id == case.id),
                "" if case.helped is None else int(case.helped),
            ]
            for case in cases
        ],
    )
    yield (
        "outcomes",
        {
            "told": _("When"),
            "number": _("Number of the question"),
            "by_phone": _("Told by their phone, 1 for yes"),
            "solved": _("Solved, 1 for yes"),
            "mu": _("Area, mu"),
            "kilograms": _("Yield, kilograms"),
            "yuan": _("Income gained, yuan"),
            "note": _("Note"),
        },
        [_outcome(one, numbers[one.case_id]) for one in outcomes],
    )


def _outcome(one: CaseOutcome, number: int) -> list[Cell]:
    return [
        _at(one.at),
        number,
        int(one.by is None),
        int(one.solved),
        "" if one.area_tenths is None else one.area_tenths / 10,
        "" if one.yield_kg is None else one.yield_kg,
        "" if one.income_cents is None else one.income_cents / 100,
        one.note,
    ]


def _at(instant: datetime) -> str:
    return moment(instant, seconds=True)
