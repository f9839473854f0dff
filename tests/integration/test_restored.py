"""Yesterday's backup is restored: what the boxes told since comes again, from them, each fact once."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from contentserver import attendance
from contentserver.attendance.models import EventRow, QuarantinedEvent, SessionRow
from schedules.airings import AiringId, LessonCard, LessonId
from schedules.wire.messages import EventBody, SignedIn, SignInMethod
from tests.integration.conftest import RunningBroker
from tests.integration.office import SecureOffice
from tests.tvclient.awaiting import eventually
from tvclient.fleet import DarkBox

BEFORE, SINCE = 5, 12
LESSON = LessonCard(id=LessonId("l"), title="看懂化验单", course="测土配方施肥")
AIRING = AiringId("a")


@pytest.fixture
def office(tmp_path: Path, broker: RunningBroker) -> Iterator[SecureOffice]:
    found = SecureOffice(tmp_path / "office", broker)
    yield found
    found.close()


@pytest.fixture
def box(office: SecureOffice, tmp_path: Path) -> Iterator[DarkBox]:
    found = DarkBox(office.url, tmp_path / "tv", "")
    found.start()
    office.welcome(found)
    yield found
    found.close()


def fact(number: int) -> EventBody:
    return SignedIn(airing=AIRING, lesson=LESSON, member=f"m{number}", method=SignInMethod.NUMBER)


def write(box: DarkBox, first: int, count: int) -> None:
    for number in range(first, first + count):
        box.shell.record(fact(number))


def rows(office: SecureOffice) -> int:
    """Facts of the evening; where the box stood is one more."""
    with office.services.database.reader() as session:
        return session.scalar(select(func.count()).where(EventRow.kind == "signed_in")) or 0


def told(box: DarkBox) -> bool:
    return box.shell.untold() == 0


def copy(source: Path, target: Path) -> None:
    """By SQLite's own means, as an administrator makes a backup and restores it."""
    with closing(sqlite3.connect(source)) as one, closing(sqlite3.connect(target, timeout=30)) as other:
        one.backup(other)


def restore(office: SecureOffice, backup: Path, live: Path) -> None:
    """As `contentserver admin restored` after the file was put back; the programs begin anew."""
    copy(backup, live)
    with office.services.database.unit_of_work() as session:
        attendance.begin_generation(session)
    office.broker.kill()
    office.broker.start()


@pytest.mark.parametrize("more", [1, 0], ids=["and the evening goes on", "and nothing more happens"])
def test_what_was_acknowledged_since_the_backup_comes_again(
    office: SecureOffice, box: DarkBox, tmp_path: Path, more: int
) -> None:
    live, backup = tmp_path / "office" / "server.db", tmp_path / "yesterday.db"
    eventually(lambda: box.shell.state.station, "its station")
    write(box, 0, BEFORE)
    eventually(lambda: rows(office) == BEFORE and told(box), "yesterday's facts are acknowledged")
    copy(live, backup)
    write(box, BEFORE, SINCE)
    eventually(lambda: rows(office) == BEFORE + SINCE and told(box), "today's facts are acknowledged")

    restore(office, backup, live)
    assert rows(office) == BEFORE
    write(box, BEFORE + SINCE, more)
    eventually(lambda: rows(office) == BEFORE + SINCE + more, "all facts are here again")
    eventually(lambda: told(box), "and acknowledged")
    with office.services.database.reader() as session:
        assert session.scalar(select(func.count()).select_from(QuarantinedEvent)) == 0
        assert session.scalars(select(SessionRow)).one().present == BEFORE + SINCE + more


def test_a_database_that_lost_nothing_asks_for_nothing(office: SecureOffice, box: DarkBox, tmp_path: Path) -> None:
    live, backup = tmp_path / "office" / "server.db", tmp_path / "now.db"
    eventually(lambda: box.shell.state.station, "its station")
    write(box, 0, BEFORE)
    eventually(lambda: rows(office) == BEFORE and told(box), "the facts are acknowledged")
    copy(live, backup)
    first = _received(office)
    restore(office, backup, live)
    eventually(lambda: not box.shell.state.online, "the line is gone")
    eventually(lambda: box.shell.state.online, "the line is there again")
    write(box, BEFORE, 1)
    eventually(lambda: rows(office) == BEFORE + 1 and told(box), "the next fact")
    assert _received(office)[: len(first)] == first


def _received(office: SecureOffice) -> list[tuple[int, object]]:
    with office.services.database.reader() as session:
        found = session.execute(select(EventRow.sequence, EventRow.received_at).order_by(EventRow.sequence))
        return [(sequence, at + timedelta(0)) for sequence, at in found]
