"""A county where a lesson airs tomorrow evening, and one box in 马场村 that has stored it."""

from datetime import UTC, datetime

import pytest
from sqlalchemy.orm import Session

from contentserver.boxes import Box
from contentserver.courses import Lesson
from contentserver.kernel.auth import Person, Role
from contentserver.readiness import service
from contentserver.readiness.service import Board, Row
from contentserver.stations import Station
from schedules.wire.signing import Signer
from tests.contentserver.conftest import NOW, person
from tests.contentserver.readiness.furnishing import FIRST_EVENING, STORED, Shelf, add_box, add_lesson, air, report

COUNTY, TOWNSHIP = "640221", "640221203"
TOMORROW = FIRST_EVENING
"""Wall-clock time; NOW is Monday, 19:00 in Shanghai."""
START = datetime(2026, 11, 24, 11, 30, tzinfo=UTC)
SHELF = Shelf()


@pytest.fixture
def editor(session: Session, village: Station) -> Person:
    return person(session, Role.SCHEDULER, COUNTY)


@pytest.fixture
def lesson(session: Session, editor: Person, signer: Signer) -> Lesson:
    """A lesson that airs in the whole county tomorrow at half past seven."""
    found = add_lesson(session, editor, "土地延包政策问答")
    air(session, signer, editor, COUNTY, found, TOMORROW, NOW)
    return found


@pytest.fixture
def box(session: Session, village: Station, lesson: Lesson) -> Box:
    """A box in 马场村 that has stored the lesson."""
    found = add_box(session, village, NOW)
    report(session, found, NOW, {lesson.package_name or "": STORED})
    return found


def board(session: Session, now: datetime = NOW, moment: datetime | None = START, root: str = COUNTY) -> Board:
    return service.board(session, root, moment, now, SHELF)


def only(session: Session, now: datetime = NOW) -> Row:
    (row,) = board(session, now).rows
    return row


def codes(row: Row) -> list[str]:
    return [type(reason).__name__ for reason in row.verdict.reasons]
