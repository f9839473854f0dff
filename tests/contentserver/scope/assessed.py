"""A round of assessment in a county: a scheme of its own, a subject, a form that is asked for, an objection."""

from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy.orm import Session

from contentserver.assessments import schemes
from contentserver.assessments.models import (
    AssessmentForm,
    AssessmentObjection,
    AssessmentRound,
    AssessmentSubject,
)
from contentserver.bylaws.models import Bylaw
from contentserver.stations import Station
from tests.contentserver.scope.county import County


def assessments(session: Session, made: County, station: Station, who: UUID, now: datetime) -> None:
    """A round in which forms still come."""
    one = msgspec.structs.replace(
        schemes.SCHEMES.shipped["two_three_one"], zh=f"{made.mark}scheme", en=f"{made.mark}scheme"
    )
    document, day = msgspec.json.encode(one).decode(), now.date()
    own = Bylaw(
        matter="assessment_scheme", region_code=made.township, code="own", number=1, document=document, at=now, by=who
    )
    found = AssessmentRound(
        region_code=made.township,
        scheme="own",
        version=f"{made.township}:1",
        document=document,
        title=f"{made.mark}assessment",
        dues=msgspec.json.encode({part.code: day.isoformat() for part in one.parts}).decode(),
        begun_on=day,
        collected_on=day,
        begun_at=now,
        begun_by=who,
    )
    session.add_all([own, found])
    session.flush()
    subject = AssessmentSubject(
        round_id=found.id, region_code=made.village, station_id=station.id, title=f"{made.mark}assessed"
    )
    session.add(subject)
    session.flush()
    form = AssessmentForm(subject_id=subject.id, part="above", account_id=who, due_on=day)
    objection = AssessmentObjection(subject_id=subject.id, by=who, text=f"{made.mark}objection", at=now)
    session.add_all([form, objection])
    session.flush()
    made.named |= {
        "assessment_id": str(found.id),
        "subject_id": str(subject.id),
        "form_id": str(form.id),
        "objection_id": str(objection.id),
    }
