"""Questions of the green channel in a county: answered with a file, to be looked through, and for everybody."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from contentserver.consultations.models import (
    Case,
    CaseAnswer,
    CaseFile,
    CaseOutcome,
    CaseWords,
    ExpertTopic,
    KnowledgeEntry,
)
from contentserver.consultations.searching import CASES
from contentserver.kernel.searching import words_of
from contentserver.stations import Station
from tests.contentserver.scope.county import County


def questions(session: Session, made: County, station: Station, who: UUID, now: datetime) -> None:
    """Every kind of row, with the county's mark."""
    long_ago = now - timedelta(days=20)
    answered = _case(made, station, 1, "answered", now)
    answered.answered_at, answered.claimed_by, answered.claimed_at = long_ago, who, long_ago
    waiting = _case(made, station, 2, "waiting", now)
    session.add_all([answered, waiting])
    session.flush()
    reply = CaseAnswer(case_id=answered.id, by=who, at=long_ago, text=f"{made.mark}reply")
    file = CaseFile(case_id=answered.id, kind="photo", digest="e" * 64, bytes=1, at=now)
    words = CaseWords(subject_id=answered.id, kind=CASES, words=" ".join(words_of(answered.text)))
    topic = ExpertTopic(account_id=made.people["expert"].id, topic="soil")
    outcome = CaseOutcome(case_id=waiting.id, solved=True, note=f"{made.mark}outcome", at=now, by=who)
    entry = KnowledgeEntry(
        case_id=answered.id,
        topic="soil",
        question="How much?",
        answer="That much.",
        season="winter",
        released_at=now,
        released_by=who,
    )
    session.add_all([reply, file, words, topic, outcome, entry])
    session.flush()
    made.named |= {"case_id": str(answered.id), "file_id": str(file.id)}


def _case(made: County, station: Station, number: int, state: str, now: datetime) -> Case:
    return Case(
        station_id=station.id,
        region_code=made.village,
        number=number,
        topic="soil",
        text=f"{made.mark}question{number}",
        asked_at=now,
        received_at=now,
        season="winter",
        state=state,
        desk=made.county,
        due_at=now + timedelta(days=1),
    )
