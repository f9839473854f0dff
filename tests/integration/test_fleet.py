"""Whole boxes by turns against the real server by TLS: evidence through bad lines, a dead broker and a restart."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from sqlalchemy import func, select

from contentserver import boxes
from contentserver.attendance.models import EventRow, QuarantinedEvent
from contentserver.boxes.models import Box
from contentserver.kernel import clock
from contentserver.timetable import LayerRecord, delivery
from contentserver.timetable.publishing import revise
from contentserver.timetable.service import layer_of
from schedules.airings import AiringId
from schedules.layers import region_layer
from schedules.wire.messages import AiringEnded, Credentials
from tests.integration.conftest import RunningBroker
from tests.integration.office import SecureOffice
from tests.serving import SECRET
from tests.tvclient.awaiting import eventually
from tvclient.fleet import BoxAccount, Fleet, FleetBox, Habits, Imagined, Quality
from tvclient.settings import Settings

COUNTY, BOXES, FACTS = "640221", 8, 6
BROKEN = Quality(kbps=500, latency_ms=40, loss=0.05, outages_per_day=86_400 / 8, outage_s=2)


@pytest.fixture
def office(tmp_path: Path, broker: RunningBroker) -> Iterator[SecureOffice]:
    found = SecureOffice(tmp_path / "office", broker)
    yield found
    found.close()


@pytest.fixture
def credentials(office: SecureOffice) -> list[Credentials]:
    with office.services.database.unit_of_work() as session:
        place, signer = office.station(), office.services.signer
        made = [boxes.enrol_for_trial(session, place, f"{n}", signer, SECRET, clock.now()) for n in range(BOXES)]
        given = [boxes.credentials_of(box, SECRET, office.services.introduction) for box in made]
    eventually(lambda: waiting(office) == 0, "the broker knows them")
    return given


def waiting(office: SecureOffice) -> int:
    """Boxes that the broker does not know yet; a refused one must prove itself by a key, and these have none."""
    with office.services.database.reader() as session:
        return session.scalar(select(func.count()).where(Box.account_kept == "")) or 0


def fleet(office: SecureOffice, given: Sequence[Credentials], folder: Path, imagined: Imagined) -> Fleet:
    settings = [
        Settings(server=office.url, data=folder / f"box-{number}", serial=f"s-{number}", remote=False)
        for number in range(len(given))
    ]
    made = Fleet(settings, given, imagined, Habits())
    made.start()
    return made


def write(box: FleetBox, first: int) -> None:
    for number in range(first, first + FACTS):
        fact = AiringEnded(airing=AiringId(f"a{number}"), complete=True)
        box.shell.record(fact)


def rows(office: SecureOffice) -> int:
    with office.services.database.reader() as session:
        return session.scalar(select(func.count()).select_from(EventRow)) or 0


def proved(office: SecureOffice) -> tuple[int, int]:
    with office.services.database.reader() as session:
        found = delivery(session, session.get_one(LayerRecord, region_layer(COUNTY)))
        return found.revision, found.applied


def publish(office: SecureOffice) -> None:
    with office.services.database.unit_of_work() as session:
        revise(session, layer_of(session, COUNTY), office.services.signer, None, clock.now())


def all_told(accounts: Sequence[BoxAccount], expected: int) -> bool:
    return all(one.journal_waiting == 0 and one.journal_through == expected for one in accounts)


@pytest.mark.parametrize("quality", [Quality(), BROKEN], ids=["a flawless line", "a broken line"])
def test_every_fact_arrives_once_and_every_revision_is_proved(
    office: SecureOffice, credentials: list[Credentials], broker: RunningBroker, tmp_path: Path, quality: Quality
) -> None:
    imagined = Imagined(quality, clock_error_s=60, drift_ppm=100, seed="a")
    running = fleet(office, credentials, tmp_path / "fleet", imagined)
    try:
        publish(office)
        eventually(lambda: proved(office) == (1, BOXES), "all prove the first revision")
        for box in running.boxes:
            write(box, 0)
        broker.kill()
        for box in running.boxes:
            write(box, FACTS)
        broker.start()
        publish(office)
        eventually(lambda: all_told(running.accounts(), 1 + 2 * FACTS), "all is told")
        eventually(lambda: proved(office) == (2, BOXES), "all prove the second revision")
        assert {abs(one.clock_off_ms) < 1000 for one in running.accounts()} == {True}
    finally:
        running.close()
    again = fleet(office, credentials, tmp_path / "fleet", imagined)
    try:
        for box in again.boxes:
            write(box, 2 * FACTS)
        eventually(lambda: all_told(again.accounts(), 1 + 3 * FACTS), "what came after the restart is told too")
    finally:
        again.close()
    assert rows(office) == BOXES * (1 + 3 * FACTS)
    with office.services.database.reader() as session:
        assert session.scalar(select(func.count()).select_from(QuarantinedEvent)) == 0
