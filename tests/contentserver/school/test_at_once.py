"""Several at once, on both databases: windows that tell the same, and a station's report at the same moment."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from threading import Barrier
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contentserver import school
from contentserver.courses import Lesson
from contentserver.kernel.db import Database
from contentserver.kernel.ids import token_hash
from contentserver.members import Member, add_member
from contentserver.school import service
from contentserver.school.models import ViewingSpan
from contentserver.school.rules import Told
from contentserver.school.tickets import Ticket
from contentserver.stations import Station
from contentserver.transcripts import sums_of
from tests.contentserver.conftest import NOW
from tests.contentserver.school.test_service import LENGTH, MINUTE, approved, evening, given, minutes, tell


@pytest.fixture
def member(session: Session, village: Station) -> Member:
    """Somebody who has the address of their own record."""
    found = add_member(session, village.id, "马建国", "101")
    found.own_link_hash = token_hash("secret")
    return found


@pytest.fixture
def lesson(session: Session, village: Station) -> Lesson:
    return approved(session, "看懂化验单", village.region_code[:6])


def all_at_once(database: Database, deeds: list[Callable[[Session], object]]) -> None:
    """Each in a unit of work of its own, all begun together."""
    together = Barrier(len(deeds))

    def one(deed: Callable[[Session], object]) -> None:
        together.wait(timeout=30)
        with database.unit_of_work() as session:
            deed(session)

    with ThreadPoolExecutor(len(deeds)) as threads:
        for done in [threads.submit(one, deed) for deed in deeds]:
            done.result(timeout=60)


def _tell(member: Member, ticket: Ticket, viewing: UUID, told: list[Told], session: Session) -> None:
    tell(session, member, ticket, told, viewing, NOW + timedelta(minutes=40))


def test_windows_that_tell_overlapping_parts_lose_and_double_nothing(
    database: Database, session: Session, member: Member, lesson: Lesson
) -> None:
    session.commit()
    ticket, viewing = given(member, lesson), uuid4()
    parts = [minutes(0, 15), minutes(10, 30), minutes(25, 40), minutes(0, 40)]
    all_at_once(database, [partial(_tell, member, ticket, viewing, told) for told in parts])
    with database.reader() as looking:
        assert looking.scalar(select(func.count()).select_from(ViewingSpan)) == 40
        progress = service.progress_of(looking, member, [lesson])[lesson.id]
        assert (progress.seen_ms, progress.credit_ms) == (LENGTH, LENGTH)
        assert sums_of(looking, [member])[member.id].credit_ms == LENGTH


@pytest.mark.parametrize("turn", range(5))
def test_a_station_that_reports_at_the_same_moment_is_never_overlooked(
    database: Database, session: Session, village: Station, member: Member, lesson: Lesson, turn: int
) -> None:
    school.watch(database)
    session.commit()
    start = NOW + timedelta(minutes=turn)
    all_at_once(
        database,
        [
            lambda at: tell(at, member, given(member, lesson), minutes(0, 40)),
            lambda at: evening(at, village, member, start),
        ],
    )
    with database.reader() as looking:
        progress = service.progress_of(looking, member, [lesson])[lesson.id]
        assert (progress.present_ms, progress.credit_ms) == (turn * MINUTE, 0)
        assert sums_of(looking, [member])[member.id].credit_ms == LENGTH
