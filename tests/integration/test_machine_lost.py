"""The machine burns down after last night's backup; on a new one every village has the same people and seconds.

Real boxes, a real broker, TLS. The backup is made while boxes tell; what they told afterwards, and what they were told
afterwards, exists on their own disks alone.
"""

import shutil
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from contentserver.attendance.models import QuarantinedEvent, SessionRow
from contentserver.kernel import clock
from contentserver.operation import backup, restoring, store, verifying
from contentserver.operation.backup import Asked
from contentserver.timetable.models import LayerRecord
from contentserver.timetable.publishing import delivery, revise
from contentserver.timetable.service import layer_of
from schedules.airings import AiringId, LessonCard, LessonId, PackageName
from schedules.layers import region_layer
from schedules.wire.messages import AiringStarted, PlaybackSpan, SignedIn, SignInMethod
from tests.integration.conftest import RunningBroker
from tests.integration.office import SecureOffice
from tests.tvclient.awaiting import eventually
from tvclient.fleet import DarkBox

COUNTY, PASSPHRASE = "640221", "a passphrase for tests"
LESSON = LessonCard(id=LessonId("l"), title="看懂化验单", course="测土配方施肥")
AIRING, PACKAGE = AiringId("a"), PackageName("sha256-" + "0" * 64)
SPAN_MS, BEFORE, DURING, SINCE = 10_000, 4, 6, 8


@pytest.fixture
def office(tmp_path: Path, broker: RunningBroker) -> Iterator[SecureOffice]:
    found = SecureOffice(tmp_path / "office", broker)
    yield found
    found.close()


@pytest.fixture
def village(office: SecureOffice, tmp_path: Path) -> Iterator[list[DarkBox]]:
    """Two televisions in one village."""
    found = [DarkBox(office.url, tmp_path / f"tv{number}", "") for number in range(2)]
    for box in found:
        box.start()
        office.welcome(box)
    yield found
    for box in found:
        box.close()


def show(box: DarkBox, first: int, count: int, village: int) -> None:
    """So many stretches of a lesson, and during each somebody comes."""
    for number in range(first, first + count):
        begun = clock.now()
        if number == 0:
            box.shell.record(
                AiringStarted(
                    airing=AIRING, planned_start=begun, duration_ms=3_600_000, lesson=LESSON, package=PACKAGE, late_ms=0
                )
            )
        span = (number * SPAN_MS, (number + 1) * SPAN_MS)
        box.shell.record(
            PlaybackSpan(
                airing=AIRING, lesson=LESSON, package=PACKAGE, from_ms=span[0], to_ms=span[1], started_at=begun
            )
        )
        member = f"m{village}-{number}"
        box.shell.record(SignedIn(airing=AIRING, lesson=LESSON, member=member, method=SignInMethod.NUMBER))


def account(office: SecureOffice) -> tuple[int, int]:
    """People, and seconds shown, as reports have them."""
    with office.services.database.reader() as session:
        row = session.scalars(select(SessionRow)).one_or_none()
        return (row.present, row.shown_ms) if row else (0, 0)


def publish(office: SecureOffice) -> None:
    with office.services.database.unit_of_work() as session:
        revise(session, layer_of(session, COUNTY), office.services.signer, None, clock.now())


def applied(office: SecureOffice) -> tuple[int, int]:
    """The newest revision, and how many televisions play by it."""
    with office.services.database.reader() as session:
        found = delivery(session, session.get_one(LayerRecord, region_layer(COUNTY)))
        return found.revision, found.applied


def test_nothing_acknowledged_is_lost(
    office: SecureOffice, village: list[DarkBox], broker: RunningBroker, tmp_path: Path
) -> None:
    settings = office.services.settings
    eventually(lambda: all(box.shell.state.station for box in village), "their station")
    publish(office)
    picture = settings.data_dir / "photographs" / "aa" / "aa.jpg"
    picture.parent.mkdir(parents=True)
    picture.write_bytes(b"a picture")
    for number, box in enumerate(village):
        show(box, 0, BEFORE, number)

    def tell() -> None:
        for number, box in enumerate(village):
            show(box, BEFORE, DURING, number)

    telling = threading.Thread(target=tell)
    telling.start()
    made = backup.make(settings, tmp_path / "backups", Asked(passphrase=PASSPHRASE), clock.now())
    telling.join()
    for number, box in enumerate(village):
        show(box, BEFORE + DURING, SINCE, number)
    publish(office)
    eventually(lambda: all(box.shell.untold() == 0 for box in village), "everything is acknowledged")
    eventually(lambda: applied(office) == (2, 2), "both play by the second revision")
    expected = account(office)
    shown = (BEFORE + DURING + SINCE) * SPAN_MS
    assert expected == (2 * (BEFORE + DURING + SINCE), shown)

    office.close()
    broker.kill()
    for lost in (tmp_path / "office", broker.folder, broker.keys):
        shutil.rmtree(lost)
    assert verifying.faults_of(tmp_path / "backups", store.generation(tmp_path / "backups")) == []
    done = restoring.restore(settings, tmp_path / "backups", clock.now(), passphrase=PASSPHRASE)
    assert done.name == made.name
    assert picture.read_bytes() == b"a picture"
    broker.start()
    office.reopen(settings)

    eventually(lambda: account(office) == expected, "the same people and the same seconds", 90)
    eventually(lambda: all(box.shell.untold() == 0 for box in village), "acknowledged again")
    publish(office)
    ahead = restoring.STEPS_AHEAD
    eventually(lambda: applied(office)[1] == 2 and applied(office)[0] > ahead, "they play by what is published now", 90)
    with office.services.database.reader() as session:
        assert session.scalars(select(QuarantinedEvent)).all() == []
        newest = session.get_one(LayerRecord, region_layer(COUNTY)).published_at
    assert newest is not None
    assert clock.now() - newest < timedelta(minutes=5)
