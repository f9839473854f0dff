"""A village that asks with the remote, and people who answer it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver.attendance import service as attendance
from contentserver.boxes import Box
from contentserver.consultations import routing, take_questions
from contentserver.consultations.models import Case, ExpertTopic
from contentserver.kernel.auth import Person, Role
from contentserver.stations import Station
from schedules import asking
from schedules.airings import AiringId, LessonCard, LessonId
from schedules.wire.messages import AnswerRead, EventBatch, EventBody, EventRecord, QuestionAsked
from schedules.wire.topics import BoxId
from tests.contentserver.conftest import NOW, enrolled_box, person
from tests.contentserver.journals import records

AIRING = AiringId("5b6f6b2e-6f0c-5c4e-8d1b-7a1f5a9c6402")
LESSON = LessonCard(id=LessonId("l"), title="看懂化验单", course="测土配方施肥")


def question(topic: str = asking.SOIL, sentence: str = "how_much_fertiliser", **facts: object) -> QuestionAsked:
    """What the remote asks during a lesson."""
    told = {"airing": AIRING, "lesson": LESSON, "position_ms": 754_000, **facts}
    return QuestionAsked(topic=topic, sentence=sentence, **told)  # type: ignore[arg-type]


@dataclass(slots=True)
class Room:
    """A station with its box."""

    session: Session
    station: Station
    box: Box
    sequence: int = field(default=0)

    def says(self, *bodies: EventBody, since: datetime = NOW, received: datetime | None = None) -> list[Case]:
        """The box reports something, and it is taken in; gives back the station's questions by number."""
        came = received or since + timedelta(minutes=5)
        self.reports(records(*bodies, first=self.sequence + 1, since=since), came)
        self.sequence += len(bodies)
        take_questions(self.session, came)
        return self.cases()

    def reports(self, events: Sequence[EventRecord], received: datetime) -> None:
        """A batch comes."""
        batch = EventBatch(box=BoxId(self.box.id), epoch="e1", events=tuple(events))
        attendance.take_in(self.session, self.box, batch, received)
        self.session.flush()

    def cases(self) -> list[Case]:
        """The station's questions, by number."""
        query = select(Case).where(Case.station_id == self.station.id).order_by(Case.number)
        return list(self.session.scalars(query))

    def asks(self) -> Case:
        """One question with the remote, after all others."""
        self.sequence += 20  # so that it is none that was asked just before
        return self.says(question(), since=NOW + timedelta(hours=self.sequence))[-1]

    def read(self, case: Case, helped: bool | None, at: datetime) -> None:
        """The station has read the answer."""
        self.says(AnswerRead(case=str(case.id), helped=helped), since=at, received=at + timedelta(minutes=1))


@pytest.fixture
def room(session: Session, village: Station) -> Room:
    return Room(session, village, enrolled_box(session, village))


def expert(session: Session, *topics: str, region: str = "640221", name: str = "") -> Person:
    """Somebody who answers these topics, or all."""
    who = person(session, Role.EXPERT, region, name)
    session.add_all(ExpertTopic(account_id=who.id, topic=topic) for topic in topics)
    session.flush()
    routing.reroute(session)
    return who
